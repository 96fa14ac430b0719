/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/update.h"

#include "base/clock.h"
#include "feeds/compact.h"
#include "feeds/table/families.h"
#include "feeds/fetch/refresh.h"
#include "feeds/pipeline/emit.h"
#include "feeds/pipeline/intake.h"
#include "feeds/shipped.h"
#include "feeds/update_marks.h"
#include "advisories/advisory_view.h"

#include <sys/stat.h>

/*
 * A transaction. Each goes over nearly all blocks of the packed tables, so they are few; what differs is looked for and
 * written in smaller steps, since all of a step is in memory.
 */
#define ROWS_A_PORTION    200000
#define CHANGES_A_PORTION 60000
#define CHANGES_A_STEP    8000

const char *const feed_state_names[] = {"waiting", "compacting", "fetching",  "reading", "writing",
                                        "done",    "unchanged",  "not there", "failed"};

struct updating {
    const struct feeds_update *u;
    feed_vec feeds; /* all that are known, indexes first; in names_arena */
    struct arena names_arena;
    struct advisory_db db;
    store_table out, memory;
    struct codec *codec;
    struct arena arena, row; /* of a step, of one row */
    struct store_txn *txn;   /* the open portion; NULL: operations of the end open their own */
    struct feed_report report;
    char *work_dir, *db_dir, *staged_dir;
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

/* ---- the pipeline's end ---- */

static int end_recall(void *end, const struct feed *f, struct feed_memory *ret_memory, struct err *e)
{
    struct updating *up = end;
    return feeds_memory_get(&up->db, up->memory, f, ret_memory, e);
}

static int end_remember(void *end, const struct feed *f, const struct feed_memory *memory, struct err *e)
{
    struct updating *up = end;
    struct store_txn *t;
    if (up->txn)
        return feeds_memory_put(&up->db, up->memory, up->txn, f, memory, e);
    if (store_begin(up->db.store, true, &t, e))
        return -1;
    if (feeds_memory_put(&up->db, up->memory, t, f, memory, e)) {
        store_abort(t);
        return -1;
    }
    return store_commit(t, e);
}

static int end_put(void *end, const struct feed *f, const struct feed_change *c, const struct feed_record *r,
                   struct err *e)
{
    struct updating *up = end;
    up->written++;
    up->report.changed++;
    int rc = c->kind == FEED_RECORD_ADVISORY ? advisory_view_put(up->txn, up->db.tables, &r->advisory, NULL, e)
                                             : vuln_view_put(up->txn, up->db.tables, &r->vulnerability, e);
    if (rc < 0)
        return -1;
    arena_reset(&up->row);
    struct slice value = feed_out_value(&up->row, c->kind, c->hash, slice_str(f->name));
    return packed_put(up->txn, feed_out_packed(up->out), c->row_key, value, e);
}

static int end_drop(void *end, const struct feed *f, const struct feed_change *c, struct err *e)
{
    struct updating *up = end;
    struct slice ecosystem, package, id;
    int rc = 0;
    up->written++;
    up->report.removed++;
    if (c->kind == FEED_RECORD_VULNERABILITY) {
        ptrdiff_t comma = slice_rfind(c->topic_key, ',');
        id = slice_sub(c->topic_key, 0, (size_t)MAX(comma, 0));
        rc = vuln_view_del(up->txn, up->db.tables, id, slice_str(f->name), e);
    } else if (advisory_key_split(c->topic_key, &ecosystem, &package, &id)) {
        rc = advisory_view_del(up->txn, up->db.tables, ecosystem, package, id, NULL, e);
    }
    return rc < 0 || packed_del(up->txn, feed_out_packed(up->out), c->row_key, e) < 0 ? -1 : 0;
}

static int end_refuse(void *end, const struct feed *f, const struct feed_change *c, const struct err *why,
                      struct err *e)
{
    (void)end, (void)f, (void)c;
    if (e)
        *e = *why;
    return -1;
}

static bool end_takes(void *end, const struct feed *f)
{
    (void)end;
    return feed_is_discovered(f);
}

static int end_found(void *end, const struct feed *f, const struct feed *index, struct err *e)
{
    struct updating *up = end;
    (void)index, (void)e;
    feed_list_add(&up->names_arena, &up->feeds, slice_str(f->name));
    return 0;
}

static int end_again(void *end, const struct feed *f, struct err *e)
{
    struct feed_memory m;
    if (end_recall(end, f, &m, e) < 0)
        return -1;
    m.reader = 0;
    return m.fetched_ms ? end_remember(end, f, &m, e) : 0;
}

static const struct feed_end_ops end_ops = {.recall = end_recall,
                                            .remember = end_remember,
                                            .put = end_put,
                                            .drop = end_drop,
                                            .refuse = end_refuse,
                                            .takes = end_takes,
                                            .found = end_found,
                                            .again = end_again};

static struct feed_end end_of(struct updating *up)
{
    return (struct feed_end){.ops = &end_ops, .end = up, .codec = up->codec};
}

/* ---- writing what differs ---- */

/* Steps of one transaction: 1 there is more, from *from on, 0 done. */
static int write_steps(struct updating *up, const struct feed *f, struct sorted *staged, struct buf *from,
                       struct err *e)
{
    const size_t most = up->u->portion ? up->u->portion : CHANGES_A_PORTION;
    const struct feed_end end = end_of(up);
    const uint64_t until = up->written + most;
    struct feed_comparison c = {.feed = f, .staged = staged, .out_txn = up->txn, .out = up->out};
    struct feed_portion portion;
    int rc = 1;
    for (size_t steps = 0; rc == 1 && up->written < until && steps < ROWS_A_PORTION / CHANGES_A_STEP; steps++) {
        arena_reset(&up->arena);
        c.rows = CHANGES_A_STEP;
        c.changes = MIN((size_t)(until - up->written), (size_t)CHANGES_A_STEP);
        rc = feed_emit(&end, &c, buf_slice(from), &up->arena, &portion, e);
        /* In the transaction that drops: killed behind it, the next run would find nothing to drop any more. */
        if (rc >= 0 && portion.removed && feed_wake_siblings(&end, f, &up->feeds, e))
            rc = -1;
        buf_clear(from);
        buf_add_slice(from, portion.next);
    }
    return rc;
}

/* One transaction: 1 there is more, 0 done (then memory is in it, if not NULL). from moves on if it was committed. */
static int write_portion(struct updating *up, const struct feed *f, struct sorted *staged, struct buf *from,
                         const struct feed_memory *memory, struct err *e)
{
    struct buf at ATTR_CLEANUP(buf_done) = BUF_INIT(FEED_ROW_KEY_MAX);
    buf_add_slice(&at, buf_slice(from));
    if (store_begin(up->db.store, true, &up->txn, e))
        return -1;
    int rc = write_steps(up, f, staged, &at, e);
    if (rc == 0 && memory && end_remember(up, f, memory, e))
        rc = -1;
    struct store_txn *t = STEAL(up->txn);
    if (rc < 0) {
        store_abort(t);
        return -1;
    }
    if (store_commit(t, e))
        return -1;
    buf_clear(from);
    buf_add_slice(from, buf_slice(&at));
    tell(up, FEED_WRITING);
    return rc;
}

/* staged NULL removes all that the feed has. */
static int write_feed(struct updating *up, const struct feed *f, struct sorted *staged,
                      const struct feed_memory *memory, struct err *e)
{
    struct buf from = BUF_INIT(FEED_ROW_KEY_MAX);
    int rc = 1, grown = 0;
    while (rc == 1) {
        struct err why = ERR_INIT;
        rc = write_portion(up, f, staged, &from, memory, &why);
        /* A full map is made larger and the portion done again; a full disk is not. */
        if (rc < 0 && store_map_full(&why) && grown++ < 8 && !store_grow(up->db.store, e))
            rc = 1;
        else if (rc < 0 && e)
            *e = why;
    }
    buf_done(&from);
    return rc;
}

/* ---- one feed ---- */

static void on_fetched(void *arg, uint64_t bytes, int64_t total)
{
    struct updating *up = arg;
    up->report.bytes = bytes;
    up->report.total = total;
    tell(up, FEED_FETCHING);
}

static void on_reading(void *arg)
{
    struct updating *up = arg;
    up->report.first_skip = NULL;
    up->report.records = 0;
    tell(up, FEED_READING);
}

static void on_read(void *arg, uint64_t bytes, uint64_t records)
{
    struct updating *up = arg;
    up->report.bytes = bytes;
    up->report.records = records;
    tell(up, FEED_READING);
}

static void on_left_out(void *arg, struct slice id, struct slice reason)
{
    struct updating *up = arg;
    if (!up->report.first_skip)
        snprintf(up->first_skip, sizeof up->first_skip, "%.*s: %.*s", SLICE_FMT(slice_sub(id, 0, 60)),
                 SLICE_FMT(slice_sub(reason, 0, 120)));
    up->report.first_skip = up->first_skip;
}

static struct feed_intake intake_of(struct updating *up)
{
    static const struct feed_intake_ops ops = {
        .fetched = on_fetched, .reading = on_reading, .read = on_read, .left_out = on_left_out};
    return (struct feed_intake){.fetch = {.feeds_dir = up->u->feeds_dir,
                                          .work_dir = up->work_dir,
                                          .url_base = up->u->url_base,
                                          .http = up->u->http,
                                          .sandbox = up->u->sandbox,
                                          .sandbox_main = up->u->sandbox_main},
                                .staged = up->staged_dir,
                                .ops = &ops,
                                .arg = up};
}

/* Writes what was read into the database. */
static int write_read(struct updating *up, const struct feed *f, const struct feed_taken *taken, struct err *e)
{
    struct sorted *staged;
    up->report.documents = taken->stats.documents;
    up->report.skipped = taken->now.skipped;
    up->report.containers = taken->stats.containers;
    up->report.records = taken->now.records;
    if (sorted_open(up->staged_dir, &staged, e))
        return -1;
    int rc = write_feed(up, f, staged, &taken->now, e);
    sorted_close(staged);
    return rc;
}

static int take_index(struct updating *up, const struct feed *f, const struct feed_taken *taken, struct err *e)
{
    const struct feed_end end = end_of(up);
    if (feed_take_names(&end, f, &taken->names, e))
        return -1;
    up->report.records = taken->now.records;
    /* A folder that took its place is no file that could be missing, nor anything to remember. */
    return taken->from_folder ? 0 : end_remember(up, f, &taken->now, e);
}

static int take_new(struct updating *up, const struct feed *f, const struct feed_taken *taken, struct err *e)
{
    return f->kind == FEED_INDEX ? take_index(up, f, taken, e) : write_read(up, f, taken, e);
}

static int take_feed(struct updating *up, const struct feed *f, struct feed_taken *taken, struct err *e)
{
    const struct feed_intake in = intake_of(up);
    struct feed_memory old;
    if (end_recall(up, f, &old, e) < 0 || feed_take(&in, f, &old, &up->names_arena, taken, e))
        return -1;
    if (taken->outcome == FETCH_NEW)
        return take_new(up, f, taken, e);
    if (taken->outcome == FETCH_ABSENT)
        return 0;
    up->report.records = taken->now.records;
    return end_remember(up, f, &taken->now, e);
}

static int update_feed(struct updating *up, const struct feed *f, struct err *e)
{
    struct feed_taken *taken = xcalloc(1, sizeof *taken);
    int rc = take_feed(up, f, taken, e);
    sorted_remove(up->staged_dir);
    if (!rc && taken->from_folder) {
        up->report.state = FEED_ABSENT;
    } else if (!rc && taken->outcome == FETCH_ABSENT) {
        up->report.text = taken->absent.kind == ERR_NONE ? NULL : taken->absent.text;
        tell(up, FEED_ABSENT);
        up->report.text = NULL;
    } else if (!rc) {
        up->report.newest_ms = feed_newest(taken->now.newest_ms, taken->now.changed_ms);
        up->report.still = feed_stands_still(f, up->report.newest_ms, clock_wall_ms());
        tell(up, taken->outcome == FETCH_NEW ? FEED_DONE : FEED_UNCHANGED);
    }
    free(taken);
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
    if (end_recall(up, demo_feed(), &had, e) < 0)
        return -1;
    if (!had.fetched_ms)
        return 0;
    struct feed_memory none = {0};
    return write_feed(up, demo_feed(), NULL, &none, e);
}

static int install_demo(struct updating *up, struct err *e)
{
    const struct feed *f = demo_feed();
    const struct feed_intake in = intake_of(up);
    struct byte_source_memory shipped = {.left = shipped_demo()};
    struct feed_memory osv;
    if (end_recall(up, feed_by_name(SLICE("osv-debian")), &osv, e) < 0)
        return -1;
    if (osv.records)
        return 0;
    up->report = (struct feed_report){.feed = f, .total = -1};
    struct feed_taken *taken = xcalloc(1, sizeof *taken);
    int rc = feed_take_source(&in, f, byte_source_of_memory(&shipped), taken, e);
    if (!rc)
        rc = write_read(up, f, taken, e);
    sorted_remove(up->staged_dir);
    free(taken);
    up->report.text = "the demo's set of a few Debian packages that comes with Careen, not a full feed";
    tell(up, rc ? FEED_FAILED : FEED_DONE);
    return rc;
}

/* ---- all ---- */

static int take_lock(struct updating *up, int *ret_fd, struct err *e)
{
    if (store_make_dirs(up->work_dir, e))
        return -1;
    int got = feeds_update_lock(up->work_dir, FEEDS_LOCK_TRY, ret_fd, e);
    if (got != 1)
        return got;
    up->report.text = "another update is running; waiting for it";
    tell(up, FEED_WAITING);
    up->report.text = NULL;
    return feeds_update_lock(up->work_dir, FEEDS_LOCK_WAIT, ret_fd, e);
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
                            .arena = ARENA_INIT((size_t)64 << 20),
                            .row = ARENA_INIT((size_t)4096),
                            .names_arena = ARENA_INIT((size_t)16 << 20),
                            .report = {.total = -1}};
    up->work_dir = xasprintf("%s/feeds", u->cache_dir);
    up->db_dir = xasprintf("%s/advisories", u->cache_dir);
    up->staged_dir = xasprintf("%s/staged", up->work_dir);
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
    arena_done(&up->row);
    arena_done(&up->names_arena);
    free(up->staged_dir);
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
    if (!mark.good && !mark.failed && !up->u->feeds_dir)
        return err_set(e, ERR_NOT_FOUND, 0,
                       "none of the feeds can be had from the network; --feeds DIR reads them from a folder");
    if (!mark.good && !mark.failed)
        return err_set(e, ERR_NOT_FOUND, 0,
                       "%s holds none of the feeds' files; see stages/feeds/README.md for their names",
                       up->u->feeds_dir);
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
