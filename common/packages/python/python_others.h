/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_others.h: what is no distribution with metadata of its own: the list of packages that pip carries inside of it,
 * and interpreters.
 */
#ifndef CAREEN_PACKAGES_PYTHON_PYTHON_OTHERS_H
#define CAREEN_PACKAGES_PYTHON_PYTHON_OTHERS_H

#include "packages/python/python_dists.h"

void python_other_tell(struct parse *p, struct python_dists *d, const struct python_other *other);
/* One that is a zip. */
void python_zip_tell(struct parse *p, const struct python_other *other);

#endif
