/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "io/store/packed_internal.h"

#define WINDOW ((size_t)256 << 10) /* bytes of rows that are gathered before blocks are cut off them */
#define LEAST  ((size_t)100 << 10) /* of those, what is kept until more came or the table ended */
#define BLOCK  ((size_t)64 << 10)  /* a block's rows at most, so that reading one never unpacks much */
#define ROWS   4096u               /* of a block */
#define TRIES  6
/*
 * LMDB (0.9, mdb_node_add): a page of 4096 bytes has a head of 16; an entry takes an index of 2 and a node of 8 and its
 * key and value, made even. A node over NODE_MAX has its value in pages of its own and their number beside the key.
 */
#define PAGE     4080u
#define NODE_MAX 2038u

struct packed_copy {
    struct packed from, to;
    struct packed_iter it;
    struct packed_codec codec;
    struct arena arenas[2]; /* rows are in the first; what is left of a window moves to the second, then they swap */
    VEC(struct packed_row) rows;
    size_t at, bytes;          /* the first row that is in no block yet; bytes of it and those behind it */
    size_t left;               /* room in the page that is being filled, in the table of small blocks */
    size_t in_page;            /* blocks that it has */
    uint64_t unpacked, packed; /* of the blocks before, so that the next one's size is guessed */
    bool ended;
};

struct packed_copy *packed_copy_new(struct store_txn *from_txn, struct packed from, struct packed to)
{
    struct packed_copy *c = xcalloc(1, sizeof *c);
    c->from = from;
    c->to = to;
    c->left = PAGE;
    c->unpacked = 4;
    c->packed = 1;
    for (size_t i = 0; i < 2; i++)
        c->arenas[i] = ARENA_INIT((size_t)256 << 20);
    packed_iter_init(&c->it, from_txn, from, SLICE_NONE, SLICE_NONE);
    return c;
}

void packed_copy_free(struct packed_copy *c)
{
    if (!c)
        return;
    packed_codec_done(&c->codec);
    arena_done(&c->arenas[0]);
    arena_done(&c->arenas[1]);
    free(c);
}

static size_t row_bytes(const struct packed_row *r)
{
    return r->key.n + r->value.n + 6;
}

static int keep(struct packed_copy *c, struct slice key, struct slice value, struct err *e)
{
    struct packed_row *row = VEC_ADD(&c->arenas[0], &c->rows);
    if (row)
        *row = (struct packed_row){arena_slice(&c->arenas[0], key), arena_slice(&c->arenas[0], value)};
    if (!row || c->arenas[0].overflow)
        return err_set(e, ERR_FATAL, 0, "no memory for the rows that a copy packs");
    c->bytes += row_bytes(row);
    return 0;
}

/* Moves what is left of the window to the other arena and fills it up; *rows counts down by what was read. */
static int fill_window(struct packed_copy *c, size_t *rows, struct err *e)
{
    struct packed_row *old = c->rows.n ? c->rows.v + c->at : NULL;
    size_t old_n = c->rows.n - c->at;
    struct arena emptied = c->arenas[0];
    int rc = 0;
    c->arenas[0] = c->arenas[1];
    c->rows.v = NULL;
    c->rows.n = c->rows.cap = c->at = c->bytes = 0;
    for (size_t i = 0; i < old_n && !rc; i++)
        rc = keep(c, old[i].key, old[i].value, e);
    c->arenas[1] = emptied;
    arena_reset(&c->arenas[1]);
    while (!rc && !c->ended && c->bytes < WINDOW) {
        struct slice key, value;
        int r = packed_iter_next(&c->it, &key, &value, e);
        c->ended = r == 0;
        rc = r < 0 ? -1 : r ? keep(c, key, value, e) : 0;
        *rows -= r == 1 && *rows;
    }
    return rc;
}

/* ---- one block ---- */

struct fit {
    size_t least, most; /* bytes that the block should have */
    size_t taken;       /* rows of the block that value is */
    struct slice value;
};

static size_t rows_for(const struct packed_copy *c, size_t bytes)
{
    size_t sum = 0, n = 0;
    while (c->at + n < c->rows.n && n < ROWS) {
        sum += row_bytes(&c->rows.v[c->at + n]);
        if (n && sum > MIN(bytes, BLOCK))
            break;
        n++;
    }
    return n;
}

static int pack(struct packed_copy *c, size_t n, struct fit *f, struct err *e)
{
    f->taken = n;
    return packed_pack(&c->codec, c->to.group, c->rows.v + c->at, n, &f->value, e);
}

/* As many rows as make a block of that size: guessed by the blocks before, then between what fitted and what did not.
 */
static int fit(struct packed_copy *c, struct fit *f, struct err *e)
{
    const size_t aim = f->most - (f->most - f->least) / 3;
    size_t fits = 0, over = rows_for(c, BLOCK) + 1;
    size_t want = rows_for(c, (size_t)((uint64_t)aim * c->unpacked / c->packed));
    for (int tries = 0; tries < TRIES; tries++) {
        if (pack(c, want, f, e))
            return -1;
        if (f->value.n > f->most && want > 1)
            over = want;
        else
            fits = want;
        if ((fits == want && f->value.n >= f->least) || over - fits <= 1)
            break;
        size_t next = want * aim / f->value.n;
        want = MAX(MIN(next, over - 1), fits + 1);
    }
    fits = MAX(fits, (size_t)1);
    return f->taken == fits ? 0 : pack(c, fits, f, e);
}

/* Three blocks a page, of which the last takes what the others left. */
static void fit_page(struct packed_copy *c, size_t key, struct fit *f)
{
    const size_t entry = key + 11;
    if (c->left < PAGE / 6 + entry) {
        c->left = PAGE;
        c->in_page = 0;
    }
    if (c->in_page >= 2) {
        f->most = c->left - entry;
        f->least = f->most - f->most / 16;
    } else {
        size_t share = c->left / (3 - c->in_page) - entry;
        f->most = share + share / 5;
        f->least = share - share / 5;
    }
}

static void account(struct packed_copy *c, size_t key, const struct fit *f)
{
    size_t node = 8 + key + f->value.n, bytes = 0;
    if (node > NODE_MAX)
        node = 8 + key + 8;
    node += node % 2 + 2;
    if (node > c->left) {
        c->left = PAGE;
        c->in_page = 0;
    }
    c->left -= node;
    c->in_page++;
    for (size_t i = 0; i < f->taken; i++)
        bytes += row_bytes(&c->rows.v[c->at + i]);
    c->unpacked += bytes - c->unpacked / 8;
    c->packed += f->value.n - c->packed / 8;
    c->bytes -= bytes;
    c->at += f->taken;
}

static int copy_block(struct packed_copy *c, struct store_txn *to_txn, struct err *e)
{
    struct slice key = c->rows.v[c->at].key;
    struct fit f = {.most = PACKED_ROOM_LARGE, .least = PACKED_ROOM_LARGE - PACKED_ROOM_LARGE / 32};
    if (!c->to.large)
        fit_page(c, key.n, &f);
    if (fit(c, &f, e) || store_append(to_txn, c->to.table, key, f.value, e))
        return -1;
    account(c, key.n, &f);
    return 0;
}

int packed_copy_some(struct packed_copy *c, struct store_txn *to_txn, size_t rows, struct err *e)
{
    for (;;) {
        if (c->bytes < LEAST && !c->ended && fill_window(c, &rows, e))
            return -1;
        if (c->at == c->rows.n)
            return 0;
        if (copy_block(c, to_txn, e))
            return -1;
        if (!rows)
            return 1;
    }
}
