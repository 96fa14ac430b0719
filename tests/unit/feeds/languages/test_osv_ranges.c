/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which versions an OSV entry holds, in an ecosystem of a language that is made for it ("Made", dpkg's order): first by
 * hand, then many entries drawn by number, held against the format's own evaluation.
 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/feeds_support.h"
#include "unit/made_ecosystem.h"

static const struct feed made = {.name = "osv-made", .ecosystem = "Made", .parse = format_osv_json};

/* The line of the advisory that a document with this entry becomes, without what all lines have. */
static void expect(const char *entry, const char *expected)
{
    struct told t;
    char *text ATTR_CLEANUP(cleanup_free) =
        xasprintf("[{\"id\":\"X-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Made\",\"name\":\"p\"},%s}]}]", entry);
    char *lines ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s%s%sV X-1\n", *expected ? "A Made|p|X-1 affected" : "", expected, *expected ? "\n" : "");
    if (told_parse(&t, &made, slice_str(text)))
        fail_msg("%s: %s", entry, t.err.text);
    assert_string_equal(buf_cstr(&t.text), lines);
    told_done(&t);
}

static void expect_skipped(const char *entry, const char *reason)
{
    struct told t;
    char *text ATTR_CLEANUP(cleanup_free) =
        xasprintf("[{\"id\":\"X-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Made\",\"name\":\"p\"},%s}]}]", entry);
    assert_int_equal(told_parse(&t, &made, slice_str(text)), -1);
    if (!strstr(t.err.text, reason))
        fail_msg("'%s' does not say '%s'", t.err.text, reason);
    told_done(&t);
}

#define RANGE(type, events)  "{\"type\":\"" type "\",\"events\":[" events "]}"
#define RANGES(ranges)       "\"ranges\":[" ranges "]"
#define EVENTS(events)       RANGES(RANGE("ECOSYSTEM", events))
#define INTRODUCED(v)        "{\"introduced\":\"" v "\"}"
#define FIXED(v)             "{\"fixed\":\"" v "\"}"
#define LAST_AFFECTED(v)     "{\"last_affected\":\"" v "\"}"
#define LIMIT(v)             "{\"limit\":\"" v "\"}"
#define VERSIONS(list)       "\"versions\":[" list "]"
#define KNOWN_AFFECTED(text) "\"database_specific\":{\"last_known_affected_version_range\":\"" text "\"}"

static void test_events(void **state)
{
    (void)state;
    expect(EVENTS(INTRODUCED("0") "," FIXED("2")), " [0,2)");
    expect(EVENTS(INTRODUCED("0") "," FIXED("2") "," INTRODUCED("3") "," LAST_AFFECTED("4") "," INTRODUCED("6")),
           " [0,2) [3,<=4) [6,)");
    /* In the order of versions, not of texts or of the file. */
    expect(EVENTS(FIXED("10") "," INTRODUCED("9") "," FIXED("2") "," INTRODUCED("0")), " [0,2) [9,10)");
    expect(EVENTS(INTRODUCED("0") "," INTRODUCED("5") "," FIXED("7") "," FIXED("8")), " [0,7)");
    /* The same version: fixed and introduced again; introduced and last affected. */
    expect(EVENTS(INTRODUCED("1") "," INTRODUCED("2") "," FIXED("2") "," FIXED("3")), " [1,2) [2,3)");
    expect(EVENTS(LAST_AFFECTED("2") "," INTRODUCED("2")), " [2,<=2)");
    /* An end before all beginnings ends nothing. */
    expect(EVENTS(FIXED("1") "," INTRODUCED("3")), " [3,)");
    /* GIT says nothing, wherever it stands. */
    expect(RANGES(RANGE("GIT", INTRODUCED("0") "," FIXED("abc")) "," RANGE("SEMVER", INTRODUCED("1"))), " [1,)");
    expect(RANGES(RANGE("GIT", INTRODUCED("0"))), "");
    expect(RANGES(RANGE("GIT", INTRODUCED("0"))) "," VERSIONS("\"1\""), " versions=1");
    expect(RANGES(RANGE("SEMVER", INTRODUCED("1") "," FIXED("2")) "," RANGE("ECOSYSTEM", INTRODUCED("4"))),
           " [1,2) [4,)");
    expect_skipped(EVENTS(FIXED("1")), "nothing introduces");
    expect_skipped(EVENTS("{\"else\":\"1\"}"), "none of introduced");
    expect_skipped(EVENTS(""), "without events");
}

static void test_limits(void **state)
{
    (void)state;
    expect(EVENTS(INTRODUCED("0") "," LIMIT("3")), " [0,3)");
    expect(EVENTS(INTRODUCED("0") "," FIXED("2") "," INTRODUCED("4") "," LIMIT("3")), " [0,2)");
    expect(EVENTS(INTRODUCED("0") "," LAST_AFFECTED("5") "," LIMIT("3") "," LIMIT("4")), " [0,4)");
    expect(EVENTS(INTRODUCED("0") "," FIXED("5") "," LIMIT("3") "," LIMIT("*")), " [0,5)");
}

/* Enumerated versions count beside ranges, so that what a range holds needn't be said again. */
static void test_versions(void **state)
{
    (void)state;
    expect(EVENTS(INTRODUCED("1") "," FIXED("3")) "," VERSIONS("\"1\",\"2\",\"3\",\"0.9\",\"2:1\",\"no version\""),
           " [1,3) versions=0.9,2:1,3,no version");
    expect(EVENTS(INTRODUCED("0")) "," VERSIONS("\"1\",\"2\""), " [0,)");
    expect(EVENTS(INTRODUCED("0") "," LAST_AFFECTED("2")) "," VERSIONS("\"1\",\"2\",\"2.1\""), " [0,<=2) versions=2.1");
    expect(VERSIONS("\"2\",\"1\",\"1\""), " versions=1,2");
    expect("\"ranges\":[]," VERSIONS(""), "");
}

static void test_known_ends(void **state)
{
    (void)state;
    expect(EVENTS(INTRODUCED("1")) "," KNOWN_AFFECTED("<= 2.5"), " [1,<=2.5)");
    expect(EVENTS(INTRODUCED("1")) "," KNOWN_AFFECTED("< 2.5"), " [1,2.5)");
    /* Where the range has an end, that is where it ends. */
    expect(EVENTS(INTRODUCED("1") "," FIXED("3")) "," KNOWN_AFFECTED("<= 2.5"), " [1,3)");
    expect(EVENTS(INTRODUCED("1")) "," KNOWN_AFFECTED("soon"), " [1,)");
    expect(EVENTS(INTRODUCED("1")) "," KNOWN_AFFECTED("<="), " [1,)");
    expect(EVENTS(INTRODUCED("1")) "," KNOWN_AFFECTED("<= 2.5") "," VERSIONS("\"2\",\"2.6\""),
           " [1,<=2.5) versions=2.6");
}

/* ---- drawn ---- */

static unsigned drawn;

static unsigned draw(unsigned n)
{
    drawn = drawn * 1103515245u + 12345u;
    return (drawn >> 16) % n;
}

enum { DRAWN_INTRODUCED, DRAWN_FIXED, DRAWN_LAST };
struct drawn_event {
    unsigned kind, version;
};

/* The walk of the format's description: whatever comes last in the order of versions decides. */
static bool holds(const struct drawn_event *events, size_t n, unsigned version)
{
    bool affected = false;
    for (unsigned at = 0; at <= version; at++) {
        /* What holds from a version on, and what holds behind the one before it. */
        for (size_t i = 0; i < n && at > 0; i++)
            if (events[i].kind == DRAWN_LAST && events[i].version == at - 1)
                affected = false;
        for (size_t i = 0; i < n; i++)
            if (events[i].kind == DRAWN_FIXED && events[i].version == at)
                affected = false;
        for (size_t i = 0; i < n; i++)
            if (events[i].kind == DRAWN_INTRODUCED && events[i].version == at)
                affected = true;
    }
    return affected;
}

static struct {
    unsigned asked;
    bool affected;
} heard;

static bool is_below(struct slice v, unsigned number)
{
    uint64_t n;
    return slice_parse_u64(v, &n) && n < number;
}

static int hear(void *arg, const struct advisory *a, struct err *e)
{
    (void)arg, (void)e;
    for (size_t i = 0; i < a->ranges.n; i++) {
        const struct version_range *r = &a->ranges.v[i];
        bool from = slice_eq_str(r->introduced, "0") || is_below(r->introduced, heard.asked + 1),
             past = (r->fixed.n && is_below(r->fixed, heard.asked + 1)) ||
                    (r->last_affected.n && is_below(r->last_affected, heard.asked));
        heard.affected |= from && !past;
    }
    return 0;
}

static int hear_vulnerability(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)arg, (void)v, (void)e;
    return 0;
}

