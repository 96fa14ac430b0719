/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_writer.h: rpm headers and the databases that hold them, written for tests and benches: SQLite (with the log that
 * leads from one to the next), Berkeley DB in both byte orders, ndb. Simple on purpose and independent of the readers;
 * tests/scenario/distros/test_rpm_images.sh has Debian's rpm read what this writes. Everything BUGs when it doesn't fit.
 */
#ifndef CAREEN_TESTS_UNIT_RPM_WRITER_H
#define CAREEN_TESTS_UNIT_RPM_WRITER_H

#include "base/buf.h"

#include <isa-l/igzip_lib.h>

struct rpm_made {
    const char *name, *version, *release, *arch, *source, *vendor, *module; /* NULL: the header has no such tag */
    int64_t epoch;                                                          /* negative: none */
    const char *const *folders, *const *files; /* NULL-terminated; files[i] lies in folders[i % their number] */
    size_t filler;                             /* bytes of a changelog that nobody reads */
};

/* ---- bytes ---- */

static inline void put16(uint8_t *p, uint32_t v, bool big)
{
    p[big ? 0 : 1] = (uint8_t)(v >> 8);
    p[big ? 1 : 0] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v, bool big)
{
    put16(p + (big ? 0 : 2), v >> 16, big);
    put16(p + (big ? 2 : 0), v & 0xFFFF, big);
}

/* n zeros at the end; where they are holds until the next addition. */
static inline uint8_t *add_zeros(struct buf *b, size_t n)
{
    uint8_t *p = buf_reserve(b, n);
    ASSERT(p);
    memset(p, 0, n);
    b->n += n;
    return p;
}

static inline void add32(struct buf *b, uint32_t v, bool big)
{
    put32(add_zeros(b, 4), v, big);
}

/* ---- a header ---- */

struct header_writer {
    struct buf index, data;
    uint32_t n;
};

static inline void tag_put(struct header_writer *w, uint32_t tag, uint32_t type, uint32_t count)
{
    while (type == 4 && w->data.n % 4)
        buf_add_byte(&w->data, 0);
    add32(&w->index, tag, true);
    add32(&w->index, type, true);
    add32(&w->index, (uint32_t)w->data.n, true);
    add32(&w->index, count, true);
    w->n++;
}

static inline void tag_string(struct header_writer *w, uint32_t tag, uint32_t type, const char *s)
{
    if (!s)
        return;
    tag_put(w, tag, type, 1);
    buf_add(&w->data, s, strlen(s) + 1);
}

static inline void tag_files(struct header_writer *w, const struct rpm_made *m)
{
    uint32_t files = 0, folders = 0;
    while (m->files && m->files[files])
        files++;
    while (m->folders && m->folders[folders])
        folders++;
    if (!files || !folders)
        return;
    tag_put(w, 1116, 4, files);
    for (uint32_t i = 0; i < files; i++)
        add32(&w->data, i % folders, true);
    tag_put(w, 1117, 8, files);
    for (uint32_t i = 0; i < files; i++)
        buf_add(&w->data, m->files[i], strlen(m->files[i]) + 1);
    tag_put(w, 1118, 8, folders);
    for (uint32_t i = 0; i < folders; i++)
        buf_add(&w->data, m->folders[i], strlen(m->folders[i]) + 1);
}

/* Tags in order within a region of HEADERIMMUTABLE, whose trailer is the last of the data; INSTALLTIME behind it. */
static inline void rpm_header_make(struct buf *out, const struct rpm_made *m)
{
    struct header_writer w = {BUF_INIT((size_t)64 << 20), BUF_INIT((size_t)64 << 20), 0};
    tag_string(&w, 1000, 6, m->name);
    tag_string(&w, 1001, 6, m->version);
    tag_string(&w, 1002, 6, m->release);
    if (m->epoch >= 0) {
        tag_put(&w, 1003, 4, 1);
        add32(&w.data, (uint32_t)m->epoch, true);
    }
    tag_string(&w, 1004, 9, "summary");
    tag_string(&w, 1011, 6, m->vendor);
    tag_string(&w, 1021, 6, "linux");
    tag_string(&w, 1022, 6, m->arch);
    tag_string(&w, 1044, 6, m->source);
    if (m->filler) {
        tag_put(&w, 1082, 8, 1);
        for (size_t i = 0; i < m->filler; i++)
            buf_add_byte(&w.data, (uint8_t)('a' + (i * 7 + m->filler) % 26));
        buf_add_byte(&w.data, 0);
    }
    tag_files(&w, m);
    tag_string(&w, 5096, 6, m->module);
    uint32_t region = (w.n + 1) * 16, trailer = (uint32_t)w.data.n;
    add32(&w.data, 62 + 1, true);
    add32(&w.data, 7, true);
    add32(&w.data, (uint32_t) - (int32_t)region, true);
    add32(&w.data, 16, true);
    tag_put(&w, 1008, 4, 1);
    add32(&w.data, 1700000000, true);
    add32(out, w.n + 1, true);
    add32(out, (uint32_t)w.data.n, true);
    add32(out, 63, true);
    add32(out, 7, true);
    add32(out, trailer, true);
    add32(out, 16, true);
    buf_add_slice(out, buf_slice(&w.index));
    buf_add_slice(out, buf_slice(&w.data));
    ASSERT(!out->overflow && !w.index.overflow && !w.data.overflow);
    buf_done(&w.index);
    buf_done(&w.data);
}

