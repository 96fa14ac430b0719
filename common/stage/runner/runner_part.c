/* SPDX-License-Identifier: Apache-2.0 */
/* runner_part.c: opening, checking, saving and rewinding the state of a partition and of the process. */
#include "stage/runner/runner_internal.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

#include <sys/stat.h>

/* A view that slept longer than tombstones live may hold ghosts; the margin covers clocks that disagree. */
#define VIEW_AGE_MAX_MS (TOPIC_TOMBSTONE_MS - (int64_t)86400 * 1000)
#define RUNNER_FORMAT   1u
/* State of this much later than now was written by a clock that was ahead, and nobody knows how old it is. */
#define AHEAD_MAX_MS ((int64_t)86400 * 1000)
#define OWN_FLUSH_MS 30000

int runner_input_find(const struct runner *r, enum topic t)
{
    for (size_t i = 0; i < r->def->inputs_n; i++)
        if (r->def->inputs[i].topic == t)
            return (int)i;
    return -1;
}

static int meta_get_i64(struct store_txn *t, store_table meta, const char *key, int64_t *ret_v, struct err *e)
{
    struct slice v;
    int got = store_get(t, meta, slice_str(key), &v, e);
    if (got == 1 && v.n == 8)
        *ret_v = (int64_t)key_get_u64(v.p);
    return got;
}

static int meta_put_i64(struct store_txn *t, store_table meta, const char *key, int64_t v, struct err *e)
{
    uint8_t bytes[8];
    key_u64(bytes, (uint64_t)v);
    return store_put(t, meta, slice_str(key), slice_of(bytes, sizeof bytes), e);
}

/* Why the state can't be used, or NULL. opened: it was just opened, so that its age counts. */
static const char *meta_unfit(struct runner *r, struct store_txn *t, store_table meta, bool opened, struct err *e)
{
    int64_t format = 0, applied = 0, now = clock_wall_ms();
    struct slice cluster;
    if (meta_get_i64(t, meta, "format", &format, e) < 0)
        return "unreadable";
    if (format != (int64_t)((uint64_t)RUNNER_FORMAT << 32 | r->def->format))
        return "another format version";
    if (store_get(t, meta, SLICE("cluster"), &cluster, e) != 1 || !slice_eq_str(cluster, bus_cluster_id(r->bus)))
        return "another cluster's state";
    if (!opened || meta_get_i64(t, meta, "applied", &applied, e) != 1)
        return NULL;
    if (now - applied > VIEW_AGE_MAX_MS)
        return "older than tombstones are kept";
    return applied - now > AHEAD_MAX_MS ? "written when the clock was ahead, so that its age is not known" : NULL;
}

static int meta_init(struct runner *r, struct store_txn *t, store_table meta, struct err *e)
{
    if (meta_put_i64(t, meta, "format", (int64_t)((uint64_t)RUNNER_FORMAT << 32 | r->def->format), e) ||
        store_put(t, meta, SLICE("cluster"), slice_str(bus_cluster_id(r->bus)), e))
        return -1;
    return meta_put_i64(t, meta, "applied", clock_wall_ms(), e);
}

static void offset_key(char *key, size_t max, enum topic t, uint32_t partition)
{
    snprintf(key, max, "next %s %u", topics[t].name, partition);
}

/* 0 fits (ret_next filled), 1 does not fit the log, <0 failure. */
static int load_offset(struct runner *r, struct store_txn *t, store_table meta, enum topic topic, uint32_t partition,
                       int64_t *ret_next, struct err *e)
{
    char key[96];
    int64_t low, high, next = -1;
    offset_key(key, sizeof key, topic, partition);
    if (meta_get_i64(t, meta, key, &next, e) < 0 || bus_range(r->bus, topic, partition, &low, &high, e))
        return -1;
    if (next > high)
        return 1;
    *ret_next = MAX(next, low);
    return 0;
}

/* The runner's own tables, then the stage's, all in one transaction. */
static int open_tables(struct store *s, const char *const *own, store_table *const *ret_own, size_t own_n,
                       const char *const *names, size_t n, store_table *ret_ids, struct err *e)
{
    const char *all[STAGE_TABLES_MAX + 8];
    store_table ids[STAGE_TABLES_MAX + 8];
    struct arena a = ARENA_INIT(1 << 16);
    for (size_t i = 0; i < own_n; i++)
        all[i] = own[i];
    for (size_t i = 0; i < n; i++)
        all[own_n + i] = (const char *)arena_printf(&a, "t.%s", names[i]).p;
    int rc = store_tables_open(s, all, own_n + n, ids, e);
    for (size_t i = 0; !rc && i < own_n; i++)
        *ret_own[i] = ids[i];
    for (size_t i = 0; !rc && i < n; i++)
        ret_ids[i] = ids[own_n + i];
    arena_done(&a);
    return rc;
}

