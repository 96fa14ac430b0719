/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public documents of this project's workshop, where they are there: each is read as a feed and then asked, through
 * judging, about the versions that it lists and those at its bounds. The answers are held against the format's own
 * evaluation of the JSON as it stands: listed, or in a range by the walk over its events.
 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "io/text/json_tree.h"
#include "match/judge/judge.h"
#include "model/ecosystem/ecosystem.h"
#include "model/version/version_bound.h"
#include "unit/cases.h"
#include "unit/feeds_support.h"

#define LISTED_ASKED 6 /* of a list: some of its versions */

static struct arena judging;
static struct {
    enum package_type type;
    const struct ecosystem *row;
    const json_t *document;
    size_t asked, affected, entries;
} now;

/* ---- the format's evaluation ---- */

static bool is_zero(struct slice v)
{
    return slice_eq_str(v, "0");
}

static struct slice event_of(const json_t *event, enum version_bound *ret_what)
{
    static const char *const keys[] = {"introduced", "fixed", "last_affected"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        *ret_what = (enum version_bound)i;
        if (json_object_get(event, keys[i]))
            return json_tree_view(event, keys[i]);
    }
    return SLICE_NONE;
}

/* What the last event that the version is past says: of two at one version, that a range begins. -1: can't be said. */
static int range_holds(const json_t *events, struct slice version)
{
    struct slice last = SLICE_NONE;
    bool holds = false;
    for (size_t i = 0; i < json_array_size(events); i++) {
        enum version_bound what;
        struct slice bound = event_of(json_array_get(events, i), &what);
        int c = 1, later = 1;
        if (!bound.n || (!is_zero(bound) && version_against(now.row->version, version, what, bound, &c, NULL)))
            return -1;
        if (what == VERSION_LAST_AFFECTED ? c <= 0 : c < 0)
            continue;
        if (last.n && !is_zero(last) && !is_zero(bound) && version_order(now.row->version, bound, last, &later, NULL))
            return -1;
        if (last.n && is_zero(bound) && !is_zero(last))
            later = -1;
        if (later < 0 || (later == 0 && last.n && what == VERSION_FIXED && holds))
            continue;
        last = bound;
        holds = what == VERSION_INTRODUCED;
    }
    return holds;
}

static int entry_holds(const json_t *affected, struct slice version)
{
    const json_t *ranges = json_object_get(affected, "ranges"), *versions = json_object_get(affected, "versions");
    int holds = 0, c;
    for (size_t i = 0; i < json_array_size(versions) && !holds; i++)
        holds = !version_against(now.row->version, version, VERSION_LISTED,
                                 json_tree_string(json_array_get(versions, i)), &c, NULL) &&
                !c;
    for (size_t i = 0; i < json_array_size(ranges) && holds == 0; i++) {
        const json_t *range = json_array_get(ranges, i);
        if (!slice_eq_str(json_tree_view(range, "type"), "GIT"))
            holds = range_holds(json_object_get(range, "events"), version);
    }
    return holds;
}

/* ---- asking ---- */

static int lookup(void *arg, struct slice ecosystem, struct slice package, struct arena *arena, advisory_vec *out,
                  struct err *e)
{
    const struct advisory *a = arg;
    (void)e;
    if (!slice_eq(ecosystem, a->ecosystem) || !slice_eq(package, a->package))
        return 0;
    struct advisory *to = VEC_ADD(arena, out);
    *to = *a;
    to->systems = to->architectures = (slice_vec){0}; /* it is asked about versions alone */
    return 0;
}

static bool is_of(const struct advisory *a, const json_t *affected)
{
    const json_t *package = json_object_get(affected, "package");
    struct slice ecosystem = json_tree_view(package, "ecosystem");
    return slice_take_prefix(&ecosystem, a->ecosystem) && (!ecosystem.n || ecosystem.p[0] == ':') &&
           slice_eq(ecosystem_name(now.row, SLICE_NONE, json_tree_view(package, "name"), &judging), a->package);
}

/* Of all entries about the package. -1: what stands beside them changes what they say. */
static int document_holds(const struct advisory *a, struct slice version)
{
    const json_t *affected = json_object_get(now.document, "affected");
    int holds = 0;
    for (size_t i = 0; i < json_array_size(affected); i++) {
        const json_t *x = json_array_get(affected, i);
        if (!is_of(a, x))
            continue;
        if (json_object_get(json_object_get(x, "ecosystem_specific"), "custom_ranges") ||
            json_object_get(json_object_get(x, "database_specific"), "last_known_affected_version_range"))
            return -1;
        int one = entry_holds(x, version);
        if (one < 0)
            return -1;
        holds |= one;
    }
    return holds;
}

