/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/zip_internal.h"

#define TOP_UP 64 /* fresh bytes a time behind held ones: enough to leave most holds at once */

struct zip_walk *zip_walk_new(const struct zip_visitor *visitor, void *arg)
{
    struct zip_walk *z = xcalloc(1, sizeof *z);
    z->visitor = visitor;
    z->arg = arg;
    for (size_t i = 0; i < ARRAY_LEN(z->levels); i++)
        z->levels[i].hold = BUF_INIT(ZIP_HEADER_MAX + 2 * TOP_UP);
    zip_walk_reset(z);
    return z;
}

void zip_walk_free(struct zip_walk *z)
{
    if (!z)
        return;
    for (size_t i = 0; i < ARRAY_LEN(z->levels); i++) {
        buf_done(&z->levels[i].hold);
        free(z->levels[i].kept);
        free(z->levels[i].isal);
        free(z->levels[i].window);
    }
    free(z);
}

void zip_note(struct zip_walk *z, enum zip_note note, size_t path_n, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    if (++z->notes >= ZIP_NOTES_MAX)
        return; /* the last place is for how many more */
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    z->visitor->note(z->arg, note, slice_of(z->path, path_n), text);
}

/* ---- an archive ---- */

void zip_level_begin(struct zip_walk *z, struct zip_level *l, size_t prefix_n)
{
    z->kept_n -= l->kept_n;
    if (l->kept_cap > 1024) { /* the next one is hardly as large */
        free(l->kept);
        l->kept = NULL;
        l->kept_cap = 0;
    }
    struct zip_level fresh = {.hold = l->hold,
                              .isal = l->isal,
                              .window = l->window,
                              .kept = l->kept,
                              .kept_cap = l->kept_cap,
                              .prefix_n = prefix_n};
    buf_clear(&fresh.hold);
    *l = fresh;
}

void zip_level_end(struct zip_walk *z, struct zip_level *l)
{
    size_t path_n = l->prefix_n ? l->prefix_n - strlen("!/") : 0;
    l->over = true;
    if (l->state == ZIP_AT_DEFLATED || l->state == ZIP_AT_STREAMED) { /* these wait for more than they need */
        l->need = 0;
        zip_level_feed(z, l, SLICE(""));
    }
    zip_member_cut(z, l);
    if (!l->any && !l->ended)
        zip_note(z, ZIP_NOTE_NONE, path_n, "it is no zip");
    else if (!l->ended)
        zip_note(z, ZIP_NOTE_BROKEN, path_n, "the zip is cut: it has no end record");
    zip_confirm(z, l);
    zip_level_begin(z, l, 0);
}

size_t zip_need(struct zip_level *l, size_t n)
{
    l->need = n;
    return 0;
}

void zip_level_feed(struct zip_walk *z, struct zip_level *l, struct slice bytes)
{
    l->fresh = 0;
    for (;;) {
        bool held = l->hold.n > 0;
        if (held) {
            size_t n = MIN(MAX(l->need, l->hold.n + TOP_UP) - l->hold.n, bytes.n);
            if (n && buf_add(&l->hold, bytes.p, n))
                BUG("a zip's header of more than %zu bytes", l->hold.max);
            bytes = slice_from(bytes, n);
            l->fresh += n;
        }
        struct slice w = held ? buf_slice(&l->hold) : bytes;
        if (!w.n || (held && w.n < l->need))
            return;
        l->need = 0;
        size_t used = zip_step(z, l, w);
        ASSERT(used <= w.n && (used || !l->need || l->need > w.n));
        l->pos += used;
        if (!held) {
            bytes = slice_from(bytes, used);
            if (l->need) {
                buf_add_slice(&l->hold, bytes);
                return;
            }
        } else if (used >= l->hold.n - l->fresh) { /* what is left is in the piece: go on there */
            size_t back = l->hold.n - used;
            bytes = slice_of(bytes.p - back, bytes.n + back);
            buf_clear(&l->hold);
            l->fresh = 0;
        } else {
            memmove(l->hold.p, l->hold.p + used, l->hold.n - used);
            l->hold.n -= used;
        }
    }
}

/* ---- steps ---- */

