/* SPDX-License-Identifier: Apache-2.0 */
#include "images/image_kind.h"

#define DECLARE(name) extern const struct image_kind image_kind_##name;
#define ROW(name)     &image_kind_##name,

IMAGE_KINDS_LOCAL(DECLARE)

const struct image_kind *const image_kinds_local[] = {IMAGE_KINDS_LOCAL(ROW) NULL};