static void ask(const struct advisory *a, struct slice version)
{
    const struct package p = {.type = now.type, .name = a->package, .version = version};
    const struct os_info os = {0};
    const struct advisory_source source = {lookup, (void *)(uintptr_t)a, NULL};
    finding_vec found = {0};
    struct reasons reasons = {0};
    struct err e = ERR_INIT;
    if (!version_valid(now.row->version, version, NULL))
        return;
    int expected = document_holds(a, version);
    if (expected < 0)
        return;
    if (judge_package(&os, &p, &source, &judging, &found, &reasons, &e))
        fail_msg("%.*s: %s", SLICE_FMT(a->id), e.text);
    if ((found.n > 0) != (expected > 0))
        fail_msg("%.*s: %.*s %.*s is %saffected", SLICE_FMT(a->id), SLICE_FMT(a->package), SLICE_FMT(version),
                 found.n ? "" : "not ");
    now.asked++;
    now.affected += found.n > 0;
}

static int ask_advisory(void *arg, const struct advisory *a, struct err *e)
{
    const json_t *affected = json_object_get(now.document, "affected");
    (void)arg, (void)e;
    now.entries++;
    for (size_t i = 0; i < json_array_size(affected); i++) {
        const json_t *x = json_array_get(affected, i), *versions = json_object_get(x, "versions"),
                     *ranges = json_object_get(x, "ranges");
        size_t listed = json_array_size(versions);
        arena_reset(&judging);
        if (!is_of(a, x))
            continue;
        for (size_t k = 0; k < listed; k += 1 + listed / LISTED_ASKED)
            ask(a, json_tree_string(json_array_get(versions, k)));
        for (size_t k = 0; k < json_array_size(ranges); k++) {
            const json_t *events = json_object_get(json_array_get(ranges, k), "events");
            for (size_t n = 0; n < json_array_size(events) && n < 64; n++) {
                enum version_bound what;
                arena_reset(&judging);
                ask(a, event_of(json_array_get(events, n), &what));
            }
        }
    }
    return 0;
}

static int pass_over(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)arg, (void)v, (void)e;
    return 0;
}

static void ask_document(const struct feed *f, struct slice text)
{
    json_t *json ATTR_CLEANUP(cleanup_json) = NULL;
    const struct feed_sink sink = {.advisory = ask_advisory, .vulnerability = pass_over};
    struct arena arena = ARENA_INIT((size_t)64 << 20);
    struct buf list = BUF_INIT(text.n + 2);
    struct feed_stats stats;
    struct err e = ERR_INIT;
    assert_int_equal(json_tree_read(text, text.n, 1000000, &json, &e), 0);
    now.document = json;
    buf_addf(&list, "[%.*s]", SLICE_FMT(text));
    struct byte_source_memory m = {.left = buf_slice(&list)};
    if (feed_parse(f, byte_source_of_memory(&m), &sink, &arena, &stats, &e))
        fail_msg("%s", e.text);
    buf_done(&list);
    arena_done(&arena);
}

static void ask_zip(const struct feed *f, const char *path)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    struct buf text = BUF_INIT((size_t)16 << 20);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_filter_zstd(a);
    if (archive_read_open_filename(a, path, 65536))
        fail_msg("%s: %s", path, archive_error_string(a));
    while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
        uint8_t piece[65536];
        la_ssize_t n;
        buf_clear(&text);
        while ((n = archive_read_data(a, piece, sizeof piece)) > 0)
            buf_add(&text, piece, (size_t)n);
        if (text.n)
            ask_document(f, buf_slice(&text));
    }
    buf_done(&text);
    archive_read_free(a);
}

static void test_real_documents(void **state)
{
    (void)state;
    static const struct {
        enum package_type type;
        const char *file;
        size_t asked; /* at least */
    } cases[] = {{PKG_NPM, "npm/all.zip", 1000},
                 {PKG_PYPI, "PyPI/all.zip", 30000},
                 {PKG_GOLANG, "Go/all.zip", 10000},
                 {PKG_MAVEN, "Maven/all.zip", 1000},
                 {PKG_NUGET, "NuGet/all.zip", 4000},
                 {PKG_COMPOSER, "Packagist/all.zip", 1000},
                 {PKG_GEM, "RubyGems/all.zip", 1000},
                 {PKG_CARGO, "crates.io/all.zip", 4000},
                 {PKG_HEX, "Hex/all.zip", 200},
                 {PKG_PUB, "Pub/all.zip", 30},
                 {PKG_BITNAMI, "Bitnami/all.tar.zst", 30000}};
    if (access(shared_path("data/osv"), F_OK))
        skip_case("the real documents are not here: CAREEN_SHARED");
    judging = (struct arena)ARENA_INIT((size_t)64 << 20);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct ecosystem *row = ecosystem_of_type(cases[i].type);
        const struct feed f = {.name = "osv-test", .ecosystem = row->advisories, .parse = format_osv_json};
        now = (__typeof__(now)){.type = cases[i].type, .row = row};
        ask_zip(&f, shared_path("data/osv/%s", cases[i].file));
        print_message("%s: %zu advisories, %zu versions, %zu of them affected\n", cases[i].file, now.entries, now.asked,
                      now.affected);
        assert_true(now.asked >= cases[i].asked);
        assert_true(now.affected > now.asked / 10 && now.affected < now.asked);
    }
    arena_done(&judging);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real_documents)};
    return run_cases(tests, NULL, NULL);
}
