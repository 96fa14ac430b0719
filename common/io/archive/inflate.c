/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/inflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#define WINDOW_LOG_MAX 27
#define HEAD_MAX       6

enum gzip_state {
    GZ_MAGIC1,
    GZ_MAGIC2,
    GZ_FIXED, /* CM FLG MTIME XFL OS */
    GZ_EXTRA_LENGTH,
    GZ_EXTRA,
    GZ_NAME,
    GZ_COMMENT,
    GZ_HEADER_CRC,
    GZ_BODY,
    GZ_TRAILER,
    GZ_GARBAGE, /* behind the last member */
};

struct inflate {
    enum inflate_kind kind, told;
    uint64_t max, unpacked;
    size_t now; /* bytes of the piece being made, not yet in unpacked */
    /* Input that was looked at already (magic) or given back (behind a gzip member's last bit); comes before *in. */
    uint8_t carry[16];
    size_t carry_off, carry_n;
    bool failed;
    bool full; /* the last piece filled the output: more may come without input */
    struct err error;

    enum gzip_state gz;
    uint8_t flags, field[8];
    unsigned field_n, skip, members;
    uint32_t crc, length;
    struct inflate_state isal;

    ZSTD_DCtx *zstd;
    bool frame_open;
    uint8_t *out;
};

struct inflate *inflate_new(struct slice media_type, uint64_t max_unpacked)
{
    /* Not zeroed as a whole: ISA-L's state is 80 KiB of tables that plain and zstd never touch. */
    struct inflate *z = xmalloc(sizeof *z);
    memset(z, 0, offsetof(struct inflate, isal));
    z->zstd = NULL;
    z->frame_open = false;
    z->out = NULL;
    z->max = max_unpacked;
    z->told = inflate_kind_of(media_type);
    return z;
}

void inflate_free(struct inflate *z)
{
    if (!z)
        return;
    ZSTD_freeDCtx(z->zstd);
    free(z->out);
    free(z);
}

enum inflate_kind inflate_kind_of(struct slice media_type)
{
    if (slice_ends(media_type, SLICE("gzip")))
        return INFLATE_GZIP;
    if (slice_ends(media_type, SLICE("zstd")))
        return INFLATE_ZSTD;
    if (slice_ends(media_type, SLICE("tar")))
        return INFLATE_PLAIN;
    return INFLATE_UNKNOWN;
}

const char *inflate_kind_name(enum inflate_kind kind)
{
    static const char *const names[] = {"unknown", "plain", "gzip", "zstd"};
    return names[kind];
}

enum inflate_kind inflate_kind(const struct inflate *z)
{
    return z->kind;
}

bool inflate_disagrees(const struct inflate *z)
{
    return z->told != INFLATE_UNKNOWN && z->kind != INFLATE_UNKNOWN && z->told != z->kind;
}

uint64_t inflate_unpacked(const struct inflate *z)
{
    return z->unpacked;
}

ATTR_PRINTF(2, 3) static int fail(struct inflate *z, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    z->failed = true;
    /* Places are told in unpacked bytes: those don't depend on how the input was cut into pieces. */
    return err_set(&z->error, ERR_PARTIAL, 0, "%s (after %" PRIu64 " unpacked bytes)", text, z->unpacked + z->now);
}

/* ---- which kind ---- */

