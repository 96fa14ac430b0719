/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h: memory that lives for one step. Allocations are never freed singly; arena_reset drops all of them at once
 * and keeps the first block for reuse. The maximum bounds how much memory hostile input can make a step take: past it
 * arena_alloc returns NULL and sets overflow, and the caller reports ERR_POISON or ERR_PARTIAL. One thread at a time.
 */
#ifndef CAREEN_BASE_ARENA_H
#define CAREEN_BASE_ARENA_H

#include "base/slice.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used, max;
    bool overflow;
};

#define ARENA_INIT(maximum) ((struct arena){.max = (maximum)})

void *arena_alloc(struct arena *a, size_t n);  /* aligned to 16, not zeroed; NULL past the maximum */
void *arena_zalloc(struct arena *a, size_t n); /* zeroed */
/* Copies; NULL / SLICE_NONE past the maximum. */
struct slice arena_slice(struct arena *a, struct slice s);
char *arena_cstr(struct arena *a, struct slice s);
ATTR_PRINTF(2, 3) struct slice arena_printf(struct arena *a, const char *fmt, ...);
ATTR_PRINTF(2, 0) struct slice arena_vprintf(struct arena *a, const char *fmt, va_list ap);
void arena_reset(struct arena *a);
void arena_done(struct arena *a);

/*
 * A growing array in an arena: v has n elements. VEC_ADD gives a pointer to a new zeroed element, or NULL past the
 * arena's maximum. Growing copies the elements: pointers to old ones still point to memory, but to a stale copy.
 */
#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *v;                                                                                                       \
        size_t n, cap;                                                                                                 \
    }
#define VEC_ADD(arena, vec)                                                                                            \
    ((__typeof__((vec)->v))vec_grow((arena), (void **)&(vec)->v, &(vec)->n, &(vec)->cap, sizeof *(vec)->v))
void *vec_grow(struct arena *a, void **v, size_t *n, size_t *cap, size_t size);
/*
 * The same for arrays that become large and whose elements nobody points to while they grow: a large array has memory of
 * its own, which the system moves without copying it, and leaves none behind. All growing of one array must be by it.
 */
#define VEC_ADD_MOVING(arena, vec)                                                                                     \
    ((__typeof__((vec)->v))vec_grow_moving((arena), (void **)&(vec)->v, &(vec)->n, &(vec)->cap, sizeof *(vec)->v))
void *vec_grow_moving(struct arena *a, void **v, size_t *n, size_t *cap, size_t size);
typedef VEC(struct slice) slice_vec;

#endif
