/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/executable/executable_scan.h"

#include "packages/rules.h"

/* Of the scan itself: the front of a program within a fat file, and the table of sections. */
#define OWN SIZE_MAX
enum { TAG_FRONT, TAG_SECTIONS };

static const uint8_t zeros[(size_t)64 << 10];

void executable_scan_init(struct executable_scan *s, const struct executable_reader *const *readers)
{
    struct slice texts[NEEDLES_MAX];
    size_t n = 0;
    s->readers = readers;
    for (size_t i = 0; readers[i]; i++) {
        ASSERT(i < EXECUTABLE_READERS_MAX);
        s->readers_n = i + 1;
        s->states[i] = xcalloc(1, readers[i]->state_size);
        for (size_t k = 0; readers[i]->texts && readers[i]->texts[k].n; k++) {
            ASSERT(n < NEEDLES_MAX && k < EXECUTABLE_TEXTS && readers[i]->texts[k].n <= EXECUTABLE_AHEAD);
            s->whose[n].reader = (uint8_t)i;
            s->whose[n].text = (uint8_t)k;
            texts[n++] = readers[i]->texts[k];
        }
    }
    s->programs = xcalloc(1, sizeof *s->programs);
    s->sections = BUF_INIT((size_t)EXECUTABLE_SECTIONS_MAX * 64);
    needles_init(&s->needles, texts, n);
}

void executable_scan_done(struct executable_scan *s)
{
    for (size_t i = 0; i < s->readers_n; i++)
        free(s->states[i]);
    free(s->programs);
    buf_done(&s->sections);
}

/* ---- captures ---- */

static bool capture(struct executable_scan *s, size_t reader, unsigned tag, uint64_t at, uint64_t n)
{
    if (at < s->piece_at - s->tail_n || s->captures_n == EXECUTABLE_CAPTURES_MAX || at >= s->x.size || !n)
        return false;
    uint64_t most = s->x.size - at;
    s->captures[s->captures_n++] =
        (struct executable_capture){.next = at, .end = at + MIN(n, most), .reader = reader, .tag = tag};
    return true;
}

bool executable_capture(struct executable *x, unsigned tag, uint64_t at, uint64_t n)
{
    return capture(x->scan, x->reader, tag, at, n);
}

static void next_of_fat(struct executable_scan *s);

static bool take_front(struct executable_scan *s, uint64_t base, struct slice bytes)
{
    size_t n = MIN(bytes.n, sizeof s->front - s->front_n);
    memcpy(s->front + s->front_n, bytes.p, n);
    s->front_n += n;
    uint64_t want = MIN((uint64_t)sizeof s->front, s->x.size - base);
    if (s->front_n < want)
        return true;
    if (binary_read(slice_of(s->front, s->front_n), base, &s->programs[s->x.programs_n]))
        s->x.programs_n++;
    next_of_fat(s);
    return false;
}

static void next_of_fat(struct executable_scan *s)
{
    s->front_n = 0;
    while (s->fat_n) {
        uint64_t at = s->fat[0];
        memmove(s->fat, s->fat + 1, --s->fat_n * sizeof *s->fat);
        if (capture(s, OWN, TAG_FRONT, at, BINARY_FRONT_MAX))
            return;
    }
}

static void want_sections(struct executable_scan *s)
{
    const struct elf *f = &s->programs[0].elf;
    if (s->programs[0].kind != BINARY_ELF || !f->sections || f->section_size < (f->wide ? 64 : 40) ||
        f->section_size > 1024)
        return;
    s->sections_want = (f->sections_n ? f->sections_n : 1) * f->section_size;
    if (!capture(s, OWN, TAG_SECTIONS, f->sections, EXECUTABLE_SECTIONS_MAX * f->section_size))
        s->sections_want = 0;
}

static bool take_sections(struct executable_scan *s, struct slice bytes)
{
    const struct elf *f = &s->programs[0].elf;
    while (bytes.n && s->sections.n < s->sections_want) {
        size_t n = (size_t)MIN((uint64_t)bytes.n, s->sections_want - s->sections.n);
        struct elf_section first;
        if (buf_add(&s->sections, bytes.p, n))
            break;
        bytes = slice_from(bytes, n);
        /* A count that has no room in the header stands in the first section. */
        if (!f->sections_n && s->sections.n == f->section_size && elf_section(f, buf_slice(&s->sections), &first))
            s->sections_want = MIN(first.size, EXECUTABLE_SECTIONS_MAX) * f->section_size;
    }
    return s->sections.n < s->sections_want && !s->sections.overflow;
}

