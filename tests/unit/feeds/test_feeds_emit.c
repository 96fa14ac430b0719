/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline with an end made here: what is emitted, in portions of any size, and what follows for other feeds. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/pipeline/emit.h"
#include "feeds/pipeline/intake.h"
#include "unit/feeds_support.h"

struct world {
    char dir[200], staged[220];
    struct store *store;
    store_table out;
    struct store_txn *txn;
    struct codec *codec;
    struct arena arena;
    struct buf told; /* "+key", "-key", "!key", "found feed", "again feed", "remember feed", each with a blank */
    size_t portions;
};

static int setup(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);
    const char *tmp = getenv("TMPDIR");
    struct err e = ERR_INIT;
    snprintf(w->dir, sizeof w->dir, "%.150s/careen-emit-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->dir))
        return -1;
    snprintf(w->staged, sizeof w->staged, "%s/staged", w->dir);
    w->arena = ARENA_INIT((size_t)64 << 20);
    w->told = BUF_INIT((size_t)1 << 20);
    *state = w;
    return store_open(w->dir, &(struct store_options){.tables = 2, .sync = STORE_SYNC_OFF}, &w->store, &e) ||
           store_table_open(w->store, "out", &w->out, &e) || store_begin(w->store, true, &w->txn, &e) ||
           codec_open(NULL, &w->codec, &e);
}

static int teardown(void **state)
{
    struct world *w = *state;
    store_abort(w->txn);
    store_close(w->store);
    codec_close(w->codec);
    sorted_remove(w->staged);
    store_wipe(w->dir, NULL);
    rmdir(w->dir);
    arena_done(&w->arena);
    buf_done(&w->told);
    free(w);
    return 0;
}

/* ---- the end ---- */

static int recall(void *end, const struct feed *f, struct feed_memory *ret_memory, struct err *e)
{
    (void)end, (void)e;
    *ret_memory = (struct feed_memory){0};
    return strcmp(f->name, "alpine-v3.31-main") == 0;
}

static int remember(void *end, const struct feed *f, const struct feed_memory *memory, struct err *e)
{
    struct world *w = end;
    (void)memory, (void)e;
    return buf_addf(&w->told, "remember %s ", f->name);
}

static int put(void *end, const struct feed *f, const struct feed_change *c, const struct feed_record *r, struct err *e)
{
    struct world *w = end;
    assert_int_equal(r->kind, c->kind);
    buf_addf(&w->told, "+%.*s ", SLICE_FMT(c->topic_key));
    return packed_put(w->txn, feed_out_packed(w->out), c->row_key,
                      feed_out_value(&w->arena, c->kind, c->hash, slice_str(f->name)), e);
}

static int drop(void *end, const struct feed *f, const struct feed_change *c, struct err *e)
{
    struct world *w = end;
    (void)f;
    buf_addf(&w->told, "-%.*s ", SLICE_FMT(c->topic_key));
    return packed_del(w->txn, feed_out_packed(w->out), c->row_key, e) < 0 ? -1 : 0;
}

static int refuse(void *end, const struct feed *f, const struct feed_change *c, const struct err *why, struct err *e)
{
    struct world *w = end;
    (void)f, (void)e;
    assert_int_equal(why->kind, ERR_POISON);
    return buf_addf(&w->told, "!%.*s ", SLICE_FMT(c->topic_key));
}

static bool takes(void *end, const struct feed *f)
{
    (void)end;
    return strcmp(f->name, "alpine-v3.32-main") != 0;
}

static int found(void *end, const struct feed *f, const struct feed *index, struct err *e)
{
    struct world *w = end;
    (void)index, (void)e;
    return buf_addf(&w->told, "found %s ", f->name);
}

static int again(void *end, const struct feed *f, struct err *e)
{
    struct world *w = end;
    (void)e;
    return buf_addf(&w->told, "again %s ", f->name);
}

static const struct feed_end_ops ops = {recall, remember, put, drop, refuse, takes, found, again};

static struct feed_end end_of(struct world *w)
{
    return (struct feed_end){.ops = &ops, .end = w, .codec = w->codec};
}

/* ---- one feed ---- */

static const struct feed *named(const char *name)
{
    return feed_by_name(slice_str(name));
}

/* Emits what is staged in portions of so many changes; a portion goes on from its key alone, as after a restart. */
static void emit(struct world *w, const struct feed *f, size_t rows, size_t changes, const char *expected)
{
    struct buf from ATTR_CLEANUP(buf_done) = BUF_INIT(FEED_ROW_KEY_MAX);
    struct err e = ERR_INIT;
    int rc = 1;
    buf_clear(&w->told);
    for (w->portions = 0; rc == 1; w->portions++) {
        struct feed_comparison c = {.feed = f, .out_txn = w->txn, .out = w->out, .rows = rows, .changes = changes};
        struct feed_portion portion;
        const struct feed_end end = end_of(w);
        assert_int_equal(sorted_open(w->staged, &c.staged, &e), 0);
        rc = feed_emit(&end, &c, buf_slice(&from), &w->arena, &portion, &e);
        if (rc < 0)
            fail_msg("%s", e.text);
        buf_clear(&from);
        buf_add_slice(&from, portion.next);
        sorted_close(c.staged);
    }
    assert_string_equal(buf_cstr(&w->told), expected);
}

