/* SPDX-License-Identifier: Apache-2.0 */
/*
 * software_programs.c: what kind of program an ELF file is, told while it streams by. Programs are files that can be
 * started: of a fixed address, with an interpreter, or (static-pie) without a dot in their name. In them Go's linker leaves
 * the magic of its build information in a writable segment (Go, debug/buildinfo), and rustc the paths of its library,
 * which begin with /rustc/ and a hash of the compiler's sources.
 */
#include "model/software.h"
#include "packages/executable/executable.h"
#include "packages/software/software.h"

enum text { TEXT_GO, TEXT_RUST };
static const struct slice texts[] = {SLICE("\xff Go buildinf:"), SLICE("/rustc/"), {NULL, 0}};

struct state {
    bool program, go, rust;
    struct software_told told;
};

static void begin(void *state, struct executable *x)
{
    struct state *s = state;
    const struct binary *p = x->programs;
    bool interpreted = false, dotted = slice_find(slice_path_name(x->path), '.') >= 0;
    s->program = s->go = s->rust = false;
    if (!x->programs_n || p->kind != BINARY_ELF)
        return;
    for (size_t i = 0; i < p->parts_n; i++)
        interpreted |= p->parts[i].kind == PART_INTERPRETER;
    s->program = p->elf.type == ELF_EXECUTABLE || (p->elf.type == ELF_SHARED && (interpreted || !dotted));
}

static bool in_writable(const struct binary *p, uint64_t at)
{
    for (size_t i = 0; i < p->parts_n; i++) {
        const struct binary_part *part = &p->parts[i];
        if (part->kind == PART_SEGMENT && part->flags & PART_WRITE && at >= part->offset &&
            at - part->offset < part->size)
            return true;
    }
    return false;
}

static void hit(void *state, struct executable *x, size_t text, uint64_t at, struct slice bytes, struct slice before)
{
    struct state *s = state;
    (void)before;
    if (!s->program)
        return;
    if (text == TEXT_GO) {
        s->go = s->go || in_writable(x->programs, at);
    } else if (bytes.n > texts[TEXT_RUST].n) {
        uint8_t c = bytes.p[texts[TEXT_RUST].n];
        s->rust = s->rust || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
}

static void end(void *state, struct executable *x, const struct reducer_out *out)
{
    struct state *s = state;
    if (s->program)
        software_tell(&s->told, out, x->path, s->go ? SOFTWARE_GO : s->rust ? SOFTWARE_RUST : SOFTWARE_PROGRAM);
}

static void done(void *state, const struct reducer_out *out)
{
    const struct state *s = state;
    software_told_end(&s->told, out);
}

const struct executable_reader executable_reader_software = {.format = &format_software,
                                                             .texts = texts,
                                                             .state_size = sizeof(struct state),
                                                             .begin = begin,
                                                             .hit = hit,
                                                             .end = end,
                                                             .done = done};
