/* SPDX-License-Identifier: Apache-2.0 */
/* The database of `careen feeds update`: only differences, refusals, kills, readers, two at once, the demo's set. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/cases.h"
#include "feeds/update.h"
#include "unit/feeds_support.h"
#include "advisories/advisory_view.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct fixture {
    char dir[256], feeds[300], cache[300];
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static int setup(void **state)
{
    struct fixture *x = xcalloc(1, sizeof *x);
    const char *tmp = getenv("TMPDIR");
    snprintf(x->dir, sizeof x->dir, "%s/careen-feeds-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(x->dir))
        return -1;
    snprintf(x->feeds, sizeof x->feeds, "%s/data", x->dir);
    snprintf(x->cache, sizeof x->cache, "%s/cache", x->dir);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *x = *state;
    nftw(x->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(x);
    return 0;
}

static void write_file(const struct fixture *x, const char *name, struct slice bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", x->feeds, name);
    for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = 0;
        mkdir(path, 0700);
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
}

#define RELEASE "v3.20"
/* A secdb with n packages p0…; package p<special> is fixed in `version`. */
static void write_secdb(const struct fixture *x, const char *repository, int n, int special, const char *version)
{
    struct buf b = BUF_INIT((size_t)16 << 20);
    buf_addf(&b, "{\"distroversion\":\"" RELEASE "\",\"packages\":[");
    for (int i = 0; i < n; i++)
        buf_addf(&b, "%s{\"pkg\":{\"name\":\"p%d\",\"secfixes\":{\"%s\":[\"CVE-2024-%04d\"]}}}", i ? "," : "", i,
                 i == special ? version : "1.0-r0", 1000 + i);
    buf_addf(&b, "]}");
    char name[128];
    snprintf(name, sizeof name, "alpine-secdb/" RELEASE "/%s.json", repository);
    write_file(x, name, buf_slice(&b));
    buf_done(&b);
}

struct tally {
    uint64_t changed, removed, records;
    uint64_t documents, skipped;
    unsigned ended[FEED_STATE_MAX];
    char failure[512], first_skip[256];
};

static void on_tally(void *arg, const struct feed_report *r)
{
    struct tally *t = arg;
    if (r->state < FEED_DONE)
        return;
    t->ended[r->state]++;
    t->changed += r->changed;
    t->removed += r->removed;
    t->records += r->records;
    t->documents += r->documents;
    t->skipped += r->skipped;
    if (r->first_skip)
        snprintf(t->first_skip, sizeof t->first_skip, "%s", r->first_skip);
    if (r->state == FEED_FAILED)
        snprintf(t->failure, sizeof t->failure, "%s", r->text);
}

static int update(const struct fixture *x, struct tally *t, struct err *e)
{
    struct feeds_update u = {
        .cache_dir = x->cache, .feeds_dir = x->feeds, .progress = on_tally, .arg = t, .portion = 100};
    *t = (struct tally){0};
    *e = ERR_INIT;
    return feeds_update_database(&u, e);
}

/* The fixed version of a package's only advisory, "" when it has none; also how many feeds' rows there are. */
static void lookup(const struct fixture *x, const char *ecosystem, const char *package, char *to, size_t max)
{
    char dir[400];
    struct advisory_db db;
    struct store_txn *t;
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct err e = ERR_INIT;
    advisory_vec found = {0};
    snprintf(dir, sizeof dir, "%s/advisories", x->cache);
    if (advisory_db_open(dir, false, &db, &e))
        fail_msg("%s", e.text);
    assert_int_equal(store_begin(db.store, false, &t, &e), 0);
    assert_int_equal(advisory_view_lookup(t, db.tables, slice_str(ecosystem), slice_str(package), &arena, &found, &e),
                     0);
    to[0] = 0;
    for (size_t i = 0; i < found.n; i++)
        snprintf(to, max, "%.*s %.*s", SLICE_FMT(found.v[i].ranges.n ? found.v[i].ranges.v[0].fixed : SLICE("none")),
                 SLICE_FMT(found.v[i].feed));
    store_abort(t);
    arena_done(&arena);
    advisory_db_close(&db);
}

static void expect(const struct fixture *x, const char *package, const char *wanted)
{
    char got[128];
    lookup(x, "Alpine:" RELEASE, package, got, sizeof got);
    assert_string_equal(got, wanted);
}

static uint64_t count(const struct fixture *x, const char *ecosystem)
{
    char dir[400];
    struct advisory_db db;
    struct store_txn *t;
    struct err e = ERR_INIT;
    uint64_t n;
    snprintf(dir, sizeof dir, "%s/advisories", x->cache);
    assert_int_equal(advisory_db_open(dir, false, &db, &e), 0);
    assert_int_equal(store_begin(db.store, false, &t, &e), 0);
    assert_int_equal(advisory_view_count(t, db.tables, slice_str(ecosystem), &n, &e), 0);
    store_abort(t);
    advisory_db_close(&db);
    return n;
}

