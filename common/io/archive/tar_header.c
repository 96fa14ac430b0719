/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/tar_internal.h"

struct slice tar_text(const uint8_t *p, size_t n)
{
    const uint8_t *end = memchr(p, 0, n);
    return slice_of(p, end ? (size_t)(end - p) : n);
}

static bool base256(const uint8_t *p, size_t n, uint64_t *ret_v)
{
    if (p[0] & 0x40)
        return false; /* negative */
    uint64_t v = p[0] & 0x3f;
    for (size_t i = 1; i < n; i++) {
        if (v >> 55)
            return false;
        v = v << 8 | p[i];
    }
    *ret_v = v;
    return true;
}

bool tar_number(const uint8_t *p, size_t n, uint64_t *ret_v)
{
    if (p[0] & 0x80)
        return base256(p, n, ret_v);
    while (n && (*p == ' ' || *p == 0))
        p++, n--;
    uint64_t v = 0;
    for (; n && *p >= '0' && *p <= '7'; p++, n--) {
        if (v >> 60)
            return false;
        v = v << 3 | (unsigned)(*p - '0');
    }
    /* Blanks may follow; a NUL ends the field whatever is behind it. */
    while (n && *p == ' ')
        p++, n--;
    if (n && *p != 0)
        return false;
    *ret_v = v;
    return true;
}

/* Eight bytes at a time, in four lanes of 16 bits: 64 words of two bytes a lane can't overflow them. */
static uint32_t sum_of(const uint8_t *block)
{
    const uint64_t low = 0x00ff00ff00ff00ff;
    uint64_t lanes = 0;
    for (size_t i = 0; i < TAR_BLOCK; i += 8) {
        uint64_t word;
        memcpy(&word, block + i, sizeof word);
        lanes += (word & low) + (word >> 8 & low);
    }
    lanes = (lanes & 0x0000ffff0000ffff) + (lanes >> 16 & 0x0000ffff0000ffff);
    return (uint32_t)(lanes + (lanes >> 32));
}

bool tar_checksum_fits(const uint8_t *block)
{
    uint64_t told;
    if (!tar_number(block + 148, 8, &told))
        return false;
    uint32_t sum = sum_of(block) + 8 * ' ';
    for (size_t i = 148; i < 156; i++)
        sum -= block[i];
    if (told == sum)
        return true;
    /* Old tars summed signed bytes: each byte over 127 counts 256 less. */
    int64_t as_signed = sum;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        as_signed -= (i < 148 || i >= 156) && block[i] > 127 ? 256 : 0;
    return (int64_t)told == as_signed;
}

enum tar_format tar_format(const uint8_t *block)
{
    const uint8_t *magic = block + 257;
    if (memcmp(magic,
               "ustar\0"
               "00",
               8) == 0)
        return memcmp(block + 508, "tar\0", 4) == 0 ? TAR_STAR : TAR_USTAR;
    return memcmp(magic, "ustar  \0", 8) == 0 ? TAR_GNU : TAR_V7;
}

static bool ascii(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] > 127)
            return false;
    return true;
}

struct slice tar_name(const uint8_t *block, enum tar_format format, uint8_t *to)
{
    struct slice name = tar_text(block, 100), prefix = SLICE_NONE;
    uint64_t ignored;
    if (format == TAR_USTAR)
        prefix = tar_text(block + 345, 155);
    else if (format == TAR_STAR)
        prefix = tar_text(block + 345, 131);
    else if (format == TAR_GNU && block[345] &&
             !(tar_number(block + 345, 12, &ignored) && tar_number(block + 357, 12, &ignored)))
        /* Go before 1.8 wrote a prefix into GNU headers, where the times of access and change should be. */
        prefix = ascii(tar_text(block + 345, 155)) ? tar_text(block + 345, 155) : SLICE_NONE;
    if (!prefix.n)
        return name;
    memcpy(to, prefix.p, prefix.n);
    to[prefix.n] = '/';
    if (name.n)
        memcpy(to + prefix.n + 1, name.p, name.n);
    return slice_of(to, prefix.n + 1 + name.n);
}

