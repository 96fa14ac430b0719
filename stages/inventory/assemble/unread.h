/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unread.h: counts by kind the software of a whole image that nothing judges: the files of PARSER_SOFTWARE (parse.h)
 * that are left after all layers. A file that a later layer removes or replaces does not count,
 * nor a second name of one (merge_tell has been called). Pure.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_UNREAD_H
#define CAREEN_INVENTORY_ASSEMBLE_UNREAD_H

#include "inventory/assemble/merge.h"

/*
 * Fills out->unread, and adds a note when the image's packages don't say which of these files are theirs. When layers
 * had more files of a kind than are named, the largest such number of one layer is used, since several layers may have
 * the same files.
 */
void unread_find(const struct merge *m, struct arena *arena, struct inventory *out);

#endif
