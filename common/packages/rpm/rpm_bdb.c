/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_bdb.c: rpm's Packages, a hash of Berkeley DB: key a number, data a header. Integers have the byte order of the
 * machine that wrote it. Page 0 is the metadata page. Pages begin with lsn (8 bytes), page number, previous and next
 * page (u32 each), entries, offset (u16 each), level, type. A hash page has an array of u16 offsets of items, filled
 * from the page's end, key and data in turn; an item is a type byte and bytes, or the first page and length of a chain
 * of overflow pages, whose offset field is the number of bytes that follow the page head.
 *
 * All pages are read in their order, not by the hash's buckets: so no damaged link can lose a bucket.
 */
#include "packages/rpm/rpmdb.h"

enum { PAGE_FREE = 0, PAGE_HASH_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASH_META = 8, PAGE_HASH = 13 };
enum { ITEM_KEY_DATA = 1, ITEM_OFF_PAGE = 3 };
#define MAGIC     0x061561u
#define PAGE_HEAD 26u

struct bdb {
    struct slice db;
    const struct rpmdb_visitor *v;
    bool big;
    uint32_t page_size, pages; /* whole pages in the file */
    uint8_t *seen;             /* a bit a page: it is part of a chain */
    uint8_t *scratch;
    size_t scratch_cap;
    uint64_t pairs;
};

static uint32_t u32(const struct bdb *d, const uint8_t *p)
{
    return d->big ? rpmdb_be32(p) : rpmdb_le32(p);
}

static uint16_t u16(const struct bdb *d, const uint8_t *p)
{
    return d->big ? rpmdb_be16(p) : rpmdb_le16(p);
}

static const uint8_t *page_at(const struct bdb *d, uint32_t number)
{
    return d->db.p + (size_t)number * d->page_size;
}

/* The chain from page number on, into scratch. NULL, or why it is not whole. */
static const char *take_chain(struct bdb *d, uint32_t number, uint32_t length, struct slice *ret)
{
    size_t n = 0;
    if (length > d->db.n)
        return "it is longer than the file";
    if (length > d->scratch_cap) {
        free(d->scratch);
        d->scratch_cap = MAX((size_t)length, MAX(d->scratch_cap * 2, (size_t)64 << 10));
        d->scratch = xmalloc(d->scratch_cap);
    }
    while (number) {
        if (number >= d->pages)
            return "its chain leads out of the file";
        const uint8_t *p = page_at(d, number);
        uint16_t here = u16(d, p + 22);
        if (p[25] != PAGE_OVERFLOW || u32(d, p + 8) != number)
            return "its chain leads to a page that is none of it";
        if (!rpmdb_mark(d->seen, number))
            return "its chain leads to a page of another";
        if (here > d->page_size - PAGE_HEAD || here > length - n)
            return "its chain is longer than it";
        memcpy(d->scratch + n, p + PAGE_HEAD, here);
        n += here;
        number = u32(d, p + 16);
    }
    *ret = slice_of(d->scratch, n);
    return n == length ? NULL : "its chain is cut";
}

/* Item i of the page: from its offset to that of the item before it. */
static bool item_at(const struct bdb *d, const uint8_t *page, uint32_t i, struct slice *ret)
{
    uint32_t entries = u16(d, page + 20), from = u16(d, page + PAGE_HEAD + 2 * i),
             to = i ? u16(d, page + PAGE_HEAD + 2 * (i - 1)) : d->page_size;
    if (from < PAGE_HEAD + 2 * entries || from >= to || to > d->page_size)
        return false;
    *ret = slice_of(page + from, to - from);
    return true;
}

static int take_pair(struct bdb *d, uint32_t page, struct slice key, struct slice data)
{
    struct slice bytes = slice_from(data, 1);
    if (key.n != 5 || key.p[0] != ITEM_KEY_DATA) {
        rpmdb_trouble(d->v, "page %u: a key is no number", page);
        return 0;
    }
    uint32_t number = u32(d, key.p + 1);
    if (data.p[0] == ITEM_OFF_PAGE && data.n == 12) {
        const char *why = take_chain(d, u32(d, data.p + 4), u32(d, data.p + 8), &bytes);
        if (why) {
            rpmdb_trouble(d->v, "page %u: package %u is left out: %s", page, number, why);
            return 0;
        }
    } else if (data.p[0] != ITEM_KEY_DATA) {
        rpmdb_trouble(d->v, "page %u: package %u is left out: its kind %u is not known", page, number, data.p[0]);
        return 0;
    }
    if (!number && bytes.n == 4) /* the next number to give */
        return 0;
    return d->v->header(d->v->ctx, number, bytes);
}

