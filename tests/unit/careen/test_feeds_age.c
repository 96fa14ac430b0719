/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "careen/feeds/feeds_age.h"

#define DAY     ((int64_t)24 * 3600 * 1000)
#define NOW     ((int64_t)1796040000000) /* 2026-11-30 */
#define S(text) SLICE(text)

static struct arena arena = ARENA_INIT(1 << 20);

static void expect_notes(const struct feed_meta *feeds, size_t n, struct slice ecosystem, const char *want)
{
    struct buf out = BUF_INIT(4096);
    struct reasons notes = {0};
    const feed_meta_vec all = {(struct feed_meta *)(void *)(uintptr_t)feeds, n, n};
    feeds_age_notes(&all, ecosystem, NOW, &arena, &notes);
    for (size_t i = 0; i < notes.texts.n; i++)
        buf_addf(&out, "%s%.*s", i ? "\n" : "", SLICE_FMT(notes.texts.v[i]));
    assert_string_equal(buf_cstr(&out), want);
    buf_done(&out);
}

static void test_notes(void **state)
{
    (void)state;
    struct feed_meta debian = {.name = S("osv-debian"),
                               .ecosystem = S("Debian"),
                               .fetched_ms = NOW,
                               .modified_ms = NOW - DAY,
                               .rhythm_days = 14},
                     tracker = debian, alpine = debian;
    tracker.name = S("tracker");
    alpine.ecosystem = S("Alpine:v3.2");
    alpine.modified_ms = NOW - 400 * DAY;
    struct feed_meta feeds[] = {debian, tracker, alpine};
    expect_notes(feeds, 3, S("Debian:12"), "");
    feeds[0].modified_ms = NOW - 100 * DAY;
    expect_notes(feeds, 3, S("Debian:12"),
                 "the advisories of Debian: newest of 2026-11-29, but osv-debian stands still");
    feeds[1].modified_ms = NOW - 200 * DAY;
    expect_notes(feeds, 3, S("Debian:12"), "the advisories of Debian: newest of 2026-08-22, they stand still");
    /* One release's feed says nothing of another's, nor of a name that only begins so. */
    expect_notes(feeds, 3, S("Alpine:v3.20"), "");
    expect_notes(feeds, 3, S("Debianish"), "");
    /* Ended long ago: nothing new is to be expected. */
    feeds[0].whose = feeds[1].whose = S("Debian:7");
    expect_notes(feeds, 3, S("Debian:12"), "");
    /* Nobody asked for days. */
    feeds[0].fetched_ms = feeds[1].fetched_ms = NOW - 4 * DAY;
    expect_notes(feeds, 3, S("Debian:12"),
                 "the advisories of Debian were last fetched on 2026-11-26: careen feeds update fetches new ones");
    /* Without a date inside the bytes' own age counts, and is not told as a date of advisories. */
    struct feed_meta undated = debian;
    undated.undated = true;
    undated.modified_ms = NOW - 100 * DAY;
    expect_notes(&undated, 1, S("Debian:12"), "the advisories of Debian: no date inside, they stand still");
    assert_int_equal(feed_meta_newest(&undated), 0);
}

/* What an older program wrote names no system: all of it together is old, or nothing is known. */
static void test_older_program(void **state)
{
    (void)state;
    struct feed_meta feeds[] = {{.name = S("a"), .fetched_ms = NOW - 9 * DAY}, {.name = S("b"), .fetched_ms = NOW}};
    expect_notes(feeds, 2, S("Debian:12"), "");
    expect_notes(feeds, 1, S("Debian:12"),
                 "the advisories of Debian were last fetched on 2026-11-21: careen feeds update fetches new ones");
    expect_notes(feeds, 0, S("Debian:12"), "");
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_notes), cmocka_unit_test(test_older_program)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
