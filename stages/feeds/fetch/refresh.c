/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch/refresh.h"

#include "base/clock.h"
#include "feeds/table/families.h"
#include "feeds/fetch/rhythm.h"

#include <stdatomic.h>

static int read_new(const struct feed *f, const struct feed_memory *old, const char *path, feed_file_reader read,
                    void *arg, struct feed_memory *now, struct err *e)
{
    char had[CLOCK_TEXT_MAX], has[CLOCK_TEXT_MAX];
    if (read(arg, path, now, e))
        return -1;
    bool moved = old->fetched_ms && strcmp(old->source, now->source) != 0;
    if (moved && feed_addresses(f) > 1 && now->newest_ms && now->newest_ms < old->newest_ms)
        return err_set(e, ERR_RETRY, 0, "%s: its newest date is %.10s, and %.10s was had from %s", now->source,
                       clock_format(now->newest_ms, has), clock_format(old->newest_ms, had), old->source);
    return 0;
}

/* "GET https://…: why" without the address, and without the feed's name: it stands behind another sentence. */
static struct slice bare(const struct feed *f, const struct err *e)
{
    struct slice s = slice_str(e->text);
    if (slice_take_prefix(&s, SLICE("feed ")) && slice_take_prefix(&s, slice_str(f->name)))
        slice_take_prefix(&s, SLICE(": "));
    else
        s = slice_str(e->text);
    ptrdiff_t at = slice_starts(s, SLICE("GET ")) ? slice_find_slice(s, SLICE(": ")) : -1;
    return at < 0 ? s : slice_from(s, (size_t)at + 2);
}

/* Both tell why; that it may work later holds if it does for one of them. */
static void join(const struct feed *f, struct err *all, const struct err *why, unsigned address)
{
    static const char *const which[] = {"first", "second", "third"};
    char text[sizeof all->text];
    if (all->kind == ERR_NONE) {
        *all = *why;
        return;
    }
    struct slice more = bare(f, why);
    snprintf(text, sizeof text, "%.300s; its %s address: %.*s", all->text, which[address],
             (int)MIN(more.n, (size_t)150), (const char *)more.p);
    memcpy(all->text, text, sizeof text);
    if (why->kind == ERR_RETRY || all->kind == ERR_NOT_FOUND)
        all->kind = why->kind;
    all->retry_after_ms = MAX(all->retry_after_ms, why->retry_after_ms);
}

static bool ends_it(const struct err *e, const struct http_options *http)
{
    return e->kind == ERR_FATAL || e->kind == ERR_FULL || (http && http->stop && atomic_load(http->stop));
}

int feed_refresh(const struct fetch *how, const struct feed *f, const struct feed_memory *old, feed_file_reader read,
                 void *arg, enum fetch_outcome *ret_outcome, struct feed_memory *ret_now, struct err *e)
{
    struct err all = ERR_INIT;
    unsigned n = how->feeds_dir ? 1 : MAX(feed_addresses(f), 1u);
    bool empty = true;
    for (unsigned i = 0; i < n; i++) {
        struct err why = ERR_INIT;
        char *path ATTR_CLEANUP(cleanup_free) = NULL;
        int rc = feed_fetch(how, f, i, old, ret_outcome, &path, ret_now, &why);
        if (!rc && *ret_outcome == FETCH_NEW)
            rc = read_new(f, old, path, read, arg, ret_now, &why);
        if (path && !how->feeds_dir)
            unlink(path);
        if (!rc)
            return 0;
        empty &= why.kind == ERR_NOT_FOUND || (why.kind == ERR_POISON && why.code == FEED_IS_EMPTY);
        join(f, &all, &why, i);
        if (ends_it(&why, how->http))
            break;
    }
    if (e)
        *e = all;
    if (!empty || !feed_is_discovered(f) || old->fetched_ms)
        return -1;
    *ret_outcome = FETCH_ABSENT;
    return 0;
}

/* ---- standing still ---- */

bool feed_stands_still(const struct feed *f, int64_t newest_ms, int64_t now_ms)
{
    return rhythm_stands_still(f->rhythm_days, slice_str(f->whose ? f->whose : f->ecosystem), newest_ms, now_ms);
}
