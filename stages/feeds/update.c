/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/update.h"

#include "base/clock.h"
#include "base/crashpoint.h"
#include "feeds/compact.h"
#include "feeds/table/families.h"
#include "feeds/fetch/refresh.h"
#include "feeds/shipped.h"
#include "feeds/staged.h"
#include "feeds/update_marks.h"
#include "advisories/advisory_view.h"

#include <fcntl.h>
#include <sys/stat.h>

#define ROWS_A_PORTION 200000
/* Each portion goes over nearly all blocks of the packed tables: few of them, as memory allows. */
#define CHANGES_A_PORTION 150000

const char *const feed_state_names[] = {"waiting", "compacting", "fetching",  "reading", "writing",
                                        "done",    "unchanged",  "not there", "failed"};

struct updating {
    const struct feeds_update *u;
    feed_vec feeds; /* all that are known, indexes first; in names_arena */
    struct arena names_arena;
    struct advisory_db db;
    store_table out, memory;
    struct codec *codec;
    struct arena arena;
    struct feed_report report;
    char *work_dir, *db_dir;
    char first_skip[200];
    int64_t told_ms;
    uint64_t written; /* rows changed or removed, of all feeds */
};

static void tell(struct updating *up, enum feed_state state)
{
    int64_t now = clock_mono_ms();
    bool often = state < FEED_DONE && state == up->report.state;
    up->report.state = state;
    if (!up->u->progress || (often && now - up->told_ms < 100))
        return;
    up->told_ms = now;
    up->u->progress(up->u->arg, &up->report);
}

/* ---- memory of feeds ---- */

static int memory_get(struct updating *up, const struct feed *f, struct feed_memory *ret_m, struct err *e)
{
    return feeds_memory_get(&up->db, up->memory, f, ret_m, e);
}

static int keep_memory(struct updating *up, const struct feed *f, const struct feed_memory *m, struct err *e)
{
    struct store_txn *t;
    if (store_begin(up->db.store, true, &t, e))
        return -1;
    if (feeds_memory_put(&up->db, up->memory, t, f, m, e)) {
        store_abort(t);
        return -1;
    }
    return store_commit(t, e);
}

/* ---- writing what differs ---- */

static int apply_change(struct updating *up, struct store_txn *t, const struct feed *f, const struct feed_change *c,
                        struct err *e)
{
    up->written++;
    if (c->gone) {
        struct slice ecosystem, package, id;
        int rc = 0;
        if (c->kind == 'V') {
            ptrdiff_t comma = slice_rfind(c->topic_key, ',');
            rc = vuln_view_del(t, up->db.tables, slice_sub(c->topic_key, 0, (size_t)MAX(comma, 0)), slice_str(f->name),
                               e);
        } else if (advisory_key_split(c->topic_key, &ecosystem, &package, &id)) {
            rc = advisory_view_del(t, up->db.tables, ecosystem, package, id, NULL, e);
        }
        up->report.removed++;
        return rc < 0 || packed_del(t, feed_out_packed(up->out), c->row_key, e) < 0 ? -1 : 0;
    }
    struct feed_record r;
    struct arena arena = ARENA_INIT((size_t)64 << 20);
    int rc = feed_record_decode(f, up->codec, c->kind, c->topic_key, c->value, &arena, &r, e);
    if (!rc)
        rc = c->kind == 'A' ? advisory_view_put(t, up->db.tables, &r.advisory, NULL, e)
                            : vuln_view_put(t, up->db.tables, &r.vulnerability, e);
    if (rc >= 0)
        rc = packed_put(t, feed_out_packed(up->out), c->row_key,
                        feed_out_value(&arena, c->kind, c->hash, slice_str(f->name)), e);
    arena_done(&arena);
    up->report.changed++;
    return rc < 0 ? -1 : 0;
}

/* One transaction: 1 there is more, 0 done (then memory is in it, if not NULL). */
static int write_portion(struct updating *up, const struct feed *f, struct staged *staged, struct buf *from,
                         const struct feed_memory *memory, struct err *e)
{
    struct store_txn *t;
    struct slice next = SLICE_NONE;
    feed_change_vec changes = {0};
    arena_reset(&up->arena);
    if (store_begin(up->db.store, true, &t, e))
        return -1;
    int rc = feed_compare(f, staged, t, up->out, buf_slice(from), ROWS_A_PORTION,
                          up->u->portion ? up->u->portion : CHANGES_A_PORTION, &up->arena, &changes, &next, e);
    for (size_t i = 0; rc >= 0 && i < changes.n; i++)
        if (apply_change(up, t, f, &changes.v[i], e))
            rc = -1;
    if (rc == 0 && memory && feeds_memory_put(&up->db, up->memory, t, f, memory, e))
        rc = -1;
    if (rc < 0) {
        store_abort(t);
        return -1;
    }
    crash_point("feeds.update.portion");
    if (store_commit(t, e))
        return -1;
    crash_point("feeds.update.committed");
    buf_clear(from);
    buf_add_slice(from, next);
    tell(up, FEED_WRITING);
    return rc;
}