static int part_open_store(struct runner *r, struct part *p, const char *dir, struct err *e)
{
    static const struct store_options options = {.sync = STORE_SYNC_DATA, .tables = STAGE_TABLES_MAX + 8};
    const struct stage_def *def = r->def;
    static const char *const own[] = {"meta", "seen", "work", "queue"};
    store_table *const ids[] = {&p->meta, &p->seen, &p->work, &p->queue};
    if (store_open(dir, &options, &p->store, e))
        return -1;
    return open_tables(p->store, own, ids, ARRAY_LEN(own), def->tables, def->tables_n, p->tables, e);
}

/* 0 loaded, 1 unfit with *ret_why, <0 failure. */
static int part_load(struct runner *r, struct part *p, bool opened, const char **ret_why, struct err *e)
{
    int64_t applied = 0;
    struct store_txn *t;
    if (store_begin(p->store, false, &t, e))
        return -1;
    int rc = 0;
    *ret_why = meta_unfit(r, t, p->meta, opened, e);
    p->rush |= meta_get_i64(t, p->meta, "applied", &applied, e) == 1 && applied > clock_wall_ms() + CLOCK_BACK_MS;
    if (*ret_why)
        rc = 1;
    for (size_t i = 0; !rc && i < r->def->inputs_n; i++)
        if (!r->def->inputs[i].whole) {
            rc = load_offset(r, t, p->meta, r->def->inputs[i].topic, p->k, &p->next[i], e);
            if (rc == 1)
                *ret_why = "ahead of the log";
        }
    store_abort(t);
    return rc;
}

static int part_fresh(struct runner *r, struct part *p, struct err *e)
{
    struct store_txn *t;
    if (store_begin(p->store, true, &t, e))
        return -1;
    if (meta_init(r, t, p->meta, e)) {
        store_abort(t);
        return -1;
    }
    if (store_commit(t, e))
        return -1;
    const char *why;
    int rc = part_load(r, p, true, &why, e);
    return rc > 0 ? err_set(e, ERR_FATAL, 0, "new state does not fit: %s", why) : rc;
}

static void log_wipe(struct store *s, const char *dir, const char *why)
{
    bool is_new = strcmp(why, "another format version") == 0 && store_used_bytes(s) < 65536;
    if (!is_new)
        log_warn("state is wiped and rebuilt from the topics", LOG_S("folder", dir), LOG_S("reason", why));
}

int runner_part_open(struct runner *r, uint32_t k, struct part **ret_part, struct err *e)
{
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s/%u", r->config->state_dir, r->def->name, k);
    struct part *p = xcalloc(1, sizeof *p);
    const char *why = NULL;
    p->k = k;
    p->generation = ++r->generations;
    int rc = part_open_store(r, p, dir, e);
    if (!rc)
        rc = part_load(r, p, true, &why, e);
    if (rc > 0) {
        log_wipe(p->store, dir, why);
        store_close(p->store);
        p->store = NULL;
        rc = store_wipe(dir, e);
        if (!rc)
            rc = part_open_store(r, p, dir, e);
        if (!rc)
            rc = part_fresh(r, p, e);
    }
    if (!rc)
        rc = runner_work_load(p, e);
    if (rc) {
        runner_part_close(p);
        return err_wrap(e, "partition %u", k);
    }
    *ret_part = p;
    return 0;
}

void runner_part_close(struct part *p)
{
    if (!p)
        return;
    store_abort(p->txn);
    store_close(p->store);
    free(p);
}

int runner_part_begin(struct runner *r, struct part *p, struct err *e)
{
    (void)r;
    if (p->txn)
        return 0;
    p->dirty = false;
    return store_begin(p->store, true, &p->txn, e);
}

int runner_part_save(struct runner *r, struct part *p, struct err *e)
{
    char key[96];
    for (size_t i = 0; i < r->def->inputs_n; i++) {
        if (r->def->inputs[i].whole)
            continue;
        offset_key(key, sizeof key, r->def->inputs[i].topic, p->k);
        if (meta_put_i64(p->txn, p->meta, key, p->next[i], e))
            return -1;
    }
    return meta_put_i64(p->txn, p->meta, "applied", r->now_ms, e);
}

int runner_part_start(struct runner *r, struct part *p, struct err *e)
{
    for (size_t i = 0; i < r->def->inputs_n; i++)
        if (!r->def->inputs[i].whole && bus_start(r->bus, r->def->inputs[i].topic, p->k, p->next[i], e))
            return -1;
    return 0;
}