/* Whether a header that nothing led to can be one. w has all of its fixed part. */
static bool plausible(const struct zip_level *l, struct slice w)
{
    const uint8_t *p = w.p;
    if (zip_u32(p) == ZIP_END)
        return l->listing || (!zip_u16(p + 10) && !zip_u32(p + 12));
    if (zip_u32(p) == ZIP_ENTRY)
        return p[6] <= 63 && zip_u16(p + 28) && zip_u16(p + 28) <= ZIP_NAME_MAX;
    return p[4] <= 63 && zip_u16(p + 8) < 100 && zip_u16(p + 26) && zip_u16(p + 26) <= ZIP_NAME_MAX;
}

static size_t header_size(uint32_t signature)
{
    return signature == ZIP_LOCAL   ? ZIP_LOCAL_SIZE
           : signature == ZIP_ENTRY ? ZIP_ENTRY_SIZE
           : signature == ZIP_END   ? ZIP_END_SIZE
                                    : 0;
}

static size_t gap(struct zip_level *l, struct slice w)
{
    size_t at = 0;
    for (; at < w.n; at++) {
        const uint8_t *found = memchr(w.p + at, 'P', w.n - at);
        at = found ? (size_t)(found - w.p) : w.n;
        if (!l->any && l->pos + at > ZIP_PREFIX_MAX) {
            l->state = ZIP_AT_NOTHING;
            return w.n;
        }
        if (at == w.n)
            break;
        struct slice here = slice_from(w, at);
        if (here.n < 4)
            return at ? at : zip_need(l, 4);
        size_t n = header_size(zip_u32(here.p));
        if (n > here.n)
            return at ? at : zip_need(l, n);
        if (n && plausible(l, here)) {
            l->state = ZIP_AT_HEADER;
            return at;
        }
    }
    return at;
}

static size_t skip(struct zip_level *l, struct slice w, uint64_t n)
{
    l->state = ZIP_AT_SKIPPED;
    l->m.left = n;
    return zip_skipped(l, w);
}

static size_t header(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    if (w.n < 4)
        return zip_need(l, 4);
    switch (zip_u32(w.p)) {
    case ZIP_LOCAL:
        return zip_local(z, l, w);
    case ZIP_ENTRY:
        return zip_entry(z, l, w);
    case ZIP_END:
        return zip_end(z, l, w);
    case ZIP64_END:
        return zip64_end(l, w);
    case ZIP64_LOCATOR:
        return skip(l, w, 20);
    case ZIP_SIGNATURE:
        return w.n < 6 ? zip_need(l, 6) : skip(l, w, 6 + (uint64_t)zip_u16(w.p + 4));
    default:
        l->state = ZIP_AT_GAP;
        return 0;
    }
}

size_t zip_step(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    switch (l->state) {
    case ZIP_AT_HEADER:
        return header(z, l, w);
    case ZIP_AT_GAP:
        return gap(l, w);
    case ZIP_AT_SKIPPED:
        return zip_skipped(l, w);
    case ZIP_AT_STORED:
        return zip_stored(z, l, w);
    case ZIP_AT_STREAMED:
        return zip_streamed(z, l, w);
    case ZIP_AT_DEFLATED:
        return zip_deflated(z, l, w);
    case ZIP_AT_DESCRIPTOR:
        return zip_descriptor(z, l, w);
    case ZIP_AT_NOTHING:
        return w.n;
    }
    BUG("zip state %d", (int)l->state);
}

/* ---- the outermost one ---- */

void zip_walk_feed(struct zip_walk *z, struct slice bytes)
{
    zip_level_feed(z, &z->levels[0], bytes);
}

void zip_walk_end(struct zip_walk *z)
{
    zip_level_end(z, &z->levels[0]);
    if (z->notes >= ZIP_NOTES_MAX) {
        uint32_t more = z->notes - (ZIP_NOTES_MAX - 1);
        z->notes = 0;
        zip_note(z, ZIP_NOTE_MORE, 0, "%" PRIu32 " more like these", more);
    }
    zip_walk_reset(z);
}

void zip_walk_reset(struct zip_walk *z)
{
    for (size_t i = 0; i < ARRAY_LEN(z->levels); i++)
        zip_level_begin(z, &z->levels[i], 0);
    z->inflated = 0;
    z->inflated_max = ZIP_INFLATED_MAX;
    z->next_id = z->notes = z->kept_n = 0;
    z->spent = false;
}

void zip_walk_size(struct zip_walk *z, uint64_t size)
{
    if (size < ZIP_INFLATED_MAX / ZIP_INFLATED_RATIO)
        z->inflated_max = MIN(ZIP_INFLATED_MAX, ZIP_INFLATED_FREE + ZIP_INFLATED_RATIO * size);
}
