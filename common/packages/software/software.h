/* SPDX-License-Identifier: Apache-2.0 */
/* software.h: what the files of this folder give to software.c, where the format stands; and its limits, for tests. */
#ifndef CAREEN_PACKAGES_SOFTWARE_SOFTWARE_H
#define CAREEN_PACKAGES_SOFTWARE_SOFTWARE_H

#include "packages/format.h"
#include "packages/parse.h"
#include "packages/reducer.h"

#define SOFTWARE_NAMED_MAX 5000
#define SOFTWARE_PATH_MAX  1024 /* longer ones are counted without their name */

#define SOFTWARE_KINDS_MAX 64

/* How many files of each kind one finder has told of a layer; zeros at first. */
struct software_told {
    struct {
        const char *kind;
        uint32_t n, unnamed;
    } seen[SOFTWARE_KINDS_MAX];
};

extern const struct package_format format_software;

/* kind lives for ever. */
void software_tell(struct software_told *t, const struct reducer_out *out, struct slice path, const char *kind);
/* Behind the layer's last file: how many there were beyond those that were named. */
void software_told_end(const struct software_told *t, const struct reducer_out *out);

void software_read(struct parse *p, const struct evidence_entry *entry);
/* Files that no package of the layer owns become parsed files. */
void software_read_owned(struct parse *p);

#endif