static void test_only_differences(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    write_secdb(x, "main", 500, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.changed, 500);
    assert_int_equal(count(x, "Alpine:" RELEASE), 500);
    /* The same file again: not even read. The same content under another date: digested, not read. */
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.ended[FEED_UNCHANGED], 1);
    assert_int_equal(t.changed + t.removed, 0);
    write_secdb(x, "main", 500, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.ended[FEED_UNCHANGED], 1);
    /* One fix moves, the last package goes. */
    write_secdb(x, "main", 499, 250, "1.0-r9");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.changed, 1);
    assert_int_equal(t.removed, 1);
    expect(x, "p250", "1.0-r9 alpine-v3.20-main");
    expect(x, "p499", "");
    assert_int_equal(count(x, "Alpine:" RELEASE), 499);
}

/* What is left out is counted and told, and still known when the feed has nothing new. */
static void test_what_is_left_out(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    write_secdb(x, "main", 200, 7, "");
    for (int again = 0; again < 2; again++) {
        char dir[400];
        struct advisory_db db;
        struct store_txn *txn;
        struct arena arena = ARENA_INIT((size_t)1 << 20);
        feed_meta_vec metas = {0};
        assert_int_equal(update(x, &t, &e), 0);
        assert_int_equal(t.skipped, !again);
        assert_int_equal(t.documents, again ? 0 : 200);
        assert_int_equal(strncmp(t.first_skip, again ? "" : "p7: ", 4), 0);
        snprintf(dir, sizeof dir, "%s/advisories", x->cache);
        assert_int_equal(advisory_db_open(dir, false, &db, &e), 0);
        assert_int_equal(store_begin(db.store, false, &txn, &e), 0);
        assert_int_equal(advisory_view_feeds(txn, db.tables, &arena, &metas, &e), 0);
        assert_int_equal(metas.n, 1);
        assert_int_equal(metas.v[0].skipped, 1);
        store_abort(txn);
        advisory_db_close(&db);
        arena_done(&arena);
    }
}

static void test_refused_feed_keeps_its_rows(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    write_secdb(x, "main", 100, -1, "");
    write_secdb(x, "community", 3, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    /* Too small, and cut: each keeps what it had while the other feed goes on. */
    write_secdb(x, "main", 49, -1, "");
    assert_int_equal(update(x, &t, &e), -1);
    assert_int_equal(e.kind, ERR_PARTIAL);
    assert_non_null(strstr(t.failure, "49 records are less than half of the 100"));
    assert_int_equal(t.changed + t.removed, 0);
    expect(x, "p99", "1.0-r0 alpine-v3.20-main");
    write_file(x, "alpine-secdb/" RELEASE "/main.json", SLICE("{\"packages\":["));
    assert_int_equal(update(x, &t, &e), -1);
    assert_non_null(strstr(t.failure, "cut"));
    expect(x, "p99", "1.0-r0 alpine-v3.20-main");
    /* Half is enough, and asked again after a refusal it is read again. */
    write_secdb(x, "main", 50, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.removed, 50);
    expect(x, "p99", "");
}

static void test_two_feeds_of_one_key(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    write_secdb(x, "main", 3, -1, "");
    write_secdb(x, "community", 5, 2, "2.0-r0");
    assert_int_equal(update(x, &t, &e), 0);
    expect(x, "p2", "1.0-r0 alpine-v3.20-main");
    expect(x, "p4", "1.0-r0 alpine-v3.20-community");
    /* Neither takes the other's row by being read again, and what the first drops the second may have. */
    write_secdb(x, "community", 6, 2, "2.0-r0");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.changed, 1);
    write_secdb(x, "main", 2, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    expect(x, "p2", "2.0-r0 alpine-v3.20-community");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.changed + t.removed, 0);
}

static void kill_when_writing(void *arg, const struct feed_report *r)
{
    (void)arg;
    if (r->state == FEED_WRITING)
        raise(SIGKILL);
}