static void stage(struct world *w, const struct feed *f, const char *json)
{
    static const struct feed_intake_ops silent = {0};
    const struct feed_intake in = {.staged = w->staged, .ops = &silent};
    struct byte_source_memory bytes = {.left = slice_str(json)};
    struct feed_taken taken;
    struct err e = ERR_INIT;
    if (feed_take_source(&in, f, byte_source_of_memory(&bytes), &taken, &e))
        fail_msg("%s", e.text);
}

#define SECDB(packages)      "{\"distroversion\":\"v3.20\",\"packages\":[" packages "]}"
#define ITEM(name, fix, cve) "{\"pkg\":{\"name\":\"" name "\",\"secfixes\":{\"" fix "\":[\"CVE-2024-" cve "\"]}}}"
#define KEY(name, cve)       "Alpine:v3.20," name ",CVE-2024-" cve " "

static void test_portions(void **state)
{
    struct world *w = *state;
    const struct feed *f = named("alpine-v3.20-main");
    stage(w, f,
          SECDB(ITEM("c", "1-r0", "0003") "," ITEM("a", "1-r0", "0001") "," ITEM("b", "1-r0", "0002") "," ITEM(
              "d", "1-r0", "0004")));
    emit(w, f, 100, 1, "+" KEY("a", "0001") "+" KEY("b", "0002") "+" KEY("c", "0003") "+" KEY("d", "0004"));
    assert_int_equal(w->portions, 4);
    emit(w, f, 100, 100, "");
    emit(w, f, 1, 100, "");
    assert_int_equal(w->portions, 4);
    /* One is another one, one is new, two are gone, whatever the portions. */
    stage(w, f, SECDB(ITEM("a", "2-r0", "0001") "," ITEM("c", "1-r0", "0003") "," ITEM("e", "1-r0", "0005")));
    emit(w, f, 1, 1, "+" KEY("a", "0001") "-" KEY("b", "0002") "-" KEY("d", "0004") "+" KEY("e", "0005"));
    emit(w, f, 100, 100, "");
}

static void test_two_feeds(void **state)
{
    struct world *w = *state;
    const struct feed *main_feed = named("alpine-v3.20-main"), *community = named("alpine-v3.20-community");
    stage(w, community, SECDB(ITEM("a", "9-r0", "0001") "," ITEM("b", "9-r0", "0002")));
    emit(w, community, 100, 100, "+" KEY("a", "0001") "+" KEY("b", "0002"));
    /* main goes before community: it takes over what both have, and community then keeps silent. */
    stage(w, main_feed, SECDB(ITEM("a", "1-r0", "0001")));
    emit(w, main_feed, 100, 100, "+" KEY("a", "0001"));
    stage(w, community, SECDB(ITEM("a", "9-r0", "0001") "," ITEM("b", "9-r0", "0002")));
    emit(w, community, 100, 100, "");
    /* When main drops it, the feeds after it are to be read again, and community has it. */
    stage(w, main_feed, SECDB(ITEM("z", "1-r0", "0009")));
    emit(w, main_feed, 100, 100, "-" KEY("a", "0001") "+" KEY("z", "0009"));
    stage(w, community, SECDB(ITEM("a", "9-r0", "0001") "," ITEM("b", "9-r0", "0002")));
    emit(w, community, 100, 100, "+" KEY("a", "0001"));
    feed_vec all = {0};
    const struct feed_end end = end_of(w);
    struct err e = ERR_INIT;
    feed_list_known(&w->arena, &all);
    buf_clear(&w->told);
    assert_int_equal(feed_wake_siblings(&end, main_feed, &all, &e), 0);
    assert_string_equal(buf_cstr(&w->told), "again alpine-v3.20-community ");
    buf_clear(&w->told);
    assert_int_equal(feed_wake_siblings(&end, community, &all, &e), 0);
    assert_int_equal(feed_wake_siblings(&end, named("kev"), &all, &e), 0);
    assert_string_equal(buf_cstr(&w->told), "");
}

/* What a child that was taken over might write: records that are none, or are not this feed's. */
static void test_refused(void **state)
{
    struct world *w = *state;
    const struct feed *main_feed = named("alpine-v3.20-main");
    struct sorted *s;
    struct err e = ERR_INIT;
    uint64_t n;
    stage(w, named("alpine-v3.20-community"), SECDB(ITEM("a", "9-r0", "0001")));
    emit(w, main_feed, 100, 100, "!" KEY("a", "0001"));
    assert_int_equal(sorted_create(w->staged, &s, &e), 0);
    assert_int_equal(sorted_put(s, SLICE("AAlpine:v3.20,a,x"), SLICE("nonsense"), &e), 0);
    assert_int_equal(sorted_finish(s, &n, &e), 0);
    sorted_close(s);
    emit(w, main_feed, 100, 100, "!Alpine:v3.20,a,x ");
}

static void test_names(void **state)
{
    struct world *w = *state;
    const struct feed_end end = end_of(w);
    struct err e = ERR_INIT;
    slice_vec names = {0};
    /* The first is new, the second known, the third another's; the last can be no feed. */
    static const char *const given[] = {"alpine-v3.30-main", "alpine-v3.31-main", "alpine-v3.32-main", "no-such-feed"};
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        slice_vec_add(&w->arena, &names, slice_str(given[i]));
    assert_int_equal(feed_take_names(&end, named("alpine-index"), &names, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_string_equal(buf_cstr(&w->told), "remember alpine-v3.30-main found alpine-v3.30-main ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        TEST(test_portions),
        TEST(test_two_feeds),
        TEST(test_refused),
        TEST(test_names),
    };
    return cmocka_run_group_tests_name("feeds_emit", tests, NULL, NULL);
}
