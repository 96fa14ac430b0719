/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_sqlite.c: rpm's tables Packages (hnum, blob) and Name (key, hnum, idx) in a SQLite database: walks of table
 * b-trees ("Database File Format", section 1.6) and records (section 2).
 */
#include "packages/rpm/rpm_sqlite.h"

#define DEPTH_MAX  20 /* SQLite's own */
#define ROWS_MAX   2000000u
#define RECORD_MAX ((uint64_t)256 << 20) /* rpm's own bound of a header */

enum { PAGE_INTERIOR = 5, PAGE_LEAF = 13 };

struct numbers {
    uint32_t *v;
    size_t n, cap;
};

struct sqlite {
    struct sqlite_pages pages;
    const struct rpmdb_visitor *v;
    uint8_t *seen; /* a bit a page: part of the trees and chains that were walked */
    uint8_t *scratch;
    size_t scratch_cap;
    uint32_t packages_root, name_root;
    uint64_t budget; /* bytes that rows may still have: together they can't be more than the file's */
    struct numbers packages, names;
};

struct table {
    const char *name;
    int (*row)(struct sqlite *d, int64_t rowid, struct slice record);
    int64_t last; /* the last row's id */
    size_t rows;
};

static void add_number(struct numbers *l, int64_t number)
{
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 1024;
        l->v = xrealloc(l->v, l->cap * sizeof *l->v);
    }
    l->v[l->n++] = (uint32_t)number;
}

/* Section 1.6: big-endian groups of seven bits; a ninth byte has eight. */
static bool take_varint(struct slice *s, int64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s->n && i < 9; i++) {
        v = i < 8 ? v << 7 | (s->p[i] & 0x7F) : v << 8 | s->p[i];
        if (i < 8 && s->p[i] & 0x80)
            continue;
        *ret = (int64_t)v;
        *s = slice_from(*s, i + 1);
        return true;
    }
    return false;
}

/* ---- records ---- */

/* Column i of a record; its type (section 2.1) and bytes. */
static bool column(struct slice record, unsigned wanted, int64_t *ret_type, struct slice *ret)
{
    struct slice s = record;
    int64_t head, type = 0;
    if (!take_varint(&s, &head) || head < 1 || (uint64_t)head > record.n)
        return false;
    struct slice types = slice_of(s.p, (size_t)(record.p + head - s.p)), body = slice_from(record, (size_t)head);
    for (unsigned i = 0; i <= wanted; i++) {
        static const uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
        if (!take_varint(&types, &type) || type < 0 || type == 10 || type == 11)
            return false;
        uint64_t n = type < 10 ? sizes[type] : (uint64_t)(type - 12) / 2;
        if (n > body.n)
            return false;
        *ret = slice_of(body.p, (size_t)n);
        body = slice_from(body, (size_t)n);
    }
    *ret_type = type;
    return true;
}

static bool integer(struct slice record, unsigned wanted, int64_t *ret)
{
    struct slice bytes;
    int64_t type;
    if (!column(record, wanted, &type, &bytes) || type < 1 || type > 9 || type == 7)
        return false;
    uint64_t v = bytes.n && bytes.p[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes.n; i++)
        v = v << 8 | bytes.p[i];
    *ret = type == 8 ? 0 : type == 9 ? 1 : (int64_t)v;
    return true;
}

/* ---- trees ---- */