static const struct {
    enum inflate_kind kind; /* INFLATE_UNKNOWN: known, not supported */
    const char *name;
    uint8_t n, magic[HEAD_MAX], mask[HEAD_MAX];
} magics[] = {
    {INFLATE_GZIP, "gzip", 2, {0x1f, 0x8b}, {0xff, 0xff}},
    {INFLATE_ZSTD, "zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}, {0xff, 0xff, 0xff, 0xff}},
    {INFLATE_ZSTD, "zstd", 4, {0x50, 0x2a, 0x4d, 0x18}, {0xf0, 0xff, 0xff, 0xff}},
    {INFLATE_UNKNOWN, "xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
    {INFLATE_UNKNOWN, "bzip2", 6, {'B', 'Z', 'h', '0', '1', 'A'}, {0xff, 0xff, 0xff, 0xf0, 0xff, 0xff}},
    {INFLATE_UNKNOWN, "lz4", 4, {0x04, 0x22, 0x4d, 0x18}, {0xff, 0xff, 0xff, 0xff}},
};

static void begin(struct inflate *z, enum inflate_kind kind)
{
    z->kind = kind;
    if (kind != INFLATE_PLAIN)
        z->out = xmalloc(INFLATE_OUT);
    if (kind == INFLATE_ZSTD) {
        z->zstd = ZSTD_createDCtx();
        if (!z->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(z->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
            BUG("zstd context");
    }
}

/* Moves bytes from in to the carry until they decide. 1 decided, 0 more is needed. */
static int detect(struct inflate *z, struct slice *in)
{
    for (;;) {
        bool open = false;
        for (size_t m = 0; m < ARRAY_LEN(magics); m++) {
            size_t i = 0;
            while (i < MIN(z->carry_n, (size_t)magics[m].n) && (z->carry[i] & magics[m].mask[i]) == magics[m].magic[i])
                i++;
            if (i == magics[m].n) {
                if (magics[m].kind == INFLATE_UNKNOWN)
                    return fail(z, "layers packed with %s are not supported", magics[m].name);
                begin(z, magics[m].kind);
                return 1;
            }
            if (i == z->carry_n)
                open = true;
        }
        if (!open) {
            begin(z, INFLATE_PLAIN);
            return 1;
        }
        if (!in->n)
            return 0;
        z->carry[z->carry_n++] = in->p[0];
        *in = slice_from(*in, 1);
    }
}

/* ---- gzip ---- */

static bool take_byte(struct inflate *z, struct slice *in, uint8_t *ret_c)
{
    if (z->carry_off < z->carry_n) {
        *ret_c = z->carry[z->carry_off++];
    } else {
        if (!in->n)
            return false;
        *ret_c = in->p[0];
        *in = slice_of(in->p + 1, in->n - 1);
    }
    return true;
}

/* The optional field behind the one that ended, in the order of RFC 1952. */
static void gzip_after(struct inflate *z, enum gzip_state ended)
{
    static const struct {
        enum gzip_state state;
        uint8_t flag;
    } fields[] = {{GZ_EXTRA_LENGTH, 4}, {GZ_NAME, 8}, {GZ_COMMENT, 16}, {GZ_HEADER_CRC, 2}};
    z->field_n = 0;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (fields[i].state > ended && (z->flags & fields[i].flag)) {
            z->gz = fields[i].state;
            return;
        }
    }
    z->gz = GZ_BODY;
    z->crc = z->length = 0;
    z->full = false;
    isal_inflate_init(&z->isal);
    z->isal.next_in = NULL;
    z->isal.avail_in = 0;
}

static int gzip_fixed(struct inflate *z)
{
    if (z->field[0] != 8)
        return fail(z, "gzip method %u is not deflate", z->field[0]);
    z->flags = z->field[1];
    if (z->flags & 0xe0)
        return fail(z, "gzip header with unknown flags 0x%02x", z->flags);
    gzip_after(z, GZ_FIXED);
    return 0;
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int gzip_trailer(struct inflate *z)
{
    if (le32(z->field) != z->crc)
        return fail(z, "gzip checksum of member %u does not fit", z->members);
    if (le32(z->field + 4) != z->length)
        return fail(z, "gzip length of member %u does not fit", z->members);
    z->gz = GZ_MAGIC1;
    return 0;
}

/* One byte of a header or trailer. */
static int gzip_byte(struct inflate *z, uint8_t c)
{
    switch (z->gz) {
    case GZ_MAGIC1:
        z->gz = c == 0x1f ? GZ_MAGIC2 : GZ_GARBAGE;
        return 0;
    case GZ_MAGIC2:
        z->gz = c == 0x8b ? GZ_FIXED : GZ_GARBAGE;
        z->field_n = 0;
        z->members += z->gz == GZ_FIXED;
        return 0;
    case GZ_FIXED:
        z->field[z->field_n++] = c;
        return z->field_n == 8 ? gzip_fixed(z) : 0;
    case GZ_EXTRA_LENGTH:
        z->field[z->field_n++] = c;
        if (z->field_n == 2) {
            z->skip = z->field[0] | (unsigned)z->field[1] << 8;
            z->gz = GZ_EXTRA;
            if (!z->skip)
                gzip_after(z, GZ_EXTRA);
        }
        return 0;
    case GZ_EXTRA:
        if (!--z->skip)
            gzip_after(z, GZ_EXTRA);
        return 0;
    case GZ_NAME:
    case GZ_COMMENT:
        if (!c)
            gzip_after(z, z->gz);
        return 0;
    case GZ_HEADER_CRC:
        if (++z->field_n == 2)
            gzip_after(z, GZ_HEADER_CRC);
        return 0;
    case GZ_TRAILER:
        z->field[z->field_n++] = c;
        return z->field_n == 8 ? gzip_trailer(z) : 0;
    default:
        BUG("gzip state %d takes no bytes", (int)z->gz);
    }
}

/* What ISA-L had already loaded behind the last bit of the member goes in front of the rest of the input. */
static void gzip_give_back(struct inflate *z)
{
    uint8_t left[16];
    size_t n = 0;
    uint64_t bits = z->isal.read_in >> (z->isal.read_in_length % 8);
    for (int32_t i = z->isal.read_in_length / 8; i > 0; i--, bits >>= 8)
        left[n++] = (uint8_t)bits;
    size_t rest = z->carry_n - z->carry_off;
    ASSERT(n + rest <= sizeof z->carry);
    memcpy(left + n, z->carry + z->carry_off, rest);
    memcpy(z->carry, left, n + rest);
    z->carry_off = 0;
    z->carry_n = n + rest;
    z->gz = GZ_TRAILER;
    z->field_n = 0;
}

static int gzip_body(struct inflate *z, struct slice *in, struct slice *ret_out)
{
    bool from_carry = z->carry_off < z->carry_n;
    struct slice src = from_carry ? slice_of(z->carry + z->carry_off, z->carry_n - z->carry_off) : *in;
    if (src.n > UINT32_MAX / 2)
        src.n = UINT32_MAX / 2;
    z->isal.next_in = (uint8_t *)(uintptr_t)src.p;
    z->isal.avail_in = (uint32_t)src.n;
    z->isal.next_out = z->out;
    z->isal.avail_out = INFLATE_OUT;
    int r = isal_inflate(&z->isal);
    size_t used = src.n - z->isal.avail_in, n = INFLATE_OUT - z->isal.avail_out;
    if (from_carry)
        z->carry_off += used;
    else
        *in = slice_from(*in, used);
    z->full = n == INFLATE_OUT;
    z->now = n;
    z->crc = crc32_gzip_refl(z->crc, z->out, n);
    z->length += (uint32_t)n;
    if (r < 0)
        fail(z, "broken deflate data (ISA-L %d) in gzip member %u", r, z->members);
    else if (z->isal.block_state == ISAL_BLOCK_FINISH)
        gzip_give_back(z);
    else if (!used && !n && src.n)
        fail(z, "deflate data without progress in gzip member %u", z->members);
    *ret_out = slice_of(z->out, n);
    return n ? 1 : 0;
}

static int gzip_next(struct inflate *z, struct slice *in, struct slice *ret_out)
{
    while (!z->failed) {
        if (z->gz == GZ_GARBAGE) {
            *in = slice_from(*in, in->n);
            z->carry_off = z->carry_n;
            return 0;
        }
        if (z->gz == GZ_BODY) {
            if (!in->n && z->carry_off == z->carry_n && !z->full)
                return 0;
            if (gzip_body(z, in, ret_out))
                return 1;
            continue;
        }
        uint8_t c;
        if (!take_byte(z, in, &c))
            return 0;
        if (gzip_byte(z, c))
            return -1;
    }
    return -1;
}

/* ---- zstd ---- */

static int zstd_next(struct inflate *z, struct slice *in, struct slice *ret_out)
{
    for (;;) {
        bool from_carry = z->carry_off < z->carry_n;
        struct slice src = from_carry ? slice_of(z->carry + z->carry_off, z->carry_n - z->carry_off) : *in;
        if (!src.n && !z->full)
            return 0;
        ZSTD_inBuffer zin = {src.n ? src.p : (const uint8_t *)"", src.n, 0};
        ZSTD_outBuffer zout = {z->out, INFLATE_OUT, 0};
        size_t r = ZSTD_decompressStream(z->zstd, &zout, &zin);
        if (from_carry)
            z->carry_off += zin.pos;
        else
            *in = slice_from(*in, zin.pos);
        z->now = zout.pos;
        if (ZSTD_isError(r))
            fail(z, "broken zstd data: %s", ZSTD_getErrorName(r));
        else
            z->frame_open = r != 0;
        z->full = zout.pos == INFLATE_OUT && z->frame_open;
        *ret_out = slice_of(z->out, zout.pos);
        if (zout.pos)
            return 1;
        if (z->failed)
            return -1;
        if (src.n && !zin.pos)
            return fail(z, "zstd data without progress");
    }
}

/* ---- all ---- */

static int plain_next(struct inflate *z, struct slice *in, struct slice *ret_out)
{
    if (z->carry_off < z->carry_n) {
        *ret_out = slice_of(z->carry + z->carry_off, z->carry_n - z->carry_off);
        z->carry_off = z->carry_n;
    } else {
        *ret_out = *in;
        *in = slice_from(*in, in->n);
    }
    return ret_out->n ? 1 : 0;
}

int inflate_next(struct inflate *z, struct slice *in, struct slice *ret_out, struct err *e)
{
    struct slice out = SLICE_NONE;
    int r = z->failed ? -1 : 1;
    if (r == 1 && z->kind == INFLATE_UNKNOWN)
        r = detect(z, in);
    if (r == 1) {
        r = z->kind == INFLATE_GZIP   ? gzip_next(z, in, &out)
            : z->kind == INFLATE_ZSTD ? zstd_next(z, in, &out)
                                      : plain_next(z, in, &out);
    }
    if (r == 1 && out.n > z->max - z->unpacked) {
        out.n = (size_t)(z->max - z->unpacked);
        z->now = out.n;
        fail(z, "it unpacks to more than %" PRIu64 " bytes", z->max);
        r = out.n ? 1 : -1;
    }
    z->now = 0;
    if (r == 1) {
        z->unpacked += out.n;
        *ret_out = out;
    }
    if (r < 0 && e)
        *e = z->error;
    return r;
}

int inflate_end(struct inflate *z, struct err *e)
{
    if (!z->failed) {
        if (z->kind == INFLATE_UNKNOWN && z->carry_n)
            fail(z, "the layer ends within its first bytes");
        else if (z->kind == INFLATE_GZIP && z->gz != GZ_MAGIC1 && z->gz != GZ_MAGIC2 && z->gz != GZ_GARBAGE)
            fail(z, "gzip member %u is cut", z->members);
        else if (z->kind == INFLATE_ZSTD && z->frame_open)
            fail(z, "zstd frame is cut");
    }
    if (z->failed && e)
        *e = z->error;
    return z->failed ? -1 : 0;
}
