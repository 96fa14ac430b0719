/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from image_kinds_local.c, since whoever refers to this table is linked with every kind. */
#include "images/image_kind.h"

#define DECLARE(name) extern const struct image_kind image_kind_##name;
#define ROW(name)     &image_kind_##name,

IMAGE_KINDS_REMOTE(DECLARE)
IMAGE_KINDS_LOCAL(DECLARE)

const struct image_kind *const image_kinds[] = {IMAGE_KINDS_REMOTE(ROW) IMAGE_KINDS_LOCAL(ROW) NULL};