/* ---- ndb ---- */

static inline void rpm_ndb_make(struct buf *out, const struct rpm_made *made, size_t n)
{
    uint32_t pages = (uint32_t)((n + 2) * 16 / 4096 + 1);
    struct buf header = BUF_INIT((size_t)64 << 20);
    add_zeros(out, (size_t)pages * 4096);
    for (size_t i = 2; i < (size_t)pages * 256; i++)
        memcpy(out->p + i * 16, "Slot", 4);
    memcpy(out->p, "RpmP", 4);
    put32(out->p + 8, 1, false);
    put32(out->p + 12, pages, false);
    put32(out->p + 16, (uint32_t)n + 1, false);
    for (size_t i = 0; i < n; i++) {
        size_t at = out->n;
        uint32_t number = (uint32_t)i + 1;
        buf_clear(&header);
        rpm_header_make(&header, &made[i]);
        buf_add_str(out, "BlbS");
        add32(out, number, false);
        add32(out, 1, false);
        add32(out, (uint32_t)header.n, false);
        buf_add_slice(out, buf_slice(&header));
        add_zeros(out, (16 - (out->n + 12) % 16) % 16);
        uint32_t sum = isal_adler32(1, out->p + at, out->n - at);
        add32(out, sum, false);
        add32(out, (uint32_t)header.n, false);
        buf_add_str(out, "BlbE");
        uint8_t *slot = out->p + (i + 2) * 16;
        put32(slot + 4, number, false);
        put32(slot + 8, (uint32_t)(at / 16), false);
        put32(slot + 12, (uint32_t)((out->n - at) / 16), false);
    }
    ASSERT(!out->overflow);
    buf_done(&header);
}

/* ---- Berkeley DB ---- */

struct bdb_writer {
    struct buf *out;
    uint32_t size;
    bool big;
    uint32_t page, free_at; /* the hash page being filled; where its items begin */
    uint32_t pairs;
};

static inline uint32_t bdb_page(struct bdb_writer *w, uint32_t type, uint32_t previous)
{
    uint32_t number = (uint32_t)(w->out->n / w->size);
    uint8_t *p = add_zeros(w->out, w->size);
    put32(p + 8, number, w->big);
    put32(p + 12, previous, w->big);
    put16(p + 22, type == 13 ? w->size & 0xFFFF : 0, w->big);
    p[25] = (uint8_t)type;
    return number;
}

static inline void bdb_item(struct bdb_writer *w, const uint8_t *item, uint32_t n)
{
    uint8_t *p = w->out->p + (size_t)w->page * w->size;
    uint32_t entries = p[w->big ? 21 : 20] | (uint32_t)p[w->big ? 20 : 21] << 8;
    w->free_at -= n;
    memcpy(p + w->free_at, item, n);
    put16(p + 26 + 2 * entries, w->free_at, w->big);
    put16(p + 20, entries + 1, w->big);
    put16(p + 22, w->free_at, w->big);
}

/* A value of four bytes stands in the page, everything else in a chain. */
static inline void bdb_pair(struct bdb_writer *w, uint32_t number, struct slice value)
{
    uint8_t key[5] = {1}, data[12] = {3};
    put32(key + 1, number, w->big);
    uint8_t *p = w->out->p + (size_t)w->page * w->size;
    uint32_t entries = p[w->big ? 21 : 20] | (uint32_t)p[w->big ? 20 : 21] << 8;
    if (w->free_at < 26 + 2 * (entries + 2) + 17) {
        uint32_t next = bdb_page(w, 13, w->page);
        put32(w->out->p + (size_t)w->page * w->size + 16, next, w->big);
        w->page = next;
        w->free_at = w->size;
    }
    bdb_item(w, key, 5);
    w->pairs++;
    if (value.n == 4) {
        data[0] = 1;
        memcpy(data + 1, value.p, 4);
        bdb_item(w, data, 5);
        return;
    }
    put32(data + 4, (uint32_t)(w->out->n / w->size), w->big);
    put32(data + 8, (uint32_t)value.n, w->big);
    bdb_item(w, data, 12);
    for (uint32_t previous = 0; value.n;) {
        uint32_t here = bdb_page(w, 7, previous), n = (uint32_t)MIN(value.n, (size_t)w->size - 26);
        p = w->out->p + (size_t)here * w->size;
        put16(p + 22, n, w->big);
        memcpy(p + 26, value.p, n);
        if (previous)
            put32(w->out->p + (size_t)previous * w->size + 16, here, w->big);
        previous = here;
        value = slice_from(value, n);
    }
}