/* ---- pax ---- */

/* "<length> <key>=<value>\n", the length counting itself. */
static bool take_record(struct slice *body, struct slice *ret_key, struct slice *ret_value)
{
    ptrdiff_t blank = slice_find(*body, ' ');
    uint64_t n;
    if (blank <= 0 || blank > 20 || !slice_parse_u64(slice_sub(*body, 0, (size_t)blank), &n))
        return false;
    if (n < (uint64_t)blank + 3 || n > body->n || body->p[n - 1] != '\n')
        return false;
    struct slice record = slice_of(body->p + blank + 1, (size_t)n - (size_t)blank - 2);
    ptrdiff_t equals = slice_find(record, '=');
    if (equals <= 0)
        return false;
    *ret_key = slice_sub(record, 0, (size_t)equals);
    *ret_value = slice_from(record, (size_t)equals + 1);
    *body = slice_from(*body, (size_t)n);
    return true;
}

/* An empty value takes back what the same header said before. */
static const char *pax_number(struct slice value, uint64_t *ret_v, bool *ret_has)
{
    *ret_has = value.n > 0;
    return !value.n || (slice_parse_u64(value, ret_v) && *ret_v <= INT64_MAX)
               ? NULL
               : "a number of its pax header is malformed";
}

static const char *pax_name(struct slice value, struct slice *ret)
{
    if (value.n && memchr(value.p, 0, value.n))
        return "a name in its pax header holds a NUL";
    *ret = value;
    return NULL;
}

static const char *pax_sparse(struct slice key, struct slice value, struct tar_pax *pax, struct buf *joined)
{
    static const char broken[] = "its sparse map is malformed";
    if (slice_eq(key, SLICE("GNU.sparse.name")))
        return pax_name(value, &pax->sparse_name);
    if (slice_eq(key, SLICE("GNU.sparse.map"))) {
        pax->sparse_map = value;
    } else if (slice_eq(key, SLICE("GNU.sparse.size")) || slice_eq(key, SLICE("GNU.sparse.realsize"))) {
        return pax_number(value, &pax->sparse_size, &pax->has_sparse_size);
    } else if (slice_eq(key, SLICE("GNU.sparse.offset")) || slice_eq(key, SLICE("GNU.sparse.numbytes"))) {
        uint64_t v;
        if (!slice_parse_u64(value, &v) || buf_addf(joined, joined->n ? ",%" PRIu64 : "%" PRIu64, v))
            return broken;
    } else if (slice_eq(key, SLICE("GNU.sparse.major"))) {
        pax->sparse_major = value;
    } else if (slice_eq(key, SLICE("GNU.sparse.minor"))) {
        pax->sparse_minor = value;
    }
    return NULL;
}

const char *tar_pax_parse(struct slice body, struct tar_pax *ret_pax, struct buf *joined)
{
    struct tar_pax pax = {.any = true};
    const char *wrong = NULL;
    buf_clear(joined);
    while (body.n && !wrong) {
        struct slice key, value;
        if (!take_record(&body, &key, &value))
            return "its pax header is malformed";
        if (slice_eq(key, SLICE("path"))) {
            wrong = pax_name(value, &pax.path);
        } else if (slice_eq(key, SLICE("linkpath"))) {
            wrong = pax_name(value, &pax.link);
        } else if (slice_eq(key, SLICE("size"))) {
            wrong = pax_number(value, &pax.size, &pax.has_size);
        } else if (slice_starts(key, SLICE("GNU.sparse."))) {
            wrong = pax_sparse(key, value, &pax, joined);
        }
    }
    if (!wrong && joined->n)
        pax.sparse_map = buf_slice(joined);
    if (!wrong)
        *ret_pax = pax;
    return wrong;
}
