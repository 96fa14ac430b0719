/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/tar_internal.h"

enum state {
    HEADER,
    META,       /* the body of an extended header */
    SPARSE_EXT, /* extension blocks of an old GNU sparse header */
    SPARSE_MAP, /* the map in front of a format 1.0 sparse file's content */
    DATA,       /* content that is wanted */
    SKIP,       /* content that is not */
    PAD,        /* to the next block */
    ENDED,      /* behind the two zero blocks */
    FAILED,
};

enum { META_PAX, META_GLOBAL, META_NAME, META_LINK, METAS };

struct tar {
    const struct tar_visitor *visitor;
    void *arg;
    uint64_t entries, max_entries, offset; /* offset: of the next byte to be taken */
    enum state state;
    struct err error;
    uint8_t block[TAR_BLOCK];
    size_t block_n;
    bool zero; /* the block before was zero */

    struct buf meta[METAS], joined;
    bool has_meta[METAS];
    unsigned meta_now;
    struct tar_pax pax;

    uint8_t held[TAR_BLOCK]; /* the header whose extension blocks are being read */
    uint64_t member;         /* offset of the member's header */
    uint64_t left, pad;      /* of its stored body */

    bool sparse;
    struct tar_sparse map;
    size_t piece;
    uint64_t at, logical;
    uint64_t map_left, map_at, number; /* format 1.0: numbers still to come, the piece's place, the number so far */
    size_t map_bytes, digits;
    bool map_counted;
};

struct tar *tar_new(const struct tar_visitor *visitor, void *arg, uint64_t max_entries)
{
    struct tar *t = xcalloc(1, sizeof *t);
    t->visitor = visitor;
    t->arg = arg;
    t->max_entries = max_entries;
    for (size_t i = 0; i < METAS; i++)
        t->meta[i] = BUF_INIT(TAR_HEADER_MAX);
    t->joined = BUF_INIT(TAR_HEADER_MAX);
    return t;
}

void tar_free(struct tar *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < METAS; i++)
        buf_done(&t->meta[i]);
    buf_done(&t->joined);
    free(t->map.v);
    free(t);
}

uint64_t tar_entries(const struct tar *t)
{
    return t->entries;
}

uint64_t tar_offset(const struct tar *t)
{
    return t->offset;
}

static int fail(struct tar *t, uint64_t offset, const char *what)
{
    t->state = FAILED;
    return err_set(&t->error, ERR_PARTIAL, 0, "broken tar at byte %" PRIu64 ": %s", offset, what);
}

static int visitor_failed(struct tar *t)
{
    t->state = FAILED;
    return -1;
}

static void note(struct tar *t, uint64_t offset, const char *what, size_t n)
{
    char text[160];
    snprintf(text, sizeof text, "skipped the tar member at byte %" PRIu64 ": %s (%zu bytes)", offset, what, n);
    if (t->visitor->note)
        t->visitor->note(t->arg, text);
}

static void member_clear(struct tar *t)
{
    memset(t->has_meta, 0, sizeof t->has_meta);
    t->pax = (struct tar_pax){0};
}

/* ---- extended headers ---- */

static int meta_begin(struct tar *t, unsigned which, uint64_t size)
{
    if (size > TAR_HEADER_MAX)
        return fail(t, t->member, "an extended header of more than 8 MiB");
    t->meta_now = which;
    buf_clear(&t->meta[which]);
    t->state = META;
    t->left = size;
    t->pad = -size & (TAR_BLOCK - 1);
    return 0;
}

static int meta_end(struct tar *t)
{
    struct slice body = buf_slice(&t->meta[t->meta_now]);
    struct tar_pax global;
    const char *wrong = NULL;
    t->has_meta[t->meta_now] = true;
    t->state = PAD;
    if (t->meta_now == META_PAX) {
        wrong = tar_pax_parse(body, &t->pax, &t->joined);
    } else if (t->meta_now == META_GLOBAL) {
        wrong = tar_pax_parse(body, &global, &t->joined);
        member_clear(t); /* as in Go: what stood before a global header is spent on it */
    }
    return wrong ? fail(t, t->member, wrong) : 0;
}

/* ---- members ---- */

