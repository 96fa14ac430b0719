/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/terminal/text.h"

#define TABLE_MEMORY_MAX ((size_t)256 << 20)
#define GAP              2
#define INDENT           4 /* of a row's further lines */

struct text_table {
    const struct text_column *columns;
    size_t n;
    struct arena arena;
    VEC(struct text_cell *) rows;
    size_t *natural; /* widest cell of each column */
    size_t dropped;  /* rows that did not fit into memory */
};

struct text_table *text_table_new(const struct text_column *columns, size_t n)
{
    struct text_table *t = xcalloc(1, sizeof *t);
    t->columns = columns;
    t->n = n;
    t->arena = ARENA_INIT(TABLE_MEMORY_MAX);
    t->natural = xcalloc(n + 1, sizeof *t->natural);
    for (size_t i = 0; i < n; i++)
        t->natural[i] = text_width(slice_str(columns[i].title));
    return t;
}

void text_table_free(struct text_table *t)
{
    if (!t)
        return;
    arena_done(&t->arena);
    free(t->natural);
    free(t);
}

void text_table_add(struct text_table *t, const struct text_cell *cells)
{
    struct buf safe = BUF_INIT((size_t)1 << 20);
    struct text_cell *row = arena_alloc(&t->arena, MAX(t->n, 1u) * sizeof *row);
    for (size_t i = 0; row && i < t->n; i++) {
        buf_clear(&safe);
        text_add_safe(&safe, cells[i].text, false);
        row[i] = (struct text_cell){arena_slice(&t->arena, buf_slice(&safe)), cells[i].style};
        t->natural[i] = MAX(t->natural[i], text_width(row[i].text));
    }
    buf_done(&safe);
    struct text_cell **to = row && !t->arena.overflow ? VEC_ADD(&t->arena, &t->rows) : NULL;
    if (to)
        *to = row;
    else
        t->dropped++;
}

static size_t total(const size_t *widths, const bool *shown, size_t n)
{
    size_t sum = 0, columns = 0;
    for (size_t i = 0; i < n; i++)
        if (shown[i]) {
            sum += widths[i];
            columns++;
        }
    return sum + (columns ? (columns - 1) * GAP : 0);
}

/*
 * Takes single columns of the terminal from the widest column that may shrink until the table fits; false when it
 * can't.
 */
static bool shrink(const struct text_table *t, size_t *widths, const bool *shown, size_t width)
{
    while (total(widths, shown, t->n) > width) {
        size_t widest = t->n;
        for (size_t i = 0; i < t->n; i++)
            if (shown[i] && t->columns[i].least && widths[i] > MAX(t->columns[i].least, 1u) &&
                (widest == t->n || widths[i] > widths[widest]))
                widest = i;
        if (widest == t->n)
            return false;
        widths[widest]--;
    }
    return true;
}

/* Where each column stands: on which line of a row (from 0), how wide, and whether it is shown at all. */
struct layout {
    size_t *widths, *line, lines;
    bool *shown;
};

/* A column that may not be cut goes to a further line of the row rather than being lost. */
static void wrap(const struct text_table *t, size_t width, struct layout *l)
{
    size_t used = 0;
    l->lines = 1;
    for (size_t i = 0; i < t->n; i++) {
        if (!l->shown[i])
            continue;
        if (used && used + GAP + l->widths[i] > width) {
            l->lines++;
            used = INDENT;
        } else if (used) {
            used += GAP;
        }
        l->line[i] = l->lines - 1;
        used += l->widths[i];
    }
}

static void fit(const struct text_table *t, size_t width, struct layout *l)
{
    for (size_t i = 0; i < t->n; i++)
        l->shown[i] = true;
    for (size_t last = t->n;;) {
        /* A cell of a megabyte must not cost a million steps. */
        for (size_t i = 0; i < t->n; i++)
            l->widths[i] =
                width && t->columns[i].least ? MIN(t->natural[i], MAX(width, t->columns[i].least)) : t->natural[i];
        if (!width || shrink(t, l->widths, l->shown, width)) {
            wrap(t, SIZE_MAX, l);
            return;
        }
        do {
            if (!last) {
                wrap(t, width, l);
                return;
            }
            last--;
        } while (!t->columns[last].optional);
        l->shown[last] = false;
    }
}

/* Writes the columns of one line of a row; nothing when it is a further line whose cells are all empty. */
static void print_line(const struct text_table *t, const struct text_terminal *terminal, const struct text_cell *row,
                       const struct layout *l, size_t line, struct buf *out)
{
    size_t end = t->n;
    bool first = true;
    while (end && (!l->shown[end - 1] || l->line[end - 1] != line || !row[end - 1].text.n))
        end--;
    if (!end && line)
        return;
    for (size_t i = 0; i < end; i++) {
        if (!l->shown[i] || l->line[i] != line)
            continue;
        size_t w = text_width(row[i].text), blanks = w < l->widths[i] ? l->widths[i] - w : 0;
        buf_addf(out, "%*s", !first ? GAP : line ? INDENT : 0, "");
        if (t->columns[i].right)
            buf_addf(out, "%*s", (int)blanks, "");
        buf_add_str(out, text_style_on(terminal, row[i].style));
        text_add_cut(out, row[i].text, l->widths[i], false);
        buf_add_str(out, text_style_off(terminal, row[i].style));
        if (!t->columns[i].right && i + 1 < end)
            buf_addf(out, "%*s", (int)blanks, "");
        first = false;
    }
    buf_add_byte(out, '\n');
}

static void print_row(const struct text_table *t, const struct text_terminal *terminal, const struct text_cell *row,
                      const struct layout *l, struct buf *out)
{
    for (size_t line = 0; line < l->lines; line++)
        print_line(t, terminal, row, l, line, out);
}

void text_table_print(const struct text_table *t, const struct text_terminal *terminal, struct buf *out)
{
    struct layout l = {.widths = xcalloc(t->n + 1, sizeof *l.widths),
                       .line = xcalloc(t->n + 1, sizeof *l.line),
                       .shown = xcalloc(t->n + 1, sizeof *l.shown)};
    struct text_cell *titles = xcalloc(t->n + 1, sizeof *titles);
    fit(t, terminal->width, &l);
    for (size_t i = 0; i < t->n; i++)
        titles[i] = (struct text_cell){slice_str(t->columns[i].title), TEXT_BOLD};
    print_row(t, terminal, titles, &l, out);
    for (size_t i = 0; i < t->rows.n; i++)
        print_row(t, terminal, t->rows.v[i], &l, out);
    if (t->dropped)
        buf_addf(out, "(%zu more rows are not shown: too much memory)\n", t->dropped);
    free(l.widths);
    free(l.line);
    free(l.shown);
    free(titles);
}
