/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/oval/oval.h"

#define PLATFORMS_MAX     1000
#define ARCHITECTURES_MAX 64

/* ---- keeping ---- */

static bool negated(const struct xml_node *n)
{
    return slice_eq_str(xml_attribute(n, "negate"), "true");
}

static const char *keep_node(struct oval *o, const struct xml_node *n, struct buf *out, size_t *count)
{
    if (negated(n))
        return NULL; /* of kernels that run: nothing that an image can tell */
    if (++*count > OVAL_CRITERIA_MAX)
        return "too many criteria";
    if (slice_eq_str(n->name, "criterion")) {
        if (oval_says_nothing(xml_attribute(n, "comment")))
            return NULL; /* half of Oracle's criteria */
        int64_t number = oval_test_number(o, xml_attribute(n, "test_ref"), xml_attribute(n, "comment"));
        if (number < 0)
            return "a criterion without a test, or too many of them";
        buf_add_byte(out, 't');
        buf_add_varint(out, (uint64_t)number);
    } else if (slice_eq_str(n->name, "criteria")) {
        struct slice op = xml_attribute(n, "operator");
        if (op.n && !slice_eq_str(op, "AND") && !slice_eq_str(op, "OR"))
            return "an operator that is neither AND nor OR";
        buf_add_byte(out, slice_eq_str(op, "OR") ? '|' : '&');
        for (const struct xml_node *c = xml_first(n); c; c = xml_after(c)) {
            const char *bad = keep_node(o, c, out, count);
            if (bad)
                return bad;
        }
        buf_add_byte(out, ')');
    }
    return out->overflow ? "too much for the memory of a feed" : NULL;
}

const char *oval_keep_criteria(struct oval *o, const struct xml_node *criteria, struct buf *out)
{
    size_t count = 0;
    return criteria ? keep_node(o, criteria, out, &count) : "no criteria";
}

/* ---- walking ---- */

static bool vec_has(const slice_vec *v, struct slice s)
{
    for (size_t i = 0; i < v->n; i++)
        if (slice_eq(v->v[i], s))
            return true;
    return false;
}

static void vec_unite(struct arena *arena, slice_vec *to, const slice_vec *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (!vec_has(to, from->v[i]))
            slice_vec_add(arena, to, from->v[i]);
}

static slice_vec vec_common(struct arena *arena, const slice_vec *a, const slice_vec *b)
{
    slice_vec both = {0};
    for (size_t i = 0; i < a->n; i++)
        if (vec_has(b, a->v[i]))
            slice_vec_add(arena, &both, a->v[i]);
    return both;
}

static int bad(struct oval_walk *w, const char *why, struct slice comment)
{
    snprintf(w->bad, sizeof w->bad, "%s: %.*s", why, SLICE_FMT(slice_sub(comment, 0, 100)));
    return -1;
}

/* "(aarch64|x86_64)" and "x86_64": names, no other patterns. */
static int architectures_of(struct oval_walk *w, const struct oval_leaf *l, slice_vec *to)
{
    struct slice s = l->architectures, word;
    slice_take_prefix(&s, SLICE("^"));
    slice_take_prefix(&s, SLICE("("));
    if (slice_ends(s, SLICE("$")))
        s.n--;
    if (slice_ends(s, SLICE(")")))
        s.n--;
    while (slice_take_token(&s, '|', &word)) {
        for (size_t i = 0; i < word.n; i++) {
            uint8_t c = word.p[i];
            if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_')
                return bad(w, "an architecture that is a pattern", l->comment);
        }
        if (word.n && !vec_has(to, word))
            slice_vec_add(w->arena, to, word);
    }
    return 0;
}

/* What a subtree demands, and whether it is about packages. */
struct demand {
    struct oval_context context;
    bool packages;
};

static int demand_of_leaf(struct oval_walk *w, uint64_t test, struct demand *d)
{
    struct oval_leaf l;
    oval_leaf(w->oval, test, w->arena, &l);
    switch (l.kind) {
    case LEAF_BAD:
        return bad(w, "a criterion that can't be read", l.comment);
    case LEAF_IGNORED:
        return 0;
    case LEAF_PLATFORM: {
        struct slice ecosystem = w->platform(w->arg, l.name, w->arena);
        d->context.platform_given = true;
        if (ecosystem.n)
            slice_vec_add(w->arena, &d->context.platforms, ecosystem);
        return 0;
    }
    case LEAF_ARCHITECTURE:
        return architectures_of(w, &l, &d->context.architectures);
    case LEAF_MODULE:
        d->context.module = l.name;
        return 0;
    default:
        d->packages = true;
        return 0;
    }
}