static enum tar_kind kind_of(uint8_t type, struct slice path, bool *ret_body)
{
    *ret_body = false;
    switch (type) {
    case '1':
        return TAR_HARD_LINK;
    case '2':
        return TAR_SYMLINK;
    case '3':
    case '4':
    case '6':
        return TAR_OTHER;
    case '5':
        return TAR_FOLDER;
    case 0:
        if (slice_ends(path, SLICE("/")))
            return TAR_FOLDER;
        break;
    default:
        break;
    }
    *ret_body = true;
    return type == 0 || type == '0' || type == '7' || type == 'S' ? TAR_FILE : TAR_OTHER;
}

/* Which pax sparse format, 0 for none (unknown ones are read as they are stored, as in Go). */
static int pax_sparse_kind(const struct tar_pax *p)
{
    bool major_0 = slice_eq(p->sparse_major, SLICE("0")), major_1 = slice_eq(p->sparse_major, SLICE("1"));
    bool minor_0 = slice_eq(p->sparse_minor, SLICE("0")), minor_1 = slice_eq(p->sparse_minor, SLICE("1"));
    if (major_1 && minor_0)
        return 2;
    bool unsaid = !p->sparse_major.n && !p->sparse_minor.n;
    return p->sparse_map.n && (unsaid || (major_0 && (minor_0 || minor_1))) ? 1 : 0;
}

static int check_map(struct tar *t, uint64_t stored)
{
    if (t->map.n && t->map.v[t->map.n - 1].at + t->map.v[t->map.n - 1].n > t->logical)
        return fail(t, t->member, "its sparse map reaches behind the file's end");
    if (t->map.stored > stored)
        return fail(t, t->member, "its sparse map tells of more content than there is");
    return 0;
}

/* A member told to the visitor: how its body is read. */
static int body_begin(struct tar *t, bool wanted, int pax_sparse, bool old_sparse)
{
    t->piece = 0;
    t->at = 0;
    t->sparse = wanted && (pax_sparse || old_sparse);
    t->state = wanted ? DATA : SKIP;
    if (!t->sparse)
        return 0;
    if (pax_sparse == 2) {
        tar_sparse_clear(&t->map);
        t->state = SPARSE_MAP;
        t->map_counted = false;
        t->map_left = 1;
        t->map_bytes = t->digits = 0;
        t->number = 0;
        return 0;
    }
    const char *wrong = pax_sparse == 1 ? tar_sparse_text(&t->map, t->pax.sparse_map) : NULL;
    if (wrong)
        return fail(t, t->member, wrong);
    return check_map(t, t->left);
}

static int member(struct tar *t, const uint8_t *block, uint64_t size)
{
    uint8_t composed[256];
    uint64_t mode;
    enum tar_format format = tar_format(block);
    struct tar_entry m = {
        .offset = t->member, .path = tar_name(block, format, composed), .link = tar_text(block + 157, 100)};
    int pax_sparse = pax_sparse_kind(&t->pax);
    bool old_sparse = block[156] == 'S', body;
    if (t->pax.path.n)
        m.path = t->pax.path;
    if (t->pax.link.n)
        m.link = t->pax.link;
    if (t->has_meta[META_NAME] && t->meta[META_NAME].n && t->meta[META_NAME].p[0])
        m.path = tar_text(t->meta[META_NAME].p, t->meta[META_NAME].n);
    if (t->has_meta[META_LINK] && t->meta[META_LINK].n && t->meta[META_LINK].p[0])
        m.link = tar_text(t->meta[META_LINK].p, t->meta[META_LINK].n);
    if (t->pax.has_size)
        size = t->pax.size;
    m.kind = kind_of(block[156], m.path, &body);
    t->left = body ? size : 0;
    t->pad = -t->left & (TAR_BLOCK - 1);
    m.size = body ? size : 0;
    if (pax_sparse && body) {
        m.path = t->pax.sparse_name.n ? t->pax.sparse_name : m.path;
        m.size = t->pax.has_sparse_size ? t->pax.sparse_size : size;
    } else if (old_sparse && !tar_number(block + 483, 12, &m.size)) {
        return fail(t, t->member, "its sparse size is malformed");
    }
    m.sparse = body && (pax_sparse || old_sparse);
    m.executable = tar_number(block + 100, 8, &mode) && (mode & 0111);
    t->logical = m.size;
    if (t->entries == t->max_entries)
        return fail(t, t->member, "more entries than are allowed");
    if (m.path.n > TAR_PATH_MAX || m.link.n > TAR_PATH_MAX) {
        note(t, t->member, "a name that is too long", MAX(m.path.n, m.link.n));
        t->state = SKIP;
        member_clear(t);
        return 0;
    }
    t->entries++;
    int r = t->visitor->entry(t->arg, &m, &t->error);
    if (r < 0)
        return visitor_failed(t);
    r = body_begin(t, r && m.kind == TAR_FILE, pax_sparse, old_sparse);
    member_clear(t);
    return r;
}

