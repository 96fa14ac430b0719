/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg.h: what opkg has in common with dpkg. Pure. */
#ifndef CAREEN_PACKAGES_DPKG_DPKG_H
#define CAREEN_PACKAGES_DPKG_DPKG_H

#include "packages/parse_internal.h"

/* Adds the packages of type, PKG_DPKG or PKG_OPKG, that the control paragraphs in bytes say are installed. */
void dpkg_paragraphs(struct parse *p, struct slice bytes, struct parsed_file *file, enum package_type type);
/* The package whose paths a file lists, by its name without the ending: "…/libc6:amd64.list" gives "libc6". */
struct slice dpkg_package_of(struct slice path, struct slice ending);

#endif
