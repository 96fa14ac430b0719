/* SPDX-License-Identifier: Apache-2.0 */
/* software.h: what the files of this folder give to software.c, where the format stands; and its limits, for tests. */
#ifndef CAREEN_PACKAGES_SOFTWARE_SOFTWARE_H
#define CAREEN_PACKAGES_SOFTWARE_SOFTWARE_H

#include "packages/format.h"
#include "packages/parse.h"

#define SOFTWARE_NAMED_MAX 5000
#define SOFTWARE_PATH_MAX  1024 /* longer ones are counted without their name */

extern const struct package_format format_software;

void software_read(struct parse *p, const struct evidence_entry *entry);
/* Files that no package of the layer owns become parsed files. */
void software_read_owned(struct parse *p);

#endif
