/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer.h: the parent's side of collecting a layer: its packed bytes are hashed here while a sandboxed child inflates
 * and collects (collect.h), so that one layer keeps two cores busy. Used by the pull stage's job and by careen scan.
 *
 *     layer_begin -> (layer_reserve, layer_commit) or layer_feed, until the end -> layer_end
 *     layer_collect, layer_collect_file, layers_collect: the same from a reader, a descriptor, several readers
 *
 * What can be wrong:
 *  - a reader's failure, wrong digest, wrong size: the call fails (ERR_RETRY; digest and size name both values);
 *  - the layer's content (broken, cut, a bomb): success with status partial, or failed when nothing could be read, and
 *    the reasons; the digest is checked to the end all the same;
 *  - the child died on it: success with status failed and the reason. The other layers go on.
 *
 * The program starts its sandbox with collect_main at limits.main_index (0 by default).
 * Threads: one layer belongs to one thread at a time; several layers may run at once over one sandbox.
 */
#ifndef CAREEN_PULL_LAYER_H
#define CAREEN_PULL_LAYER_H

#include "base/arena.h"
#include "io/sandbox/sandbox.h"
#include "model/records.h"
#include "pull/collect.h"

struct layer_limits {
    size_t main_index;
    struct collect_limits collect;
};

struct layer_result {
    struct buf evidence; /* the zstd stream of docs/formats/evidence.md; empty when the child died */
    enum pull_status status;
    struct reasons reasons;
    int64_t size, unpacked_size, entries;
    collector_ref_vec collectors; /* that ran, whatever the status */
    struct slice path_index;      /* docs/formats/path-index.md; absent when the child died */
    struct slice links;           /* not empty: another pass keeps more (collect.h) */
    int32_t passes;
};
/* Why there is no result: the code of a call's error. */
enum reason_code layer_reason(enum err_kind kind);
void layer_result_done(struct layer_result *r); /* the evidence; the rest is in the arena */

struct layer_pull;
/* digest: what the bytes must have. size: what they must be, negative: unknown. Both are copied. */
int layer_begin(struct sandbox *sb, struct slice digest, int64_t size, struct slice media_type,
                const struct layer_limits *limits, struct layer_pull **ret_pull, struct err *e);
/* Fill what reserve gives, then commit n bytes of it: no copy. ERR_RETRY once there are more bytes than size. */
int layer_reserve(struct layer_pull *p, uint8_t **ret_p, size_t *ret_n, struct err *e);
int layer_commit(struct layer_pull *p, size_t n, struct err *e);
/* Both for bytes that are somewhere already. It waits while the child is busy with what came before. */
int layer_feed(struct layer_pull *p, struct slice bytes, struct err *e);
/* Frees p whatever comes back. Slices of the result are in arena. */
int layer_end(struct layer_pull *p, struct arena *arena, struct layer_result *ret_result, struct err *e);
void layer_abort(struct layer_pull *p); /* NULL is legal */

/* Reads at most cap bytes into to; 0 bytes at the end. */
typedef int (*layer_read)(void *arg, uint8_t *to, size_t cap, size_t *ret_n, struct err *e);
int layer_collect(struct sandbox *sb, layer_read read, void *arg, struct slice digest, int64_t size,
                  struct slice media_type, const struct layer_limits *limits, struct arena *arena,
                  struct layer_result *ret_result, struct err *e);
/* From where the descriptor is to its end. */
int layer_collect_file(struct sandbox *sb, int fd, struct slice digest, int64_t size, struct slice media_type,
                       const struct layer_limits *limits, struct arena *arena, struct layer_result *ret_result,
                       struct err *e);

/*
 * The same from whoever can give all bytes to p, and give them again: a layer in which wanted files are hard links to
 * others is read several times (collect_links.h), LAYER_PASSES_MAX at most.
 */
#define LAYER_PASSES_MAX 6
typedef int (*layer_push)(void *arg, struct layer_pull *p, struct err *e);
int layer_collect_pushed(struct sandbox *sb, layer_push push, void *arg, struct slice digest, int64_t size,
                         struct slice media_type, const struct layer_limits *limits, struct arena *arena,
                         struct layer_result *ret_result, struct err *e);

struct layer_task {
    layer_read read;
    layer_push push;                               /* instead of read */
    void (*done)(void *arg, struct layer_task *t); /* on the worker, as soon as the outcome is there; may be NULL */
    void *arg;
    struct slice digest, media_type;
    int64_t size;
    const struct layer_limits *limits;
    struct arena arena; /* the task's own, given by the caller: arenas are not shared by threads */
    /* out */
    int failed; /* 0 or -1 with error */
    struct layer_result result;
    struct err error;
};
/* Largest first, parallel at a time (a thread each, 0: 1). Each task has its own outcome; gives how many failed. */
size_t layers_collect(struct sandbox *sb, struct layer_task *tasks, size_t n, unsigned parallel);

/* The formats of this build with the versions of what they keep, as receipts name them; sorted by name. */
bool layer_collectors(struct arena *arena, collector_ref_vec *ret_collectors);

#endif