static void test_drawn(void **state)
{
    (void)state;
    static const char *const keys[] = {"introduced", "fixed", "last_affected"};
    const struct feed_sink sink = {.advisory = hear, .vulnerability = hear_vulnerability};
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    size_t affected = 0;
    for (unsigned round = 0; round < 4000; round++) {
        struct drawn_event events[7] = {{DRAWN_INTRODUCED, draw(3)}};
        struct buf text = BUF_INIT(4096);
        size_t n = 1 + draw(ARRAY_LEN(events) - 1);
        drawn += round;
        buf_add_str(&text, "[{\"id\":\"X-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Made\",\"name\":\"p\"},"
                           "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[");
        for (size_t i = 0; i < n; i++) {
            if (i)
                events[i] = (struct drawn_event){draw(3), 1 + draw(12)};
            /* "0" is before everything, and nothing but a beginning can be there. */
            buf_addf(&text, "%s{\"%s\":\"%u\"}", i ? "," : "", keys[events[i].kind], events[i].version);
        }
        buf_add_str(&text, "]}]}]}]");
        heard.asked = draw(15);
        heard.affected = false;
        struct byte_source_memory m = {.left = buf_slice(&text)};
        struct feed_stats stats;
        struct err e = ERR_INIT;
        if (feed_parse(&made, byte_source_of_memory(&m), &sink, &arena, &stats, &e))
            fail_msg("%s: %s", buf_cstr(&text), e.text);
        if (heard.affected != holds(events, n, heard.asked))
            fail_msg("%s: version %u is %saffected", buf_cstr(&text), heard.asked, heard.affected ? "" : "not ");
        affected += heard.affected;
        buf_done(&text);
    }
    assert_in_range(affected, 800, 3200);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),     cmocka_unit_test(test_limits), cmocka_unit_test(test_versions),
        cmocka_unit_test(test_known_ends), cmocka_unit_test(test_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
