/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/feeds/feeds_status.h"

#include "base/clock.h"
#include "careen/feeds/feeds_age.h"
#include "careen/scan/image_options.h"
#include "feeds/table/families.h"
#include "feeds/fetch/refresh.h"
#include "feeds/update_marks.h"
#include "model/distro/distro_table.h"
#include "model/ecosystem/ecosystem.h"

/* ---- what there is ---- */

static int by_name(const void *x, const void *y)
{
    struct slice a = ((const struct feed_meta *)x)->name, b = ((const struct feed_meta *)y)->name;
    const struct feed *f = feed_by_name(a), *g = feed_by_name(b);
    int c = f && g && f->family && f->family == g->family ? feed_order(f, g) : slice_cmp(a, b);
    return c;
}

static int read_all(struct advisory_db *db, struct arena *arena, struct feeds_status *s, ecosystem_count_vec *counts,
                    struct err *e)
{
    struct store_txn *t;
    if (store_begin(db->store, false, &t, e))
        return -1;
    int rc = advisory_view_feeds(t, db->tables, arena, &s->feeds, e);
    if (rc >= 0)
        rc = advisory_view_troubles(t, db->tables, arena, &s->troubles, e);
    if (rc >= 0)
        rc = advisory_view_updated(t, db->tables, &s->updated, e);
    if (rc >= 0)
        rc = advisory_view_ecosystems(t, db->tables, arena, counts, e);
    store_abort(t);
    return rc < 0 ? -1 : 0;
}

/* ---- systems ---- */

/* "Alpine:v3.20" is of Alpine, "openSUSE" is not of SUSE. */
static bool is_of(struct slice ecosystem, struct slice name)
{
    return slice_take_prefix(&ecosystem, name) && (!ecosystem.n || ecosystem.p[0] == ':');
}

static void add_feed(const struct feeds_status *s, struct arena *arena, struct system_status *one,
                     const struct feed_meta *m)
{
    const struct feed *f = feed_by_name(m->name);
    if (!f || !f->ecosystem || !is_of(slice_str(f->ecosystem), one->name))
        return;
    slice_vec_add(arena, &one->feeds, m->name);
    int64_t as_of = m->from_folder ? MIN(feed_meta_newest(m), m->fetched_ms) : m->fetched_ms;
    if (one->feeds.n == 1)
        one->as_of_ms = as_of;
    else
        one->as_of_ms = one->as_of_ms ? MIN(one->as_of_ms, as_of) : 0; /* what is not known of one is not of all */
    one->newest_ms = MAX(one->newest_ms, feed_meta_newest(m));
    if (feed_stands_still(f, m->modified_ms, s->now_ms))
        slice_vec_add(arena, &one->still, m->name);
}

struct slice feed_reason_text(struct slice feed, struct slice reason)
{
    struct slice rest = reason;
    return slice_take_prefix(&rest, SLICE("feed ")) && slice_take_prefix(&rest, feed) &&
                   slice_take_prefix(&rest, SLICE(": "))
               ? rest
               : reason;
}

/* Why a system that somebody publishes for can't be judged. */
static void tell_why_not(const struct feeds_status *s, struct arena *arena, struct system_status *one)
{
    one->why = one->feeds.n ? SLICE("its feeds hold no advisory of it") : SLICE("none of its feeds was read");
    for (size_t i = 0; i < s->troubles.n; i++) {
        const struct feed_trouble *t = &s->troubles.v[i];
        const struct feed *f = feed_by_name(t->name);
        if (!f || !f->ecosystem || !is_of(slice_str(f->ecosystem), one->name))
            continue;
        one->failed = t->name;
        one->why =
            arena_printf(arena, "%s could not be had: %.*s", f->name, SLICE_FMT(feed_reason_text(t->name, t->reason)));
        return;
    }
}

static void add_system(struct feeds_status *s, struct arena *arena, struct slice name, bool language,
                       const ecosystem_count_vec *counts)
{
    for (size_t i = 0; i < s->systems.n; i++)
        if (slice_eq(s->systems.v[i].name, name))
            return;
    struct system_status *one = VEC_ADD(arena, &s->systems);
    if (!one)
        return;
    *one = (struct system_status){.name = name, .language = language};
    for (size_t i = 0; i < counts->n; i++)
        if (is_of(counts->v[i].name, name)) {
            one->advisories += counts->v[i].advisories;
            slice_vec_add(arena, &one->releases, counts->v[i].name);
        }
    for (size_t i = 0; i < s->feeds.n; i++)
        add_feed(s, arena, one, &s->feeds.v[i]);
    one->judged = one->advisories > 0;
    if (!one->judged)
        tell_why_not(s, arena, one);
}

static void add_systems(struct feeds_status *s, struct arena *arena, const ecosystem_count_vec *counts)
{
    for (const struct distro *d = distros; d < distros + distros_n; d++) {
        if (d->ecosystem) {
            add_system(s, arena, slice_str(d->ecosystem), false, counts);
        } else if (!d->parent) {
            struct system_status *one = VEC_ADD(arena, &s->systems);
            if (one)
                *one = (struct system_status){.name = slice_str(d->id),
                                              .why = SLICE("nobody publishes advisories by its packages' names")};
        }
    }
    /* Packages that belong to no system: their rows name whose advisories judge them. */
    for (int type = 0; type < PKG_TYPE_MAX; type++) {
        const char *advisories = ecosystem_of_type((enum package_type)type)->advisories;
        if (advisories)
            add_system(s, arena, slice_str(advisories), true, counts);
    }
}

int feeds_status_read(const char *cache_dir, struct arena *arena, struct feeds_status *s, struct err *e)
{
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/advisories", cache_dir);
    char *work ATTR_CLEANUP(cleanup_free) = xasprintf("%s/feeds", cache_dir);
    struct advisory_db db;
    ecosystem_count_vec counts = {0};
    int lock = -1;
    *s = (struct feeds_status){.now_ms = clock_wall_ms()};
    if (advisory_db_open(dir, false, &db, e))
        return -1;
    int rc = read_all(&db, arena, s, &counts, e);
    advisory_db_close(&db);
    if (rc)
        return -1;
    if (s->updated.began_ms && !s->updated.ended_ms)
        s->running = feeds_update_lock(work, FEEDS_LOCK_TRY, &lock, NULL) == 1;
    cleanup_close(&lock);
    if (s->feeds.n)
        qsort(s->feeds.v, s->feeds.n, sizeof *s->feeds.v, by_name);
    add_systems(s, arena, &counts);
    return arena->overflow ? err_set(e, ERR_FATAL, 0, "the status does not fit the memory") : 0;
}

bool feeds_status_failed(const struct feeds_status *s)
{
    return s->troubles.n || s->updated.failed || (s->updated.began_ms && !s->updated.ended_ms && !s->running);
}
