/* SPDX-License-Identifier: Apache-2.0 */
/* zip_member.c: a local header and the content behind it. */
#include "io/archive/zip_internal.h"

#include "base/hash.h"

#include <isa-l/crc.h>

#define BEHIND  ((size_t)24) /* bytes of the longest descriptor, which may stand in front of a header */
#define AHEAD   ((size_t)28) /* that and the signature of what follows */
#define READ_IN ((size_t)8)  /* bytes that the inflater may hold of what it was given */

#define PACKED_BLOCK ((size_t)32 << 10) /* what it is given at once; each time it copies its history of 32 KiB */

static bool is_header(const uint8_t *p)
{
    return zip_u32(p) == ZIP_LOCAL || zip_u32(p) == ZIP_ENTRY;
}

static void refuse(struct zip_walk *z, struct zip_level *l, enum zip_note note, const char *why)
{
    l->refused++;
    zip_note(z, note, l->m.path_n, "%s", why);
}

/* ---- the header ---- */

/* Of a member that the visitor wants so: what it gets. */
static enum zip_want granted(struct zip_walk *z, struct zip_level *l, struct slice raw, enum zip_want want)
{
    struct zip_open *m = &l->m;
    bool deflated = m->method == ZIP_DEFLATED;
    if (!zip_name_sound(raw))
        refuse(z, l, ZIP_NOTE_UNREAD, "its name leads out of the archive or is none");
    else if (m->flags & ZIP_ENCRYPTED)
        refuse(z, l, ZIP_NOTE_UNREAD, "it is encrypted");
    else if (!deflated && m->method != ZIP_STORED)
        refuse(z, l, ZIP_NOTE_UNREAD, "it is packed by a method that is not supported");
    else if (z->kept_n >= ZIP_MEMBERS_MAX)
        refuse(z, l, ZIP_NOTE_BOUND, "there are more members than are read of an archive");
    else if (z->spent && deflated)
        l->refused++;
    else if (want == ZIP_WALK && (zip_depth(z, l) == ZIP_DEPTH_MAX || m->path_n + 2 > sizeof z->path)) {
        zip_note(z, ZIP_NOTE_BOUND, m->path_n, "it is an archive within more than %d others, and was not opened",
                 ZIP_DEPTH_MAX);
        return ZIP_READ;
    } else
        return want;
    return ZIP_SKIP;
}

static void open_member(struct zip_walk *z, struct zip_level *l, struct slice raw)
{
    struct zip_open *m = &l->m;
    m->path_n = zip_name_put(z, l->prefix_n, raw);
    if (!m->path_n) {
        m->path_n = l->prefix_n;
        return;
    }
    struct zip_member told = {.name = slice_of(z->path + l->prefix_n, m->path_n - l->prefix_n),
                              .path = slice_of(z->path, m->path_n),
                              .depth = zip_depth(z, l),
                              .at = m->at,
                              .size = m->known ? m->size : ZIP_UNKNOWN_SIZE,
                              .method = m->method,
                              .flags = m->flags};
    enum zip_want want = z->visitor->wants(z->arg, &told);
    if (want != ZIP_SKIP)
        want = granted(z, l, raw, want);
    m->want = want;
    if (want == ZIP_SKIP)
        return;
    z->kept_n++; /* it has a place in l->kept from now on */
    m->id = told.id = z->next_id++;
    if (want == ZIP_WALK) {
        memcpy(z->path + m->path_n, "!/", 2);
        zip_level_begin(z, l + 1, m->path_n + 2);
    }
    if (z->visitor->begin)
        z->visitor->begin(z->arg, &told);
}

static void keep(struct zip_level *l, const struct zip_kept *k)
{
    if (l->kept_n == l->kept_cap) {
        l->kept_cap = l->kept_cap ? 2 * l->kept_cap : 16;
        l->kept = xrealloc(l->kept, l->kept_cap * sizeof *l->kept);
    }
    l->kept[l->kept_n++] = *k;
}