/* All pairs are in the first of two buckets. */
static inline void rpm_bdb_make(struct buf *out, const struct rpm_made *made, size_t n, uint32_t page_size, bool big)
{
    struct bdb_writer w = {.out = out, .size = page_size, .big = big, .page = 1, .free_at = page_size};
    struct buf header = BUF_INIT((size_t)64 << 20);
    uint8_t next[4];
    bdb_page(&w, 8, 0);
    bdb_page(&w, 13, 0);
    bdb_page(&w, 13, 0);
    put32(next, (uint32_t)n + 1, big);
    bdb_pair(&w, 0, slice_of(next, 4));
    for (size_t i = 0; i < n; i++) {
        buf_clear(&header);
        rpm_header_make(&header, &made[i]);
        bdb_pair(&w, (uint32_t)i + 1, buf_slice(&header));
    }
    put32(out->p + 12, 0x061561, big);
    put32(out->p + 16, 9, big);
    put32(out->p + 20, page_size, big);
    put32(out->p + 32, (uint32_t)(out->n / page_size - 1), big);
    put32(out->p + 72, 1, big);
    put32(out->p + 76, 1, big);
    put32(out->p + 88, w.pairs, big);
    for (uint32_t i = 0; i < 32; i++)
        put32(out->p + 96 + 4 * i, 1, big);
    ASSERT(!out->overflow);
    buf_done(&header);
}

/* ---- SQLite ---- */

struct sqlite_writer {
    struct buf *out;
    uint32_t size;
    struct buf leaf, keys; /* cells of the page being filled; (page, last key) of those that are written */
    uint32_t cells;
    uint64_t last;
    uint16_t offsets[16384];
};

static inline void sqlite_varint(struct buf *b, uint64_t v)
{
    uint8_t bytes[9];
    size_t n = 0;
    do {
        bytes[n] = (uint8_t)((v & 0x7F) | (n ? 0x80 : 0));
        n++;
    } while (v >>= 7);
    while (n)
        buf_add_byte(b, bytes[--n]);
}

/* A page of kind with the cells that were gathered, at its end; head: 100 on page 1. */
static inline void sqlite_fill(struct sqlite_writer *w, uint8_t *page, uint32_t head, uint8_t kind, uint32_t right)
{
    uint32_t array = head + (kind == 5 ? 12 : 8), base = w->size - (uint32_t)w->leaf.n;
    page[head] = kind;
    put16(page + head + 3, w->cells, true);
    put16(page + head + 5, base & 0xFFFF, true);
    if (kind == 5)
        put32(page + head + 8, right, true);
    for (uint32_t i = 0; i < w->cells; i++)
        put16(page + array + 2 * i, base + w->offsets[i], true);
    if (w->leaf.n)
        memcpy(page + base, w->leaf.p, w->leaf.n);
    w->cells = 0;
    buf_clear(&w->leaf);
}

static inline void sqlite_end_page(struct sqlite_writer *w, uint8_t kind, uint32_t right)
{
    uint32_t number = (uint32_t)(w->out->n / w->size) + 1;
    sqlite_fill(w, add_zeros(w->out, w->size), 0, kind, right);
    add32(&w->keys, number, true);
    add32(&w->keys, (uint32_t)w->last, true);
}

static inline void sqlite_begin_cell(struct sqlite_writer *w, size_t n, uint8_t kind)
{
    if (8 + 4 + 2 * (w->cells + 1) + w->leaf.n + n > w->size)
        sqlite_end_page(w, kind, 0);
    w->offsets[w->cells++] = (uint16_t)w->leaf.n;
}

