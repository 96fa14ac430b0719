/* SPDX-License-Identifier: Apache-2.0 */
/* join.h: from the tables of view.h to everything that is known of one image. On any thread, with its own transaction. */
#ifndef CAREEN_PUBLISH_JOIN_H
#define CAREEN_PUBLISH_JOIN_H

#include "publish/known_image.h"
#include "publish/view.h"

struct join {
    struct store_txn *txn;
    const store_table *tables;
    uint32_t partitions;
    struct policy policy; /* which findings count */
};
/*
 * Joined with what is known of its vulnerabilities; an image that nobody knows has no images and no workloads. Slices
 * point into the transaction or the arena. The codec is for one thread at a time.
 */
int join_image(const struct join *j, struct codec *codec, struct slice digest, struct arena *a, struct known_image *ret,
               struct err *e);

#endif
