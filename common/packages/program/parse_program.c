/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_program.c: a program that tells its modules itself (Go's build info) is told by these: its product is left out then,
 * unless they don't know the program's own version.
 */
#include "packages/program/parse_program.h"

#include "packages/reading/fact_list.h"
#include "packages/program/program.h"

struct seen {
    struct slice path, product, version;
    bool several;
};

struct state {
    VEC(struct seen) all;
};

void program_read(struct parse *p, const struct evidence_entry *entry)
{
    struct state *state = parse_state(p, &format_program, sizeof *state);
    struct slice product = fact_list_get(entry->bytes, PROGRAM_FACT_PRODUCT),
                 version = fact_list_get(entry->bytes, PROGRAM_FACT_VERSION);
    if (!parse_is_token(product) || !parse_is_token(version))
        return;
    struct seen *to = state ? VEC_ADD(p->arena, &state->all) : NULL;
    if (to)
        *to = (struct seen){entry->path, product, version, fact_list_get(entry->bytes, PROGRAM_FACT_SEVERAL).p != NULL};
}

static int seen_order(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    return slice_cmp(x->path, y->path);
}

/* Whether some package of the file has the version, as "1.2.3" or "v1.2.3". */
static bool has_version(const struct parsed_file *file, struct slice version)
{
    for (size_t i = 0; i < file->packages.n; i++) {
        struct slice v = file->packages.v[i].version;
        slice_take_prefix(&v, SLICE("v"));
        if (slice_eq(v, version))
            return true;
    }
    return false;
}

static void add(struct parse *p, const struct seen *s)
{
    const struct program *row = program_by_product(s->product);
    struct parsed_file *file = parse_share_file(p, s->path, "program");
    struct package package = {
        .type = PKG_GENERIC, .name = s->product, .version = s->version, .why = SLICE("the program's own text says so")};
    if (!file)
        return;
    p->path = s->path;
    if (s->several)
        package.not_judged = reason_make(REASON_VERSION_UNKNOWN, SLICE("the program names several versions of itself"));
    else if (!row || !row->bitnami)
        package.not_judged = reason_make(REASON_NOBODY_PUBLISHES, SLICE("no feed speaks of this program by its name"));
    parse_add_package(p, file, &package);
}

void program_read_end(struct parse *p, struct slice whole)
{
    struct state *state = parse_state(p, &format_program, sizeof *state);
    (void)whole;
    if (!state || !state->all.n)
        return;
    qsort(state->all.v, state->all.n, sizeof *state->all.v, seen_order);
    bool *told = arena_zalloc(p->arena, state->all.n * sizeof *told);
    for (size_t i = 0; told && i < p->out->files.n; i++) {
        const struct seen key = {.path = p->out->files.v[i].path};
        const struct seen *at = p->out->files.v[i].packages.n
                                    ? bsearch(&key, state->all.v, state->all.n, sizeof *state->all.v, seen_order)
                                    : NULL;
        if (at && has_version(&p->out->files.v[i], at->version))
            told[at - state->all.v] = true;
    }
    for (size_t i = 0; told && i < state->all.n; i++)
        if (!told[i])
            add(p, &state->all.v[i]);
}
