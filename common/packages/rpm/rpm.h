/* SPDX-License-Identifier: Apache-2.0 */
/* rpm.h: what the files of this folder give to rpm.c, where the format stands. Pure. */
#ifndef CAREEN_PACKAGES_RPM_RPM_H
#define CAREEN_PACKAGES_RPM_RPM_H

#include "packages/format.h"

#define RPM_MANIFEST_1 "var/lib/rpmmanifest/container-manifest-1"
#define RPM_MANIFEST_2 "var/lib/rpmmanifest/container-manifest-2"

parse_fn rpm_parse_database, rpm_parse_log, rpm_parse_manifest_1, rpm_parse_manifest_2;
owns_fn rpm_owns_database;

/* The source that SOURCERPM names, unless it is package's own (whose version is set). Slices are file's or the arena's. */
void rpm_take_source(struct parse *p, struct package *package, struct slice file);

#endif
