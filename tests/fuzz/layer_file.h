/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_file.h: what the fuzz targets of files in layers share: the bytes as files at paths of a layer, parsed,
 * assembled, its owners asked for; the same again must give the same.
 */
#ifndef CAREEN_TESTS_FUZZ_LAYER_FILE_H
#define CAREEN_TESTS_FUZZ_LAYER_FILE_H

#include "inventory/assemble/assemble.h"
#include "packages/owners.h"
#include "packages/parse.h"
#include "model/evidence.h"

static inline int count_path(void *ctx, struct slice path, struct slice package)
{
    (void)package;
    ASSERT(path.n > 0);
    ++*(size_t *)ctx;
    return 0;
}

static inline int fuzz_layer_files(const struct evidence_entry *files, size_t n)
{
    struct arena a = ARENA_INIT((size_t)16 << 20);
    struct buf b = BUF_INIT((size_t)16 << 20);
    struct layer_packages layer[2];
    struct inventory image[2];
    size_t paths = 0, packages = 0;
    evidence_begin(&b);
    for (size_t i = 0; i < n; i++)
        evidence_write(&b, &files[i]);
    evidence_write(&b, &(struct evidence_entry){.kind = EVIDENCE_END});
    for (int i = 0; i < 2; i++) {
        if (parse_layer(buf_slice(&b), &a, &layer[i], NULL) ||
            assemble_image(&(struct image){.digest = SLICE("sha256:x")}, &layer[i], 1, &a, &image[i], NULL))
            break;
        /* Behind the files: what lists name of files that lie in other layers. */
        for (size_t j = n; j < layer[i].files.n; j++)
            ASSERT(slice_eq_str(layer[i].files.v[j].parser, PARSER_OWNED));
        ASSERT(layer[i].files.n >= n && (layer[i].status == PULL_GOOD) == !layer[i].reasons.texts.n);
        packages = 0;
        for (size_t j = 0; j < n; j++)
            packages += layer[i].files.v[j].packages.n;
        ASSERT(image[i].packages.n <= packages);
        ASSERT(i == 0 || (image[0].packages.n == image[1].packages.n && image[0].status == image[1].status));
    }
    owners_walk(buf_slice(&b), count_path, &paths);
    buf_done(&b);
    arena_done(&a);
    return 0;
}

static inline int fuzz_layer_file(struct slice path, const uint8_t *data, size_t size)
{
    const struct evidence_entry file = {
        .kind = EVIDENCE_FILE, .collector = SLICE("fuzz"), .path = path, .bytes = slice_of(data, size), .size = size};
    return fuzz_layer_files(&file, 1);
}

#endif
