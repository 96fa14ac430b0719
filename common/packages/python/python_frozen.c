/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_frozen.c: programs that PyInstaller made of an interpreter, a script and its libraries. An archive behind the
 * program holds the libraries' modules, packed, and nowhere their versions, so that nobody can tell which these are:
 * that is said. The archive ends with a cookie: a magic, three lengths, Python's version and its library's name; behind
 * it at most ELF's table of sections follows.
 */
#include "packages/reading/held_file.h"
#include "packages/python/python.h"

#define COOKIE   "MEI\014\013\012\013\016"
#define TAIL_MAX ((size_t)8 << 10)

struct state {
    struct held_file held; /* its path only */
    uint8_t tail[TAIL_MAX];
    uint64_t from; /* where in the file it begins */
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    s->from = file->size > TAIL_MAX ? file->size - TAIL_MAX : 0;
    memset(s->tail, 0, sizeof s->tail);
    return held_file_begin(&s->held, file, 0);
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    if (at + bytes.n <= s->from)
        return;
    if (at < s->from) {
        bytes = slice_from(bytes, (size_t)(s->from - at));
        at = s->from;
    }
    if (at - s->from < TAIL_MAX)
        memcpy(s->tail + (at - s->from), bytes.p, MIN(bytes.n, TAIL_MAX - (size_t)(at - s->from)));
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    struct buf facts = BUF_INIT(256);
    if (slice_find_slice(slice_of(s->tail, sizeof s->tail), SLICE(COOKIE)) < 0)
        return;
    fact_list_add(&facts, "frozen", SLICE("PyInstaller"));
    out->put(out->arg, out->format, s->held.path, buf_slice(&facts));
    buf_done(&facts);
}

const struct reducer python_frozen_reducer = {
    .state_size = sizeof(struct state), .begin = begin, .feed = feed, .end = end, .layer_end = held_file_layer_end};