static inline void sqlite_row(struct sqlite_writer *w, uint64_t rowid, struct slice record)
{
    uint64_t most = w->size - 35, least = (w->size - 12) * 32 / 255 - 23, local = record.n;
    struct buf cell = BUF_INIT(65536);
    if (record.n > most) {
        local = least + (record.n - least) % (w->size - 4);
        local = local <= most ? local : least;
    }
    sqlite_varint(&cell, record.n);
    sqlite_varint(&cell, rowid);
    buf_add(&cell, record.p, (size_t)local);
    record = slice_from(record, (size_t)local);
    sqlite_begin_cell(w, cell.n + (record.n ? 4 : 0), 13);
    if (record.n)
        add32(&cell, (uint32_t)(w->out->n / w->size) + 1, true);
    while (record.n) {
        size_t n = MIN(record.n, (size_t)w->size - 4);
        uint8_t *page = add_zeros(w->out, w->size);
        memcpy(page + 4, record.p, n);
        record = slice_from(record, n);
        put32(page, record.n ? (uint32_t)(w->out->n / w->size) + 1 : 0, true);
    }
    buf_add_slice(&w->leaf, buf_slice(&cell));
    w->last = rowid;
    buf_done(&cell);
}

/* Interior pages over what was written, until one page is left: the root. */
static inline uint32_t sqlite_end_tree(struct sqlite_writer *w)
{
    sqlite_end_page(w, 13, 0);
    while (w->keys.n > 8) {
        struct buf below = w->keys;
        w->keys = (struct buf)BUF_INIT((size_t)64 << 20);
        for (size_t i = 0; i < below.n; i += 8) {
            uint32_t page = (uint32_t)below.p[i] << 24 | (uint32_t)below.p[i + 1] << 16 |
                            (uint32_t)below.p[i + 2] << 8 | below.p[i + 3],
                     key = (uint32_t)below.p[i + 4] << 24 | (uint32_t)below.p[i + 5] << 16 |
                           (uint32_t)below.p[i + 6] << 8 | below.p[i + 7];
            w->last = key;
            if (i + 8 == below.n || 12 + 2 * (w->cells + 2) + w->leaf.n + 13 > w->size) {
                sqlite_end_page(w, 5, page);
                continue;
            }
            w->offsets[w->cells++] = (uint16_t)w->leaf.n;
            add32(&w->leaf, page, true);
            sqlite_varint(&w->leaf, key);
        }
        buf_done(&below);
    }
    uint32_t root =
        (uint32_t)w->keys.p[0] << 24 | (uint32_t)w->keys.p[1] << 16 | (uint32_t)w->keys.p[2] << 8 | w->keys.p[3];
    buf_clear(&w->keys);
    return root;
}

static inline void sqlite_schema_row(struct sqlite_writer *w, uint64_t rowid, const char *type, const char *name,
                                     uint32_t root, const char *sql)
{
    struct buf record = BUF_INIT(4096), head = BUF_INIT(64);
    sqlite_varint(&head, 13 + 2 * strlen(type));
    sqlite_varint(&head, 13 + 2 * strlen(name));
    sqlite_varint(&head, 13 + 2 * strlen(name));
    sqlite_varint(&head, 4);
    sqlite_varint(&head, 13 + 2 * strlen(sql));
    buf_add_byte(&record, (uint8_t)(head.n + 1));
    buf_add_slice(&record, buf_slice(&head));
    buf_add_str(&record, type);
    buf_add_str(&record, name);
    buf_add_str(&record, name);
    add32(&record, root, true);
    buf_add_str(&record, sql);
    sqlite_row(w, rowid, buf_slice(&record));
    buf_done(&record);
    buf_done(&head);
}

static inline void sqlite_packages(struct sqlite_writer *w, const struct rpm_made *made, size_t n)
{
    struct buf header = BUF_INIT((size_t)64 << 20), record = BUF_INIT((size_t)64 << 20), types = BUF_INIT(16);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&header);
        buf_clear(&record);
        buf_clear(&types);
        rpm_header_make(&header, &made[i]);
        buf_add_byte(&types, 0);
        sqlite_varint(&types, 12 + 2 * header.n);
        buf_add_byte(&record, (uint8_t)(types.n + 1));
        buf_add_slice(&record, buf_slice(&types));
        buf_add_slice(&record, buf_slice(&header));
        sqlite_row(w, i + 1, buf_slice(&record));
    }
    buf_done(&header);
    buf_done(&record);
    buf_done(&types);
}

static inline void sqlite_names(struct sqlite_writer *w, const struct rpm_made *made, size_t n)
{
    struct buf record = BUF_INIT(4096), types = BUF_INIT(16);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&record);
        buf_clear(&types);
        sqlite_varint(&types, 13 + 2 * strlen(made[i].name));
        buf_add_byte(&types, 4);
        buf_add_byte(&types, 8);
        buf_add_byte(&record, (uint8_t)(types.n + 1));
        buf_add_slice(&record, buf_slice(&types));
        buf_add_str(&record, made[i].name);
        add32(&record, (uint32_t)i + 1, true);
        sqlite_row(w, i + 1, buf_slice(&record));
    }
    buf_done(&record);
    buf_done(&types);
}

