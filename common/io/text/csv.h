/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.h: RFC 4180 records from a stream: quoted fields with doubled quotes and line ends inside, LF or CR LF. Rows of
 * more than CSV_ROW_MAX bytes or CSV_FIELDS_MAX fields are malformed. Lines that begin with '#' before the header are
 * comments.
 */
#ifndef CAREEN_IO_TEXT_CSV_H
#define CAREEN_IO_TEXT_CSV_H

#include "base/buf.h"
#include "base/byte_source.h"

#define CSV_ROW_MAX    ((size_t)1 << 20)
#define CSV_FIELDS_MAX 64

struct csv {
    struct byte_source source;
    const uint8_t *p;
    size_t n;
    uint64_t row;
    struct buf text;
    struct slice fields[CSV_FIELDS_MAX]; /* of the present row, until the next call */
    size_t fields_n;
    char comment[256]; /* the last one before the header, cut; "" without */
};

void csv_init(struct csv *c, struct byte_source source);
void csv_done(struct csv *c);
/* 1 a row, 0 the end, <0 (ERR_POISON: a quote that never ends, a row too long). Empty lines are passed over. */
int csv_next(struct csv *c, struct err *e);
/* Reads comments and the header row and finds each name's column; ERR_POISON names the first that is missing. */
int csv_header(struct csv *c, const char *const *names, size_t n, size_t *ret_columns, struct err *e);
/* Right after csv_header: the column of a name that need not be there, SIZE_MAX when it is not. */
size_t csv_column(const struct csv *c, const char *name);
static inline struct slice csv_field(const struct csv *c, size_t column)
{
    return column < c->fields_n ? c->fields[column] : SLICE_NONE;
}

#endif
