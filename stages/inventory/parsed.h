/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parsed.h: struct layer_packages as bytes, which the sandboxed parser hands to its parent and careen scan keeps in its
 * cache (docs/formats/parsed.md). The bytes come from a child that parsed foreign input, so decoding trusts none of
 * them.
 */
#ifndef CAREEN_INVENTORY_PARSED_H
#define CAREEN_INVENTORY_PARSED_H

#include "base/buf.h"
#include "base/err.h"
#include "io/sandbox/sandbox.h"
#include "model/records.h"

int parsed_encode(const struct layer_packages *lp, struct buf *out); /* -1 when out overflows */
/* Slices of ret point into bytes, arrays are in arena. */
int parsed_decode(struct slice bytes, struct arena *arena, struct layer_packages *ret, struct err *e);

/* The child's side for sandbox_start's table: reads zstd evidence, parses it, writes parsed_encode's bytes. */
int parsed_child(struct sandbox_child *c, struct slice argument);
/*
 * The parent's side: turns evidence (zstd) into a parsed layer with the layer's digest. When the child dies, the layer
 * is failed, with that reason. <0 only when there could be no child at all.
 */
int parsed_run(struct sandbox *sandbox, size_t main_index, struct slice evidence, struct slice layer_digest,
               struct arena *arena, struct buf *bytes, struct layer_packages *ret, struct err *e);

#endif