/* staged NULL removes all that the feed has. */
static int write_feed(struct updating *up, const struct feed *f, struct staged *staged,
                      const struct feed_memory *memory, struct err *e)
{
    struct buf from = BUF_INIT(FEED_ROW_KEY_MAX);
    int rc = 1, grown = 0;
    while (rc == 1) {
        struct err why = ERR_INIT;
        rc = write_portion(up, f, staged, &from, memory, &why);
        /* A full map is made larger and the portion done again; a full disk is not. */
        if (rc < 0 && why.kind == ERR_FULL && strstr(why.text, "map") && grown++ < 8 && !store_grow(up->db.store, e))
            rc = 1;
        else if (rc < 0 && e)
            *e = why;
    }
    buf_done(&from);
    return rc;
}

/*
 * What this feed dropped, a feed after it in the table may have had under the same key without being heard: it is read
 * again even if it did not change.
 */
static int forget_siblings(struct updating *up, const struct feed *f, struct err *e)
{
    for (size_t i = 0; f->ecosystem && i < up->feeds.n; i++) {
        const struct feed *g = up->feeds.v[i];
        struct feed_memory m;
        if (!g->ecosystem || strcmp(g->ecosystem, f->ecosystem) != 0 || feed_order(f, g) >= 0)
            continue;
        if (memory_get(up, g, &m, e))
            return -1;
        m.reader = 0;
        if (m.fetched_ms && keep_memory(up, g, &m, e))
            return -1;
    }
    return 0;
}

/* ---- one feed ---- */

struct reading_here {
    struct updating *up;
    const struct feed *feed;
    uint64_t previous; /* records that it had */
    struct staged *staged;
    struct feed_file file;
    slice_vec names; /* of an index: what it named, in up->names_arena */
};

static int stage_record(void *arg, char kind, struct slice key, struct slice value, struct err *e)
{
    struct reading_here *h = arg;
    h->up->report.records++;
    h->up->report.bytes = h->file.bytes;
    if (h->up->report.records % 1024 == 0)
        tell(h->up, FEED_READING);
    return staged_put(h->staged, kind, key, value, e);
}

static int note_skip(void *arg, struct slice id, struct slice reason, struct err *e)
{
    struct updating *up = ((struct reading_here *)arg)->up;
    (void)e;
    if (!up->report.first_skip)
        snprintf(up->first_skip, sizeof up->first_skip, "%.*s: %.*s", SLICE_FMT(slice_sub(id, 0, 60)),
                 SLICE_FMT(slice_sub(reason, 0, 120)));
    up->report.first_skip = up->first_skip;
    return 0;
}

static int note_name(void *arg, struct slice name, struct err *e)
{
    struct reading_here *h = arg;
    name = arena_slice(&h->up->names_arena, name);
    slice_vec_add(&h->up->names_arena, &h->names, name);
    return h->up->names_arena.overflow ? err_set(e, ERR_POISON, 0, "the names do not fit the memory") : 0;
}

/* Reads a source into an open staged feed and checks that it is good. */
static int stage_source(struct reading_here *h, const struct feed *f, struct feed_source source, uint64_t previous,
                        struct feed_memory *now, struct err *e)
{
    struct feed_taker taker = {.arg = h, .record = stage_record, .skipped = note_skip, .named = note_name};
    struct feed_stats stats;
    if (feed_read(f, source, h->up->u->sandbox, h->up->u->sandbox_main, &taker, &stats, e) ||
        staged_complete(h->staged, &now->records, e))
        return -1;
    if (f->kind == FEED_INDEX)
        now->records = stats.names;
    h->up->report.documents = stats.documents;
    h->up->report.skipped = stats.skipped + stats.left_out;
    h->up->report.containers = stats.containers;
    h->up->report.records = now->records;
    now->skipped = h->up->report.skipped;
    now->newest_ms = stats.newest_ms;
    return feed_check(f, now->records, previous, e);
}

