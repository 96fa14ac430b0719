/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect.h: layer bytes to evidence: inflate, tar, the formats' rules, the path index, zstd. Pure: bytes in, bytes out,
 * no file system, and so it runs in a sandboxed child (collect_main). What it gives is
 *
 *     evidence (docs/formats/evidence.md) as one zstd frame | result | u32 length of the result | "CRR1"
 *
 * and the result is: version 3, status, entries, unpacked bytes, reasons, path index, links
 * (collect_result.c).
 * The same layer gives the same bytes however it was cut into pieces.
 *
 * What goes wrong never stops the rest: a broken or cut stream keeps all that came before it and becomes partial with
 * the reason (failed when nothing at all could be read).
 *
 * Whiteouts are written for every ".wh." entry, and for everything that is not a folder but lies where wanted paths of
 * lower layers have a folder (a file "var" hides their var/lib/dpkg/status); links there, and links at wanted paths,
 * are written as links. Entries are in the layer's order; of several entries for one path the last one holds.
 *
 * Memory: 5 MiB, plus the wanted file being read (KEEP_LARGE at most), plus the window of zstd layers, plus at most
 * 16 MiB where wanted files are hard links (collect_links.h). The parent
 * holds what is written: max_packed and little more, whatever the layer.
 */
#ifndef CAREEN_PULL_COLLECT_H
#define CAREEN_PULL_COLLECT_H

#include "base/arena.h"
#include "base/err.h"
#include "io/sandbox/sandbox.h"
#include "model/records.h"

#define COLLECT_VERSION 4 /* grows when a layer is read otherwise by the same versions of the formats */

struct collect_limits {
    uint64_t max_unpacked; /* bytes, 0: 64 GiB */
    uint64_t max_entries;  /* 0: 4 million */
    uint64_t max_evidence; /* bytes before zstd, 0: 320 MiB */
    uint64_t max_packed;   /* bytes of zstd behind which content is left out, 0: 56 MiB */
    struct slice links;    /* of an earlier pass over the same layer */
};

struct collect_result {
    struct slice evidence; /* zstd */
    enum pull_status status;
    uint64_t entries, unpacked;
    struct reasons reasons;
    struct slice path_index;
    struct slice links; /* not empty: another pass, given these, keeps what wanted hard links name (collect_links.h) */
};

struct collect;
/* write gets what is given, in pieces; it must not fail (it may drop). */
struct collect *collect_new(struct slice media_type, const struct collect_limits *limits,
                            void (*write)(void *arg, struct slice bytes), void *arg);
void collect_free(struct collect *c);
/* False when more bytes can't change the result any more: the rest need not be given. */
bool collect_feed(struct collect *c, struct slice bytes);
void collect_end(struct collect *c); /* writes the result */

/* Takes apart what collect wrote; ERR_POISON when it is not that. Slices point into given, arrays are in arena. */
int collect_result_read(struct slice given, struct arena *arena, struct collect_result *ret_result, struct err *e);

/* For sandbox_start. */
int collect_main(struct sandbox_child *c, struct slice argument);
/* limits->links are not in it but before the layer's bytes: they may be long. */
int collect_argument(struct buf *out, struct slice media_type, const struct collect_limits *limits);

#endif