static void demand_both(struct oval_walk *w, struct oval_context *to, const struct oval_context *c)
{
    if (c->platform_given)
        to->platforms = to->platform_given ? vec_common(w->arena, &to->platforms, &c->platforms) : c->platforms;
    to->platform_given |= c->platform_given;
    if (c->architectures.n)
        to->architectures =
            to->architectures.n ? vec_common(w->arena, &to->architectures, &c->architectures) : c->architectures;
    if (c->module.n)
        to->module = c->module;
}

static void demand_either(struct oval_walk *w, struct oval_context *to, const struct oval_context *c)
{
    to->platform_given |= c->platform_given;
    vec_unite(w->arena, &to->platforms, &c->platforms);
    vec_unite(w->arena, &to->architectures, &c->architectures);
    if (c->module.n)
        to->module = c->module;
}

/* Reads one node from the front of *s. */
static int demand_of(struct oval_walk *w, struct slice *s, struct demand *ret_d)
{
    struct demand d = {0};
    uint64_t test;
    uint8_t op = s->n ? s->p[0] : ')';
    *s = slice_from(*s, 1);
    if (op == 't') {
        if (!slice_take_varint(s, &test))
            BUG("oval: criteria that were kept are damaged");
        if (demand_of_leaf(w, test, &d))
            return -1;
    } else {
        while (s->n && s->p[0] != ')') {
            struct demand child;
            if (demand_of(w, s, &child))
                return -1;
            d.packages |= child.packages;
            if (op == '&')
                demand_both(w, &d.context, &child.context);
            else
                demand_either(w, &d.context, &child.context);
            if (d.context.platforms.n > PLATFORMS_MAX || d.context.architectures.n > ARCHITECTURES_MAX)
                return bad(w, "too many platforms or architectures", SLICE_NONE);
        }
        *s = slice_from(*s, 1);
    }
    *ret_d = d;
    return 0;
}

static int walk_leaf(struct oval_walk *w, uint64_t test, const struct oval_context *c)
{
    struct oval_context own = *c;
    struct oval_leaf l;
    oval_leaf(w->oval, test, w->arena, &l);
    if (l.kind < LEAF_FIXED)
        return 0;
    if (l.architectures.n) {
        slice_vec v = {0};
        if (architectures_of(w, &l, &v))
            return -1;
        own.architectures = own.architectures.n ? vec_common(w->arena, &own.architectures, &v) : v;
        if (!own.architectures.n)
            return 0;
    }
    return w->package(w->arg, &own, &l);
}

static int walk_node(struct oval_walk *w, struct slice *s, const struct oval_context *outer)
{
    struct oval_context c = *outer;
    uint64_t test;
    uint8_t op = s->n ? s->p[0] : ')';
    *s = slice_from(*s, 1);
    if (op == 't')
        return slice_take_varint(s, &test) ? walk_leaf(w, test, &c) : -1;
    struct slice ahead = *s;
    while (op == '&' && ahead.n && ahead.p[0] != ')') {
        struct demand d;
        if (demand_of(w, &ahead, &d))
            return -1;
        /* What a subtree with packages demands applies to these packages only, when the subtree is walked. */
        if (!d.packages)
            demand_both(w, &c, &d.context);
    }
    while (s->n && s->p[0] != ')') {
        int rc = walk_node(w, s, &c);
        if (rc)
            return rc;
    }
    *s = slice_from(*s, 1);
    return 0;
}

int oval_walk(struct oval_walk *w, struct slice criteria)
{
    struct oval_context none = {0};
    struct demand d;
    struct slice ahead = criteria;
    w->bad[0] = 0;
    /* Once through everything first, so that one bad criterion is found before anything is handed on. */
    if (demand_of(w, &ahead, &d))
        return -1;
    return walk_node(w, &criteria, &none);
}
