/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_software.c: software that nothing judges, as software.c found it in a layer. What a package of
 * the layer owns is judged with that package and left out: Debian's python3-yaml brings a dist-info of its own.
 */
#include "base/hash.h"
#include "model/software.h"
#include "packages/owners.h"
#include "packages/parse_internal.h"
#include "packages/software/software.h"

struct seen {
    struct slice path, kind;
    bool owned; /* an installed package brought it, or a format reads it */
};

struct state {
    VEC(struct seen) seen;
    unread_vec left_out; /* by the reducer: how many more of a kind there were */
};

static struct state *state_of(struct parse *p)
{
    return parse_state(p, &format_software, sizeof(struct state));
}

void software_read(struct parse *p, const struct evidence_entry *entry)
{
    struct slice kind = entry->bytes, more = entry->bytes;
    struct state *state = state_of(p);
    uint64_t n;
    slice_take_token(&more, ' ', &kind);
    if (!state || !kind.n || kind.n > 60 || !slice_is_text(kind))
        return;
    if (more.n && slice_parse_u64(more, &n)) {
        unread_add(p->arena, &state->left_out, kind, (int64_t)MIN(n, (uint64_t)INT32_MAX), SLICE_NONE);
        return;
    }
    struct seen *s = VEC_ADD(p->arena, &state->seen);
    if (s)
        *s = (struct seen){.path = entry->path, .kind = kind};
}

/* ---- who owns them ---- */

struct place {
    uint64_t hash;
    size_t index;
};

struct owning {
    struct state *state;
    struct place *places; /* sorted */
    size_t n, owned_paths;
};

/*
 * A path's hash, alike for the names that merged folders give it: lib/x and usr/lib/x, sbin/x and bin/x. A package's
 * list has the name that the package was built with.
 */
static uint64_t place_of(struct slice path)
{
    slice_take_prefix(&path, SLICE("usr/"));
    if (slice_starts(path, SLICE("sbin/")))
        path = slice_from(path, 1);
    return hash64(path);
}

static int place_order(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) : (x->index > y->index) - (x->index < y->index);
}

static void mark(struct owning *o, struct slice path)
{
    uint64_t hash = place_of(path);
    size_t low = 0, high = o->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->places[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < o->n && o->places[low].hash == hash; low++)
        o->state->seen.v[o->places[low].index].owned = true;
}

static int take_owned(void *ctx, struct slice path, struct slice package)
{
    struct owning *o = ctx;
    (void)package;
    o->owned_paths++;
    mark(o, path);
    return 0;
}

/*
 * What a package of the layer owns, or what a format reads packages of, is not unread. False where the layer has
 * packages and nothing says which files are theirs.
 */
static bool find_owned(const struct parse *p, struct state *state, struct slice whole)
{
    struct owning o = {.state = state, .places = xcalloc(state->seen.n, sizeof *o.places), .n = state->seen.n};
    bool packages = false;
    for (size_t i = 0; i < o.n; i++)
        o.places[i] = (struct place){place_of(state->seen.v[i].path), i};
    qsort(o.places, o.n, sizeof *o.places, place_order);
    owners_walk(whole, take_owned, &o);
    for (size_t i = 0; i < p->out->files.n; i++) {
        if (!p->out->files.v[i].packages.n)
            continue;
        packages = true;
        mark(&o, p->out->files.v[i].path);
    }
    free(o.places);
    return o.owned_paths || !packages;
}

/* ---- what is told ---- */

static void add_more(struct parse *p, struct slice kind, int64_t n)
{
    for (size_t i = p->out->files.n; i-- > 0;) {
        struct parsed_file *f = &p->out->files.v[i];
        if (!slice_eq_str(f->parser, PARSER_SOFTWARE) || !slice_eq(f->facts.v[0].value, kind))
            continue;
        parse_set_fact(p, f, SLICE(FACT_SOFTWARE_MORE), arena_printf(p->arena, "%" PRId64, n));
        return;
    }
}

static int64_t named(const unread_vec *v, struct slice kind)
{
    for (size_t i = 0; i < v->n; i++)
        if (slice_eq(v->v[i].kind, kind))
            return v->v[i].count;
    return 0;
}

void software_read_end(struct parse *p, struct slice whole)
{
    unread_vec count = {0};
    struct state *state = state_of(p);
    if (!state || !state->seen.n)
        return;
    bool known = find_owned(p, state, whole);
    for (size_t i = 0; i < state->seen.n; i++) {
        const struct seen *s = &state->seen.v[i];
        /* Without owners every command of the system would be one. */
        if (s->owned || (!known && slice_eq_str(s->kind, SOFTWARE_PROGRAM)))
            continue;
        unread_add(p->arena, &count, s->kind, 1, SLICE_NONE);
        if (named(&count, s->kind) > PARSER_SOFTWARE_MAX)
            continue;
        struct parsed_file *f = parse_add_file(p, s->path, PARSER_SOFTWARE);
        if (!f)
            return;
        parse_set_fact(p, f, SLICE(FACT_SOFTWARE_KIND), s->kind);
        if (!known)
            parse_set_fact(p, f, SLICE(FACT_SOFTWARE_OWNER), SLICE("?"));
    }
    for (size_t i = 0; i < count.n; i++) {
        int64_t more = MAX(count.v[i].count - PARSER_SOFTWARE_MAX, 0) + named(&state->left_out, count.v[i].kind);
        if (more)
            add_more(p, count.v[i].kind, more);
    }
}