bool executable_section(const struct executable *x, uint64_t at, uint64_t *ret_size, bool *ret_known)
{
    const struct executable_scan *s = x->scan;
    const struct elf *f = &s->programs[0].elf;
    *ret_known = s->sections_want && s->sections.n >= s->sections_want;
    for (size_t i = 0; *ret_known && (i + 1) * f->section_size <= s->sections.n; i++) {
        struct elf_section section;
        if (!elf_section(f, slice_sub(buf_slice(&s->sections), i * (size_t)f->section_size, (size_t)f->section_size),
                         &section) ||
            section.type != ELF_PROGRAM_BITS || section.offset != at)
            continue;
        *ret_size = section.size;
        return true;
    }
    return false;
}

static bool give(struct executable_scan *s, size_t i, struct slice bytes)
{
    struct executable_capture c = s->captures[i];
    uint64_t at = c.next;
    bytes = slice_sub(bytes, 0, (size_t)MIN((uint64_t)bytes.n, c.end - at));
    s->captures[i].next += bytes.n;
    if (c.reader == OWN && c.tag == TAG_SECTIONS)
        return take_sections(s, bytes);
    if (c.reader == OWN)
        return take_front(s, at - s->front_n, bytes) && s->captures[i].next < c.end;
    s->x.reader = c.reader;
    return s->readers[c.reader]->take(s->states[c.reader], &s->x, c.tag, at, bytes) && s->captures[i].next < c.end;
}

/* Those that are asked for meanwhile stand behind, and get their turn. */
static void feed_captures(struct executable_scan *s)
{
    size_t kept = 0;
    uint64_t at = s->piece_at, end = at + s->piece.n;
    for (size_t i = 0; i < s->captures_n; i++) {
        struct executable_capture *c = &s->captures[i];
        bool more = true;
        if (c->next < at)
            more = give(s, i, slice_from(slice_of(s->tail, s->tail_n), (size_t)(c->next - (at - s->tail_n))));
        if (more && c->next >= at && c->next < end)
            more = give(s, i, slice_from(s->piece, (size_t)(c->next - at)));
        if (!more)
            c->end = 0;
    }
    for (size_t i = 0; i < s->captures_n; i++)
        if (s->captures[i].end)
            s->captures[kept++] = s->captures[i];
    s->captures_n = kept;
}

/* ---- texts ---- */

struct looking {
    struct executable_scan *s;
    struct slice bytes;
    uint64_t at; /* of bytes */
};

static void on_hit(void *arg, size_t number, size_t at)
{
    struct looking *l = arg;
    struct executable_scan *s = l->s;
    size_t reader = s->whose[number].reader, before = MIN(at, EXECUTABLE_BEFORE);
    if (!s->called[reader])
        return;
    s->x.reader = reader;
    s->readers[reader]->hit(s->states[reader], &s->x, s->whose[number].text, l->at + at,
                            slice_sub(l->bytes, at, EXECUTABLE_AHEAD), slice_sub(l->bytes, at - before, before));
}

/* Looks at the places before `to`, of which bytes have all that follows. */
static void look(struct executable_scan *s, struct slice bytes, uint64_t at, uint64_t to)
{
    struct looking l = {.s = s, .bytes = bytes, .at = at};
    if (to <= s->scanned)
        return;
    needles_find(&s->needles, bytes, (size_t)(s->scanned - at), (size_t)(to - at), on_hit, &l);
    s->scanned = to;
}

static void keep_tail(struct executable_scan *s, struct slice piece)
{
    size_t room = sizeof s->tail, n = MIN(piece.n, room), old = MIN(s->tail_n, room - n);
    memmove(s->tail, s->tail + s->tail_n - old, old);
    memcpy(s->tail + old, piece.p + piece.n - n, n);
    s->tail_n = old + n;
}

static void process(struct executable_scan *s, struct slice piece)
{
    uint8_t joint[2 * EXECUTABLE_TAIL];
    uint64_t at = s->at, end = at + piece.n, full = end > EXECUTABLE_AHEAD ? end - EXECUTABLE_AHEAD : 0;
    s->piece = piece;
    s->piece_at = at;
    if (s->tail_n && full > s->scanned) {
        size_t head = MIN(piece.n, EXECUTABLE_TAIL);
        memcpy(joint, s->tail, s->tail_n);
        memcpy(joint + s->tail_n, piece.p, head);
        look(s, slice_of(joint, s->tail_n + head), at - s->tail_n, MIN(full, at + EXECUTABLE_BEFORE));
    }
    if (full > s->scanned && s->scanned >= at)
        look(s, piece, at, full);
    feed_captures(s);
    keep_tail(s, piece);
    s->at = end;
    s->piece = SLICE_NONE;
    s->piece_at = end;
}

