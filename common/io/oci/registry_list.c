/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_list.c: a registry's lists of repositories and of tags, page by page. A list ends where the registry says
 * that it ends, or it has failed: an unreadable Link and a list without an end are reasons, not ends.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "io/text/json.h"
#include "io/oci/registry_call.h"

#define MAX_PAGES  20000
#define MAX_BYTES  ((uint64_t)1 << 30) /* of all pages together */
#define MAX_MS     ((int64_t)2 * 3600 * 1000)
#define MAX_NAME   1024
#define STALE_MAX  200 /* pages in a row without a new name … */
#define STALE_FULL 10  /* … of which one that repeats names counts so much: registries that filter have empty ones */

/* Hashes of what was seen; 0 is an empty place. */
struct seen {
    uint64_t *v;
    size_t n, cap;
};

struct list {
    const char *key; /* of the array in the body */
    struct slice repository;
    const char *scope;
    registry_name_fn fn;
    void *arg;
    size_t max_names, max_bytes;
    struct registry_listed *told;
    struct seen names, urls;
    size_t name_bytes, stale;
    uint64_t bytes;
    struct arena arena;
};

static uint64_t *seen_place(struct seen *s, uint64_t h)
{
    size_t i = h & (s->cap - 1);
    while (s->v[i] && s->v[i] != h)
        i = (i + 1) & (s->cap - 1);
    return &s->v[i];
}

static void seen_grow(struct seen *s)
{
    struct seen old = *s;
    s->cap = old.cap ? old.cap * 2 : 1024;
    s->v = xcalloc(s->cap, sizeof *s->v);
    for (size_t i = 0; i < old.cap; i++)
        if (old.v[i])
            *seen_place(s, old.v[i]) = old.v[i];
    free(old.v);
}

/* Whether it is new. */
static bool seen_add(struct seen *s, struct slice what)
{
    uint64_t h = hash64(what);
    h = h ? h : 1;
    if (s->n * 2 >= s->cap)
        seen_grow(s);
    uint64_t *place = seen_place(s, h);
    bool is_new = !*place;
    *place = h;
    s->n += is_new;
    return is_new;
}

static int endless(struct registry *r, const struct list *l, struct err *e, const char *why)
{
    return err_set(e, ERR_POISON, 0, "registry %s: the list of %s does not end: %s", r->host, l->key, why);
}

static int take_name(struct registry *r, struct list *l, struct slice name, size_t *fresh, struct err *e)
{
    if (!name.n || name.n > MAX_NAME) {
        l->told->left_out++;
        return 0;
    }
    if (!seen_add(&l->names, name))
        return 0;
    (*fresh)++;
    l->told->names++;
    l->name_bytes += name.n;
    if (l->told->names > l->max_names || l->name_bytes > l->max_bytes) {
        char why[100];
        snprintf(why, sizeof why, "more than %zu names or %zu MiB of them", l->max_names, l->max_bytes >> 20);
        return endless(r, l, e, why);
    }
    return l->fn(l->arg, name, e);
}

/* The names of one page; *ret_found tells whether the list was there at all. */
static int read_names(struct registry *r, struct list *l, struct json_pull *p, bool *ret_found, struct err *e)
{
    struct slice key;
    size_t fresh = 0, names = 0;
    bool in = json_pull_object(p);
    while (in && json_pull_key(p, &key)) {
        if (!slice_eq_str(key, l->key)) {
            json_pull_skip(p);
        } else if (json_pull_kind(p) == JSON_PULL_ARRAY && json_pull_array(p)) {
            for (*ret_found = true; json_pull_item(p); names++)
                if (take_name(r, l, json_pull_string(p), &fresh, e))
                    return -1;
        } else { /* null: a repository without tags */
            *ret_found |= slice_eq_str(json_pull_scalar(p), "null");
        }
    }
    l->stale = fresh ? 0 : l->stale + (names ? STALE_FULL : 1);
    return 0;
}

static int list_page(struct registry *r, struct list *l, struct err *e)
{
    struct json_pull p;
    bool found = false;
    json_pull_text(&p, buf_slice(&r->r.body), &l->arena);
    /* A name that is none is left out, and the others are read. */
    p.lets = JSON_PULL_BAD_STRINGS | JSON_PULL_LAST_COMMA;
    arena_reset(&l->arena);
    l->told->pages++;
    l->bytes += r->r.body.n;
    int rc = read_names(r, l, &p, &found, e), malformed = rc ? 0 : json_pull_end(&p, e);
    json_pull_done(&p);
    if (rc)
        return -1;
    if (malformed)
        return err_wrap(e, "registry %s: %s", r->host, l->key);
    if (!found)
        return err_set(e, ERR_POISON, 0, "registry %s: the answer holds no list \"%s\"", r->host, l->key);
    return 0;
}

/* ---- the next page ---- */

