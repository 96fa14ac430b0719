/* SPDX-License-Identifier: Apache-2.0 */
/* The same feed read here and in a sandboxed child gives the same records; what breaks the child breaks nothing else.
 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/pipeline/wire.h"
#include "unit/feeds_support.h"

static struct sandbox *box;

static int crash_main(struct sandbox_child *c, struct slice argument)
{
    (void)c, (void)argument;
    __builtin_trap();
}

/* A child that is not what it was: a record of another feed's, then a good end. */
static int forge_main(struct sandbox_child *c, struct slice argument)
{
    static const char frames[] = "A\x07"
                                 "npm,x,y"
                                 "\x03"
                                 "abc"
                                 "E\1\0\0\1\0\1\1\0\0\0\0";
    (void)argument;
    const uint8_t *p;
    while (sandbox_child_read(c, &p))
        ;
    return sandbox_child_write(c, slice_of(frames, sizeof frames - 1));
}

static int noise_main(struct sandbox_child *c, struct slice argument)
{
    (void)argument;
    return sandbox_child_write(c, SLICE("noise"));
}

enum { MAIN_FEED, MAIN_CRASH, MAIN_FORGE, MAIN_NOISE };
static const sandbox_main mains[] = {feed_sandbox_main, crash_main, forge_main, noise_main};

static int start(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct sandbox_limits limits = {.memory = (size_t)1 << 30, .cpu_seconds = 60, .prepare = feed_sandbox_prepare};
    if (sandbox_start(mains, ARRAY_LEN(mains), &limits, &box, &e)) {
        print_error("%s\n", e.text);
        return -1;
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sandbox_stop(box);
    return 0;
}

struct kept {
    struct buf text;
    uint64_t records, skipped;
};

static int keep_record(void *arg, enum feed_record_kind kind, struct slice key, struct slice value, struct err *e)
{
    (void)e;
    struct kept *k = arg;
    struct hash128 h = feed_record_hash(value);
    k->records++;
    buf_add_byte(&k->text, (uint8_t)kind);
    buf_add_slice(&k->text, key);
    return buf_add(&k->text, h.b, sizeof h.b);
}

static int keep_skipped(void *arg, struct slice id, struct slice reason, struct err *e)
{
    (void)id, (void)reason, (void)e;
    struct kept *k = arg;
    k->skipped++;
    return 0;
}

static int read_feed(const struct feed *f, struct slice bytes, struct sandbox *s, size_t index, struct kept *k,
                     struct feed_stats *stats, struct err *e)
{
    *k = (struct kept){.text = BUF_INIT((size_t)256 << 20)};
    *e = ERR_INIT;
    struct byte_source_memory source = {.left = bytes};
    struct feed_taker taker = {.arg = k, .record = keep_record, .skipped = keep_skipped};
    return feed_read(f, byte_source_of_memory(&source), s, index, &taker, stats, e);
}

static void secdb(struct buf *b, int n)
{
    buf_addf(b, "{\"distroversion\":\"v3.20\",\"packages\":[");
    for (int i = 0; i < n; i++)
        buf_addf(b, "%s{\"pkg\":{\"name\":\"p%d\",\"secfixes\":{\"%s\":[\"CVE-2024-%04d\"]}}}", i ? "," : "", i,
                 i == 77 ? "1,0" : "1.0-r0", 1000 + i);
    /* Enough ids of one package for glibc's qsort to want more than the stack. */
    buf_addf(b, ",{\"pkg\":{\"name\":\"many\",\"secfixes\":{\"2.0-r0\":[");
    for (int i = 0; i < 200; i++)
        buf_addf(b, "%s\"CVE-2023-%04d\"", i ? "," : "", 1000 + i);
    buf_addf(b, "]}}}]}");
}

static void test_same_as_here(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("alpine-v3.20-main"));
    struct buf b = BUF_INIT((size_t)64 << 20);
    struct kept here, there;
    struct feed_stats a, c;
    struct err e;
    secdb(&b, 20000);
    assert_int_equal(read_feed(f, buf_slice(&b), NULL, 0, &here, &a, &e), 0);
    if (read_feed(f, buf_slice(&b), box, MAIN_FEED, &there, &c, &e))
        fail_msg("%s", e.text);
    assert_int_equal(here.records, 20199);
    assert_int_equal(here.skipped, 1);
    assert_int_equal(there.skipped, 1);
    assert_true(slice_eq(buf_slice(&here.text), buf_slice(&there.text)));
    assert_memory_equal(&a, &c, sizeof a);
    buf_done(&here.text);
    buf_done(&there.text);
    buf_done(&b);
}

