/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/zip_internal.h"

/* The upper half of CP437, the code page of the first PCs, which the format means where it doesn't say UTF-8. */
static const uint16_t cp437[128] = {
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee,
    0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6,
    0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa,
    0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514,
    0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c,
    0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4,
    0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320,
    0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

bool zip_name_sound(struct slice raw)
{
    struct slice rest = raw, part;
    if (!raw.n || raw.n > ZIP_NAME_MAX || raw.p[0] == '/')
        return false;
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] < 0x20 || raw.p[i] == 0x7f)
            return false;
    while (slice_take_token(&rest, '/', &part))
        if (slice_eq(part, SLICE("..")))
            return false;
    return true;
}

static bool is_utf8(struct slice s)
{
    size_t n;
    for (; s.n; s = slice_from(s, n))
        if (!slice_utf8(s, NULL, &n))
            return false;
    return true;
}

/* Writers of both kinds leave the flag for UTF-8 unset, so that the bytes decide. */
size_t zip_name_put(struct zip_walk *z, size_t path_n, struct slice raw)
{
    bool utf8 = is_utf8(raw);
    if (path_n + (utf8 ? 1 : 3) * raw.n > sizeof z->path)
        return 0;
    if (utf8) {
        memcpy(z->path + path_n, raw.p, raw.n);
        return path_n + raw.n;
    }
    for (size_t i = 0; i < raw.n; i++) {
        uint32_t c = raw.p[i] < 128 ? raw.p[i] : cp437[raw.p[i] - 128];
        if (c < 0x80) {
            z->path[path_n++] = (uint8_t)c;
        } else if (c < 0x800) {
            z->path[path_n++] = (uint8_t)(0xc0 | c >> 6);
            z->path[path_n++] = (uint8_t)(0x80 | (c & 0x3f));
        } else {
            z->path[path_n++] = (uint8_t)(0xe0 | c >> 12);
            z->path[path_n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
            z->path[path_n++] = (uint8_t)(0x80 | (c & 0x3f));
        }
    }
    return path_n;
}

static void take_u64(struct slice *field, uint64_t *v)
{
    if (!v || *v != UINT32_MAX || field->n < 8)
        return;
    *v = zip_u64(field->p);
    *field = slice_from(*field, 8);
}

void zip64_field(struct slice extra, uint64_t *size, uint64_t *packed, uint64_t *at)
{
    while (extra.n >= 4) {
        size_t n = zip_u16(extra.p + 2);
        struct slice field = slice_sub(extra, 4, n);
        if (zip_u16(extra.p) == 1) {
            take_u64(&field, size);
            take_u64(&field, packed);
            take_u64(&field, at);
            return;
        }
        extra = slice_from(extra, 4 + n);
    }
}
