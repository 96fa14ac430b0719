/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/table/families.h"

#include <dirent.h>
#include <pthread.h>

/* ---- shapes ---- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool one_shape_fits(struct slice shape, struct slice s)
{
    for (; shape.n; shape = slice_from(shape, 1)) {
        size_t n = 0;
        if (shape.p[0] == '#') {
            while (n < s.n && n < 3 && is_digit(s.p[n]))
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

static bool shape_fits(const struct feed_family *family, struct slice s)
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
static char *fill(const char *text, struct slice release, const char *variant)
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

static const char *variant_of(const struct feed_family *family, size_t nth)
{
    return family->variants ? family->variants[nth] : nth ? NULL : "";
}

/* The name's "$1", when it is a name of this family's variant. */
static struct slice release_of(const struct feed_family *family, const char *variant, struct slice name)
{
    char *like ATTR_CLEANUP(cleanup_free) = fill(family->like.name, SLICE("$"), variant);
    struct slice after = slice_str(like), before = SLICE_NONE;
    if (!slice_take_token(&after, '$', &before) || name.n < before.n + after.n || !slice_starts(name, before) ||
        !slice_ends(name, after))
        return SLICE_NONE;
    name = slice_sub(name, before.n, name.n - before.n - after.n);
    return shape_fits(family, name) ? name : SLICE_NONE;
}

static bool is_among(const char *const *list, struct slice s)
{
    for (; list && *list; list++)
        if (slice_eq_str(s, *list))
            return true;
    return false;
}

static struct member *make_member(const struct feed_family *family, size_t variant, struct slice release)
{
    struct member *m = xcalloc(1, sizeof *m);
    const char *second = variant_of(family, variant);
    const struct feed *like = &family->like;
    *m = (struct member){.feed = *like, .variant = variant};
    m->feed.family = family;
    snprintf(m->release, sizeof m->release, "%.*s", SLICE_FMT(release));
    m->discovered = !is_among(family->known, release);
    m->feed.name = fill(like->name, release, second);
    m->feed.ecosystem = fill(like->ecosystem, release, second);
    m->feed.whose = fill(like->whose, release, second);
    m->feed.url = fill(like->url, release, second);
    m->feed.path = fill(like->path, release, second);
    for (size_t i = 0; i < ARRAY_LEN(like->also); i++)
        m->feed.also[i] = fill(like->also[i], release, second);
    return m;
}

static const struct feed *member_by_name(struct slice name)
{
    for (size_t i = 0; i < members_n; i++)
        if (slice_eq_str(name, members[i]->feed.name))
            return &members[i]->feed;
    for (const struct feed_family *f = feed_families; f < feed_families + feed_families_n; f++)
        for (size_t v = 0; variant_of(f, v) && members_n < FEED_MEMBERS_MAX && !is_among(f->never, name); v++) {
            struct slice release = release_of(f, variant_of(f, v), name);
            if (release.n)
                return &(members[members_n++] = make_member(f, v, release))->feed;
        }
    return NULL;
}

