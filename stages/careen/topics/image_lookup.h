/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_lookup.h: from what a person calls an image to the digest that records about it are keyed by. Where a name fits
 * several images they are told, and none is chosen.
 */
#ifndef CAREEN_CAREEN_TOPICS_IMAGE_LOOKUP_H
#define CAREEN_CAREEN_TOPICS_IMAGE_LOOKUP_H

#include "careen/topics/reader.h"

#define IMAGE_LOOKUP_TAKES                                                                                                \
    "an image is named as repository:tag or repository@sha256:…, with its registry or without, as sha256:… or by at " \
    "least 8 hexadecimal digits that its digest begins with"

struct image_lookup {
    struct slice digest; /* in the arena */
    char why[512];       /* "can't be assessed: …" where the image is none that can be; else "" */
};
/* name: of the command, for what is told. ERR_NOT_FOUND: none fits; ERR_USAGE: several do. */
int image_lookup(struct reader *r, const char *name, const char *image, struct arena *arena, struct image_lookup *ret,
                 struct err *e);

#endif
