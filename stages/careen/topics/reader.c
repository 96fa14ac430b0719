/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/topics/reader.h"

#include "base/hash.h"
#include "base/terminal/text.h"
#include "io/store/store.h"
#include "stage/stage.h"

struct reader {
    struct bus *bus;
    struct codec *codec;
    uint32_t partitions;
    struct arena arena;
    size_t skipped;
    char why[256]; /* of the first that was */
};

#define SKIPPED_TOLD 10 /* of so many each is told; of the others how many */

int reader_open(const struct settings *s, struct reader **ret_reader, struct err *e)
{
    struct bus_options o = {
        .client = "careen", .kafka_keys = s->kafka.keys, .kafka_values = s->kafka.values, .kafka_n = s->kafka.n};
    /* Reading must not make a bus where there is none. */
    if (strncmp(s->bus, "embedded:", 9) == 0) {
        char *log ATTR_CLEANUP(cleanup_free) = xasprintf("%s/log/data.mdb", s->bus + 9);
        if (access(log, F_OK))
            return err_set(e, ERR_NOT_FOUND, 0,
                           "there is no bus in %s; careen up makes one, --bus or --state names another", s->bus + 9);
    }
    struct reader *r = xcalloc(1, sizeof *r);
    r->arena = ARENA_INIT((size_t)256 << 20);
    if (bus_open(s->bus, &o, &r->bus, e) || codec_open(s->schema_registry, &r->codec, e) ||
        bus_topics_check(r->bus, &r->partitions, e)) {
        reader_close(r);
        return -1;
    }
    *ret_reader = r;
    return 0;
}

void reader_close(struct reader *r)
{
    if (!r)
        return;
    bus_close(r->bus);
    codec_close(r->codec);
    arena_done(&r->arena);
    free(r);
}

struct bus *reader_bus(struct reader *r)
{
    return r->bus;
}

struct codec *reader_codec(struct reader *r)
{
    return r->codec;
}

uint32_t reader_partitions(const struct reader *r)
{
    return r->partitions;
}

static int watch_all(struct reader *r, enum topic t, bool from_now, struct err *e)
{
    for (uint32_t k = 0; k < r->partitions; k++) {
        int64_t low, high;
        if (bus_range(r->bus, t, k, &low, &high, e) || bus_watch(r->bus, t, k, from_now ? high : low, e))
            return -1;
    }
    return 0;
}

typedef int (*event_fn)(void *arg, const struct bus_event *ev, struct err *e);

/* Gives events until every partition was caught up, or as the options say. */
static int events(struct reader *r, enum topic t, const struct reader_tail_options *o, event_fn fn, void *arg,
                  struct err *e)
{
    bool *caught_up ATTR_CLEANUP(cleanup_free) = xcalloc(r->partitions, sizeof *caught_up);
    uint32_t left = r->partitions;
    while ((o->follow || left) && !(o->stop && atomic_load(o->stop))) {
        struct bus_event ev;
        struct err mine = ERR_INIT;
        if (bus_poll(r->bus, 500, &ev, &mine)) {
            if (mine.kind == ERR_RETRY)
                continue;
            *e = mine;
            return -1;
        }
        if (ev.kind == BUS_NOTHING || ev.topic != t)
            continue;
        if (ev.kind == BUS_CAUGHT_UP) {
            left -= !caught_up[ev.partition];
            caught_up[ev.partition] = true;
            continue;
        }
        int rc = fn(arg, &ev, e);
        if (rc)
            return rc < 0 ? -1 : 0;
    }
    return 0;
}

static int give(struct reader *r, enum topic t, struct slice key, struct slice value, int64_t at_ms, reader_fn fn,
                void *arg, struct err *e)
{
    arena_reset(&r->arena);
    void *record = NULL;
    if (value.p) {
        record = arena_zalloc(&r->arena, codec_record_size(t));
        if (codec_decode(r->codec, t, value, &r->arena, record, e))
            return -1;
    }
    return fn(arg, key, record, at_ms, e);
}

/* ---- the newest of every key ---- */

#define ROW_KEY_PLAIN 400
#define HASH128_BYTES sizeof(struct hash128)

struct gathering {
    struct store_txn *txn;
    store_table table;
    reader_wanted_fn wanted; /* NULL: all */
    void *arg;
};

/* LMDB takes 1 to 511 bytes; anybody may have written the key. Rows stay in the order of keys, and hold the key itself.
 */
static struct slice row_key(uint8_t to[1 + ROW_KEY_PLAIN + HASH128_BYTES], struct slice key)
{
    size_t n = MIN(key.n, (size_t)ROW_KEY_PLAIN);
    to[0] = 0;
    if (n)
        memcpy(to + 1, key.p, n);
    if (n == key.n)
        return slice_of(to, 1 + n);
    memcpy(to + 1 + n, hash128(key).b, HASH128_BYTES);
    return slice_of(to, 1 + n + HASH128_BYTES);
}