/* The payload of a leaf's cell, gathered from its chain when it is not all in the cell. NULL, or what is wrong. */
static const char *take_payload(struct sqlite *d, struct slice cell, uint64_t n, struct slice *ret)
{
    uint32_t usable = d->pages.usable;
    uint64_t most = usable - 35, least = (usable - 12) * 32 / 255 - 23, local = least + (n - least) % (usable - 4);
    if (n <= most) {
        *ret = slice_sub(cell, 0, (size_t)n);
        return n <= cell.n ? NULL : "it leads out of its page";
    }
    local = local <= most ? local : least;
    if (local + 4 > cell.n)
        return "it leads out of its page";
    if (n > RECORD_MAX || n > (uint64_t)d->pages.count * d->pages.size)
        return "it is longer than the database";
    if (n > d->scratch_cap) {
        free(d->scratch);
        d->scratch_cap = MAX((size_t)n, MAX(d->scratch_cap * 2, (size_t)64 << 10));
        d->scratch = xmalloc(d->scratch_cap);
    }
    memcpy(d->scratch, cell.p, (size_t)local);
    uint32_t next = rpmdb_be32(cell.p + local);
    for (uint64_t at = local; at < n;) {
        const uint8_t *page = sqlite_page(&d->pages, next);
        uint64_t here = MIN(n - at, (uint64_t)usable - 4);
        if (!page)
            return "its chain leads out of the file";
        if (!rpmdb_mark(d->seen, next))
            return "its chain leads to a page of another";
        memcpy(d->scratch + at, page + 4, (size_t)here);
        at += here;
        next = rpmdb_be32(page);
    }
    *ret = slice_of(d->scratch, (size_t)n);
    return next ? "its chain is longer than it" : NULL;
}

static int take_row(struct sqlite *d, struct table *t, uint32_t number, struct slice cell)
{
    int64_t size, rowid;
    struct slice record;
    if (!take_varint(&cell, &size) || !take_varint(&cell, &rowid) || size < 0) {
        rpmdb_trouble(d->v, "table %s, page %u: a row is not sound", t->name, number);
        return 0;
    }
    const char *why = t->rows && rowid <= t->last ? "it is not in order" : NULL;
    if (t->rows++ >= ROWS_MAX) {
        rpmdb_trouble(d->v, "table %s has more than %u rows", t->name, ROWS_MAX);
        return -1;
    }
    t->last = rowid;
    if (!why)
        why = take_payload(d, cell, (uint64_t)size, &record);
    if (!why && record.n > d->budget) {
        rpmdb_trouble(d->v, "its rows are longer than the file");
        return -1;
    }
    if (why) {
        rpmdb_trouble(d->v, "table %s: row %" PRId64 " is left out: %s", t->name, rowid, why);
        return 0;
    }
    d->budget -= record.n;
    return t->row(d, rowid, record);
}

static int walk_page(struct sqlite *d, struct table *t, uint32_t number, int depth)
{
    const uint8_t *page = sqlite_page(&d->pages, number);
    uint32_t usable = d->pages.usable, head = number == 1 ? 100 : 0;
    if (!page || !rpmdb_mark(d->seen, number) || depth > DEPTH_MAX) {
        rpmdb_trouble(d->v, "table %s: page %u %s", t->name, number,
                      !page               ? "is not there"
                      : depth > DEPTH_MAX ? "is too deep"
                                          : "is in its tree twice");
        return 0;
    }
    uint32_t kind = page[head], cells = rpmdb_be16(page + head + 3), array = head + (kind == PAGE_INTERIOR ? 12 : 8);
    if ((kind != PAGE_INTERIOR && kind != PAGE_LEAF) || array + cells * 2 > usable) {
        rpmdb_trouble(d->v, "table %s: page %u is none of a table", t->name, number);
        return 0;
    }
    for (uint32_t i = 0; i < cells; i++) {
        uint32_t at = rpmdb_be16(page + array + 2 * i);
        int r = 0;
        if (at < array + cells * 2 || at + 4 > usable)
            rpmdb_trouble(d->v, "table %s: page %u: cell %u lies outside of it", t->name, number, i);
        else if (kind == PAGE_LEAF)
            r = take_row(d, t, number, slice_of(page + at, usable - at));
        else
            r = walk_page(d, t, rpmdb_be32(page + at), depth + 1);
        if (r)
            return r;
    }
    return kind == PAGE_LEAF ? 0 : walk_page(d, t, rpmdb_be32(page + head + 8), depth + 1);
}

