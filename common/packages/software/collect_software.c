/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/software/collect_software.h"

#include "model/software.h"
#include "packages/collectors.h"

extern const struct collector collector_software;
/* Programs may be anywhere: no path tells that a layer has none. */
const struct collector collector_software = {SOFTWARE_COLLECTOR, 1, NULL};

#define ELF_HEADER_MIN 64
#define GO_MAGIC       "\xff Go buildinf:"
#define RUST_PATH      "/rustc/" /* a hash of the compiler's sources follows */

/* ---- ELF (System V ABI, "Object Files") ---- */

struct elf {
    struct slice bytes;
    bool wide, big; /* 64 bits; most significant byte first */
};

static uint64_t number(const struct elf *f, size_t at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n && at + i < f->bytes.n; i++)
        v |= (uint64_t)f->bytes.p[at + i] << 8 * (f->big ? n - 1 - i : i);
    return v;
}

/* One program header: notes a writable segment; true for an interpreter. */
static bool take_segment(struct software_scan *s, const struct elf *f, size_t at)
{
    enum { LOAD = 1, INTERPRETER = 3, WRITABLE = 2 };
    uint64_t type = number(f, at, 4), flags = number(f, at + (f->wide ? 4 : 24), 4);
    uint64_t offset = f->wide ? number(f, at + 8, 8) : number(f, at + 4, 4);
    uint64_t size = f->wide ? number(f, at + 32, 8) : number(f, at + 16, 4);
    if (type == LOAD && (flags & WRITABLE) && s->writable_n < ARRAY_LEN(s->writable)) {
        s->writable[s->writable_n].from = offset;
        s->writable[s->writable_n++].to = size > UINT64_MAX - offset ? UINT64_MAX : offset + size;
    }
    return type == INTERPRETER;
}

/* Whether the front is that of an ELF file that can be started. */
static bool is_program(struct software_scan *s)
{
    enum { FIXED = 2, SHARED = 3 };
    struct elf f = {.bytes = slice_of(s->front, s->front_n)};
    if (s->front_n < ELF_HEADER_MIN || memcmp(s->front, "\177ELF", 4) != 0)
        return false;
    f.wide = s->front[4] == 2;
    f.big = s->front[5] == 2;
    uint64_t type = number(&f, 16, 2);
    uint64_t headers = f.wide ? number(&f, 32, 8) : number(&f, 28, 4);
    uint64_t size = number(&f, f.wide ? 54 : 42, 2), count = number(&f, f.wide ? 56 : 44, 2);
    bool interpreted = false;
    if (size < (f.wide ? 56u : 32u) || headers > sizeof s->front)
        count = 0;
    for (uint64_t i = 0; i < count && headers + (i + 1) * size <= s->front_n; i++)
        interpreted |= take_segment(s, &f, (size_t)(headers + i * size));
    return type == FIXED || (type == SHARED && (interpreted || !s->dotted));
}

/* ---- the content ---- */

static bool in_writable(const struct software_scan *s, uint64_t at)
{
    for (size_t i = 0; i < s->writable_n; i++)
        if (at >= s->writable[i].from && at < s->writable[i].to)
            return true;
    return false;
}

static bool may_be_writable(const struct software_scan *s, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < s->writable_n; i++)
        if (from < s->writable[i].to && to > s->writable[i].from)
            return true;
    return false;
}

static bool holds_rust_path(struct slice bytes)
{
    ptrdiff_t found;
    while ((found = slice_find_slice(bytes, SLICE(RUST_PATH))) >= 0) {
        bytes = slice_from(bytes, (size_t)found + strlen(RUST_PATH));
        if (bytes.n && ((bytes.p[0] >= '0' && bytes.p[0] <= '9') || (bytes.p[0] >= 'a' && bytes.p[0] <= 'f')))
            return true;
    }
    return false;
}

/* bytes lie at `at` of the file. */
static void look(struct software_scan *s, uint64_t at, struct slice bytes)
{
    struct slice rest = bytes;
    ptrdiff_t found;
    while (may_be_writable(s, at, at + bytes.n) && (found = slice_find_slice(rest, SLICE(GO_MAGIC))) >= 0) {
        if (in_writable(s, at + (uint64_t)(rest.p + found - bytes.p))) {
            s->kind = SOFTWARE_GO;
            s->state = SCAN_OVER;
            return;
        }
        rest = slice_from(rest, (size_t)found + 1);
    }
    s->rust = s->rust || holds_rust_path(bytes);
}