/* The map of an old GNU sparse header; its extension blocks come before the body. */
static int old_sparse_begin(struct tar *t, const uint8_t *block, uint64_t size)
{
    bool end;
    if (tar_format(block) != TAR_GNU)
        return fail(t, t->member, "a sparse member that is not GNU's");
    tar_sparse_clear(&t->map);
    const char *wrong = tar_sparse_slots(&t->map, block + 386, 4, &end);
    if (wrong)
        return fail(t, t->member, wrong);
    if (!block[482])
        return member(t, block, size);
    memcpy(t->held, block, TAR_BLOCK);
    t->state = SPARSE_EXT;
    return 0;
}

static int old_sparse_block(struct tar *t, const uint8_t *block)
{
    bool end;
    uint64_t size;
    const char *wrong = tar_sparse_slots(&t->map, block, 21, &end);
    if (wrong)
        return fail(t, t->member, wrong);
    if (block[504])
        return 0;
    tar_number(t->held + 124, 12, &size); /* it was good before */
    return member(t, t->held, size);
}

static bool all_zero(const uint8_t *block)
{
    return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

static int header(struct tar *t, const uint8_t *block)
{
    uint64_t size;
    t->member = t->offset - TAR_BLOCK;
    if (all_zero(block)) {
        t->state = t->zero ? ENDED : HEADER;
        t->zero = true;
        return 0;
    }
    if (t->zero)
        return fail(t, t->member, "one zero block alone");
    if (!tar_checksum_fits(block))
        return fail(t, t->member, "not a tar header (its checksum does not fit)");
    if (!tar_number(block + 124, 12, &size))
        return fail(t, t->member, "its size is malformed");
    switch (block[156]) {
    case 'x':
        return meta_begin(t, META_PAX, size);
    case 'g':
        return meta_begin(t, META_GLOBAL, size);
    case 'L':
        return meta_begin(t, META_NAME, size);
    case 'K':
        return meta_begin(t, META_LINK, size);
    case 'S':
        return old_sparse_begin(t, block, size);
    default:
        return member(t, block, size);
    }
}

/* ---- bodies ---- */

static int body_end(struct tar *t)
{
    if (t->sparse && t->piece < t->map.n)
        return fail(t, t->member, "its sparse map tells of more content than there is");
    t->state = PAD;
    return t->visitor->done(t->arg, &t->error) ? visitor_failed(t) : 0;
}

static int sparse_data(struct tar *t, struct slice bytes)
{
    while (bytes.n && t->piece < t->map.n) {
        struct tar_piece *p = &t->map.v[t->piece];
        size_t n = (size_t)MIN((uint64_t)bytes.n, p->n - t->at);
        if (n && t->visitor->data(t->arg, p->at + t->at, slice_of(bytes.p, n), &t->error))
            return visitor_failed(t);
        bytes = slice_from(bytes, n);
        t->at += n;
        if (t->at == p->n) {
            t->piece++;
            t->at = 0;
        }
    }
    return 0;
}

/* Pieces without content are passed without bytes. */
static void sparse_skip_empty(struct tar *t)
{
    while (t->piece < t->map.n && t->map.v[t->piece].n == 0)
        t->piece++;
}

static int data(struct tar *t, struct slice bytes)
{
    int r;
    if (t->sparse) {
        r = sparse_data(t, bytes);
        sparse_skip_empty(t);
    } else {
        r = t->visitor->data(t->arg, t->at, bytes, &t->error) ? visitor_failed(t) : 0;
        t->at += bytes.n;
    }
    return r;
}

/* One byte of a format 1.0 map: decimal numbers, one a line; the first tells how many pairs follow. */
static int map_byte(struct tar *t, uint8_t c)
{
    if (c >= '0' && c <= '9' && t->digits < 19) {
        t->number = t->number * 10 + (unsigned)(c - '0');
        t->digits++;
        return 0;
    }
    if (c != '\n' || !t->digits)
        return fail(t, t->member, "its sparse map is malformed");
    const char *wrong = NULL;
    if (!t->map_counted) {
        t->map_counted = true;
        if (t->number > TAR_SPARSE_MAX)
            wrong = "its sparse map has too many pieces";
        t->map_left = 1 + 2 * t->number;
    } else if (t->map_left % 2 == 0) {
        t->map_at = t->number;
    } else {
        wrong = tar_sparse_add(&t->map, t->map_at, t->number);
    }
    t->map_left--;
    t->number = 0;
    t->digits = 0;
    return wrong ? fail(t, t->member, wrong) : 0;
}

static int sparse_map(struct tar *t, struct slice bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        t->map_bytes = (t->map_bytes + 1) % TAR_BLOCK;
        if (t->map_left && map_byte(t, bytes.p[i]))
            return -1;
        if (!t->map_left && t->map_bytes == 0) {
            t->state = DATA;
            t->left -= i + 1;
            if (check_map(t, t->left))
                return -1;
            sparse_skip_empty(t);
            return (int)(i + 1);
        }
    }
    t->left -= bytes.n;
    return (int)bytes.n;
}

