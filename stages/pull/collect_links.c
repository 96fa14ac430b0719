/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/collect_links.h"

#include "io/archive/tar.h"

#define ARENA_MAX (16 * LINKS_BYTES_MAX) /* growing lists copy themselves */

static int by_path(const void *a, const void *b)
{
    return slice_cmp(((const struct wanted_link *)a)->path, ((const struct wanted_link *)b)->path);
}

static int by_content(const void *a, const void *b)
{
    const struct wanted_link *x = *(struct wanted_link *const *)a, *y = *(struct wanted_link *const *)b;
    int c = slice_cmp(x->content, y->content);
    return c ? c : slice_cmp(x->path, y->path);
}

static bool path_fits(struct slice path)
{
    return path.n && path.n < TAR_PATH_MAX;
}

bool links_read(struct collect_links *l, struct slice given)
{
    *l = (struct collect_links){.arena = ARENA_INIT(ARENA_MAX)};
    if (given.n > LINKS_BYTES_MAX)
        return false;
    given = arena_slice(&l->arena, given);
    while (given.n) {
        struct wanted_link w = {0};
        if (!slice_take_prefixed(&given, &w.path) || !slice_take_prefixed(&given, &w.names) ||
            !slice_take_prefixed(&given, &w.content) || !path_fits(w.path) || !path_fits(w.names) ||
            !path_fits(w.content))
            return false;
        struct wanted_link *to = VEC_ADD(&l->arena, &l->given);
        if (!to || (l->given.n > 1 && slice_cmp(to[-1].path, w.path) >= 0))
            return false;
        *to = w;
    }
    for (size_t i = 0; i < l->given.n; i++) {
        struct wanted_link **to = VEC_ADD(&l->arena, &l->by);
        if (!to)
            return false;
        *to = &l->given.v[i];
    }
    if (l->by.n)
        qsort(l->by.v, l->by.n, sizeof *l->by.v, by_content);
    return true;
}

void links_done(struct collect_links *l)
{
    arena_done(&l->arena);
}

static struct wanted_link *given_for(struct collect_links *l, struct slice path)
{
    struct wanted_link key = {.path = path};
    return l->given.n ? bsearch(&key, l->given.v, l->given.n, sizeof key, by_path) : NULL;
}

/* Index of the first link of that content in by; by.n when there is none. */
static size_t place_of(const struct collect_links *l, struct slice content)
{
    size_t low = 0, high = l->by.n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (slice_cmp(l->by.v[middle]->content, content) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->by.n && slice_eq(l->by.v[low]->content, content) ? low : l->by.n;
}

static bool wants(const struct collect_links *l, size_t i, struct slice content)
{
    return i < l->by.n && slice_eq(l->by.v[i]->content, content);
}

struct wanted_link *links_want(struct collect_links *l, struct slice path)
{
    for (size_t i = place_of(l, path); wants(l, i, path); i++)
        if (!l->by.v[i]->closed)
            return l->by.v[i];
    return NULL;
}

void links_keep(struct collect_links *l, struct wanted_link *w)
{
    for (size_t i = place_of(l, w->content); wants(l, i, w->content); i++)
        if (!l->by.v[i]->closed) {
            l->by.v[i]->kept = w;
            l->by.v[i]->next = SLICE_NONE;
        }
    w->hidden = false;
}

void links_move(struct collect_links *l, struct wanted_link *w, struct slice target)
{
    struct slice to = arena_slice(&l->arena, target);
    for (size_t i = place_of(l, w->content); wants(l, i, w->content); i++)
        if (!l->by.v[i]->closed) {
            l->by.v[i]->kept = NULL;
            l->by.v[i]->next = to;
        }
}

void links_hide(struct collect_links *l, struct slice path)
{
    struct wanted_link *w = given_for(l, path);
    if (w)
        w->hidden = true;
}

struct slice links_close(struct collect_links *l, struct slice path, struct slice names)
{
    struct wanted_link *w = given_for(l, path);
    l->found_bytes += path.n + names.n + 16;
    struct wanted_link *to = l->found_bytes <= LINKS_BYTES_MAX ? VEC_ADD(&l->arena, &l->found) : NULL;
    if (to)
        *to = (struct wanted_link){.path = arena_slice(&l->arena, path), .names = arena_slice(&l->arena, names)};
    if (!w || w->closed || !slice_eq(w->names, names)) {
        links_hide(l, path); /* the link itself goes into the evidence */
        return names;
    }
    w->closed = true;
    if (!w->kept || w->kept->hidden)
        return w->next.n ? w->next : w->content;
    return w->kept == w ? SLICE_NONE : w->kept->path;
}

/* Among links at one path the last in the layer comes last. */
static int by_path_and_place(const void *a, const void *b)
{
    const struct wanted_link *x = *(struct wanted_link *const *)a, *y = *(struct wanted_link *const *)b;
    int c = slice_cmp(x->path, y->path);
    return c ? c : x < y ? -1 : x > y;
}

/* Whether the next pass looks for f elsewhere than this one did, or for the first time; links may go in circles. */
static bool is_fresh(const struct wanted_link *f, const struct wanted_link *w)
{
    return !w || (w->next.n && !slice_eq(w->next, w->content) && !slice_eq(w->next, f->names));
}

void links_write(struct collect_links *l, bool (*may_find)(void *arg, struct slice path), void *arg, struct buf *out)
{
    size_t n = l->found.n;
    struct wanted_link **sorted ATTR_CLEANUP(cleanup_free) = xcalloc(n + 1, sizeof *sorted);
    bool fresh = false;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &l->found.v[i];
    qsort(sorted, n, sizeof *sorted, by_path_and_place);
    for (size_t i = 0; i < n; i++) {
        const struct wanted_link *f = sorted[i], *w = given_for(l, f->path);
        if (w && !slice_eq(w->names, f->names))
            w = NULL;
        struct slice content = !w ? f->names : w->next.n ? w->next : w->content;
        bool look = is_fresh(f, w) && may_find(arg, content);
        if ((i + 1 < n && slice_eq(sorted[i + 1]->path, f->path)) || (!w && !look) ||
            out->n + f->path.n + f->names.n + content.n + 16 > LINKS_BYTES_MAX)
            continue;
        fresh |= look;
        buf_add_prefixed(out, f->path);
        buf_add_prefixed(out, f->names);
        buf_add_prefixed(out, content);
    }
    if (!fresh)
        buf_clear(out);
}

bool links_symlink_target(struct slice link, struct slice target, uint8_t *to, size_t max, size_t *ret_n)
{
    size_t n = 0;
    ptrdiff_t slash = slice_rfind(link, '/');
    if (!slice_starts(target, SLICE("/")) && slash > 0) {
        n = (size_t)slash;
        memcpy(to, link.p, n);
    }
    struct slice part;
    while (slice_take_token(&target, '/', &part)) {
        if (!part.n || slice_eq(part, SLICE(".")))
            continue;
        if (slice_eq(part, SLICE(".."))) {
            while (n && to[--n] != '/')
                ;
            continue;
        }
        if (part.n + 2 > max - n)
            return false;
        if (n)
            to[n++] = '/';
        memcpy(to + n, part.p, part.n);
        n += part.n;
    }
    *ret_n = n;
    return true;
}
