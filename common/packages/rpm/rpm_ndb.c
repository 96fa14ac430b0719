/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_ndb.c: Packages.db of rpm's ndb. Little-endian. A head of 32 bytes (magic "RpmP", version, generation, pages of
 * slots, next number), then slots of 16 bytes ("Slot", number, offset and count of blocks of 16 bytes) to the end of
 * those pages of 4096 bytes. A blob begins with "BlbS", number, generation, length and ends with the Adler-32 of
 * all before it, the length again and "BlbE"; between them the header and zeros up to the blocks' end.
 */
#include "packages/rpm/rpmdb.h"

#include <isa-l/igzip_lib.h>

#define PAGE  4096u
#define SLOT  16u
#define BLOCK 16u
#define HEAD  16u
#define TAIL  12u

struct range {
    uint64_t from, to;
};

struct ndb {
    struct slice db;
    const struct rpmdb_visitor *v;
    struct range *used;
    size_t used_n;
    uint64_t budget; /* bytes that blobs may still have: together they can't be more than the file's */
};

static bool has_magic(const uint8_t *p, const char *magic)
{
    return memcmp(p, magic, 4) == 0;
}

static int by_place(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

static int take_slot(struct ndb *d, const uint8_t *slot)
{
    uint32_t number = rpmdb_le32(slot + 4), at = rpmdb_le32(slot + 8), blocks = rpmdb_le32(slot + 12);
    uint64_t from = (uint64_t)at * BLOCK, size = (uint64_t)blocks * BLOCK;
    if (!has_magic(slot, "Slot")) {
        rpmdb_trouble(d->v, "a slot at byte %zu is none", (size_t)(slot - d->db.p));
        return 0;
    }
    if (!number && !at && !blocks)
        return 0;
    if (from > d->db.n || size > d->db.n - from || size < HEAD + TAIL) {
        rpmdb_trouble(d->v, "package %u is left out: its slot leads out of the file", number);
        return 0;
    }
    if (size > d->budget) {
        rpmdb_trouble(d->v, "package %u is left out: the slots name more bytes than the file has", number);
        return 0;
    }
    d->budget -= size;
    const uint8_t *p = d->db.p + from, *tail = p + size - TAIL;
    uint32_t length = rpmdb_le32(p + 12);
    d->used[d->used_n++] = (struct range){from, from + size};
    if (!has_magic(p, "BlbS") || !has_magic(tail + 8, "BlbE") || rpmdb_le32(p + 4) != number ||
        rpmdb_le32(tail + 4) != length || length > size - HEAD - TAIL) {
        rpmdb_trouble(d->v, "package %u is left out: its blob is not sound", number);
        return 0;
    }
    if (isal_adler32(1, p, size - TAIL) != rpmdb_le32(tail)) {
        rpmdb_trouble(d->v, "package %u is left out: its checksum is wrong", number);
        return 0;
    }
    return d->v->header(d->v->ctx, number, slice_of(p + HEAD, length));
}

/* A deleted package's blocks are overwritten with zeros: whatever else is there belongs to a lost one. */
static bool is_empty(const struct ndb *d, uint64_t from, uint64_t to)
{
    const uint8_t *p = d->db.p + from;
    size_t n = (size_t)(to - from);
    return !n || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static void check_gaps(struct ndb *d, uint64_t from)
{
    if (d->used_n)
        qsort(d->used, d->used_n, sizeof *d->used, by_place);
    for (size_t i = 0; i <= d->used_n; i++) {
        uint64_t to = i < d->used_n ? d->used[i].from : d->db.n;
        if (to < from)
            rpmdb_trouble(d->v, "two packages lie at byte %" PRIu64, to);
        else if (!is_empty(d, from, to))
            rpmdb_trouble(d->v, "bytes %" PRIu64 " to %" PRIu64 " hold what no slot names", from, to);
        if (i < d->used_n)
            from = MAX(from, d->used[i].to);
    }
}

int rpmdb_read_ndb(struct slice db, const struct rpmdb_visitor *v)
{
    struct ndb d = {.db = db, .v = v, .budget = db.n};
    int r = 0;
    if (db.n < PAGE || !has_magic(db.p, "RpmP")) {
        rpmdb_trouble(v, "it is no ndb database");
        return 0;
    }
    uint32_t version = rpmdb_le32(db.p + 4), pages = rpmdb_le32(db.p + 12);
    uint64_t slots_end = (uint64_t)pages * PAGE;
    if (version)
        rpmdb_trouble(v, "version %u of ndb is not known", version);
    if (!pages || slots_end > db.n) {
        rpmdb_trouble(v, "it has %zu bytes and says that %u pages are slots", db.n, pages);
        slots_end = MIN((uint64_t)MAX(pages, 1u) * PAGE, (uint64_t)db.n / PAGE * PAGE);
    }
    d.used = xcalloc((size_t)(slots_end / SLOT), sizeof *d.used);
    for (uint64_t at = 2 * SLOT; !r && at + SLOT <= slots_end; at += SLOT)
        r = take_slot(&d, db.p + at);
    if (!r)
        check_gaps(&d, slots_end);
    free(d.used);
    return r;
}