static void test_containers_in_the_child(void **state)
{
    (void)state;
    struct test_file files[] = {{"X-1.json", "{\"id\":\"X-1\",\"affected\":[{\"package\":{\"name\":\"x\",\"ecosystem\":"
                                             "\"Debian:12\"},\"versions\":[\"1\"]}]}"}};
    struct buf zip = BUF_INIT((size_t)1 << 20);
    struct kept k;
    struct feed_stats s;
    struct err e;
    test_zip(files, 1, &zip);
    if (read_feed(feed_by_name(SLICE("osv-debian")), buf_slice(&zip), box, MAIN_FEED, &k, &s, &e))
        fail_msg("%s", e.text);
    assert_int_equal(k.records, 2);
    buf_done(&k.text);
    /* Names marked as UTF-8 (general purpose bit 11) make libarchive convert them. */
    for (size_t i = 0; i + 10 < zip.n; i++)
        if (!memcmp(zip.p + i, "PK\3\4", 4))
            zip.p[i + 7] |= 8;
        else if (!memcmp(zip.p + i, "PK\1\2", 4))
            zip.p[i + 9] |= 8;
    if (read_feed(feed_by_name(SLICE("osv-debian")), buf_slice(&zip), box, MAIN_FEED, &k, &s, &e))
        fail_msg("%s", e.text);
    assert_int_equal(k.records, 2);
    buf_done(&k.text);
    static const uint8_t epss_gz[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                      0x4b, 0x2e, 0x4b, 0xd5, 0x49, 0x2d, 0x28, 0x2e, 0xd6, 0x29,
                                      0x48, 0x2d, 0x4a, 0x4e, 0xcd, 0x2b, 0xc9, 0xcc, 0x49, 0xe5,
                                      0x02, 0x00, 0x6f, 0x2a, 0x1c, 0x0f, 0x14, 0x00, 0x00, 0x00};
    assert_int_equal(
        read_feed(feed_by_name(SLICE("epss")), slice_of(epss_gz, sizeof epss_gz), box, MAIN_FEED, &k, &s, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    buf_done(&k.text);
    buf_done(&zip);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("alpine-v3.20-main"));
    struct kept k;
    struct feed_stats s;
    struct err e;
    assert_int_equal(read_feed(f, SLICE("{\"packages\":["), box, MAIN_FEED, &k, &s, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_non_null(strstr(e.text, "feed alpine-v3.20-main: not JSON: it is cut"));
    buf_done(&k.text);
    assert_int_equal(read_feed(f, SLICE("x"), box, MAIN_CRASH, &k, &s, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_non_null(strstr(e.text, "crashed (SIG"));
    buf_done(&k.text);
    assert_int_equal(read_feed(f, SLICE("x"), box, MAIN_NOISE, &k, &s, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_non_null(strstr(e.text, "unknown kind"));
    buf_done(&k.text);
}

static void test_forged_records(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("alpine-v3.20-main"));
    struct kept k;
    struct feed_stats s;
    struct err e;
    assert_int_equal(read_feed(f, SLICE("x"), box, MAIN_FORGE, &k, &s, &e), 0);
    assert_int_equal(k.records, 1);
    buf_done(&k.text);
    /* It is found when the record is opened: neither garbage nor another feed's record passes. */
    struct codec *codec;
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct feed_record r;
    struct buf value = BUF_INIT(4096), key = BUF_INIT(FEED_KEY_MAX);
    struct advisory a = {
        .ecosystem = SLICE("npm"), .package = SLICE("x"), .id = SLICE("y"), .feed = slice_str(f->name)};
    assert_int_equal(codec_open(NULL, &codec, &e), 0);
    assert_int_equal(feed_record_decode(f, codec, 'A', SLICE("npm,x,y"), SLICE("abc"), &arena, &r, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_int_equal(codec_encode(codec, TOPIC_ADVISORIES, &a, &value, &e), 0);
    assert_int_equal(feed_record_decode(f, codec, 'A', SLICE("npm,x,y"), buf_slice(&value), &arena, &r, &e), -1);
    assert_non_null(strstr(e.text, "not its own"));
    buf_clear(&value);
    a.ecosystem = SLICE("Alpine:v3.20");
    assert_int_equal(codec_encode(codec, TOPIC_ADVISORIES, &a, &value, &e), 0);
    assert_int_equal(feed_record_decode(f, codec, 'A', SLICE("npm,x,y"), buf_slice(&value), &arena, &r, &e), -1);
    feed_advisory_key(&a, &key);
    assert_int_equal(feed_record_decode(f, codec, 'A', buf_slice(&key), buf_slice(&value), &arena, &r, &e), 0);
    codec_close(codec);
    arena_done(&arena);
    buf_done(&value);
    buf_done(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_here),
        cmocka_unit_test(test_containers_in_the_child),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_forged_records),
    };
    return cmocka_run_group_tests_name("feeds_sandbox", tests, start, stop);
}
