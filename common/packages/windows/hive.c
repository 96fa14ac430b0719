/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/windows/hive.h"

#define BASE_BLOCK ((size_t)4096)
#define STEPS_MAX  ((uint64_t)4000000)
#define PARTS_MAX  16
#define VALUE_MAX  ((uint32_t)16344) /* more lies in a list of segments ("db") */

enum { NK_ASCII = 0x20, VK_ASCII = 1, VK_TOMBSTONE = 2, LAYER_SEMANTICS = 3, LAYER_TOMBSTONE = 1 };

static uint16_t u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void trouble(struct hive *h, const char *what)
{
    if (!h->broken++)
        h->trouble = what;
}

static bool step(struct hive *h)
{
    if (h->steps == 0) {
        trouble(h, "it is too large or runs in circles");
        return false;
    }
    h->steps--;
    return true;
}

/* The content of a cell, at least `least` bytes of it. */
static bool cell(struct hive *h, uint32_t offset, size_t least, struct slice *ret_cell)
{
    if (!step(h))
        return false;
    if (offset % 8 || offset > h->cells.n || h->cells.n - offset < 4) {
        trouble(h, "an offset leads out of it");
        return false;
    }
    int32_t size = (int32_t)u32(h->cells.p + offset);
    /* Allocated cells have negative sizes. */
    if (size >= 0 || size == INT32_MIN || (uint32_t)-size < 4 || (uint32_t)-size > h->cells.n - offset) {
        trouble(h, "a cell is free or longer than what is left");
        return false;
    }
    *ret_cell = slice_of(h->cells.p + offset + 4, (size_t)(-size) - 4);
    if (ret_cell->n < least) {
        trouble(h, "a cell is too short");
        return false;
    }
    return true;
}

static bool is(struct slice c, const char sig[2])
{
    return c.p[0] == (uint8_t)sig[0] && c.p[1] == (uint8_t)sig[1];
}

static bool key_cell(struct hive *h, uint32_t key, struct slice *ret_nk)
{
    if (!cell(h, key, 76, ret_nk))
        return false;
    if (!is(*ret_nk, "nk") || u16(ret_nk->p + 72) > ret_nk->n - 76) {
        trouble(h, "a key is malformed");
        return false;
    }
    return true;
}

/* ---- names ---- */

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* Latin-1 or UTF-16LE to UTF-8; surrogates without a partner become U+FFFD. False when it does not fit. */
static bool to_utf8(struct slice s, bool ascii, char *to, size_t max, size_t *ret_n)
{
    size_t n = 0, wide = ascii ? 1 : 2;
    for (size_t i = 0; i + wide <= s.n; i += wide) {
        uint32_t c = ascii ? s.p[i] : u16(s.p + i);
        if (!ascii && c >= 0xD800 && c < 0xE000) {
            uint32_t low = i + 4 <= s.n ? u16(s.p + i + 2) : 0;
            bool pair = c < 0xDC00 && low >= 0xDC00 && low < 0xE000;
            c = pair ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
            i += pair ? 2 : 0;
        }
        if (max - n < 4)
            return false;
        n += put_utf8(to + n, c);
    }
    *ret_n = n;
    return true;
}

static bool key_name(struct hive *h, struct slice nk, char to[HIVE_NAME_MAX], struct slice *ret_name)
{
    size_t n;
    if (!to_utf8(slice_sub(nk, 76, u16(nk.p + 72)), u16(nk.p + 2) & NK_ASCII, to, HIVE_NAME_MAX, &n)) {
        trouble(h, "a key's name is too long");
        return false;
    }
    *ret_name = slice_of(to, n);
    return true;
}

/* ---- subkeys ---- */

typedef bool key_fn(void *arg, struct hive *h, uint32_t key, struct slice name);

static bool visit_key(struct hive *h, uint32_t key, key_fn *fn, void *arg)
{
    char text[HIVE_NAME_MAX];
    struct slice nk, name;
    if (!key_cell(h, key, &nk))
        return true;
    if ((nk.p[13] & LAYER_SEMANTICS) == LAYER_TOMBSTONE)
        return true;
    return !key_name(h, nk, text, &name) || fn(arg, h, key, name);
}

/* A list of subkeys; an index root (ri) is a list of lists, one level deep. False when the walk is to end. */
static bool walk_list(struct hive *h, uint32_t offset, bool top, key_fn *fn, void *arg)
{
    struct slice c;
    if (!cell(h, offset, 4, &c))
        return true;
    bool wide = is(c, "lf") || is(c, "lh"), root = is(c, "ri");
    size_t count = u16(c.p + 2), each = wide ? 8 : 4;
    if ((!wide && !root && !is(c, "li")) || (root && !top) || count > (c.n - 4) / each) {
        trouble(h, "a list of keys is malformed");
        return true;
    }
    for (size_t i = 0; i < count && h->steps; i++) {
        uint32_t at = u32(c.p + 4 + i * each);
        if (!(root ? walk_list(h, at, false, fn, arg) : visit_key(h, at, fn, arg)))
            return false;
    }
    return true;
}