int runner_part_rewind(struct runner *r, struct part *p, struct err *e)
{
    const char *why = "";
    store_abort(p->txn);
    p->txn = NULL;
    int rc = part_load(r, p, false, &why, e);
    if (rc > 0)
        return err_set(e, ERR_FATAL, 0, "partition %u: state no longer fits the log: %s", p->k, why);
    if (rc || runner_work_load(p, e))
        return -1;
    /* What idle did in the dropped transaction must be done again. */
    p->idle_due = true;
    return runner_part_start(r, p, e);
}

/* ---- the process's whole tables ---- */

static bool whole_wanted(const struct runner *r)
{
    for (size_t i = 0; i < r->def->inputs_n; i++)
        if (r->def->inputs[i].whole)
            return true;
    return r->def->whole_tables_n > 0;
}

static int whole_open_store(struct runner *r, const char *dir, struct err *e)
{
    static const struct store_options options = {.sync = STORE_SYNC_DATA, .tables = STAGE_TABLES_MAX + 8};
    struct whole *w = &r->whole;
    static const char *const own[] = {"meta", "seen"};
    store_table *const ids[] = {&w->meta, &w->seen};
    if (store_open(dir, &options, &w->store, e))
        return -1;
    return open_tables(w->store, own, ids, ARRAY_LEN(own), r->def->whole_tables, r->def->whole_tables_n, w->tables, e);
}

static int whole_load(struct runner *r, bool opened, const char **ret_why, struct err *e)
{
    struct store_txn *t;
    if (store_begin(r->whole.store, false, &t, e))
        return -1;
    int rc = 0;
    *ret_why = meta_unfit(r, t, r->whole.meta, opened, e);
    if (*ret_why)
        rc = 1;
    for (size_t i = 0; !rc && i < r->def->inputs_n; i++)
        for (uint32_t k = 0; !rc && r->def->inputs[i].whole && k < r->partitions; k++) {
            rc = load_offset(r, t, r->whole.meta, r->def->inputs[i].topic, k, &r->whole.next[i * r->partitions + k], e);
            if (rc == 1)
                *ret_why = "ahead of the log";
        }
    store_abort(t);
    return rc;
}

static int whole_watch(struct runner *r, struct err *e)
{
    for (size_t i = 0; i < r->def->inputs_n; i++)
        for (uint32_t k = 0; r->def->inputs[i].whole && k < r->partitions; k++)
            if (bus_watch(r->bus, r->def->inputs[i].topic, k, r->whole.next[i * r->partitions + k], e))
                return -1;
    return 0;
}

/*
 * A new owner must have read at least what the one before had, or its records would carry lower positions and be
 * dropped as older: what is behind the present ends is read before anything is settled.
 */
int runner_whole_catch_up(struct runner *r, struct err *e)
{
    struct whole *w = &r->whole;
    for (size_t i = 0; i < r->def->inputs_n; i++)
        for (uint32_t k = 0; r->def->inputs[i].whole && k < r->partitions; k++) {
            int64_t low, high, next = w->next[i * r->partitions + k];
            if (bus_range(r->bus, r->def->inputs[i].topic, k, &low, &high, e))
                return -1;
            if (high <= next || !w->caught_up[i * r->partitions + k])
                continue;
            /* Watched anew it tells when that end is reached. */
            w->caught_up[i * r->partitions + k] = false;
            if (bus_watch(r->bus, r->def->inputs[i].topic, k, next, e))
                return -1;
        }
    /* Only now: what failed to ask on the way asks for all of it again. */
    w->behind = false;
    return 0;
}

int runner_whole_read_back(struct runner *r, struct err *e)
{
    struct whole *w = &r->whole;
    bool all = true;
    /* What the open batch emitted is not delivered before it is closed. */
    if (w->own_unknown && r->emitted)
        return 0;
    /* An aborted batch may have left records in the queue. */
    if (w->own_unknown && bus_flush(r->bus, OWN_FLUSH_MS, e))
        return -1;
    for (size_t i = 0; i < r->def->inputs_n; i++)
        for (uint32_t k = 0; r->def->inputs[i].whole && k < r->partitions; k++) {
            int64_t low, *own = &w->own[i * r->partitions + k];
            if (w->own_unknown && bus_range(r->bus, r->def->inputs[i].topic, k, &low, own, e))
                return -1;
            all &= w->next[i * r->partitions + k] >= *own;
        }
    w->own_unknown = false;
    return all;
}

