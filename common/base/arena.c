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

void *vec_grow(struct arena *a, void **v, size_t *n, size_t *cap, size_t size)
{
    if (*n == *cap) {
        size_t more = *cap ? *cap * 2 : 8;
        void *fresh = arena_alloc(a, more * size);
        if (!fresh)
            return NULL;
        if (*n)
            memcpy(fresh, *v, *n * size);
        *v = fresh;
        *cap = more;
    }
    void *e = (uint8_t *)*v + (*n)++ * size;
    memset(e, 0, size);
    return e;
}
