/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_origin.h: where an installed distribution came from when that was not an index, by the direct_url.json that
 * installers leave ("Recording the Direct URL Origin of installed distributions" of packaging.python.org).
 */
#ifndef CAREEN_PACKAGES_PYTHON_PYTHON_ORIGIN_H
#define CAREEN_PACKAGES_PYTHON_PYTHON_ORIGIN_H

#include "packages/parse_internal.h"

/* path and facts are of direct_url.json, installer of INSTALLER; each may be absent. */
void python_origin(struct parse *p, struct slice path, struct slice facts, struct slice installer,
                   struct package *package);

#endif