/* The member's content is over; good: nothing was wrong with it so far. */
static void end_member(struct zip_walk *z, struct zip_level *l, bool good)
{
    struct zip_open *m = &l->m;
    l->state = ZIP_AT_HEADER;
    if (m->want == ZIP_SKIP)
        return;
    bool whole = good && m->out == m->size && m->crc == m->said_crc;
    if (good && !whole)
        zip_note(z, ZIP_NOTE_BROKEN, m->path_n, "its size or checksum is not the one that is said");
    if (m->want == ZIP_WALK)
        zip_level_end(z, l + 1);
    m->want = ZIP_SKIP;
    if (z->visitor->end)
        z->visitor->end(z->arg, m->id, whole);
    uint64_t packed = m->known ? m->packed : m->in;
    keep(l, &(struct zip_kept){.at = m->at,
                               .name = m->name,
                               .id = m->id,
                               .said = whole ? zip_said(m->method, packed, m->out, m->name) : 0});
}

/* The content can't be read on: to where it ends. */
static size_t break_member(struct zip_walk *z, struct zip_level *l, enum zip_note note, const char *why)
{
    struct zip_open *m = &l->m;
    zip_note(z, note, m->path_n, "%s", why);
    end_member(z, l, false);
    m->left = m->packed - m->in; /* where it is known */
    l->state = m->known ? ZIP_AT_SKIPPED : ZIP_AT_STREAMED;
    return 0;
}

static void begin_content(struct zip_walk *z, struct zip_level *l)
{
    struct zip_open *m = &l->m;
    m->left = m->known ? m->packed : UINT64_MAX;
    if (m->want == ZIP_SKIP || m->method == ZIP_STORED)
        l->state = !m->known ? ZIP_AT_STREAMED : m->want == ZIP_SKIP ? ZIP_AT_SKIPPED : ZIP_AT_STORED;
    else
        l->state = ZIP_AT_DEFLATED;
    if (l->state == ZIP_AT_DEFLATED) {
        if (!l->isal)
            l->isal = xmalloc(sizeof *l->isal);
        if (!l->window)
            l->window = xmalloc(ZIP_WINDOW);
        isal_inflate_init(l->isal);
    }
    if (m->left)
        return;
    if (l->state == ZIP_AT_DEFLATED)
        break_member(z, l, ZIP_NOTE_BROKEN, "it is said to be packed to nothing");
    else
        end_member(z, l, true);
}

size_t zip_local(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    if (w.n < ZIP_LOCAL_SIZE)
        return zip_need(l, ZIP_LOCAL_SIZE);
    const uint8_t *p = w.p;
    size_t name_n = zip_u16(p + 26), extra_n = zip_u16(p + 28), n = ZIP_LOCAL_SIZE + name_n + extra_n;
    if (w.n < n)
        return zip_need(l, n);
    struct slice name = slice_sub(w, ZIP_LOCAL_SIZE, name_n);
    l->m = (struct zip_open){.at = l->pos,
                             .name = hash64(name),
                             .flags = zip_u16(p + 6),
                             .method = zip_u16(p + 8),
                             .said_crc = zip_u32(p + 14),
                             .packed = zip_u32(p + 18),
                             .size = zip_u32(p + 22),
                             .want = ZIP_SKIP};
    zip64_field(slice_sub(w, ZIP_LOCAL_SIZE + name_n, extra_n), &l->m.size, &l->m.packed, NULL);
    l->m.known = !(l->m.flags & ZIP_STREAMED);
    if (!l->any)
        l->first = l->pos;
    if (!l->in_segment)
        l->segment = l->pos;
    l->any = l->in_segment = true;
    l->listing = false;
    open_member(z, l, name);
    begin_content(z, l);
    return n;
}

/* ---- content ---- */

static void emit(struct zip_walk *z, struct zip_level *l, struct slice bytes)
{
    struct zip_open *m = &l->m;
    if (!bytes.n)
        return;
    m->out += bytes.n;
    if (m->want == ZIP_SKIP)
        return;
    m->crc = crc32_gzip_refl(m->crc, bytes.p, bytes.n);
    if (z->visitor->data)
        z->visitor->data(z->arg, m->id, bytes);
    if (m->want == ZIP_WALK)
        zip_level_feed(z, l + 1, bytes);
}

size_t zip_skipped(struct zip_level *l, struct slice w)
{
    size_t n = (size_t)MIN(l->m.left, (uint64_t)w.n);
    l->m.left -= n;
    l->state = l->m.left ? ZIP_AT_SKIPPED : ZIP_AT_HEADER;
    return n;
}

