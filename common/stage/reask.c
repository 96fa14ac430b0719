/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/reask.h"

#define PORTION 512u
#define KEY_MAX 511u /* of a store's keys */

#define IDENTITY SLICE("identity")
#define CURSOR   SLICE("cursor")

/* Whether this build asked for all of them: 1, 0 not yet. */
static int was_asked(struct step *s, const struct reask *w, struct err *e)
{
    struct slice v;
    int got = store_get(s->txn, w->asked, IDENTITY, &v, e);
    return got == 1 ? v.n == 8 && key_get_u64(v.p) == w->identity : got;
}

/* Where this build goes on; what another one began is no part of its own round. */
static int cursor_get(struct step *s, const struct reask *w, struct slice *ret_last, struct err *e)
{
    struct slice v;
    *ret_last = SLICE_NONE;
    int got = store_get(s->txn, w->asked, CURSOR, &v, e);
    if (got == 1 && v.n > 8 && v.n <= 8 + KEY_MAX && key_get_u64(v.p) == w->identity)
        *ret_last = arena_slice(s->arena, slice_from(v, 8));
    return got < 0 ? -1 : 0;
}

static int cursor_put(struct step *s, const struct reask *w, struct slice last, struct err *e)
{
    uint8_t row[8 + KEY_MAX];
    size_t n = MIN(last.n, (size_t)KEY_MAX);
    key_u64(row, w->identity);
    memcpy(row + 8, last.p, n);
    return store_put(s->txn, w->asked, CURSOR, slice_of(row, 8 + n), e);
}

static int all_asked(struct step *s, const struct reask *w, struct err *e)
{
    uint8_t row[8];
    key_u64(row, w->identity);
    if (store_del(s->txn, w->asked, CURSOR, e) < 0)
        return -1;
    return store_put(s->txn, w->asked, IDENTITY, slice_of(row, sizeof row), e);
}

/* The subjects behind last, a portion of them, as copies: asking for work moves the map under a walk. */
static int next_subjects(struct step *s, const struct reask *w, struct slice last, slice_vec *ret, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, w->subjects, SLICE_NONE, last);
    while (ret->n < PORTION && (got = store_iter_next(&it, &key, &value, e)) == 1)
        if ((!last.p || !slice_eq(key, last)) && !slice_vec_add(s->arena, ret, arena_slice(s->arena, key))) {
            got = err_set(e, ERR_FATAL, 0, "no memory for the subjects to ask for again");
            break;
        }
    store_iter_done(&it);
    return ret->n < PORTION ? got : 1;
}

int reask(struct step *s, const struct reask *w, struct err *e)
{
    slice_vec subjects = {0};
    struct slice last;
    int got = was_asked(s, w, e);
    if (got)
        return got < 0 ? -1 : 0;
    if (cursor_get(s, w, &last, e))
        return -1;
    got = next_subjects(s, w, last, &subjects, e);
    if (got < 0)
        return -1;
    for (size_t i = 0; i < subjects.n; i++) {
        struct err unfit = ERR_INIT;
        /* A key that can't be a subject was told as a dead letter when its record came. */
        if (step_work(s, w->kind, subjects.v[i], w->priority, 0, &unfit) && unfit.kind != ERR_POISON) {
            if (e)
                *e = unfit;
            return -1;
        }
    }
    if (!got)
        return all_asked(s, w, e);
    return cursor_put(s, w, subjects.v[subjects.n - 1], e) ? -1 : 1;
}
