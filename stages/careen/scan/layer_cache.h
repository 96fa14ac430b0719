/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_cache.h: what careen scan remembers of layers: an LMDB store in CACHE/layers, shared by scans that run at the
 * same time. Its tables:
 *
 *     table     key                                             value
 *     layers-1  layer digest (32 bytes), hash64 of its readers  last use (u64), hash64 of the rest, encoded layer
 *     order-1   last use (u64, big-endian ms), key in layers-1  size (u64)
 *     meta-1    "bytes"                                         sum of all sizes (u64)
 *
 * The readers are parser_version() and the formats with the versions of what they keep, so that another build reads the
 * layer anew. Only layers that were read completely and match their digest are kept. The size is bounded: the least recently used
 * layers are dropped. A cache is never a reason to fail: a scan that can't open or write it works without it, and says
 * so once.
 *
 * Any thread may read and write, one at a time under the caller's lock. A scan that is killed at any moment leaves the
 * store intact.
 */
#ifndef CAREEN_CAREEN_SCAN_LAYER_CACHE_H
#define CAREEN_CAREEN_SCAN_LAYER_CACHE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/records.h"

#define LAYER_CACHE_BYTES ((uint64_t)512 << 20)

struct layer_cache;
/* dir is made when missing. max_bytes 0: LAYER_CACHE_BYTES. */
int layer_cache_open(const char *dir, uint64_t max_bytes, struct layer_cache **ret_cache, struct err *e);
void layer_cache_close(struct layer_cache *c); /* NULL is legal; what was not flushed is lost */

/* Everything in *ret is in arena. 1: found, 0: not there (or damaged), <0: failure of the store. */
int layer_cache_get(struct layer_cache *c, struct slice layer_digest, struct arena *arena, struct layer_packages *ret,
                    struct err *e);
/* Keeps the layer for the next flush; one that was not read completely is ignored. */
void layer_cache_put(struct layer_cache *c, struct slice layer_digest, const struct layer_packages *layer);
/* Writes the layers that were put, and when layers were last used, in one transaction. No error when there is none. */
int layer_cache_flush(struct layer_cache *c, struct err *e);

#endif
