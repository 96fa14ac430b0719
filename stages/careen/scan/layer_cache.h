/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_cache.h: what careen scan remembers of layers: an LMDB store in CACHE/layers, shared by scans that run at once.
 *
 *   layers-1   layer digest (32 bytes) + hash64 of what read it -> last use u64, hash64 of the rest, parsed_encode's
 * bytes order-1    last use u64 (big-endian ms) + key above -> size u64 meta-1     "bytes" -> u64 sum of all sizes
 *
 * "What read it" is PARSER_VERSION and the collectors with their versions, so that another build reads the layer anew.
 * Only layers that were read whole and have their digest are kept. The bytes are bounded: the least recently used go.
 * A cache is never a reason to fail: whoever can't open or write it works without, and says so once.
 *
 * Reads and writes may come from any thread, one at a time (the caller's lock). A scan that is killed at any moment
 * leaves the store whole.
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

/* All in arena. 1 found, 0 not there (or damaged), <0 failure of the store. */
int layer_cache_get(struct layer_cache *c, struct slice layer_digest, struct arena *arena, struct layer_packages *ret,
                    struct err *e);
/* Keeps it for the next flush; a layer that is not whole is passed over. */
void layer_cache_put(struct layer_cache *c, struct slice layer_digest, const struct layer_packages *layer);
/* Writes what was put, and when layers were last used, in one transaction. Nothing to write is success. */
int layer_cache_flush(struct layer_cache *c, struct err *e);

#endif