void hive_each(struct hive *h, uint32_t key, key_fn *visit, void *arg)
{
    struct slice nk;
    if (key == HIVE_NONE || !key_cell(h, key, &nk) || !u32(nk.p + 20) || u32(nk.p + 28) == HIVE_NONE)
        return;
    walk_list(h, u32(nk.p + 28), true, visit, arg);
}

struct wanted {
    struct slice name;
    uint32_t found;
};

static bool compare_name(void *arg, struct hive *h, uint32_t key, struct slice name)
{
    struct wanted *w = arg;
    (void)h;
    if (slice_eq_nocase(name, w->name))
        w->found = key;
    return w->found == HIVE_NONE;
}

uint32_t hive_child(struct hive *h, uint32_t key, struct slice name)
{
    struct wanted w = {name, HIVE_NONE};
    hive_each(h, key, compare_name, &w);
    return w.found;
}

uint32_t hive_path(struct hive *h, uint32_t key, struct slice path)
{
    struct slice part;
    for (int i = 0; i < PARTS_MAX && key != HIVE_NONE && slice_take_token(&path, '\\', &part); i++)
        key = hive_child(h, key, part);
    return path.n ? HIVE_NONE : key;
}

/* ---- values ---- */

static bool value_is(struct slice vk, const char *name)
{
    char text[HIVE_NAME_MAX];
    size_t n, length = u16(vk.p + 2);
    if (length > vk.n - 20 || u16(vk.p + 16) & VK_TOMBSTONE ||
        !to_utf8(slice_sub(vk, 20, length), u16(vk.p + 16) & VK_ASCII, text, sizeof text, &n))
        return false;
    return slice_eq_nocase(slice_of(text, n), slice_str(name));
}

static bool value_data(struct hive *h, struct slice vk, struct slice *ret_data)
{
    uint32_t size = u32(vk.p + 4);
    /* The top bit says that the data lie in the place of their offset. */
    if (size >> 31) {
        size &= INT32_MAX;
        if (size > 4)
            trouble(h, "a value is malformed");
        *ret_data = slice_of(vk.p + 8, MIN(size, (uint32_t)4));
        return size <= 4;
    }
    struct slice c;
    if (size > VALUE_MAX || !cell(h, u32(vk.p + 8), size, &c))
        return false;
    *ret_data = slice_sub(c, 0, size);
    return true;
}

bool hive_value(struct hive *h, uint32_t key, const char *name, uint32_t *ret_type, struct slice *ret_data)
{
    struct slice nk, list, vk;
    if (key == HIVE_NONE || !key_cell(h, key, &nk) || !u32(nk.p + 36) || u32(nk.p + 40) == HIVE_NONE ||
        !cell(h, u32(nk.p + 40), 4, &list))
        return false;
    uint32_t count = u32(nk.p + 36);
    if (count > list.n / 4) {
        trouble(h, "a list of values is malformed");
        count = (uint32_t)(list.n / 4);
    }
    for (uint32_t i = 0; i < count && h->steps; i++) {
        if (!cell(h, u32(list.p + i * 4), 20, &vk))
            continue;
        if (!is(vk, "vk")) {
            trouble(h, "a value is malformed");
        } else if (value_is(vk, name)) {
            *ret_type = u32(vk.p + 12);
            return value_data(h, vk, ret_data);
        }
    }
    return false;
}

bool hive_text(struct hive *h, uint32_t key, const char *name, char *to, size_t max, struct slice *ret_text)
{
    struct slice data;
    uint32_t type;
    size_t n;
    if (!hive_value(h, key, name, &type, &data) || (type != HIVE_SZ && type != HIVE_EXPAND_SZ))
        return false;
    size_t end = 0;
    while (end + 2 <= data.n && u16(data.p + end))
        end += 2;
    if (!to_utf8(slice_sub(data, 0, end), false, to, max, &n))
        return false;
    *ret_text = slice_of(to, n);
    return true;
}

bool hive_number(struct hive *h, uint32_t key, const char *name, uint32_t *ret_n)
{
    struct slice data;
    uint32_t type;
    if (!hive_value(h, key, name, &type, &data) || type != HIVE_DWORD || data.n != 4)
        return false;
    *ret_n = u32(data.p);
    return true;
}

int hive_open(struct slice bytes, struct hive *ret_hive, struct err *e)
{
    if (bytes.n < BASE_BLOCK || memcmp(bytes.p, "regf", 4) != 0)
        return err_set(e, ERR_POISON, 0, "it is not a registry hive");
    *ret_hive = (struct hive){.cells = slice_from(bytes, BASE_BLOCK), .root = u32(bytes.p + 36), .steps = STEPS_MAX};
    return 0;
}
