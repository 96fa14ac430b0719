/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_software.c: software that nothing judges, as software.c found it in a layer. What a package of
 * the layer owns is judged with that package and left out: Debian's python3-yaml brings a dist-info of its own.
 */
#include "model/software.h"
#include "packages/parse_internal.h"
#include "packages/software/software.h"

struct seen {
    struct slice path, kind;
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
    owning_ask(&p->owning, entry->path);
}

/* ---- what is told ---- */

static struct slice software_kind(const struct parsed_file *f)
{
    for (size_t i = 0; i < f->facts.n; i++)
        if (slice_eq_str(f->facts.v[i].name, FACT_SOFTWARE_KIND))
            return f->facts.v[i].value;
    return SLICE_NONE;
}

static void add_more(struct parse *p, struct slice kind, int64_t n)
{
    for (size_t i = p->out->files.n; i-- > 0;) {
        struct parsed_file *f = &p->out->files.v[i];
        if (!slice_eq(software_kind(f), kind))
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

/* An installed package brought it, or a format reads it. */
static bool is_told(const struct parse *p, const struct seen *s)
{
    const struct owning_place *at = owning_of(&p->owning, s->path);
    return at && (at->package.n || at->read);
}

void software_read_owned(struct parse *p)
{
    unread_vec count = {0};
    struct state *state = state_of(p);
    if (!state || !state->seen.n)
        return;
    /* The layer's system has packages, and nothing says which files are theirs. */
    bool known = p->owning.paths || !p->owning.has_system;
    for (size_t i = 0; i < state->seen.n; i++) {
        const struct seen *s = &state->seen.v[i];
        /* Without owners every command of the system would be one. */
        if (is_told(p, s) || (!known && slice_eq_str(s->kind, SOFTWARE_PROGRAM)))
            continue;
        unread_add(p->arena, &count, s->kind, 1, SLICE_NONE);
        if (named(&count, s->kind) > PARSER_SOFTWARE_MAX)
            continue;
        struct parsed_file *f = parse_share_file(p, s->path, PARSER_SOFTWARE);
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
