/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_files.h: the files of one layer that stand beside the one at hand, for formats of more than one file (a
 * database and its log). Of several entries for a path the last one holds. Only files that a rule names by their whole
 * path and that a parser reads can be asked for. The first question reads the evidence once, the others nothing.
 */
#ifndef CAREEN_PACKAGES_LAYER_FILES_H
#define CAREEN_PACKAGES_LAYER_FILES_H

#include "model/evidence.h"

struct layer_files {
    struct slice evidence; /* as evidence_open leaves it */
    struct evidence_entry *last;
};

void layer_files_init(struct layer_files *f, struct slice evidence);
void layer_files_done(struct layer_files *f);
/* The layer's own entry at path, a file or a link; NULL: it has none. */
const struct evidence_entry *layer_file(struct layer_files *f, struct slice path);

#endif