static void stop_reading(struct reading_here *h)
{
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/staged", h->up->work_dir);
    staged_close(h->staged);
    h->staged = NULL;
    staged_remove(dir);
}

/* A feed_file_reader. The staged feed stays open in h; another address begins anew. */
static int read_file(void *arg, const char *path, struct feed_memory *now, struct err *e)
{
    struct reading_here *h = arg;
    struct updating *up = h->up;
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/staged", up->work_dir);
    stop_reading(h);
    up->report.first_skip = NULL;
    up->report.records = 0;
    h->file.bytes = 0;
    h->file.fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = h->file.fd < 0 ? err_errno(e, ERR_RETRY, errno, "cannot open %s", path) : 0;
    if (!rc)
        rc = staged_create(dir, &h->staged, e);
    tell(up, FEED_READING);
    if (!rc)
        rc = stage_source(h, h->feed, feed_source_file(&h->file), h->previous, now, e);
    up->report.bytes = h->file.bytes;
    cleanup_close(&h->file.fd);
    return rc;
}

static void on_bytes(void *arg, uint64_t bytes, int64_t total)
{
    struct updating *up = arg;
    up->report.bytes = bytes;
    up->report.total = total;
    tell(up, FEED_FETCHING);
}

/* ---- indexes ---- */

static int remember_name(void *arg, struct slice name, struct err *e)
{
    struct updating *up = arg;
    struct feed_memory m, none = {0};
    const struct feed *f = feed_by_name(name);
    if (!f)
        return err_set(e, ERR_POISON, 0, "index %s: '%.*s' would be one feed too many; at most %d are found",
                       up->report.feed->name, SLICE_FMT(name), FEED_MEMBERS_MAX);
    if (!feed_is_discovered(f))
        return 0;
    if (memory_get(up, f, &m, e) || (!m.fetched_ms && !m.failures && keep_memory(up, f, &none, e)))
        return -1;
    feed_list_add(&up->names_arena, &up->feeds, name);
    return 0;
}

/* What an index names is remembered at once: whatever becomes of the rest of this update, and of the index. */
static int remember_names(struct updating *up, const slice_vec *names, struct err *e)
{
    for (size_t i = 0; i < names->n; i++)
        if (remember_name(up, names->v[i], e))
            return -1;
    return 0;
}

static int update_index_folder(struct updating *up, const struct feed *f, struct err *e)
{
    if (feed_index_folder(f, up->u->feeds_dir, remember_name, up, e))
        return -1;
    up->report.state = FEED_ABSENT; /* it is no file that could be missing */
    return 0;
}

static int write_read(struct updating *up, struct reading_here *h, struct feed_memory *now, struct err *e)
{
    crash_point("feeds.update.staged");
    if (h->feed->kind == FEED_INDEX)
        return remember_names(up, &h->names, e) || keep_memory(up, h->feed, now, e) ? -1 : 0;
    if (write_feed(up, h->feed, h->staged, now, e))
        return -1;
    return up->report.removed ? forget_siblings(up, h->feed, e) : 0;
}

static int refresh_feed(struct updating *up, struct reading_here *h, struct err *e)
{
    const struct feed *f = h->feed;
    struct fetch how = {.feeds_dir = up->u->feeds_dir,
                        .work_dir = up->work_dir,
                        .url_base = up->u->url_base,
                        .http = up->u->http,
                        .sandbox = up->u->sandbox,
                        .sandbox_main = up->u->sandbox_main,
                        .progress = on_bytes,
                        .arg = up};
    struct feed_memory old, now;
    enum fetch_outcome outcome;
    if (memory_get(up, f, &old, e))
        return -1;
    h->previous = old.records;
    struct err why = ERR_INIT;
    if (feed_refresh(&how, f, &old, read_file, h, &outcome, &now, &why)) {
        if (e)
            *e = why;
        return -1;
    }
    if (outcome == FETCH_ABSENT) {
        up->report.text = why.kind == ERR_NONE ? NULL : why.text;
        tell(up, FEED_ABSENT);
        return 0;
    }
    if (outcome == FETCH_NEW && write_read(up, h, &now, e))
        return -1;
    if (outcome == FETCH_UNCHANGED) {
        up->report.records = now.records;
        if (keep_memory(up, f, &now, e))
            return -1;
    }
    up->report.newest_ms = feed_newest(now.newest_ms, now.changed_ms);
    up->report.still = feed_stands_still(f, up->report.newest_ms, clock_wall_ms());
    tell(up, outcome == FETCH_NEW ? FEED_DONE : FEED_UNCHANGED);
    return 0;
}

