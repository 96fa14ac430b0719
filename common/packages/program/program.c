/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.c: what is kept of such a file: the product, and each version that it says. Shell scripts and links are none.
 */
#include "packages/reading/fact_list.h"
#include "packages/program/parse_program.h"
#include "packages/program/program_scan.h"
#include "packages/reducer.h"

struct state {
    struct program_scan scan;
    uint8_t path[4096];
    size_t path_n;
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    if (file->linked || file->path.n > sizeof s->path || !program_scan_begin(&s->scan, file->path))
        return false;
    memcpy(s->path, file->path.p, file->path.n);
    s->path_n = file->path.n;
    return true;
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    program_scan_data(&s->scan, at, bytes);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    const struct program_candidate *found = program_scan_end(&s->scan);
    struct buf facts = BUF_INIT(1024);
    if (!found)
        return;
    fact_list_add(&facts, PROGRAM_FACT_PRODUCT, slice_str(found->row->product));
    fact_list_add(&facts, PROGRAM_FACT_VERSION, slice_str(found->version));
    if (found->several)
        fact_list_add(&facts, PROGRAM_FACT_SEVERAL, SLICE(""));
    out->put(out->arg, out->format, slice_of(s->path, s->path_n), buf_slice(&facts));
    buf_done(&facts);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    (void)state;
    (void)out;
}

static const struct reducer reducer = {
    .state_size = sizeof(struct state), .begin = begin, .feed = feed, .end = end, .layer_end = layer_end};

static const struct package_rule rules[] = {
    {.magic = "\177ELF", .reducer = &reducer},          {.magic = "MZ", .reducer = &reducer},
    {.magic = "\xcf\xfa\xed\xfe", .reducer = &reducer}, {.magic = "\xce\xfa\xed\xfe", .reducer = &reducer},
    {.magic = "\xca\xfe\xba\xbe", .reducer = &reducer}, {.path = NULL},
};

/* What is below is there a second time under its true name, or told by its own packages. */
static const char *const stores[] = {"nix/store", "gnu/store", "sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_program = {.name = "program",
                                              .keeps_version = 1,
                                              .reads_version = 1,
                                              .type = PKG_GENERIC,
                                              .rules = rules,
                                              .not_below = stores,
                                              .read = program_read,
                                              .read_end = program_read_end};