static int body(struct tar *t, struct slice *in)
{
    size_t n = (size_t)MIN(t->left, (uint64_t)in->n);
    struct slice now = slice_of(in->p, n);
    int r = 0;
    if (t->state == SPARSE_MAP) {
        r = sparse_map(t, slice_sub(now, 0, TAR_BLOCK));
        if (r < 0)
            return r;
        n = (size_t)r;
        t->offset += n;
        *in = slice_from(*in, n);
        return 0;
    }
    t->offset += n;
    *in = slice_of(in->p + n, in->n - n);
    t->left -= n;
    if (t->state == DATA && n)
        r = data(t, now);
    else if (t->state == META)
        buf_add_slice(&t->meta[t->meta_now], now);
    return r < 0 ? -1 : 0;
}

/* A body whose last byte was taken, or that has none. */
static int body_whole(struct tar *t)
{
    switch (t->state) {
    case META:
        return meta_end(t);
    case DATA:
        sparse_skip_empty(t);
        return body_end(t);
    case SPARSE_MAP:
        return fail(t, t->member, "its sparse map is cut");
    case SKIP:
        t->state = PAD;
        return 0;
    default:
        t->state = HEADER;
        return 0;
    }
}

static int block(struct tar *t, struct slice *in)
{
    const uint8_t *p = in->p;
    size_t n = TAR_BLOCK - t->block_n;
    if (t->block_n || in->n < TAR_BLOCK) {
        n = MIN(n, in->n);
        memcpy(t->block + t->block_n, in->p, n);
        t->block_n += n;
        p = t->block;
    } else {
        t->block_n = TAR_BLOCK;
    }
    t->offset += n;
    *in = slice_of(in->p + n, in->n - n);
    if (t->block_n < TAR_BLOCK)
        return 0;
    t->block_n = 0;
    return t->state == SPARSE_EXT ? old_sparse_block(t, p) : header(t, p);
}

int tar_feed(struct tar *t, struct slice bytes, struct err *e)
{
    int r = 0;
    while (bytes.n && r >= 0 && t->state != FAILED && t->state != ENDED) {
        if (t->state == HEADER || t->state == SPARSE_EXT) {
            r = block(t, &bytes);
        } else if (t->state == PAD) {
            size_t n = (size_t)MIN(t->pad, (uint64_t)bytes.n);
            bytes = slice_of(bytes.p + n, bytes.n - n);
            t->offset += n;
            t->pad -= n;
        } else if (t->left) {
            r = body(t, &bytes);
        }
        /* Bodies that are empty or now whole end here, so that a member's end needs no byte behind it. */
        while (
            r >= 0 &&
            (t->state == PAD ? !t->pad : t->state != HEADER && t->state <= SKIP && t->state != SPARSE_EXT && !t->left))
            r = body_whole(t);
    }
    if (t->state == ENDED)
        t->offset += bytes.n;
    if (t->state == FAILED && e)
        *e = t->error;
    return t->state == FAILED ? -1 : 0;
}

int tar_end(struct tar *t, struct err *e)
{
    if (t->state == HEADER || t->state == PAD) {
        if (t->block_n)
            fail(t, t->offset - t->block_n, "the archive is cut within a header");
        else if (t->has_meta[META_PAX] || t->has_meta[META_NAME] || t->has_meta[META_LINK])
            fail(t, t->offset, "the archive is cut behind an extended header");
    } else if (t->state != ENDED && t->state != FAILED) {
        fail(t, t->offset, "the archive is cut within a member");
    }
    if (t->state == FAILED && e)
        *e = t->error;
    return t->state == FAILED ? -1 : 0;
}
