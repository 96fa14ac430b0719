/* SPDX-License-Identifier: Apache-2.0 */
/* families_internal.h: how a family's texts are filled and read back: shared by families.c and family_index.c. */
#ifndef CAREEN_FEEDS_TABLE_FAMILIES_INTERNAL_H
#define CAREEN_FEEDS_TABLE_FAMILIES_INTERNAL_H

#include "feeds/table/families.h"

/* Whether s is a release of this family: what its shape allows, and not below its least number. */
bool family_shape_fits(const struct feed_family *family, struct slice s);
/* text with "$1" and "$2" in their places; NULL stays NULL. The caller's. */
char *family_fill(const char *text, struct slice release, const char *variant);
/* The variant of that number, "" of a family without variants; NULL behind the last one. */
const char *family_variant(const struct feed_family *family, size_t nth);
/* Whether a NULL-ended list, or NULL, holds the name. */
bool family_is_among(const char *const *list, struct slice s);

#endif
