/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

struct arena_block {
    struct arena_block *next;
    size_t n, cap;
    _Alignas(16) uint8_t bytes[];
};

#define BLOCK_FIRST ((size_t)16384)

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > a->max || (n = (n + 15) & ~(size_t)15, a->used > a->max - MIN(n, a->max)) || n > a->max) {
        a->overflow = true;
        return NULL;
    }
    struct arena_block *b = a->head;
    if (!b || b->cap - b->n < n) {
        size_t cap = b ? MIN(b->cap * 2, (size_t)1 << 20) : BLOCK_FIRST;
        cap = MAX(cap, n);
        struct arena_block *fresh = xmalloc(sizeof *fresh + cap);
        fresh->next = b;
        fresh->n = 0;
        fresh->cap = cap;
        a->head = b = fresh;
    }
    void *p = b->bytes + b->n;
    b->n += n;
    a->used += n;
    return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
    void *p = arena_alloc(a, n);
    if (p)
        memset(p, 0, n);
    return p;
}

struct slice arena_slice(struct arena *a, struct slice s)
{
    if (!s.p)
        return SLICE_NONE;
    void *p = arena_alloc(a, s.n ? s.n : 1);
    if (!p)
        return SLICE_NONE;
    if (s.n)
        memcpy(p, s.p, s.n);
    return slice_of(p, s.n);
}

char *arena_cstr(struct arena *a, struct slice s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (!p)
        return NULL;
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return p;
}

struct slice arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *p = arena_alloc(a, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p ? slice_of(p, (size_t)n) : SLICE_NONE;
}

struct slice arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct slice s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}

void arena_reset(struct arena *a)
{
    while (a->head && a->head->next) {
        struct arena_block *b = a->head;
        a->head = b->next;
        free(b);
    }
    if (a->head)
        a->head->n = 0;
    a->used = 0;
    a->overflow = false;
}

void arena_done(struct arena *a)
{
    arena_reset(a);
    free(a->head);
    a->head = NULL;
}

/* Gives *v room for twice as many elements. */
static bool vec_copy(struct arena *a, void **v, size_t n, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 8;
    void *fresh = arena_alloc(a, more * size);
    if (!fresh)
        return false;
    if (n)
        memcpy(fresh, *v, n * size);
    *v = fresh;
    *cap = more;
    return true;
}

static void *vec_next(void *v, size_t *n, size_t size)
{
    return memset((uint8_t *)v + (*n)++ * size, 0, size);
}

void *vec_grow(struct arena *a, void **v, size_t *n, size_t *cap, size_t size)
{
    return *n == *cap && !vec_copy(a, v, *n, cap, size) ? NULL : vec_next(*v, n, size);
}

/* From this many bytes on a moving array is alone in its block. */
#define ALONE_MIN ((size_t)64 << 10)

/* The link to the block that begins with v. */
static struct arena_block **block_of(struct arena *a, const void *v)
{
    struct arena_block **link = &a->head;
    while ((*link)->bytes != v)
        link = &(*link)->next;
    return link;
}

static bool vec_move(struct arena *a, void **v, size_t n, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 8, had = *cap * size, bytes = more * size;
    bool alone = had >= ALONE_MIN;
    if (bytes < ALONE_MIN)
        return vec_copy(a, v, n, cap, size);
    if (a->used > a->max || bytes - (alone ? had : 0) > a->max - a->used) {
        a->overflow = true;
        return false;
    }
    struct arena_block **link = alone ? block_of(a, *v) : a->head ? &a->head->next : &a->head;
    struct arena_block *next = alone ? (*link)->next : *link;
    struct arena_block *block = xrealloc(alone ? *link : NULL, sizeof *block + bytes);
    if (!alone && n)
        memcpy(block->bytes, *v, n * size);
    *block = (struct arena_block){.next = next, .n = bytes, .cap = bytes};
    *link = block;
    a->used += bytes - (alone ? had : 0);
    *v = block->bytes;
    *cap = more;
    return true;
}

void *vec_grow_moving(struct arena *a, void **v, size_t *n, size_t *cap, size_t size)
{
    return *n == *cap && !vec_move(a, v, *n, cap, size) ? NULL : vec_next(*v, n, size);
}
