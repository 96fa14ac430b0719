/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unread.h: software that nothing judges, of a whole image: the files of PARSER_SOFTWARE (parse.h) that its layers
 * leave, counted by kind. A file that a layer removes or replaces counts no more. Pure.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_UNREAD_H
#define CAREEN_INVENTORY_ASSEMBLE_UNREAD_H

#include "inventory/assemble/merge.h"

/*
 * Fills out->unread; a note is added where the image's packages don't tell which of them they brought. Of a kind that
 * had more files in a layer than are named, the largest such number of a layer counts, since several may have the same
 * files.
 */
void unread_find(const struct merge *m, struct arena *arena, struct inventory *out);

#endif
