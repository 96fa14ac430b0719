/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/table/publishers.h"

#include <pthread.h>

#define FEED_PUBLISHER_ROW(name) &publisher_##name,
static const struct feed_publisher *const publishers[] = {FEED_PUBLISHERS(FEED_PUBLISHER_ROW)};
#undef FEED_PUBLISHER_ROW

/* Every feed is looked for by name again and again: the rows of all publishers, one after another. */
static pthread_once_t flattened = PTHREAD_ONCE_INIT;
static const struct feed **rows;
static size_t rows_n;

static void flatten(void)
{
    for (size_t i = 0; i < ARRAY_LEN(publishers); i++) {
        rows = xrealloc(rows, (rows_n + publishers[i]->feeds_n) * sizeof *rows);
        for (size_t k = 0; k < publishers[i]->feeds_n; k++)
            rows[rows_n++] = &publishers[i]->feeds[k];
    }
}

const struct feed *feed_row(size_t nth)
{
    pthread_once(&flattened, flatten);
    return nth < rows_n ? rows[nth] : NULL;
}

const struct feed_family *feed_family(size_t nth)
{
    for (size_t i = 0; i < ARRAY_LEN(publishers); nth -= publishers[i++]->families_n)
        if (nth < publishers[i]->families_n)
            return &publishers[i]->families[nth];
    return NULL;
}

/* The place of an element in an array of n, n when it is none of it. */
static size_t place_in(const void *array, size_t n, size_t size, const void *element)
{
    uintptr_t from = (uintptr_t)array, at = (uintptr_t)element;
    return at >= from && at < from + n * size ? (at - from) / size : n;
}

size_t feed_row_number(const struct feed *row)
{
    size_t before = 0, at = 0;
    for (size_t i = 0; i < ARRAY_LEN(publishers); before += publishers[i++]->feeds_n)
        if ((at = place_in(publishers[i]->feeds, publishers[i]->feeds_n, sizeof *row, row)) < publishers[i]->feeds_n)
            return before + at;
    return before;
}

size_t feed_family_number(const struct feed_family *family)
{
    size_t before = 0, at = 0;
    for (size_t i = 0; i < ARRAY_LEN(publishers); before += publishers[i++]->families_n)
        if ((at = place_in(publishers[i]->families, publishers[i]->families_n, sizeof *family, family)) <
            publishers[i]->families_n)
            return before + at;
    return before;
}
