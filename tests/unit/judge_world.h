/* SPDX-License-Identifier: Apache-2.0 */
/* judge_world.h: what the tests of judging share: an arena, and the advisories that are known. */
#ifndef CAREEN_TESTS_UNIT_JUDGE_WORLD_H
#define CAREEN_TESTS_UNIT_JUDGE_WORLD_H

#include "match/judge/judge.h"

#include <setjmp.h>
#include <cmocka.h>

static struct arena arena;
static advisory_vec known;

static int setup(void **state)
{
    (void)state;
    arena = ARENA_INIT(16 << 20);
    known = (advisory_vec){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Behind struct advisory_source; a non-NULL arg gives them the other way round. */
static int lookup(void *arg, struct slice ecosystem, struct slice package, struct arena *a, advisory_vec *out,
                  struct err *e)
{
    for (size_t i = 0; i < known.n; i++) {
        const struct advisory *x = &known.v[arg ? known.n - 1 - i : i];
        if (!slice_eq(x->ecosystem, ecosystem) || !slice_eq(x->package, package))
            continue;
        struct advisory *to = VEC_ADD(a, out);
        if (!to)
            return err_set(e, ERR_PARTIAL, 0, "the arena is full");
        *to = *x;
    }
    return 0;
}

#endif
