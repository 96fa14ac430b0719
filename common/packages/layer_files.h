/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_files.h: finds other files of the layer that is being parsed, for formats that consist of more than one file (a
 * database and its log). Of several entries for a path the last one counts. Only files that a rule names by their whole
 * path and that a parser reads can be found. The first search reads the evidence once, later ones read nothing.
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
