/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aside.h: folders of a package whose content looks installed and never is: tests with their fixtures, examples,
 * documentation, templates. To be asked of the parts below a package's own folder: an application may well lie in a
 * folder called "demo". And folders of packages themselves, of any language, in which lists of wishes are their
 * publishers' own. Pure.
 */
#ifndef CAREEN_PACKAGES_ASIDE_ASIDE_H
#define CAREEN_PACKAGES_ASIDE_ASIDE_H

#include "base/slice.h"

/* Whether one of the parts between slashes is such a folder. */
bool path_is_aside(struct slice parts);

/* Whether a folder is one of an installed, unpacked or cached package, or below one: …/node_modules/a,
 * …/gems/a-1.0/src, …/pkg/mod/…, …/registry/src/…. */
bool path_is_of_package(struct slice folder);

#endif