size_t zip_stored(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    size_t n = (size_t)MIN(l->m.left, (uint64_t)w.n);
    emit(z, l, slice_sub(w, 0, n));
    l->m.left -= n;
    if (!l->m.left)
        end_member(z, l, true);
    return n;
}

/* ---- a member whose end only its descriptor tells ---- */

struct descriptor {
    size_t at, n; /* in the window */
    uint32_t crc;
    uint64_t size;
};

/* One with a signature, at p. */
static bool signed_fits(const uint8_t *p, uint64_t packed, struct descriptor *d)
{
    bool as64 = zip_u64(p + 8) == packed, as32 = zip_u32(p + 8) == (uint32_t)packed;
    if (as64 && (is_header(p + 24) || !as32 || (!is_header(p + 16) && !zip_u32(p + 12))))
        *d = (struct descriptor){.n = 24, .crc = zip_u32(p + 4), .size = zip_u64(p + 16)};
    else if (as32 && packed <= UINT32_MAX)
        *d = (struct descriptor){.n = 16, .crc = zip_u32(p + 4), .size = zip_u32(p + 12)};
    else
        return false;
    return true;
}

/* One without, in front of the header at p, which has `packed` bytes of the member and its descriptor in front. */
static bool bare_fits(const uint8_t *p, size_t behind, uint64_t packed, const struct zip_open *m, struct descriptor *d)
{
    if (behind >= 12 && packed >= 12 && packed - 12 <= UINT32_MAX && zip_u32(p - 8) == packed - 12)
        *d = (struct descriptor){.n = 12, .crc = zip_u32(p - 12), .size = zip_u32(p - 4)};
    else if (behind >= 20 && packed >= 20 && zip_u64(p - 16) == packed - 20)
        *d = (struct descriptor){.n = 20, .crc = zip_u32(p - 20), .size = zip_u64(p - 8)};
    else if (m->packed && packed == m->packed) /* it was never written, and the header knew */
        *d = (struct descriptor){.n = 0, .crc = m->said_crc, .size = m->size};
    else
        return false;
    return true;
}

static bool find_descriptor(const struct zip_open *m, struct slice w, struct descriptor *d)
{
    for (size_t at = 0; at + AHEAD <= w.n; at++) {
        const uint8_t *p = memchr(w.p + at, 'P', w.n - AHEAD + 1 - at);
        if (!p)
            return false;
        at = (size_t)(p - w.p);
        if (p[1] != 'K')
            continue;
        if (zip_u32(p) == ZIP_DESCRIPTOR && signed_fits(p, m->in + at, d)) {
            d->at = at;
            return true;
        }
        if (is_header(p) && bare_fits(p, at, m->in + at, m, d)) {
            d->at = at - d->n;
            return true;
        }
    }
    return false;
}

size_t zip_streamed(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    struct zip_open *m = &l->m;
    struct descriptor d;
    if (find_descriptor(m, w, &d)) {
        emit(z, l, slice_sub(w, 0, d.at));
        m->in += d.at;
        m->said_crc = d.crc;
        m->size = d.size;
        end_member(z, l, true);
        return d.at + d.n;
    }
    if (w.n < AHEAD + BEHIND)
        return zip_need(l, AHEAD + BEHIND);
    size_t n = w.n - (AHEAD - 1) - BEHIND;
    emit(z, l, slice_sub(w, 0, n));
    m->in += n;
    return n;
}

/* ---- deflate ---- */

/* NULL, or what is beyond a bound with so many bytes more from so many. */
static const char *beyond(struct zip_walk *z, const struct zip_open *m, uint64_t in, size_t out)
{
    z->inflated += out;
    if (z->inflated > z->inflated_max) {
        z->spent = true;
        return "more is packed in the archive than is unpacked of one; the rest was left out";
    }
    if (m->out + out > ZIP_RATIO_FREE && m->out + out > ZIP_RATIO * in)
        return "it unpacks to more than 200 times its size";
    return NULL;
}