/* Copies of a stage that share a state folder take the first free of whole-0, whole-1 …. */
static int whole_take_slot(struct runner *r, char **ret_dir, struct err *e)
{
    for (unsigned slot = 0; slot < 256; slot++) {
        char *dir = xasprintf("%s/%s/whole-%u", r->config->state_dir, r->def->name, slot);
        int rc = whole_open_store(r, dir, e);
        if (!rc) {
            *ret_dir = dir;
            return 0;
        }
        store_close(r->whole.store);
        r->whole.store = NULL;
        free(dir);
        if (!e || e->kind != ERR_USAGE)
            return -1;
    }
    return -1;
}

static int whole_fresh(struct runner *r, const char *dir, struct err *e)
{
    struct store_txn *t;
    const char *why;
    store_close(r->whole.store);
    r->whole.store = NULL;
    if (store_wipe(dir, e) || whole_open_store(r, dir, e) || store_begin(r->whole.store, true, &t, e))
        return -1;
    if (meta_init(r, t, r->whole.meta, e)) {
        store_abort(t);
        return -1;
    }
    if (store_commit(t, e))
        return -1;
    int rc = whole_load(r, true, &why, e);
    return rc > 0 ? err_set(e, ERR_FATAL, 0, "new state does not fit: %s", why) : rc;
}

int runner_whole_open(struct runner *r, struct err *e)
{
    struct whole *w = &r->whole;
    if (!whole_wanted(r)) {
        w->live = true;
        return 0;
    }
    w->next = xcalloc(r->def->inputs_n * r->partitions, sizeof *w->next);
    w->own = xcalloc(r->def->inputs_n * r->partitions, sizeof *w->own);
    w->caught_up = xcalloc(r->def->inputs_n * r->partitions, sizeof *w->caught_up);
    char *dir ATTR_CLEANUP(cleanup_free) = NULL;
    const char *why;
    if (whole_take_slot(r, &dir, e))
        return -1;
    int rc = whole_load(r, true, &why, e);
    if (rc > 0) {
        log_wipe(w->store, dir, why);
        rc = whole_fresh(r, dir, e);
    }
    return rc ? rc : whole_watch(r, e);
}

void runner_whole_close(struct runner *r)
{
    struct whole *w = &r->whole;
    store_abort(w->write);
    store_abort(w->read);
    store_close(w->store);
    free(w->next);
    free(w->own);
    free(w->caught_up);
    *w = (struct whole){0};
}

int runner_whole_begin_write(struct runner *r, struct err *e)
{
    return r->whole.write ? 0 : store_begin(r->whole.store, true, &r->whole.write, e);
}

int runner_whole_begin_read(struct runner *r, struct err *e)
{
    if (!r->whole.store || r->whole.read)
        return 0;
    return store_begin(r->whole.store, false, &r->whole.read, e);
}

int runner_whole_commit(struct runner *r, struct err *e)
{
    struct whole *w = &r->whole;
    char key[96];
    if (!w->write)
        return 0;
    for (size_t i = 0; i < r->def->inputs_n; i++)
        for (uint32_t k = 0; r->def->inputs[i].whole && k < r->partitions; k++) {
            offset_key(key, sizeof key, r->def->inputs[i].topic, k);
            if (meta_put_i64(w->write, w->meta, key, w->next[i * r->partitions + k], e))
                return -1;
        }
    if (meta_put_i64(w->write, w->meta, "applied", r->now_ms, e))
        return -1;
    store_abort(w->read);
    w->read = NULL;
    struct store_txn *t = STEAL(w->write);
    if (store_commit(t, e))
        return -1;
    w->version++;
    return 0;
}

int runner_whole_rewind(struct runner *r, struct err *e)
{
    struct whole *w = &r->whole;
    const char *why = "";
    if (!w->store)
        return 0;
    store_abort(w->write);
    store_abort(w->read);
    w->write = w->read = NULL;
    int rc = whole_load(r, false, &why, e);
    if (rc > 0)
        return err_set(e, ERR_FATAL, 0, "state no longer fits the log: %s", why);
    return rc ? rc : whole_watch(r, e);
}

int runner_seen_check(struct store_txn *txn, store_table seen, const struct bus_event *ev, struct err *e)
{
    if (!topics[ev->topic].compacted || !ev->position)
        return 1;
    uint8_t key[17];
    struct hash128 h = hash128(ev->key);
    key[0] = (uint8_t)ev->topic;
    memcpy(key + 1, h.b, sizeof h.b);
    struct slice old;
    int got = store_get(txn, seen, slice_of(key, sizeof key), &old, e);
    if (got < 0)
        return -1;
    if (got == 1 && old.n == 8 && key_get_u64(old.p) > ev->position)
        return 0;
    /* A tombstone is remembered as well: a zombie's older value must not bring the key back. */
    uint8_t bytes[8];
    key_u64(bytes, ev->position);
    return store_put(txn, seen, slice_of(key, sizeof key), slice_of(bytes, sizeof bytes), e) ? -1 : 1;
}
