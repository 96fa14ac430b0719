/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assemble_windows.h: the part of assembly for Windows images, which have no package database. The build comes from the
 * registry hives of the layers (a delta hive holds what its layer changed, so later layers win), else from the image's
 * os.version. Where both exist and differ, the hive counts and a note says so. Pure; slices of the arguments or in the
 * arena.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_ASSEMBLE_WINDOWS_H
#define CAREEN_INVENTORY_ASSEMBLE_ASSEMBLE_WINDOWS_H

#include "model/records.h"

/* Fills out->os; without a build, version_id and ecosystem stay absent. */
void windows_identify(const struct image *image, const struct layer_packages *layers, size_t n, struct arena *a,
                      struct inventory *out);
/*
 * Adds the product to out->packages, which is sorted already, and the updates that only the hives of lower layers name.
 * False when no build is known; then nothing is added.
 */
bool windows_product_add(const struct image *image, const struct layer_packages *layers, size_t n, struct arena *a,
                         struct inventory *out);

#endif