/* ---- tables ---- */

/* type, name, tbl_name, rootpage, sql */
static int schema_row(struct sqlite *d, int64_t rowid, struct slice record)
{
    struct slice type, name;
    int64_t kind, root;
    (void)rowid;
    if (!column(record, 0, &kind, &type) || !column(record, 1, &kind, &name)) {
        rpmdb_trouble(d->v, "a row of its schema is not sound");
        return 0;
    }
    if (!slice_eq_str(type, "table") || !integer(record, 3, &root) || root < 1 || root > UINT32_MAX)
        return 0;
    if (slice_eq_str(name, "Packages"))
        d->packages_root = (uint32_t)root;
    else if (slice_eq_str(name, "Name"))
        d->name_root = (uint32_t)root;
    return 0;
}

/* hnum is the row's id; the header is a blob, a type that is even and not less than 12. */
static int package_row(struct sqlite *d, int64_t rowid, struct slice record)
{
    struct slice blob;
    int64_t type;
    if (!column(record, 1, &type, &blob) || type < 12 || type % 2) {
        rpmdb_trouble(d->v, "table Packages: row %" PRId64 " is left out: it holds no header", rowid);
        return 0;
    }
    add_number(&d->packages, rowid);
    return d->v->header(d->v->ctx, (uint32_t)rowid, blob);
}

static int name_row(struct sqlite *d, int64_t rowid, struct slice record)
{
    int64_t number;
    if (integer(record, 1, &number))
        add_number(&d->names, number);
    else
        rpmdb_trouble(d->v, "table Name: row %" PRId64 " is not sound", rowid);
    return 0;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Every package stands in table Name once, in a tree of its own. */
static void compare(struct sqlite *d)
{
    struct numbers *p = &d->packages, *n = &d->names;
    size_t i = 0, j = 0, lost = 0, more = 0;
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, by_number);
    if (n->n)
        qsort(n->v, n->n, sizeof *n->v, by_number);
    while (i < p->n || j < n->n) {
        bool both = i < p->n && j < n->n && p->v[i] == n->v[j], mine = j == n->n || (i < p->n && p->v[i] < n->v[j]);
        lost += !both && !mine;
        more += !both && mine;
        i += both || mine;
        j += both || !mine;
    }
    if (lost)
        rpmdb_trouble(d->v, "%zu packages that its table Name lists could not be found", lost);
    if (more)
        rpmdb_trouble(d->v, "%zu packages are not in its table Name: others may be missing", more);
}

static int read_tables(struct sqlite *d)
{
    struct table schema = {.name = "sqlite_schema", .row = schema_row},
                 packages = {.name = "Packages", .row = package_row}, names = {.name = "Name", .row = name_row};
    walk_page(d, &schema, 1, 0);
    if (!d->packages_root) {
        rpmdb_trouble(d->v, "it has no table Packages");
        return 0;
    }
    int r = walk_page(d, &packages, d->packages_root, 0);
    if (r)
        return r;
    if (!d->name_root) {
        rpmdb_trouble(d->v, "it has no table Name, which tells how many packages there are");
        return 0;
    }
    walk_page(d, &names, d->name_root, 0);
    compare(d);
    return 0;
}

int rpmdb_read_sqlite(struct slice db, struct slice log, const struct rpmdb_visitor *v)
{
    struct sqlite d = {.v = v};
    int r = 0;
    if (sqlite_pages_open(&d.pages, db, log, v)) {
        d.seen = xcalloc((size_t)d.pages.count / 8 + 1, 1);
        d.budget = (uint64_t)d.pages.count * d.pages.size;
        r = read_tables(&d);
    }
    sqlite_pages_done(&d.pages);
    free(d.seen);
    free(d.scratch);
    free(d.packages.v);
    free(d.names.v);
    return r;
}