static inline void rpm_sqlite_make(struct buf *out, const struct rpm_made *made, size_t n, uint32_t page_size)
{
    struct sqlite_writer *w = xcalloc(1, sizeof *w);
    *w = (struct sqlite_writer){
        .out = out, .size = page_size, .leaf = BUF_INIT(65536), .keys = BUF_INIT((size_t)64 << 20)};
    add_zeros(out, page_size);
    sqlite_packages(w, made, n);
    uint32_t packages = sqlite_end_tree(w);
    sqlite_names(w, made, n);
    uint32_t names = sqlite_end_tree(w);
    sqlite_schema_row(w, 1, "table", "Packages", packages,
                      "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)");
    sqlite_schema_row(w, 2, "table", "Name", names, "CREATE TABLE 'Name' (key 'TEXT', hnum INTEGER, idx INTEGER)");
    uint8_t *p = out->p;
    memcpy(p, "SQLite format 3", 16);
    put16(p + 16, page_size == 65536 ? 1 : page_size, true);
    memcpy(p + 18, "\2\2\0\100\40\40", 6); /* a log is used; payload fractions 64, 32, 32 */
    put32(p + 24, 7, true);
    put32(p + 28, (uint32_t)(out->n / page_size), true);
    put32(p + 40, 1, true);
    put32(p + 44, 4, true);
    put32(p + 56, 1, true);
    put32(p + 92, 7, true);
    put32(p + 96, 3040000, true);
    sqlite_fill(w, p, 100, 13, 0);
    ASSERT(!out->overflow);
    buf_done(&w->leaf);
    buf_done(&w->keys);
    free(w);
}

/* ---- SQLite's log ---- */

struct log_writer {
    struct buf *out;
    uint32_t sum[2], salt[2];
    bool big;
};

static inline void log_sum(struct log_writer *w, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint32_t x[2];
        for (int j = 0; j < 2; j++) {
            const uint8_t *q = p + i + 4 * j;
            x[j] = w->big ? (uint32_t)q[0] << 24 | (uint32_t)q[1] << 16 | (uint32_t)q[2] << 8 | q[3]
                          : (uint32_t)q[3] << 24 | (uint32_t)q[2] << 16 | (uint32_t)q[1] << 8 | q[0];
        }
        w->sum[0] += x[0] + w->sum[1];
        w->sum[1] += x[1] + w->sum[0];
    }
}

static inline struct log_writer log_begin(struct buf *out, uint32_t page_size, bool big)
{
    struct log_writer w = {.out = out, .salt = {0x01020304, 0x50607080}, .big = big};
    uint8_t *p = add_zeros(out, 32);
    put32(p, big ? 0x377f0683 : 0x377f0682, true);
    put32(p + 4, 3007000, true);
    put32(p + 8, page_size, true);
    put32(p + 16, w.salt[0], true);
    put32(p + 20, w.salt[1], true);
    log_sum(&w, p, 24);
    put32(p + 24, w.sum[0], true);
    put32(p + 28, w.sum[1], true);
    return w;
}

/* pages: of the database when this frame ends a transaction, else 0. */
static inline void log_frame(struct log_writer *w, uint32_t number, uint32_t pages, struct slice page)
{
    size_t at = w->out->n;
    add_zeros(w->out, 24);
    buf_add_slice(w->out, page);
    uint8_t *p = w->out->p + at;
    put32(p, number, true);
    put32(p + 4, pages, true);
    put32(p + 8, w->salt[0], true);
    put32(p + 12, w->salt[1], true);
    log_sum(w, p, 8);
    log_sum(w, p + 24, page.n);
    put32(p + 16, w->sum[0], true);
    put32(p + 20, w->sum[1], true);
}

/* One transaction that makes after of before. */
static inline void log_transaction(struct log_writer *w, struct slice before, struct slice after, uint32_t page_size)
{
    uint32_t pages = (uint32_t)(after.n / page_size);
    for (uint32_t i = pages; i; i--) { /* page 1, which always changes, is the last */
        struct slice old = slice_sub(before, (size_t)(i - 1) * page_size, page_size),
                     page = slice_sub(after, (size_t)(i - 1) * page_size, page_size);
        if (i == 1 || !slice_eq(old, page))
            log_frame(w, i, i == 1 ? pages : 0, page);
    }
}

#endif