static int update_feed(struct updating *up, const struct feed *f, struct err *e)
{
    if (up->u->feeds_dir && f->kind == FEED_INDEX)
        return update_index_folder(up, f, e);
    struct reading_here *h = xcalloc(1, sizeof *h);
    h->up = up;
    h->feed = f;
    h->file.fd = -1;
    int rc = refresh_feed(up, h, e);
    stop_reading(h);
    free(h);
    return rc;
}

/* ---- the demo's set ---- */

static const struct feed *demo_feed(void)
{
    return feed_by_name(SLICE("demo"));
}

/* Once real advisories are in, the shipped ones would only grow old. */
static int drop_demo(struct updating *up, struct err *e)
{
    struct feed_memory had;
    if (memory_get(up, demo_feed(), &had, e))
        return -1;
    if (!had.fetched_ms)
        return 0;
    struct feed_memory none = {0};
    return write_feed(up, demo_feed(), NULL, &none, e);
}

static int install_demo(struct updating *up, struct err *e)
{
    const struct feed *f = demo_feed();
    struct feed_memory osv, m = {.reader = FEED_READER_VERSION, .fetched_ms = clock_wall_ms()};
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/staged", up->work_dir);
    if (memory_get(up, feed_by_name(SLICE("osv-debian")), &osv, e))
        return -1;
    if (osv.records)
        return 0;
    up->report = (struct feed_report){.feed = f, .total = -1};
    struct reading_here *h = xcalloc(1, sizeof *h);
    struct feed_bytes shipped = {.left = shipped_demo()};
    h->up = up;
    h->feed = f;
    int rc = staged_create(dir, &h->staged, e);
    if (!rc)
        rc = stage_source(h, f, feed_source_bytes(&shipped), 0, &m, e);
    if (!rc)
        rc = write_feed(up, f, h->staged, &m, e);
    staged_close(h->staged);
    staged_remove(dir);
    free(h);
    up->report.text = "the demo's set of a few Debian packages that comes with Careen, not a full feed";
    tell(up, rc ? FEED_FAILED : FEED_DONE);
    return rc;
}

/* ---- all ---- */

static int take_lock(struct updating *up, int *ret_fd, struct err *e)
{
    if (store_make_dirs(up->work_dir, e))
        return -1;
    int got = feeds_update_lock(up->work_dir, false, ret_fd, e);
    if (got != 1)
        return got;
    up->report.text = "another update is running; waiting for it";
    tell(up, FEED_WAITING);
    up->report.text = NULL;
    return feeds_update_lock(up->work_dir, true, ret_fd, e);
}

static int list_feeds(struct updating *up, struct err *e)
{
    struct store_txn *t;
    if (store_begin(up->db.store, false, &t, e))
        return -1;
    int rc = feed_list_all(t, up->memory, up->u->names, &up->names_arena, &up->feeds, e);
    store_abort(t);
    return rc;
}

static int begin(struct updating *up, const struct feeds_update *u, int *ret_lock, struct err *e)
{
    *up = (struct updating){.u = u,
                            .arena = ARENA_INIT((size_t)512 << 20),
                            .names_arena = ARENA_INIT((size_t)16 << 20),
                            .report = {.total = -1}};
    up->work_dir = xasprintf("%s/feeds", u->cache_dir);
    up->db_dir = xasprintf("%s/advisories", u->cache_dir);
    if (take_lock(up, ret_lock, e) || feeds_compact_clear(up->db_dir, e) ||
        advisory_db_open(up->db_dir, true, &up->db, e) || store_table_open(up->db.store, "feed-out", &up->out, e) ||
        store_table_open(up->db.store, "feed-memory", &up->memory, e) || list_feeds(up, e))
        return -1;
    return codec_open(NULL, &up->codec, e);
}

static void end(struct updating *up, int *lock)
{
    codec_close(up->codec);
    advisory_db_close(&up->db);
    arena_done(&up->arena);
    arena_done(&up->names_arena);
    free(up->work_dir);
    free(up->db_dir);
    cleanup_close(lock);
}

static void on_compacted(void *arg, uint64_t bytes, uint64_t total)
{
    struct updating *up = arg;
    up->report.bytes = bytes;
    up->report.total = (int64_t)total;
    tell(up, FEED_COMPACTING);
}