static int gather(void *arg, const struct bus_event *ev, struct err *e)
{
    struct gathering *g = arg;
    uint8_t row[1 + ROW_KEY_PLAIN + HASH128_BYTES], at[8];
    struct slice k = row_key(row, ev->key);
    if (g->wanted && !g->wanted(g->arg, ev->key))
        return 0;
    if (ev->tombstone)
        return store_del(g->txn, g->table, k, e) < 0 ? -1 : 0;
    struct buf b = BUF_INIT(TOPIC_RECORD_MAX * 2);
    key_u64(at, (uint64_t)ev->timestamp_ms);
    buf_add(&b, at, sizeof at);
    buf_add_prefixed(&b, ev->key);
    buf_add_slice(&b, ev->value);
    int rc = store_put(g->txn, g->table, k, buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

static int gather_all(struct reader *r, enum topic t, struct store *s, struct gathering *g, struct err *e)
{
    if (store_table_open(s, "records", &g->table, e) || store_begin(s, true, &g->txn, e))
        return -1;
    if (watch_all(r, t, false, e) || events(r, t, &(struct reader_tail_options){0}, gather, g, e)) {
        store_abort(g->txn);
        return -1;
    }
    return store_commit(g->txn, e);
}

/* Keys and the texts of errors hold what others wrote. */
static void tell_skipped(struct reader *r, enum topic t, struct slice where, const char *why)
{
    if (!r->skipped++)
        snprintf(r->why, sizeof r->why, "%s", why);
    if (r->skipped > SKIPPED_TOLD)
        return;
    struct buf line = BUF_INIT((size_t)16 << 10);
    buf_addf(&line, "careen: %s, ", topics[t].name);
    text_add_safe(&line, slice_sub(where, 0, 200), false);
    buf_add_str(&line, ": ");
    text_add_safe(&line, slice_str(why), false);
    buf_add_str(&line, "; skipped\n");
    text_write(STDERR_FILENO, buf_slice(&line));
    buf_done(&line);
}

static int give_row(struct reader *r, enum topic t, struct slice row, reader_fn fn, void *arg, struct err *e)
{
    struct slice value = slice_from(row, 8), key;
    struct err mine = ERR_INIT;
    if (!slice_take_prefixed(&value, &key))
        BUG("a row that is cut");
    int rc = give(r, t, key, value, (int64_t)key_get_u64(row.p), fn, arg, &mine);
    /* One bad record hides no good one; dead-letters has it. */
    if (rc < 0 && mine.kind == ERR_POISON) {
        char where[256];
        snprintf(where, sizeof where, "key %.*s", SLICE_FMT(slice_sub(key, 0, 190)));
        tell_skipped(r, t, slice_str(where), mine.text);
        return 0;
    }
    if (rc < 0)
        *e = mine;
    return rc;
}

static int give_all(struct reader *r, enum topic t, struct store *s, store_table table, reader_fn fn, void *arg,
                    struct err *e)
{
    struct store_txn *txn;
    struct store_iter it;
    struct slice key, value;
    int got, rc = 0;
    if (store_begin(s, false, &txn, e))
        return -1;
    store_iter_init(&it, txn, table, SLICE_NONE, SLICE_NONE);
    while (!rc && (got = store_iter_next(&it, &key, &value, e)) != 0)
        rc = got < 0 ? -1 : give_row(r, t, value, fn, arg, e);
    store_iter_done(&it);
    store_abort(txn);
    return rc < 0 ? -1 : 0;
}

size_t reader_skipped(const struct reader *r)
{
    return r->skipped;
}

int reader_check(const struct reader *r, struct err *e)
{
    return r->skipped ? err_set(e, ERR_PARTIAL, 0,
                                "%zu record%s could not be read, so that what is shown is not all; the first: %s",
                                r->skipped, r->skipped == 1 ? "" : "s", r->why)
                      : 0;
}

int reader_all(struct reader *r, enum topic t, reader_fn fn, void *arg, struct err *e)
{
    return reader_some(r, t, NULL, fn, arg, e);
}

int reader_some(struct reader *r, enum topic t, reader_wanted_fn wanted, reader_fn fn, void *arg, struct err *e)
{
    static const struct store_options options = {.sync = STORE_SYNC_OFF};
    const char *tmp = getenv("TMPDIR");
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/careen-read-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    struct store *s = NULL;
    struct gathering g = {.wanted = wanted, .arg = arg};
    if (!mkdtemp(dir))
        return err_errno(e, ERR_FATAL, errno, "cannot make a temporary folder %s", dir);
    int rc = store_open(dir, &options, &s, e);
    struct err ignored = ERR_INIT;
    /* Open files need no names, and a process that is killed leaves nothing behind. */
    store_wipe(dir, &ignored);
    rmdir(dir);
    if (!rc)
        rc = gather_all(r, t, s, &g, e);
    if (!rc)
        rc = give_all(r, t, s, g.table, fn, arg, e);
    store_close(s);
    return rc;
}

/* ---- everything as it comes ---- */

struct tailing {
    struct reader *r;
    enum topic t;
    reader_fn fn;
    void *arg;
};

static int tail_event(void *arg, const struct bus_event *ev, struct err *e)
{
    struct tailing *t = arg;
    struct err mine = ERR_INIT;
    int rc = give(t->r, t->t, ev->key, ev->tombstone ? SLICE_NONE : ev->value, ev->timestamp_ms, t->fn, t->arg, &mine);
    if (rc < 0 && mine.kind == ERR_POISON) {
        char where[64];
        snprintf(where, sizeof where, "partition %u, offset %" PRId64, ev->partition, ev->offset);
        tell_skipped(t->r, t->t, slice_str(where), mine.text);
        return 0;
    }
    if (rc < 0)
        *e = mine;
    return rc;
}

int reader_tail(struct reader *r, enum topic t, const struct reader_tail_options *o, reader_fn fn, void *arg,
                struct err *e)
{
    struct tailing tailing = {r, t, fn, arg};
    return watch_all(r, t, o->from_now, e) ? -1 : events(r, t, o, tail_event, &tailing, e);
}