/* ---- the file ---- */

bool executable_scan_begin(struct executable_scan *s, struct slice path, uint64_t size)
{
    if (path.n > sizeof s->path)
        return false;
    memcpy(s->path, path.p, path.n);
    s->x = (struct executable){.path = slice_of(s->path, path.n), .size = size, .programs = s->programs, .scan = s};
    s->state = EXECUTABLE_FRONT;
    s->front_n = s->tail_n = s->captures_n = s->fat_n = 0;
    s->at = s->scanned = s->piece_at = s->sections_want = 0;
    buf_clear(&s->sections);
    s->piece = SLICE_NONE;
    return true;
}

static void front_whole(struct executable_scan *s)
{
    struct slice front = slice_of(s->front, s->front_n);
    s->x.wasm = slice_starts(front, SLICE("\0asm"));
    s->fat_n = binary_fat(front, s->fat);
    if (s->fat_n && !s->room_for_fat) {
        s->programs = xrealloc(s->programs, BINARY_FAT_MAX * sizeof *s->programs);
        s->room_for_fat = true;
    }
    s->x.programs = s->programs;
    if (binary_read(front, 0, &s->programs[0]))
        s->x.programs_n = 1;
    else if (!s->fat_n && !s->x.wasm) {
        s->state = EXECUTABLE_OVER;
        return;
    }
    s->state = EXECUTABLE_BODY;
    if (s->x.programs_n)
        want_sections(s);
    for (size_t i = 0; i < s->readers_n; i++) {
        s->x.reader = i;
        s->called[i] = rules_reach(s->readers[i]->format, s->x.path);
        if (s->called[i])
            s->readers[i]->begin(s->states[i], &s->x);
    }
    uint8_t copy[BINARY_FRONT_MAX];
    memcpy(copy, s->front, s->front_n);
    size_t n = s->front_n;
    next_of_fat(s);
    process(s, slice_of(copy, n));
}

/* Whether some capture wants bytes before `to`. */
static bool wanted_before(const struct executable_scan *s, uint64_t to)
{
    for (size_t i = 0; i < s->captures_n; i++)
        if (s->captures[i].next < to)
            return true;
    return false;
}

static void body(struct executable_scan *s, uint64_t at, struct slice bytes)
{
    while (s->at < at && (at - s->at <= sizeof zeros || wanted_before(s, at)))
        process(s, slice_of(zeros, (size_t)MIN((uint64_t)sizeof zeros, at - s->at)));
    if (s->at < at) { /* more zeros than a text could reach over */
        process(s, slice_of(zeros, 2 * EXECUTABLE_TAIL));
        s->at = s->piece_at = at;
        s->scanned = at - EXECUTABLE_AHEAD;
    }
    if (bytes.n)
        process(s, bytes);
}

void executable_scan_data(struct executable_scan *s, uint64_t at, struct slice bytes)
{
    if (s->state == EXECUTABLE_FRONT) {
        for (; s->front_n < at && s->front_n < sizeof s->front; s->front_n++) /* a hole */
            s->front[s->front_n] = 0;
        size_t n = MIN(bytes.n, sizeof s->front - s->front_n);
        if (n)
            memcpy(s->front + s->front_n, bytes.p, n);
        s->front_n += n;
        bytes = slice_from(bytes, n);
        at += n;
        if (s->front_n < sizeof s->front)
            return;
        front_whole(s);
    }
    if (s->state == EXECUTABLE_BODY && bytes.n)
        body(s, at, bytes);
}

void executable_scan_end(struct executable_scan *s, const struct reducer_out *out)
{
    if (s->state == EXECUTABLE_FRONT)
        front_whole(s);
    if (s->state != EXECUTABLE_BODY)
        return;
    if (s->at < s->x.size)
        body(s, s->x.size, SLICE_NONE);
    look(s, slice_of(s->tail, s->tail_n), s->at - s->tail_n, s->at);
    feed_captures(s);
    for (size_t i = 0; i < s->readers_n; i++) {
        struct reducer_out own = *out;
        own.format = s->readers[i]->format;
        s->x.reader = i;
        if (s->called[i])
            s->readers[i]->end(s->states[i], &s->x, &own);
    }
    s->state = EXECUTABLE_OVER;
}

void executable_scan_layer_end(struct executable_scan *s, const struct reducer_out *out)
{
    for (size_t i = 0; i < s->readers_n; i++) {
        struct reducer_out own = *out;
        own.format = s->readers[i]->format;
        if (s->readers[i]->done)
            s->readers[i]->done(s->states[i], &own);
    }
}