/* The database is whole before and after, and loose if it fails: told, but no failure of the update. */
static void compact(struct updating *up)
{
    struct feeds_compact c = {.dir = up->db_dir,
                              .db = &up->db,
                              .out = up->out,
                              .memory = up->memory,
                              .from = up->u->compact_from,
                              .progress = on_compacted,
                              .arg = up};
    struct err why = ERR_INIT;
    uint64_t before = 0, after = 0;
    char text[256];
    if (!up->written)
        return;
    arena_done(&up->arena);
    up->report = (struct feed_report){.total = -1, .state = FEED_STATE_MAX};
    int r = feeds_compact(&c, &before, &after, &why);
    if (!r)
        return;
    if (r > 0)
        snprintf(text, sizeof text, "%.1f MB, were %.1f MB", (double)after / 1e6, (double)before / 1e6);
    else
        snprintf(text, sizeof text, "stays larger than it need be: %s", why.text);
    up->report.text = text;
    up->report.state = FEED_STATE_MAX;
    tell(up, FEED_COMPACTING);
    up->report.text = NULL;
}

/* 0 also when the feed failed: *last then tells why. */
static int update_one(struct updating *up, const struct feed *f, struct feeds_updated *mark, struct err *last,
                      struct err *e)
{
    struct err why = ERR_INIT;
    up->report = (struct feed_report){.feed = f, .total = -1, .state = FEED_STATE_MAX};
    if (update_feed(up, f, &why)) {
        mark->failed++;
        *last = why;
        up->report.text = why.text;
        tell(up, FEED_FAILED);
        struct err full = ERR_INIT;
        if (feeds_mark_trouble(&up->db, f, &why, &full) && full.kind != ERR_FULL) {
            if (e)
                *e = full;
            return -1;
        }
        return 0;
    }
    if (up->report.state == FEED_ABSENT)
        return 0;
    mark->good++;
    return strcmp(f->name, "osv-debian") == 0 ? drop_demo(up, e) : 0;
}

static int update_all(struct updating *up, struct err *e)
{
    struct feeds_updated mark;
    struct err last = ERR_INIT;
    if (feeds_mark_begun(&up->db, up->u->names, &mark, e))
        return -1;
    /* The list grows while the indexes at its beginning are read. */
    for (size_t i = 0; i < up->feeds.n && last.kind != ERR_FATAL && last.kind != ERR_FULL; i++)
        if (up->feeds.v[i] != demo_feed() && feed_wanted(up->feeds.v[i], up->u->names) &&
            update_one(up, up->feeds.v[i], &mark, &last, e))
            return -1;
    if (last.kind != ERR_FATAL && last.kind != ERR_FULL) {
        if (feeds_mark_ended(&up->db, &mark, e))
            return -1;
        compact(up);
    }
    if (!mark.good && !mark.failed)
        return err_set(e, ERR_NOT_FOUND, 0,
                       "%s holds none of the feeds' files; see stages/feeds/README.md for their names",
                       up->u->feeds_dir ? up->u->feeds_dir : "the network");
    if (!mark.failed)
        return 0;
    /* Each was told why, so that here is only how it ended, and what may help when nothing could be had. */
    return err_set(e, mark.good ? ERR_PARTIAL : last.kind, last.code, "%u of %u feeds updated%s", mark.good,
                   mark.good + mark.failed,
                   mark.good || up->u->feeds_dir ? "" : "; without a network, --feeds DIR reads them from a folder");
}

int feeds_update_database(const struct feeds_update *u, struct err *e)
{
    struct updating up;
    int lock = -1;
    struct stat st;
    if (feed_names_check(u->names, e))
        return -1;
    if (u->feeds_dir && stat(u->feeds_dir, &st))
        return err_errno(e, ERR_USAGE, errno, "feeds folder %s", u->feeds_dir);
    if (u->feeds_dir && !S_ISDIR(st.st_mode))
        return err_set(e, ERR_USAGE, 0, "%s is no folder; --feeds wants one that holds the feeds' files", u->feeds_dir);
    int rc = begin(&up, u, &lock, e);
    if (!rc)
        rc = update_all(&up, e);
    end(&up, &lock);
    return rc;
}

int feeds_install_demo(const struct feeds_update *u, struct err *e)
{
    struct updating up;
    int lock = -1;
    int rc = begin(&up, u, &lock, e);
    if (!rc)
        rc = install_demo(&up, e);
    end(&up, &lock);
    return rc;
}
