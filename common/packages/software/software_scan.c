/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/software/software_scan.h"

#include "io/binary/elf.h"
#include "model/software.h"

#define GO_MAGIC  "\xff Go buildinf:"
#define RUST_PATH "/rustc/" /* a hash of the compiler's sources follows */

/* ---- the front ---- */

static void take_writable(struct software_scan *s, const struct elf_segment *segment)
{
    uint64_t from = segment->offset, size = segment->size;
    if (segment->type != ELF_LOAD || !(segment->flags & ELF_WRITE) || s->writable_n == ARRAY_LEN(s->writable))
        return;
    s->writable[s->writable_n].from = from;
    s->writable[s->writable_n++].to = size > UINT64_MAX - from ? UINT64_MAX : from + size;
}

/* Whether the front is that of an ELF file that can be started. */
static bool is_program(struct software_scan *s)
{
    struct elf f;
    bool interpreted = false;
    if (!elf_open(slice_of(s->front, s->front_n), &f))
        return false;
    for (size_t i = 0; i < f.headers_n; i++) {
        struct elf_segment segment = elf_segment(&f, i);
        take_writable(s, &segment);
        interpreted |= segment.type == ELF_INTERPRETER;
    }
    return f.type == ELF_EXECUTABLE || (f.type == ELF_SHARED && (interpreted || !s->dotted));
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

void software_scan_begin(struct software_scan *s, struct slice path)
{
    struct slice name = slice_path_name(path);
    s->dotted = slice_find(name, '.') >= 0;
    s->state = SCAN_FRONT;
    s->rust = false;
    s->front_n = s->tail_n = s->writable_n = 0;
    s->at = 0;
    s->kind = NULL;
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
        if (s->front_n == sizeof s->front)
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
