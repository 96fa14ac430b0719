/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed.c: programs that unpack themselves (UPX): nothing is read of what is in them, and that is told. UPX leaves its
 * magic in front, behind the headers.
 */
#include "packages/executable/executable.h"
#include "packages/parse_internal.h"

extern const struct package_format format_packed;
extern const struct executable_reader executable_reader_packed;

#define FRONT 4096
static const struct slice texts[] = {SLICE("UPX!"), {NULL, 0}};

struct state {
    bool packed;
};

static void begin(void *state, struct executable *x)
{
    struct state *s = state;
    (void)x;
    s->packed = false;
}

static void hit(void *state, struct executable *x, size_t text, uint64_t at, struct slice bytes, struct slice before)
{
    struct state *s = state;
    (void)x;
    (void)text;
    (void)bytes;
    (void)before;
    s->packed |= at < FRONT;
}

static void end(void *state, struct executable *x, const struct reducer_out *out)
{
    const struct state *s = state;
    if (s->packed)
        out->put(out->arg, out->format, x->path, SLICE("upx"));
}

const struct executable_reader executable_reader_packed = {.format = &format_packed,
                                                           .texts = texts,
                                                           .state_size = sizeof(struct state),
                                                           .begin = begin,
                                                           .hit = hit,
                                                           .end = end};

static void read_entry(struct parse *p, const struct evidence_entry *entry)
{
    p->path = entry->path;
    p->reasons_of_file = 0;
    parse_reason(p, REASON_CONTENTS_UNKNOWN, "packed by UPX, its contents are unknown");
}

static const struct package_rule rules[] = {EXECUTABLE_RULES, {.path = NULL}};
static const char *const stores[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_packed = {.name = "packed",
                                             .keeps_version = 1,
                                             .reads_version = 1,
                                             .tells = TELLS_PACKAGES,
                                             .rules = rules,
                                             .not_below = stores,
                                             .read = read_entry};
