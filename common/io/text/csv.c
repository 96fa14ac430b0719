/* SPDX-License-Identifier: Apache-2.0 */
#include "io/text/csv.h"

void csv_init(struct csv *c, struct byte_source source)
{
    *c = (struct csv){.source = source, .text = BUF_INIT(CSV_ROW_MAX)};
}

void csv_done(struct csv *c)
{
    buf_done(&c->text);
}

static int next_byte(struct csv *c, uint8_t *ret_b, struct err *e)
{
    if (c->n == 0) {
        if (c->source.read(c->source.arg, &c->p, &c->n, e))
            return -1;
        if (c->n == 0)
            return 0;
    }
    *ret_b = *c->p++;
    c->n--;
    return 1;
}

/* Fields are kept one behind the other in text; their ends are offsets until the row is whole, as text may move. */
struct csv_row {
    size_t ends[CSV_FIELDS_MAX];
    size_t n;
    bool quoted, after_quote, any;
};

static int end_field(struct csv *c, struct csv_row *row, struct err *e)
{
    if (row->n == CSV_FIELDS_MAX)
        return err_set(e, ERR_POISON, 0, "row %" PRIu64 " has more than %d fields", c->row, CSV_FIELDS_MAX);
    row->ends[row->n++] = c->text.n;
    row->after_quote = false;
    return 0;
}

static void end_row(struct csv *c, const struct csv_row *row)
{
    size_t from = 0;
    for (size_t i = 0; i < row->n; i++) {
        c->fields[i] = slice_sub(buf_slice(&c->text), from, row->ends[i] - from);
        from = row->ends[i];
    }
    c->fields_n = row->n;
}

/* 1: the byte ended the row. */
static int add_byte(struct csv *c, struct csv_row *row, uint8_t b, struct err *e)
{
    size_t start = row->n ? row->ends[row->n - 1] : 0;
    if (row->quoted) {
        if (b == '"') {
            row->quoted = false;
            row->after_quote = true;
        } else {
            buf_add_byte(&c->text, b);
        }
    } else if (b == '"' && row->after_quote) {
        buf_add_byte(&c->text, b);
        row->quoted = true;
    } else if (b == '"' && c->text.n == start) {
        row->quoted = true;
    } else if (b == ',') {
        return end_field(c, row, e);
    } else if (b == '\n') {
        if (c->text.n > start && c->text.p[c->text.n - 1] == '\r')
            c->text.n--;
        return end_field(c, row, e) ? -1 : 1;
    } else {
        buf_add_byte(&c->text, b);
    }
    return 0;
}

int csv_next(struct csv *c, struct err *e)
{
    for (;;) {
        struct csv_row row = {0};
        buf_clear(&c->text);
        c->row++;
        int ended = 0;
        while (!ended) {
            uint8_t b;
            int rc = next_byte(c, &b, e);
            if (rc < 0)
                return -1;
            if (rc == 0) {
                if (row.quoted)
                    return err_set(e, ERR_POISON, 0, "row %" PRIu64 " has a quote that never ends", c->row);
                if (!row.any)
                    return 0;
                b = '\n';
            }
            row.any = true;
            ended = add_byte(c, &row, b, e);
            if (ended < 0)
                return -1;
            if (c->text.overflow)
                return err_set(e, ERR_POISON, 0, "row %" PRIu64 " is longer than %zu bytes", c->row, CSV_ROW_MAX);
        }
        end_row(c, &row);
        if (c->fields_n > 1 || c->fields[0].n > 0)
            return 1;
    }
}

int csv_header(struct csv *c, const char *const *names, size_t n, size_t *ret_columns, struct err *e)
{
    int rc;
    /* A comment may hold commas. */
    while ((rc = csv_next(c, e)) == 1 && slice_starts(c->fields[0], SLICE("#")))
        for (size_t i = 0, at = 0; i < c->fields_n && at < sizeof c->comment; i++)
            at += (size_t)snprintf(c->comment + at, sizeof c->comment - at, "%s%.*s", i ? "," : "",
                                   SLICE_FMT(slice_sub(c->fields[i], 0, sizeof c->comment)));
    if (rc <= 0)
        return rc < 0 ? -1 : err_set(e, ERR_POISON, 0, "it is empty");
    /* A byte order mark is no part of the first name. */
    slice_take_prefix(&c->fields[0], SLICE("\xEF\xBB\xBF"));
    for (size_t i = 0; i < n; i++) {
        ret_columns[i] = csv_column(c, names[i]);
        if (ret_columns[i] == SIZE_MAX)
            return err_set(e, ERR_POISON, 0, "the header has no column '%s'", names[i]);
    }
    return 0;
}

size_t csv_column(const struct csv *c, const char *name)
{
    for (size_t at = 0; at < c->fields_n; at++)
        if (slice_eq_str(c->fields[at], name))
            return at;
    return SIZE_MAX;
}
