/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/table/families_internal.h"
#include "feeds/table/publishers.h"

#include <pthread.h>

/* ---- shapes ---- */

static bool is_alnum(uint8_t c)
{
    return byte_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool one_shape_fits(struct slice shape, struct slice s)
{
    for (; shape.n; shape = slice_from(shape, 1)) {
        size_t n = 0;
        if (shape.p[0] == '#') {
            while (n < s.n && n < 3 && byte_is_digit(s.p[n]))
                n++;
            if (!n || (n > 1 && s.p[0] == '0'))
                return false;
        } else if (shape.p[0] == '~') {
            while (n < s.n && (is_alnum(s.p[n]) || (n && strchr("-+.", s.p[n]))))
                n++;
            if (!n)
                return false;
        } else if (s.n && s.p[0] == shape.p[0]) {
            n = 1;
        } else {
            return false;
        }
        s = slice_from(s, n);
    }
    return !s.n;
}

bool family_shape_fits(const struct feed_family *family, struct slice s)
{
    struct slice shapes = slice_str(family->shape), shape;
    uint64_t number;
    if (!s.n || s.n > FEED_RELEASE_MAX || slice_find(s, 0) >= 0 || slice_find_slice(s, SLICE("..")) >= 0)
        return false;
    if (family->least && slice_parse_u64(s, &number) && number < family->least)
        return false;
    while (slice_take_token(&shapes, '|', &shape))
        if (one_shape_fits(shape, s))
            return true;
    return false;
}

/* ---- members ---- */

struct member {
    struct feed feed; /* first: a feed that has a family is one of these */
    size_t variant;
    char release[FEED_RELEASE_MAX + 1];
    bool discovered;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct member *members[FEED_MEMBERS_MAX]; /* in no order, never freed: feeds live as long as the process */
static size_t members_n;

/* text with "$1" and "$2" in their places; NULL stays NULL. The caller's. */
char *family_fill(const char *text, struct slice release, const char *variant)
{
    if (!text)
        return NULL;
    struct buf b = BUF_INIT(1024);
    for (; *text; text++) {
        if (text[0] == '$' && text[1] == '1')
            buf_add_slice(&b, release), text++;
        else if (text[0] == '$' && text[1] == '2')
            buf_add_slice(&b, slice_str(variant)), text++;
        else
            buf_add_byte(&b, (uint8_t)*text);
    }
    char *filled = xstrdup(buf_cstr(&b));
    buf_done(&b);
    return filled;
}

const char *family_variant(const struct feed_family *family, size_t nth)
{
    return family->variants ? family->variants[nth] : nth ? NULL : "";
}

/* The name's "$1", when it is a name of this family's variant. */
static struct slice release_of(const struct feed_family *family, const char *variant, struct slice name)
{
    char *like ATTR_CLEANUP(cleanup_free) = family_fill(family->like.name, SLICE("$"), variant);
    struct slice after = slice_str(like), before = SLICE_NONE;
    if (!slice_take_token(&after, '$', &before) || name.n < before.n + after.n || !slice_starts(name, before) ||
        !slice_ends(name, after))
        return SLICE_NONE;
    name = slice_sub(name, before.n, name.n - before.n - after.n);
    return family_shape_fits(family, name) ? name : SLICE_NONE;
}

bool family_is_among(const char *const *list, struct slice s)
{
    for (; list && *list; list++)
        if (slice_eq_str(s, *list))
            return true;
    return false;
}

static struct member *make_member(const struct feed_family *family, size_t variant, struct slice release)
{
    struct member *m = xcalloc(1, sizeof *m);
    const char *second = family_variant(family, variant);
    const struct feed *like = &family->like;
    *m = (struct member){.feed = *like, .variant = variant};
    m->feed.family = family;
    snprintf(m->release, sizeof m->release, "%.*s", SLICE_FMT(release));
    m->discovered = !family_is_among(family->known, release);
    m->feed.name = family_fill(like->name, release, second);
    m->feed.ecosystem = family_fill(like->ecosystem, release, second);
    m->feed.whose = family_fill(like->whose, release, second);
    m->feed.url = family_fill(like->url, release, second);
    m->feed.path = family_fill(like->path, release, second);
    for (size_t i = 0; i < ARRAY_LEN(like->also); i++)
        m->feed.also[i] = family_fill(like->also[i], release, second);
    return m;
}

static const struct feed *member_by_name(struct slice name)
{
    for (size_t i = 0; i < members_n; i++)
        if (slice_eq_str(name, members[i]->feed.name))
            return &members[i]->feed;
    const struct feed_family *f;
    for (size_t i = 0; (f = feed_family(i)) != NULL; i++)
        for (size_t v = 0; family_variant(f, v) && members_n < FEED_MEMBERS_MAX && !family_is_among(f->never, name);
             v++) {
            struct slice release = release_of(f, family_variant(f, v), name);
            if (release.n)
                return &(members[members_n++] = make_member(f, v, release))->feed;
        }
    return NULL;
}

const struct feed *feed_by_name(struct slice name)
{
    const struct feed *row;
    for (size_t i = 0; (row = feed_row(i)) != NULL; i++)
        if (slice_eq_str(name, row->name))
            return row;
    if (!name.n || name.n > 2 * FEED_RELEASE_MAX)
        return NULL;
    pthread_mutex_lock(&lock);
    const struct feed *f = member_by_name(name);
    pthread_mutex_unlock(&lock);
    return f;
}

static const struct member *member_of(const struct feed *f)
{
    return f->family ? (const struct member *)f : NULL;
}

bool feed_is_discovered(const struct feed *f)
{
    const struct member *m = member_of(f);
    return m && m->discovered;
}

/* ---- order ---- */

static size_t take_digits(struct slice *s)
{
    struct slice from = *s;
    while (s->n && byte_is_digit(s->p[0]))
        *s = slice_from(*s, 1);
    return from.n - s->n;
}

/* Numbers by their value: v3.3 before v3.10. */
static int release_order(struct slice a, struct slice b)
{
    while (a.n && b.n) {
        struct slice from_a = a, from_b = b;
        size_t n = take_digits(&a), m = take_digits(&b);
        if (n && m && n != m)
            return n < m ? -1 : 1;
        if (!n || !m) {
            a = slice_from(from_a, n = 1);
            b = slice_from(from_b, m = 1);
        }
        int c = slice_cmp(slice_sub(from_a, 0, n), slice_sub(from_b, 0, m));
        if (c)
            return c;
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

int feed_order(const struct feed *a, const struct feed *b)
{
    const struct member *x = member_of(a), *y = member_of(b);
    if (a == b)
        return 0;
    if (a->shipped != b->shipped)
        return a->shipped ? 1 : -1;
    if (!x && !y)
        return feed_row_number(a) < feed_row_number(b) ? -1 : 1;
    if (!x || !y)
        return x ? 1 : -1;
    if (a->family != b->family)
        return feed_family_number(a->family) < feed_family_number(b->family) ? -1 : 1;
    int c = release_order(slice_str(x->release), slice_str(y->release));
    return c ? c : x->variant < y->variant ? -1 : 1;
}