static void update_killed_while_writing(const struct fixture *x)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct feeds_update u = {
            .cache_dir = x->cache, .feeds_dir = x->feeds, .progress = kill_when_writing, .portion = 10};
        feeds_update_database(&u, NULL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

static void test_killed_while_writing(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    write_secdb(x, "main", 1000, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    write_secdb(x, "main", 900, 5, "3.0-r0");
    update_killed_while_writing(x);
    /* Every row is yesterday's or today's, and the rest is done next time. */
    assert_true(count(x, "Alpine:" RELEASE) > 900);
    expect(x, "p6", "1.0-r0 alpine-v3.20-main");
    assert_int_equal(update(x, &t, &e), 0);
    assert_true(t.changed + t.removed > 0 && t.changed + t.removed < 101);
    assert_int_equal(count(x, "Alpine:" RELEASE), 900);
    expect(x, "p5", "3.0-r0 alpine-v3.20-main");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.changed + t.removed, 0);
}

/* What one feed dropped, another has; the kill comes behind the only portion, with which the first is remembered. */
static void test_killed_behind_a_drop(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    write_secdb(x, "main", 20, -1, "");
    write_secdb(x, "community", 20, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    expect(x, "p15", "1.0-r0 alpine-v3.20-main");
    write_secdb(x, "main", 12, -1, "");
    update_killed_while_writing(x);
    expect(x, "p15", "");
    assert_int_equal(update(x, &t, &e), 0);
    expect(x, "p15", "1.0-r0 alpine-v3.20-community");
}

/* Looks a package up until the pipe closes; ends with 1 when it ever was not there. */
static void reader(const struct fixture *x, int until_closed, int ready)
{
    char dir[400], byte = 'r';
    struct err e = ERR_INIT;
    struct advisory_db db;
    snprintf(dir, sizeof dir, "%s/advisories", x->cache);
    if (advisory_db_open(dir, false, &db, &e))
        _exit(2);
    for (bool told = false;; told = true) {
        struct store_txn *t;
        struct arena arena = ARENA_INIT((size_t)1 << 20);
        advisory_vec found = {0};
        if (store_begin(db.store, false, &t, &e) ||
            advisory_view_lookup(t, db.tables, SLICE("Alpine:" RELEASE), SLICE("p7"), &arena, &found, &e))
            _exit(3);
        if (found.n != 1)
            _exit(1);
        store_abort(t);
        arena_done(&arena);
        if (!told && write(ready, &byte, 1) != 1)
            _exit(4);
        if (read(until_closed, &byte, 1) == 0)
            _exit(0);
    }
}

static void test_readers_go_on(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    int closing[2], ready[2];
    char byte;
    write_secdb(x, "main", 300, -1, "");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(pipe2(closing, O_NONBLOCK), 0);
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(closing[1]);
        reader(x, closing[0], ready[1]);
    }
    close(closing[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    for (int i = 0; i < 5; i++) {
        char version[16];
        snprintf(version, sizeof version, "2.0-r%d", i);
        write_secdb(x, "main", 300 + i, 7, version);
        assert_int_equal(update(x, &t, &e), 0);
        assert_true(t.changed >= 1);
    }
    close(closing[1]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    close(ready[0]);
    close(ready[1]);
}

struct two {
    int told, go;
    bool waited;
};

static void hold(void *arg, const struct feed_report *r)
{
    struct two *two = arg;
    char byte = 'x';
    if (r->state == FEED_WRITING && two->told >= 0) {
        if (write(two->told, &byte, 1) != 1 || read(two->go, &byte, 1) != 1)
            _exit(1);
        two->told = -1;
    }
}

static void release(void *arg, const struct feed_report *r)
{
    struct two *two = arg;
    if (r->state == FEED_WAITING) {
        two->waited = true;
        assert_non_null(strstr(r->text, "another update"));
        assert_int_equal(write(two->go, "x", 1), 1);
    }
}

static void test_two_at_once(void **state)
{
    struct fixture *x = *state;
    int told[2], go[2];
    char byte;
    struct err e = ERR_INIT;
    write_secdb(x, "main", 300, -1, "");
    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(go), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct two first = {.told = told[1], .go = go[0]};
        struct feeds_update u = {
            .cache_dir = x->cache, .feeds_dir = x->feeds, .progress = hold, .arg = &first, .portion = 50};
        _exit(feeds_update_database(&u, NULL) ? 1 : 0);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    struct two second = {.go = go[1]};
    struct feeds_update u = {.cache_dir = x->cache, .feeds_dir = x->feeds, .progress = release, .arg = &second};
    assert_int_equal(feeds_update_database(&u, &e), 0);
    assert_true(second.waited);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(count(x, "Alpine:" RELEASE), 300);
    for (int i = 0; i < 2; i++) {
        close(told[i]);
        close(go[i]);
    }
}

static void on_compacted(void *arg, const struct feed_report *r)
{
    char *text = arg;
    if (r->state == FEED_COMPACTING && r->text)
        snprintf(text, 200, "%s", r->text);
}

static void test_compacts_what_changed_much(void **state)
{
    struct fixture *x = *state;
    char told[200] = "";
    struct err e = ERR_INIT;
    struct tally t;
    struct feeds_update u = {.cache_dir = x->cache,
                             .feeds_dir = x->feeds,
                             .progress = on_compacted,
                             .arg = told,
                             .portion = 500,
                             .compact_from = 1};
    write_secdb(x, "main", 5000, -1, "");
    assert_int_equal(feeds_update_database(&u, &e), 0);
    assert_non_null(strstr(told, " MB, were "));
    expect(x, "p4999", "1.0-r0 alpine-v3.20-main");
    assert_int_equal(count(x, "Alpine:" RELEASE), 5000);
    /* Nothing new: nothing is written anew. What was remembered of the feed came along. */
    told[0] = 0;
    assert_int_equal(feeds_update_database(&u, &e), 0);
    assert_string_equal(told, "");
    write_secdb(x, "main", 5000, 7, "9.0-r0");
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(t.changed, 1);
    expect(x, "p7", "9.0-r0 alpine-v3.20-main");
}

static void test_demo_gives_way(void **state)
{
    struct fixture *x = *state;
    struct tally t = {0};
    struct err e = ERR_INIT;
    struct feeds_update u = {.cache_dir = x->cache, .progress = on_tally, .arg = &t};
    char got[128];
    if (feeds_install_demo(&u, &e))
        fail_msg("%s", e.text);
    assert_int_equal(t.ended[FEED_DONE], 1);
    assert_true(count(x, "Debian:12") > 5);
    lookup(x, "Debian:11", "sudo", got, sizeof got);
    assert_string_equal(got, "1.9.5p2-3+deb11u1 demo");
    struct test_file files[] = {
        {"DSA-1-1.json",
         "{\"id\":\"DSA-1-1\",\"affected\":[{\"package\":{\"name\":\"own\",\"ecosystem\":\"Debian:12\"},"
         "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2\"}]}]}]}"}};
    struct buf zip = BUF_INIT((size_t)1 << 20);
    test_zip(files, 1, &zip);
    write_file(x, "osv/Debian/all.zip", buf_slice(&zip));
    buf_done(&zip);
    assert_int_equal(update(x, &t, &e), 0);
    assert_int_equal(count(x, "Debian:12"), 1);
    assert_int_equal(count(x, "Debian:11"), 0);
    /* And it does not come back over real ones. */
    assert_int_equal(feeds_install_demo(&u, &e), 0);
    assert_int_equal(count(x, "Debian:11"), 0);
}

static void test_what_is_not_there(void **state)
{
    struct fixture *x = *state;
    struct tally t;
    struct err e;
    assert_int_equal(update(x, &t, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE); /* no folder; nothing was tried */
    assert_non_null(strstr(e.text, x->feeds));
    assert_int_not_equal(access(x->cache, F_OK), 0);
    assert_int_equal(mkdir(x->feeds, 0700), 0);
    assert_int_equal(update(x, &t, &e), -1);
    assert_int_equal(e.kind, ERR_NOT_FOUND);
    struct feeds_update u = {.cache_dir = x->cache, .feeds_dir = x->feeds, .names = "kev,nobody"};
    assert_int_equal(feeds_update_database(&u, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
}

/* The public data of this project's workshop, where it is there. */
/* ctest apart: test_real_data */
static void test_real_data(void **state)
{
    struct fixture *x = *state;
    const char *data = shared_path("data");
    if (access(data, F_OK))
        skip_case("the real feeds are not here: CAREEN_SHARED");
    struct tally t = {0};
    struct err e = ERR_INIT;
    struct feeds_update u = {
        .cache_dir = x->cache,
        .feeds_dir = data,
        .names = "osv,rubysec,friendsofphp,nodejs,alpine-v3.17,kev,msfdb,msf-modules,exploit-db-derived",
        .progress = on_tally,
        .arg = &t};
    if (feeds_update_database(&u, &e))
        fail_msg("%s", e.text);
    assert_int_equal(t.ended[FEED_FAILED], 0);
    assert_true(t.records > 40000);
    assert_true(count(x, "Debian:12") > 100);
    assert_true(count(x, "Alpine:v3.17") > 6000);
    assert_true(count(x, "PyPI") > 6000);
    assert_true(count(x, "Bitnami") > 7000);
    assert_true(count(x, "RubyGems") > 1200);
    assert_true(count(x, "Generic") > 250);
    t = (struct tally){0};
    assert_int_equal(feeds_update_database(&u, &e), 0);
    assert_int_equal(t.changed + t.removed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        TEST(test_only_differences),     TEST(test_what_is_left_out),     TEST(test_refused_feed_keeps_its_rows),
        TEST(test_two_feeds_of_one_key), TEST(test_killed_while_writing), TEST(test_killed_behind_a_drop),
        TEST(test_readers_go_on),        TEST(test_two_at_once),          TEST(test_compacts_what_changed_much),
        TEST(test_demo_gives_way),       TEST(test_what_is_not_there),    TEST(test_real_data),
    };
    return run_cases(tests, NULL, NULL);
}