/* The inflater's input is at hand: hands out what it makes of it. 1: that was its end, 0: not yet, -1: broken off. */
static int inflate_on(struct zip_walk *z, struct zip_level *l, uint64_t in)
{
    struct inflate_state *s = l->isal;
    for (;;) {
        uint32_t before = s->avail_in;
        s->next_out = l->window;
        s->avail_out = ZIP_WINDOW;
        int r = isal_inflate(s);
        size_t n = ZIP_WINDOW - s->avail_out;
        bool ended = s->block_state == ISAL_BLOCK_FINISH;
        const char *why = r < 0 ? "its packed content is damaged" : beyond(z, &l->m, in - s->avail_in, n);
        if (why) { /* what it made before the damage is not handed out: some of it may be anything */
            break_member(z, l, r < 0 ? ZIP_NOTE_BROKEN : ZIP_NOTE_BOUND, why);
            return -1;
        }
        emit(z, l, slice_of(l->window, n));
        if (ended)
            return 1;
        if (s->avail_out) {
            if (!s->avail_in)
                return 0;
            if (s->avail_in == before && !n) {
                break_member(z, l, ZIP_NOTE_BROKEN, "its packed content is damaged");
                return -1;
            }
        }
    }
}

static size_t end_deflated(struct zip_walk *z, struct zip_level *l, size_t total)
{
    struct zip_open *m = &l->m;
    size_t used = total - (size_t)l->isal->read_in_length / 8;
    m->in += used;
    if (!m->known) {
        l->state = ZIP_AT_DESCRIPTOR;
        return used;
    }
    uint64_t rest = m->packed - m->in;
    end_member(z, l, true);
    m->left = rest;
    l->state = rest ? ZIP_AT_SKIPPED : ZIP_AT_HEADER;
    return used;
}

size_t zip_deflated(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    struct zip_open *m = &l->m;
    /*
     * What the inflater makes of damaged or cut content depends on how much it gets at once, so that is always the same,
     * counted from the content's first byte. What it holds of its input stays in the window, since some of that may lie
     * behind the content's end.
     */
    size_t n = (size_t)MIN(m->left, (uint64_t)PACKED_BLOCK);
    if (l->over)
        n = MIN(n, w.n - m->ahead);
    if (!n || w.n < m->ahead + n)
        return zip_need(l, m->ahead + MAX(n, (size_t)1));
    struct slice fresh = slice_sub(w, m->ahead, n);
    size_t total = m->ahead + fresh.n;
    l->isal->next_in = (uint8_t *)(uintptr_t)fresh.p;
    l->isal->avail_in = (uint32_t)fresh.n;
    int r = inflate_on(z, l, m->in + total);
    if (r < 0)
        return 0;
    if (r > 0)
        return end_deflated(z, l, total - l->isal->avail_in);
    if (m->known)
        m->left -= fresh.n;
    if (!m->left) {
        m->in += total;
        break_member(z, l, ZIP_NOTE_BROKEN, "its packed content is cut");
        l->state = ZIP_AT_HEADER;
        return total;
    }
    size_t used = total > READ_IN ? total - READ_IN : 0;
    m->ahead = total - used;
    m->in += used;
    return used ? used : zip_need(l, total + 1);
}

size_t zip_descriptor(struct zip_walk *z, struct zip_level *l, struct slice w)
{
    struct zip_open *m = &l->m;
    if (w.n < AHEAD)
        return zip_need(l, AHEAD);
    size_t at = zip_u32(w.p) == ZIP_DESCRIPTOR ? 4 : 0;
    const uint8_t *p = w.p + at;
    bool as32 = zip_u32(p + 4) == (uint32_t)m->in && zip_u32(p + 8) == (uint32_t)m->out;
    bool as64 = zip_u64(p + 4) == m->in && zip_u64(p + 12) == m->out;
    if (!as32 && !as64) {
        zip_note(z, ZIP_NOTE_BROKEN, m->path_n, "no descriptor with its sizes is behind it");
        end_member(z, l, false);
        l->state = ZIP_AT_GAP;
        return 0;
    }
    m->said_crc = zip_u32(p);
    m->size = m->out;
    end_member(z, l, true);
    return at + (as32 && (!as64 || is_header(p + 12)) ? 12 : 20);
}

void zip_member_cut(struct zip_walk *z, struct zip_level *l)
{
    if (l->m.want == ZIP_SKIP)
        return;
    zip_note(z, ZIP_NOTE_BROKEN, l->m.path_n, "the archive ends within it");
    end_member(z, l, false);
}
