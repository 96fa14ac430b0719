/* SPDX-License-Identifier: Apache-2.0 */
/* zip_directory.c: what the directory says of the members that were read, and which of them count. */
#include "io/archive/zip_internal.h"

#include "base/hash.h"

uint64_t zip_said(unsigned method, uint64_t packed, uint64_t size, uint64_t name)
{
    const uint64_t said[] = {method, packed, size, name};
    uint64_t h = hash64(slice_of(said, sizeof said));
    return h ? h : 1; /* 0 has a meaning */
}

static struct zip_kept *kept_at(struct zip_level *l, uint64_t at)
{
    size_t low = 0, high = l->kept_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->kept[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->kept_n && l->kept[low].at == at ? &l->kept[low] : NULL;
}

/* The member of that name that an entry means: places count from the file's start, or from that of a zip in it. */
static struct zip_kept *kept_of(struct zip_level *l, uint64_t at, uint64_t name, int64_t *ret_shift)
{
    const uint64_t shifts[] = {0, l->first, l->segment};
    for (size_t i = 0; i < ARRAY_LEN(shifts); i++) {
        struct zip_kept *k = at <= UINT64_MAX - shifts[i] ? kept_at(l, at + shifts[i]) : NULL;
        if (k && k->name == name) {
            *ret_shift = (int64_t)shifts[i];
            return k;
        }
    }
    return NULL;
}

static bool wanted(struct zip_walk *z, struct zip_level *l, struct slice raw)
{
    size_t n = zip_name_put(z, l->prefix_n, raw);
    if (!n)
        return false;
    struct zip_member m = {.name = slice_of(z->path + l->prefix_n, n - l->prefix_n),
                           .path = slice_of(z->path, n),
                           .depth = zip_depth(z, l)};
    return z->visitor->wants(z->arg, &m) != ZIP_SKIP;
}

static void begin_listing(struct zip_level *l)
{
    if (l->listing)
        return;
    l->listing = l->any = true;
    l->ended = l->zip64 = false;
    l->directory_at = l->pos;
    l->listed = l->lost = 0;
    for (uint32_t i = 0; i < l->kept_n; i++)
        l->kept[i].listed = 0;
}

size_t zip_entry(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    if (w.n < ZIP_ENTRY_SIZE)
        return zip_need(l, ZIP_ENTRY_SIZE);
    const uint8_t *p = w.p;
    size_t name_n = zip_u16(p + 28), extra_n = zip_u16(p + 30), n = ZIP_ENTRY_SIZE + name_n + extra_n;
    if (w.n < n)
        return zip_need(l, n);
    begin_listing(l);
    l->listed++;
    struct slice raw = slice_sub(w, ZIP_ENTRY_SIZE, name_n);
    uint64_t packed = zip_u32(p + 20), size = zip_u32(p + 24), at = zip_u32(p + 42), name = hash64(raw);
    int64_t shift;
    zip64_field(slice_sub(w, ZIP_ENTRY_SIZE + name_n, extra_n), &size, &packed, &at);
    struct zip_kept *k = kept_of(l, at, name, &shift);
    if (k && k->said == zip_said(zip_u16(p + 10), packed, size, name) && !(zip_u16(p + 8) & ZIP_ENCRYPTED)) {
        k->listed = l->listed;
        k->shift = shift;
    } else if (k ? k->said != 0 : wanted(z, l, raw)) {
        l->lost++;
    }
    l->m.left = zip_u16(p + 32);
    l->state = l->m.left ? ZIP_AT_SKIPPED : ZIP_AT_HEADER;
    return n;
}

size_t zip64_end(struct zip_level *l, struct slice w)
{
    if (w.n < ZIP64_END_SIZE)
        return zip_need(l, ZIP64_END_SIZE);
    uint64_t n = zip_u64(w.p + 4);
    l->zip64 = true;
    l->end_offset = zip_u64(w.p + 48);
    if (n > ZIP64_END_SIZE - 12 && n < UINT32_MAX) { /* with data of somebody's own */
        l->m.left = n - (ZIP64_END_SIZE - 12);
        l->state = ZIP_AT_SKIPPED;
    }
    return ZIP64_END_SIZE;
}

size_t zip_end(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    if (w.n < ZIP_END_SIZE)
        return zip_need(l, ZIP_END_SIZE);
    (void)z;
    if (!l->listing)
        begin_listing(l); /* an empty one */
    if (!l->zip64 || zip_u32(w.p + 16) != UINT32_MAX)
        l->end_offset = zip_u32(w.p + 16);
    if (!l->zip64 && zip_u16(w.p + 10) != (uint16_t)l->listed)
        l->lost++;
    l->ended = true;
    l->listing = l->in_segment = false;
    /* A comment is not passed over by its length: what ends the file is its end, and may lie in the comment. */
    l->state = ZIP_AT_GAP;
    return ZIP_END_SIZE;
}

static int by_name(const void *a, const void *b)
{
    const struct zip_kept *x = a, *y = b;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    return (x->listed > y->listed) - (x->listed < y->listed);
}

void zip_confirm(struct zip_walk *z, struct zip_level *l)
{
    int64_t shift = (int64_t)(l->directory_at - l->end_offset);
    uint32_t unlisted = 0;
    if (l->kept_n)
        qsort(l->kept, l->kept_n, sizeof *l->kept, by_name);
    for (uint32_t i = 0; i < l->kept_n; i++) {
        const struct zip_kept *k = &l->kept[i];
        bool listed = l->ended && k->listed && k->shift == shift;
        bool last = i + 1 == l->kept_n || k[1].name != k->name;
        unlisted += l->ended && !listed && k->said != 0;
        if (z->visitor->confirm)
            z->visitor->confirm(z->arg, k->id, listed && last);
    }
    size_t path_n = l->prefix_n ? l->prefix_n - strlen("!/") : 0;
    if (l->ended && (unlisted || l->lost > l->refused))
        zip_note(z, ZIP_NOTE_BROKEN, path_n,
                 "its directory and its members differ: %" PRIu32 " that it lists were not found, %" PRIu32
                 " that were found are not listed",
                 l->lost > l->refused ? l->lost - l->refused : 0, unlisted);
}
