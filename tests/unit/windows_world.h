/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows_world.h: layers of Windows images of one file each, and images of them, for the tests of Windows. What comes
 * back is in the arena, and a failure fails the test.
 */
#ifndef CAREEN_TESTS_UNIT_WINDOWS_WORLD_H
#define CAREEN_TESTS_UNIT_WINDOWS_WORLD_H

#include "inventory/assemble/assemble.h"
#include "packages/parse.h"
#include "unit/make_evidence.h"

static inline struct inventory windows_assemble(struct arena *arena, const char *os_version,
                                                struct layer_packages *layers, size_t n)
{
    struct inventory inv;
    struct err e = ERR_INIT;
    struct image image = {.digest = SLICE("sha256:i"),
                          .os = SLICE("windows"),
                          .architecture = SLICE("amd64"),
                          .os_version = slice_str(os_version)};
    if (assemble_image(&image, layers, n, arena, &inv, &e))
        fail_msg("%s", e.text);
    return inv;
}

static inline struct layer_packages windows_layer_of(struct arena *arena, const char *digest, const char *path,
                                                     struct slice bytes)
{
    struct buf b = ev_begin();
    struct layer_packages layer;
    struct err e = ERR_INIT;
    ev_write(&b, EVIDENCE_FILE, path, bytes, bytes.n, false);
    ev_end(&b);
    assert_int_equal(parse_layer(buf_slice(&b), arena, &layer, &e), 0);
    buf_done(&b);
    layer.layer_digest = slice_str(digest);
    return layer;
}

#endif