const struct feed *feed_by_name(struct slice name)
{
    for (size_t i = 0; i < feeds_n; i++)
        if (slice_eq_str(name, feeds[i].name))
            return &feeds[i];
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

/* ---- order and lists ---- */

static size_t take_digits(struct slice *s)
{
    struct slice from = *s;
    while (s->n && is_digit(s->p[0]))
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
    if (!x || !y) {
        /* The demo's set is the last row: every other feed's word goes before it. */
        if (!x && !y)
            return a < b ? -1 : 1;
        return x ? (b == &feeds[feeds_n - 1] ? -1 : 1) : (a == &feeds[feeds_n - 1] ? 1 : -1);
    }
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    int c = release_order(slice_str(x->release), slice_str(y->release));
    return c ? c : x->variant < y->variant ? -1 : 1;
}

static int list_order(const void *a, const void *b)
{
    const struct feed *x = *(const struct feed *const *)a, *y = *(const struct feed *const *)b;
    bool first = x->kind == FEED_INDEX, second = y->kind == FEED_INDEX;
    return first != second ? (first ? -1 : 1) : feed_order(x, y);
}

void feed_list_sort(feed_vec *out)
{
    if (out->n)
        qsort(out->v, out->n, sizeof *out->v, list_order);
}

static void add_feed(struct arena *arena, feed_vec *out, const struct feed *f)
{
    const struct feed **at = f ? VEC_ADD(arena, out) : NULL;
    if (at)
        *at = f;
}

void feed_list_add(struct arena *arena, feed_vec *out, struct slice name)
{
    const struct feed *f = feed_by_name(name);
    for (size_t i = 0; i < out->n; i++)
        if (out->v[i] == f)
            return;
    add_feed(arena, out, f);
}

void feed_list_known(struct arena *arena, feed_vec *out)
{
    for (size_t i = 0; i < feeds_n; i++)
        if (feeds[i].kind != FEED_LIST)
            add_feed(arena, out, &feeds[i]);
    for (const struct feed_family *f = feed_families; f < feed_families + feed_families_n; f++)
        for (size_t k = 0; f->known[k]; k++)
            for (size_t v = 0; variant_of(f, v); v++) {
                char *name ATTR_CLEANUP(cleanup_free) = fill(f->like.name, slice_str(f->known[k]), variant_of(f, v));
                add_feed(arena, out, feed_by_name(slice_str(name)));
            }
    feed_list_sort(out);
}

void feed_list_add_spelt(struct arena *arena, feed_vec *out, const char *names)
{
    struct slice left = slice_str(names), name;
    while (slice_take_token(&left, ',', &name)) {
        name = slice_trim(name);
        feed_list_add(arena, out, name);
        /* "alpine-v3.25" is both of its repositories. */
        for (const struct feed_family *f = feed_families; f < feed_families + feed_families_n; f++)
            for (size_t v = 0; f->variants && f->variants[v]; v++) {
                char *whole ATTR_CLEANUP(cleanup_free) = xasprintf("%.*s-%s", SLICE_FMT(name), f->variants[v]);
                feed_list_add(arena, out, slice_str(whole));
            }
    }
}

int feed_list_all(struct store_txn *t, store_table memory, const char *names, struct arena *arena, feed_vec *out,
                  struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int r;
    feed_list_known(arena, out);
    store_iter_init(&it, t, memory, SLICE_NONE, SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1)
        feed_list_add(arena, out, key);
    store_iter_done(&it);
    if (slice_str(names).n)
        feed_list_add_spelt(arena, out, names);
    feed_list_sort(out);
    return r < 0 ? -1 : arena->overflow ? err_set(e, ERR_FATAL, 0, "the list of feeds does not fit the memory") : 0;
}

/* ---- what an index says ---- */

static bool names_members(const struct feed *index, const struct feed_family *f)
{
    for (size_t i = 0; i < ARRAY_LEN(f->index) && f->index[i]; i++)
        if (strcmp(f->index[i], index->name) == 0)
            return true;
    return false;
}

/* The part of s that stands for '@', when s is what the pattern says. */
static struct slice entry_release(struct slice pattern, struct slice s)
{
    struct slice before = SLICE_NONE;
    bool tail = slice_find(pattern, '/') >= 0;
    if (!slice_take_token(&pattern, '@', &before) || s.n < before.n + pattern.n || !slice_ends(s, pattern))
        return SLICE_NONE;
    s.n -= pattern.n;
    if (!tail)
        return slice_starts(s, before) ? slice_from(s, before.n) : SLICE_NONE;
    /* The release is the last part that is left, and what stands before it the end of the rest. */
    ptrdiff_t slash = slice_rfind(s, '/');
    struct slice rest = slice_sub(s, 0, (size_t)(slash + 1));
    bool whole = rest.n == before.n || (rest.n > before.n && rest.p[rest.n - before.n - 1] == '/');
    return slash >= 0 && slice_ends(rest, before) && whole ? slice_from(s, (size_t)slash + 1) : SLICE_NONE;
}

static struct slice family_entry(const struct feed_family *f, struct slice word)
{
    struct slice patterns = slice_str(f->entry), pattern;
    while (slice_take_token(&patterns, '|', &pattern)) {
        struct slice release = entry_release(pattern, word);
        if (release.n && shape_fits(f, release))
            return release;
    }
    return SLICE_NONE;
}

bool feed_index_entry(const struct feed *index, struct slice word, size_t nth, char *name, size_t max)
{
    for (const struct feed_family *f = feed_families; f < feed_families + feed_families_n; f++) {
        if (!names_members(index, f))
            continue;
        struct slice release = family_entry(f, word);
        for (size_t v = 0; release.n && variant_of(f, v); v++) {
            char *full ATTR_CLEANUP(cleanup_free) = fill(f->like.name, release, variant_of(f, v));
            if (is_among(f->never, slice_str(full)) || strlen(full) >= max || nth--)
                continue;
            snprintf(name, max, "%s", full);
            return true;
        }
    }
    return false;
}

/* ---- a feeds folder ---- */

static int folder_member(const struct feed_family *f, size_t variant, struct slice entry, struct slice before,
                         struct slice after, int (*named)(void *arg, struct slice name, struct err *e), void *arg,
                         struct err *e)
{
    struct slice literal = SLICE_NONE;
    slice_take_token(&after, '*', &literal);
    if (!slice_take_prefix(&entry, before))
        return 0;
    ptrdiff_t at = literal.n ? slice_find_slice(entry, literal) : (ptrdiff_t)entry.n;
    struct slice release = slice_sub(entry, 0, (size_t)MAX(at, 0));
    if (at <= 0 || !shape_fits(f, release))
        return 0;
    char *name ATTR_CLEANUP(cleanup_free) = fill(f->like.name, release, variant_of(f, variant));
    return is_among(f->never, slice_str(name)) ? 0 : named(arg, slice_str(name), e);
}

/* The folder that holds what "$1" is part of, and of that part what goes before and after. */
static int folder_variant(const struct feed_family *f, size_t variant, const char *feeds_dir,
                          int (*named)(void *arg, struct slice name, struct err *e), void *arg, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = fill(f->like.path, SLICE("$"), variant_of(f, variant));
    struct slice after = slice_str(path), head = SLICE_NONE;
    if (!slice_take_token(&after, '$', &head))
        return 0;
    ptrdiff_t slash = slice_rfind(head, '/'), end = slice_find(after, '/');
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%.*s", feeds_dir, (int)MAX(slash, 0), path);
    struct slice before = slice_from(head, (size_t)(slash + 1));
    DIR *d = opendir(dir);
    int rc = 0;
    if (end >= 0)
        after.n = (size_t)end;
    for (struct dirent *entry; d && !rc && (entry = readdir(d));)
        rc = folder_member(f, variant, slice_str(entry->d_name), before, after, named, arg, e);
    if (d)
        closedir(d);
    return rc;
}

int feed_index_folder(const struct feed *index, const char *feeds_dir,
                      int (*named)(void *arg, struct slice name, struct err *e), void *arg, struct err *e)
{
    for (const struct feed_family *f = feed_families; f < feed_families + feed_families_n; f++)
        for (size_t v = 0; names_members(index, f) && variant_of(f, v); v++)
            if (folder_variant(f, v, feeds_dir, named, arg, e))
                return -1;
    return 0;
}

/* ---- choosing by name ---- */

static bool begins_name(struct slice name, struct slice full)
{
    return name.n && slice_starts(full, name) && (full.n == name.n || full.p[name.n] == '-');
}

bool feed_wanted(const struct feed *f, const char *names)
{
    struct slice left = slice_str(names), name, full = slice_str(f->name);
    if (!slice_trim(left).n)
        return true;
    while (slice_take_token(&left, ',', &name))
        if (begins_name(slice_trim(name), full))
            return true;
    return false;
}

/* Not so: the set that comes with the program, and what is part of another feed. */
static bool updatable(const struct feed *f)
{
    return (f->url || f->path) && f->kind != FEED_LIST;
}

/* The part of its name before the first '-', which feed_wanted takes too. */
static struct slice head_of(const struct feed *f)
{
    struct slice name = slice_str(f->name), head = SLICE_NONE;
    slice_take_token(&name, '-', &head);
    return head;
}

static bool knows(const feed_vec *all, struct slice name)
{
    for (size_t i = 0; i < all->n; i++)
        if (updatable(all->v[i]) && begins_name(name, slice_str(all->v[i]->name)))
            return true;
    return false;
}

int feed_names_check(const char *names, struct err *e)
{
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct slice left = slice_str(names), name;
    feed_vec all = {0};
    int rc = 0;
    feed_list_known(&arena, &all);
    feed_list_add_spelt(&arena, &all, names);
    while (!rc && left.n && slice_take_token(&left, ',', &name)) {
        name = slice_trim(name);
        if (!name.n || knows(&all, name))
            continue;
        struct buf heads = BUF_INIT(2048);
        for (size_t i = 0; i < all.n; i++) {
            bool told = !updatable(all.v[i]) || all.v[i]->kind == FEED_INDEX;
            for (size_t k = 0; k < i && !told; k++)
                told = updatable(all.v[k]) && all.v[k]->kind != FEED_INDEX &&
                       slice_eq(head_of(all.v[k]), head_of(all.v[i]));
            if (!told)
                buf_addf(&heads, "%s%.*s", heads.n ? ", " : "", SLICE_FMT(head_of(all.v[i])));
        }
        rc = err_set(e, ERR_USAGE, 0,
                     "no feed is named '%.*s'; there are %s, and of these osv-debian, alpine-v3.20 and so on",
                     (int)MIN(name.n, 60u), (const char *)name.p, buf_cstr(&heads));
        buf_done(&heads);
    }
    arena_done(&arena);
    return rc;
}
