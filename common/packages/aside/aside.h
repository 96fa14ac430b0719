/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aside.h: folders of a package whose content looks installed and never is: tests with their fixtures, examples,
 * documentation, templates. To be asked of the parts below a package's own folder: an application may well lie in a
 * folder called "demo". Pure.
 */
#ifndef CAREEN_PACKAGES_ASIDE_ASIDE_H
#define CAREEN_PACKAGES_ASIDE_ASIDE_H

#include "base/slice.h"

/* Whether one of the parts between slashes is such a folder. */
bool path_is_aside(struct slice parts);

#endif
