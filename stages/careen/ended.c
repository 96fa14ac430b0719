/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/ended.h"

#include "base/clock.h"
#include "model/eol.h"

static int take(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct ended_images *x = arg;
    const struct inventory *v = record;
    struct arena scratch = ARENA_INIT(1 << 16);
    bool past = v->part == 0 && eol_sentence(&v->os, x->now_ms, &scratch).n;
    (void)key, (void)at_ms, (void)e;
    arena_done(&scratch);
    struct ended *to = past ? VEC_ADD(&x->arena, &x->v) : NULL;
    if (to)
        *to = (struct ended){
            arena_slice(&x->arena, v->image_digest),
            arena_printf(&x->arena, "past its end of life since %.*s", SLICE_FMT(v->os.end_of_life)),
        };
    return 0;
}

static int by_digest(const void *a, const void *b)
{
    const struct ended *x = a, *y = b;
    return slice_cmp(x->digest, y->digest);
}

int ended_read(struct ended_images *x, struct reader *r, struct err *e)
{
    *x = (struct ended_images){.arena = ARENA_INIT((size_t)256 << 20), .now_ms = clock_wall_ms()};
    if (reader_all(r, TOPIC_INVENTORIES, take, x, e))
        return -1;
    if (x->v.n)
        qsort(x->v.v, x->v.n, sizeof *x->v.v, by_digest);
    return 0;
}

struct slice ended_since(const struct ended_images *x, struct slice digest)
{
    struct ended key = {.digest = digest};
    const struct ended *found = x->v.n ? bsearch(&key, x->v.v, x->v.n, sizeof *x->v.v, by_digest) : NULL;
    return found ? found->since : SLICE_NONE;
}

void ended_done(struct ended_images *x)
{
    arena_done(&x->arena);
}
