/* SPDX-License-Identifier: Apache-2.0 */
/* codec_fill.h: records filled with seeded values, and compared, by walking the codec's own tables. */
#ifndef CAREEN_TESTS_UNIT_CODEC_FILL_H
#define CAREEN_TESTS_UNIT_CODEC_FILL_H

#include "bus/codec/codec_tables.h"

struct fill {
    struct arena *arena;
    uint64_t state;   /* of splitmix64 */
    size_t list_max;  /* items of a list: 1 … list_max */
    size_t bytes_max; /* length of text and bytes: 1 … bytes_max */
};

static inline uint64_t fill_next(struct fill *f)
{
    uint64_t z = (f->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline struct slice fill_bytes(struct fill *f, bool text)
{
    size_t n = 1 + fill_next(f) % f->bytes_max;
    uint8_t *p = arena_alloc(f->arena, n);
    ASSERT(p);
    for (size_t i = 0; i < n; i++)
        p[i] = text ? (uint8_t)(' ' + fill_next(f) % 95) : (uint8_t)fill_next(f);
    if (text && n >= 4)
        memcpy(p, "\xC3\xA9\xE2\x82\xAC", n >= 5 ? 5 : 2); /* é€ */
    if (text && n == 4)
        p[2] = p[3] = 0;
    return slice_of(p, n);
}

static inline void fill_record(struct fill *f, const struct codec_table *table, void *record)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct codec_field *field = &table->fields[i];
        uint8_t *member = (uint8_t *)record + field->offset;
        struct vec_any list = {NULL, 1 + fill_next(f) % f->list_max, 0};
        list.cap = list.n;
        switch (field->kind) {
        case FIELD_STRING:
        case FIELD_BYTES:
            *(struct slice *)(void *)member = fill_bytes(f, field->kind == FIELD_STRING);
            break;
        case FIELD_INT:
            *(int32_t *)(void *)member = (int32_t)fill_next(f);
            break;
        case FIELD_LONG:
        case FIELD_TIME:
            *(int64_t *)(void *)member = (int64_t)(fill_next(f) >> fill_next(f) % 63);
            break;
        case FIELD_DOUBLE:
            *(double *)(void *)member = (double)fill_next(f) / 1e17;
            break;
        case FIELD_BOOL:
            *(bool *)member = true;
            break;
        case FIELD_ENUM:
            *(int32_t *)(void *)member = 1 + (int32_t)(fill_next(f) % (uint64_t)(field->names_n - 1));
            break;
        case FIELD_STRINGS:
            list.v = arena_zalloc(f->arena, list.n * sizeof(struct slice));
            for (size_t k = 0; k < list.n; k++)
                ((struct slice *)list.v)[k] = fill_bytes(f, true);
            memcpy(member, &list, sizeof list);
            break;
        case FIELD_RECORDS:
            list.v = arena_zalloc(f->arena, list.n * field->sub->size);
            for (size_t k = 0; k < list.n; k++)
                fill_record(f, field->sub, (uint8_t *)list.v + k * field->sub->size);
            memcpy(member, &list, sizeof list);
            break;
        case FIELD_RECORD:
            fill_record(f, field->sub, member);
            break;
        case FIELD_KIND_MAX:
            BUG("kind");
        }
    }
}

/* NULL when equal, else the first field that differs. */
static inline const char *fill_differs(const struct codec_table *table, const void *a, const void *b)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct codec_field *field = &table->fields[i];
        const uint8_t *x = (const uint8_t *)a + field->offset, *y = (const uint8_t *)b + field->offset;
        struct vec_any v, w;
        bool same = true;
        switch (field->kind) {
        case FIELD_STRING:
        case FIELD_BYTES:
            same = slice_eq(*(const struct slice *)(const void *)x, *(const struct slice *)(const void *)y);
            break;
        case FIELD_INT:
        case FIELD_ENUM:
            same = !memcmp(x, y, sizeof(int32_t));
            break;
        case FIELD_LONG:
        case FIELD_TIME:
        case FIELD_DOUBLE:
            same = !memcmp(x, y, sizeof(int64_t));
            break;
        case FIELD_BOOL:
            same = *x == *y;
            break;
        case FIELD_STRINGS:
        case FIELD_RECORDS:
            memcpy(&v, x, sizeof v);
            memcpy(&w, y, sizeof w);
            same = v.n == w.n;
            for (size_t k = 0; same && k < v.n; k++)
                same = field->sub ? !fill_differs(field->sub, (uint8_t *)v.v + k * field->sub->size,
                                                  (uint8_t *)w.v + k * field->sub->size)
                                  : slice_eq(((struct slice *)v.v)[k], ((struct slice *)w.v)[k]);
            break;
        case FIELD_RECORD:
            same = !fill_differs(field->sub, x, y);
            break;
        case FIELD_KIND_MAX:
            BUG("kind");
        }
        if (!same)
            return field->name;
    }
    return NULL;
}

#endif
