/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/path_index.h"

#include "base/hash.h"

/* Version 1 knew no folders but those that are members, and no beginnings of files; all else is the same. */
#define VERSION       2
#define VERSION_PATHS 1
#define HASHES        4u
#define MAGIC_SHORT   2
#define MAGIC_LONG    4
#define LOG_MIN       6u /* 64 bytes */
#define LOG_MAX       16u
_Static_assert(1u << LOG_MAX == PATH_INDEX_BITS_MAX, "sizes");

static uint64_t hash_of(enum path_index_key key, struct slice text)
{
    /* An odd constant a kind keeps "jar" the name apart from "jar" the extension. */
    return hash64(text) * (0x9e3779b97f4a7c15u + 2 * (uint64_t)key);
}

/* The i-th bit of a hash, by double hashing; a filter of 2^k bits uses the low k bits of it, so that halves fold. */
static uint32_t bit_of(uint64_t hash, uint32_t i)
{
    return (uint32_t)hash + i * ((uint32_t)(hash >> 32) | 1);
}

static void add(struct path_index *x, enum path_index_key key, struct slice text)
{
    uint64_t hash = hash_of(key, text);
    for (uint32_t i = 0; i < HASHES; i++) {
        uint32_t bit = bit_of(hash, i) & (uint32_t)(PATH_INDEX_BITS_MAX * 8 - 1);
        x->bits[bit / 8] = (uint8_t)(x->bits[bit / 8] | 1u << bit % 8);
    }
}

static void add_name(struct path_index *x, struct slice path)
{
    struct slice name = slice_path_name(path);
    ptrdiff_t dot = slice_rfind(name, '.');
    add(x, PATH_INDEX_NAME, name);
    if (dot > 0 && (size_t)dot + 1 < name.n)
        add(x, PATH_INDEX_EXTENSION, slice_from(name, (size_t)dot + 1));
}

void path_index_init(struct path_index *x)
{
    memset(x, 0, sizeof *x);
}

/* Folders that path has in common with the member before it were added then. */
static void add_folders(struct path_index *x, struct slice folder)
{
    struct slice before = slice_of(x->folder, x->folder_n);
    size_t same = 0;
    if (slice_eq(folder, before))
        return;
    while (same < folder.n && same < before.n && folder.p[same] == before.p[same])
        same++;
    for (size_t end = same; end <= folder.n; end++) {
        bool whole = end == folder.n || folder.p[end] == '/';
        bool known = end == same && (end == before.n || before.p[end] == '/');
        if (!whole || known || !end)
            continue;
        add(x, PATH_INDEX_PATH, slice_sub(folder, 0, end));
        add_name(x, slice_sub(folder, 0, end));
    }
    x->folder_n = MIN(folder.n, sizeof x->folder);
    if (x->folder_n)
        memcpy(x->folder, folder.p, x->folder_n);
}

void path_index_add(struct path_index *x, struct slice path)
{
    add(x, PATH_INDEX_PATH, path);
    add_name(x, path);
    add_folders(x, slice_path_folder(path));
}

/* Those of the first bytes of a file, or of a rule, that count: fewer for text, which has many kinds. */
static struct slice magic_of(struct slice front)
{
    bool text = true;
    front = slice_sub(front, 0, MAGIC_LONG);
    for (size_t i = 0; i < front.n; i++)
        text = text && front.p[i] < 0x7f && (front.p[i] >= ' ' || (front.p[i] >= '\t' && front.p[i] <= '\r'));
    return slice_sub(front, 0, text || front.n < MAGIC_LONG ? MAGIC_SHORT : MAGIC_LONG);
}

void path_index_add_magic(struct path_index *x, struct slice front)
{
    struct slice magic = magic_of(front);
    if (magic.n < MAGIC_SHORT)
        return;
    add(x, PATH_INDEX_MAGIC, slice_sub(magic, 0, MAGIC_SHORT));
    if (magic.n == MAGIC_LONG)
        add(x, PATH_INDEX_MAGIC, magic);
}

static size_t bits_set(const uint8_t *p, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, sizeof word);
        count += (size_t)__builtin_popcountll(word);
    }
    return count;
}

size_t path_index_finish(struct path_index *x, uint8_t *to)
{
    uint32_t log = LOG_MAX;
    /* At four tenths full a name that is not there passes once in 40. */
    while (log > LOG_MIN && bits_set(x->bits, (size_t)1 << log) * 10 < ((size_t)1 << log) * 16) {
        size_t half = (size_t)1 << (log - 1);
        for (size_t i = 0; i < half; i++)
            x->bits[i] |= x->bits[half + i];
        log--;
    }
    to[0] = VERSION;
    to[1] = HASHES;
    to[2] = (uint8_t)log;
    to[3] = 0;
    memcpy(to + PATH_INDEX_HEAD, x->bits, (size_t)1 << log);
    return PATH_INDEX_HEAD + ((size_t)1 << log);
}

static bool is_sound(struct slice index)
{
    return index.n >= PATH_INDEX_HEAD && (index.p[0] == VERSION || index.p[0] == VERSION_PATHS) &&
           index.p[1] == HASHES && index.p[2] <= LOG_MAX && index.p[2] >= LOG_MIN &&
           index.n == PATH_INDEX_HEAD + ((size_t)1 << index.p[2]);
}

bool path_index_knows_folders(struct slice index)
{
    return is_sound(index) && index.p[0] != VERSION_PATHS;
}

bool path_index_may_hold(struct slice index, enum path_index_key key, struct slice text)
{
    if (!is_sound(index) || (key == PATH_INDEX_MAGIC && index.p[0] == VERSION_PATHS))
        return true;
    if (key == PATH_INDEX_MAGIC)
        text = magic_of(text);
    uint64_t hash = hash_of(key, text);
    for (uint32_t i = 0; i < HASHES; i++) {
        uint32_t bit = bit_of(hash, i) & (uint32_t)(((size_t)8 << index.p[2]) - 1);
        if (!(index.p[PATH_INDEX_HEAD + bit / 8] & 1u << bit % 8))
            return false;
    }
    return true;
}
