/* SPDX-License-Identifier: Apache-2.0 */
/* family_index.c: which members of its families an index names, or a feeds folder holds. */
#include "feeds/table/families_internal.h"
#include "feeds/table/publishers.h"

#include <dirent.h>

/* ---- words of an index ---- */

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
        if (release.n && family_shape_fits(f, release))
            return release;
    }
    return SLICE_NONE;
}

bool feed_index_entry(const struct feed *index, struct slice word, size_t nth, char *name, size_t max)
{
    const struct feed_family *f;
    for (size_t i = 0; (f = feed_family(i)) != NULL; i++) {
        if (!names_members(index, f))
            continue;
        struct slice release = family_entry(f, word);
        for (size_t v = 0; release.n && family_variant(f, v); v++) {
            char *full ATTR_CLEANUP(cleanup_free) = family_fill(f->like.name, release, family_variant(f, v));
            if (family_is_among(f->never, slice_str(full)) || strlen(full) >= max || nth--)
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
    if (at <= 0 || !family_shape_fits(f, release))
        return 0;
    char *name ATTR_CLEANUP(cleanup_free) = family_fill(f->like.name, release, family_variant(f, variant));
    return family_is_among(f->never, slice_str(name)) ? 0 : named(arg, slice_str(name), e);
}

/* The folder that holds what "$1" is part of, and of that part what goes before and after. */
static int folder_variant(const struct feed_family *f, size_t variant, const char *feeds_dir,
                          int (*named)(void *arg, struct slice name, struct err *e), void *arg, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = family_fill(f->like.path, SLICE("$"), family_variant(f, variant));
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
    const struct feed_family *f;
    for (size_t i = 0; (f = feed_family(i)) != NULL; i++)
        for (size_t v = 0; names_members(index, f) && family_variant(f, v); v++)
            if (folder_variant(f, v, feeds_dir, named, arg, e))
                return -1;
    return 0;
}