static void look_on(struct software_scan *s, struct slice bytes)
{
    uint8_t joint[2 * sizeof s->tail];
    size_t head = MIN(bytes.n, sizeof s->tail);
    if (s->tail_n) {
        memcpy(joint, s->tail, s->tail_n);
        memcpy(joint + s->tail_n, bytes.p, head);
        look(s, s->at - s->tail_n, slice_of(joint, s->tail_n + head));
    }
    if (s->state == SCAN_PROGRAM)
        look(s, s->at, bytes);
    s->at += bytes.n;
    if (bytes.n >= sizeof s->tail) {
        memcpy(s->tail, bytes.p + bytes.n - sizeof s->tail, sizeof s->tail);
        s->tail_n = sizeof s->tail;
    } else if (s->tail_n + bytes.n <= sizeof s->tail) {
        memcpy(s->tail + s->tail_n, bytes.p, bytes.n);
        s->tail_n += bytes.n;
    } else {
        size_t keep = sizeof s->tail - bytes.n;
        memmove(s->tail, s->tail + s->tail_n - keep, keep);
        memcpy(s->tail + keep, bytes.p, bytes.n);
        s->tail_n = sizeof s->tail;
    }
}

static void front_whole(struct software_scan *s)
{
    s->state = is_program(s) ? SCAN_PROGRAM : SCAN_OVER;
    if (s->state != SCAN_PROGRAM)
        return;
    s->kind = SOFTWARE_PROGRAM;
    look_on(s, slice_of(s->front, s->front_n));
}

bool software_scan_begin(struct software_scan *s, struct slice path, uint64_t size)
{
    struct slice name = slice_from(path, (size_t)(slice_rfind(path, '/') + 1));
    s->dotted = slice_find(name, '.') >= 0;
    s->state = SCAN_FRONT;
    s->rust = false;
    s->front_n = s->tail_n = s->writable_n = 0;
    s->at = 0;
    s->kind = NULL;
    return size > ELF_HEADER_MIN && software_counts(path);
}

void software_scan_data(struct software_scan *s, uint64_t at, struct slice bytes)
{
    if (s->state == SCAN_FRONT) {
        for (; s->front_n < at && s->front_n < sizeof s->front; s->front_n++)
            s->front[s->front_n] = 0;
        size_t n = MIN(bytes.n, sizeof s->front - s->front_n);
        memcpy(s->front + s->front_n, bytes.p, n);
        s->front_n += n;
        bytes = slice_from(bytes, n);
        at += n;
        if (s->front_n >= 4 && memcmp(s->front, "\177ELF", 4) != 0)
            s->state = SCAN_OVER;
        else if (s->front_n == sizeof s->front)
            front_whole(s);
    }
    if (s->state != SCAN_PROGRAM || !bytes.n)
        return;
    if (at > s->at) { /* a hole */
        s->at = at;
        s->tail_n = 0;
    }
    look_on(s, bytes);
}

const char *software_scan_end(struct software_scan *s)
{
    if (s->state == SCAN_FRONT)
        front_whole(s);
    return s->kind && s->rust && strcmp(s->kind, SOFTWARE_PROGRAM) == 0 ? SOFTWARE_RUST : s->kind;
}

/* ---- a layer ---- */

static void tell(struct software_watch *w, struct slice path, const char *kind)
{
    size_t i = 0;
    while (i < SOFTWARE_KINDS_MAX && w->seen[i].kind && strcmp(w->seen[i].kind, kind) != 0)
        i++;
    ASSERT(i < SOFTWARE_KINDS_MAX);
    w->seen[i].kind = kind;
    if (path.n > SOFTWARE_PATH_MAX)
        w->seen[i].unnamed++;
    else if (w->seen[i].n++ < SOFTWARE_NAMED_MAX)
        w->put(w->arg, path, slice_str(kind));
}

bool software_watch_entry(struct software_watch *w, struct slice path, uint64_t size, bool linked)
{
    const struct software_kind *kind = software_of_path(path);
    if (kind)
        tell(w, path, kind->id);
    if (kind || linked || path.n > sizeof w->path || !software_scan_begin(&w->scan, path, size))
        return false;
    memcpy(w->path, path.p, path.n);
    w->path_n = path.n;
    return true;
}

void software_watch_data(struct software_watch *w, uint64_t at, struct slice bytes)
{
    software_scan_data(&w->scan, at, bytes);
}

void software_watch_done(struct software_watch *w)
{
    const char *kind = software_scan_end(&w->scan);
    if (kind)
        tell(w, slice_of(w->path, w->path_n), kind);
}

void software_watch_end(struct software_watch *w)
{
    for (size_t i = 0; i < SOFTWARE_KINDS_MAX && w->seen[i].kind; i++) {
        char text[80];
        uint32_t n = w->seen[i].unnamed + MAX(w->seen[i].n, (uint32_t)SOFTWARE_NAMED_MAX) - SOFTWARE_NAMED_MAX;
        if (!n)
            continue;
        snprintf(text, sizeof text, "%s %" PRIu32, w->seen[i].kind, n);
        w->put(w->arg, slice_str(w->seen[i].kind), slice_str(text));
    }
}