static int take_hash_page(struct bdb *d, uint32_t number)
{
    const uint8_t *p = page_at(d, number);
    uint32_t entries = u16(d, p + 20);
    if (entries % 2 || PAGE_HEAD + 2 * entries > d->page_size) {
        rpmdb_trouble(d->v, "page %u: %u entries are not pairs that fit it", number, entries);
        return 0;
    }
    for (uint32_t i = 0; i < entries; i += 2) {
        struct slice key, data;
        if (!item_at(d, p, i, &key) || !item_at(d, p, i + 1, &data)) {
            rpmdb_trouble(d->v, "page %u: entry %u lies outside of it: the rest is left out", number, i);
            return 0;
        }
        d->pairs++;
        int r = take_pair(d, number, key, data);
        if (r)
            return r;
    }
    return 0;
}

static int take_pages(struct bdb *d)
{
    for (uint32_t i = 1; i < d->pages; i++) {
        const uint8_t *p = page_at(d, i);
        int r = 0;
        if (p[25] != PAGE_FREE && u32(d, p + 8) != i)
            rpmdb_trouble(d->v, "page %u says that it is page %u", i, u32(d, p + 8));
        if (p[25] == PAGE_HASH || p[25] == PAGE_HASH_UNSORTED)
            r = take_hash_page(d, i);
        else if (p[25] != PAGE_FREE && p[25] != PAGE_OVERFLOW)
            rpmdb_trouble(d->v, "page %u is of kind %u, which is not known", i, p[25]);
        if (r)
            return r;
    }
    return 0;
}

/* After all pairs: a page of data that none of them led to is part of a lost one. */
static void check_pages(struct bdb *d, uint32_t elements)
{
    uint32_t lost = 0, first = 0;
    for (uint32_t i = 1; i < d->pages; i++)
        if (page_at(d, i)[25] == PAGE_OVERFLOW && !rpmdb_marked(d->seen, i)) {
            first = lost ? first : i;
            lost++;
        }
    if (lost)
        rpmdb_trouble(d->v, "%u pages of data, page %u first, belong to no package", lost, first);
    if (d->pairs != elements)
        rpmdb_trouble(d->v, "%" PRIu64 " entries could be read, it says that there are %u", d->pairs, elements);
}

static bool open_meta(struct bdb *d)
{
    const uint8_t *p = d->db.p;
    if (d->db.n < 512 || (rpmdb_be32(p + 12) != MAGIC && rpmdb_le32(p + 12) != MAGIC)) {
        rpmdb_trouble(d->v, "it is no hash of Berkeley DB");
        return false;
    }
    d->big = rpmdb_be32(p + 12) == MAGIC;
    uint32_t version = u32(d, p + 16), size = u32(d, p + 20);
    if (version < 8 || version > 10 || p[25] != PAGE_HASH_META || p[24] || p[26]) {
        rpmdb_trouble(d->v, "a hash of Berkeley DB of version %u, kind %u, flags %u, cipher %u can't be read", version,
                      p[25], p[26], p[24]);
        return false;
    }
    if (size < 512 || size > 65536 || size & (size - 1) || d->db.n / size > UINT32_MAX - 1) {
        rpmdb_trouble(d->v, "its pages can't have %u bytes", size);
        return false;
    }
    d->page_size = size;
    d->pages = (uint32_t)(d->db.n / size);
    if (d->db.n % size || d->pages != (uint64_t)u32(d, p + 32) + 1)
        rpmdb_trouble(d->v, "it has %zu bytes where %" PRIu64 " are to be", d->db.n,
                      ((uint64_t)u32(d, p + 32) + 1) * size);
    return true;
}

int rpmdb_read_bdb(struct slice db, const struct rpmdb_visitor *v)
{
    struct bdb d = {.db = db, .v = v};
    if (!open_meta(&d))
        return 0;
    d.seen = xcalloc((size_t)d.pages / 8 + 1, 1);
    int r = take_pages(&d);
    if (!r)
        check_pages(&d, u32(&d, db.p + 88));
    free(d.seen);
    free(d.scratch);
    return r;
}