static enum link_found find_link(struct registry *r, struct slice *ret_target)
{
    enum link_found found = LINK_NONE;
    struct slice header;
    for (size_t i = 0; i < 8 && found != LINK_NEXT && (header = http_header(&r->r, "Link", i)).p; i++) {
        enum link_found one = registry_link_next(header, ret_target);
        found = one != LINK_NONE ? one : found;
    }
    return found;
}

/*
 * Behind a proxy registries write http:// and their inner host into Link, or lack a prefix: what counts is the place on
 * this registry, and this registry alone is asked.
 */
static char *moved_here(struct registry *r, const char *url)
{
    ptrdiff_t mark = slice_find_slice(slice_str(url), SLICE("://"));
    const char *path = mark < 0 ? NULL : strchr(url + mark + 3, '/');
    const char *api = path ? strstr(path, "/v2/") : NULL, *query = path ? strchr(path, '?') : NULL;
    return api && (!query || api < query) ? xasprintf("%s%s", r->base, api) : NULL;
}

/* malloc'd; NULL at the end, or with an error. */
static int next_page(struct registry *r, const struct list *l, char **ret_url, struct err *e)
{
    struct slice link = SLICE_NONE;
    struct http_url to, base;
    *ret_url = NULL;
    enum link_found found = find_link(r, &link);
    if (found == LINK_NONE)
        return 0;
    if (found == LINK_UNREADABLE)
        return err_set(e, ERR_POISON, 0,
                       "registry %s: the list of %s is not whole: its Link to the next page can't be read", r->host,
                       l->key);
    char *text ATTR_CLEANUP(cleanup_free) = slice_dup(link);
    char *url = http_url_join(r->r.url, text);
    if (url && !http_url_parse(url, &to, NULL) && !http_url_parse(r->base, &base, NULL)) {
        if (http_url_same(&to, &base) && to.https == base.https) {
            *ret_url = url;
            return 0;
        }
        *ret_url = moved_here(r, url);
    }
    free(url);
    return *ret_url
               ? 0
               : err_set(e, ERR_POISON, 0, "registry %s: the list of %s is not whole: its next page is at another host",
                         r->host, l->key);
}

static int list_bounds(struct registry *r, const struct list *l, int64_t began_ms, struct err *e)
{
    if (l->told->pages == MAX_PAGES)
        return endless(r, l, e, "more than 20000 pages");
    if (l->bytes > MAX_BYTES)
        return endless(r, l, e, "more than 1 GiB");
    if (clock_mono_ms() - began_ms > MAX_MS)
        return endless(r, l, e, "it takes more than two hours");
    return l->stale >= STALE_MAX ? endless(r, l, e, "page after page brings nothing new") : 0;
}

static int list_all(struct registry *r, char *first, struct list *l, struct err *e)
{
    char *url = first;
    struct registry_listed unused = {0};
    int64_t began_ms = clock_mono_ms();
    int rc = 0;
    if (!l->told)
        l->told = &unused;
    *l->told = (struct registry_listed){0};
    l->arena = ARENA_INIT(REGISTRY_ANSWER_MAX);
    while (rc == 0 && url) {
        struct registry_call c = {.url = url, .repository = l->repository, .scope = l->scope};
        char *next = NULL;
        if (!seen_add(&l->urls, slice_str(url)))
            rc = err_set(e, ERR_POISON, 0,
                         "registry %s: the list of %s does not end: a page names itself or an earlier one as the next",
                         r->host, l->key);
        rc = rc || list_bounds(r, l, began_ms, e) || registry_call(r, &c, e) || list_page(r, l, e) ||
                     next_page(r, l, &next, e)
                 ? -1
                 : 0;
        free(url);
        url = next;
    }
    free(url);
    free(l->names.v);
    free(l->urls.v);
    arena_done(&l->arena);
    return rc;
}

int registry_catalog(struct registry *r, unsigned page, registry_name_fn fn, void *arg,
                     struct registry_listed *ret_listed, struct err *e)
{
    struct list l = {.key = "repositories",
                     .repository = SLICE(""),
                     .scope = "registry:catalog:*",
                     .fn = fn,
                     .arg = arg,
                     .max_names = REGISTRY_MAX_REPOSITORIES,
                     .max_bytes = (size_t)64 << 20,
                     .told = ret_listed};
    return list_all(r, xasprintf("%s/v2/_catalog?n=%u", r->base, page ? page : 500), &l, e);
}

int registry_tags(struct registry *r, struct slice repository, unsigned page, registry_name_fn fn, void *arg,
                  struct registry_listed *ret_listed, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = NULL, *scope ATTR_CLEANUP(cleanup_free) = NULL;
    if (registry_path(repository, "/tags/list", SLICE(""), &path, &scope, e))
        return -1;
    struct list l = {.key = "tags",
                     .repository = repository,
                     .scope = scope,
                     .fn = fn,
                     .arg = arg,
                     .max_names = REGISTRY_MAX_TAGS,
                     .max_bytes = (size_t)16 << 20,
                     .told = ret_listed};
    return list_all(r, xasprintf("%s%s?n=%u", r->base, path, page ? page : 500), &l, e);
}
