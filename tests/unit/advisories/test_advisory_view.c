/* SPDX-License-Identifier: Apache-2.0 */
#include "advisories/advisory_view.h"
#include "unit/fixture.h"

#include <setjmp.h>
#include <cmocka.h>

#include "bus/codec/codec_tables.h"
#include "unit/codec_fill.h"

struct world {
    char dir[64];
    struct advisory_db db;
    struct store_txn *txn;
    struct arena arena;
    struct err e;
};

static struct slice S(const char *s) {
    return slice_str(s);
}

static int
setup(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);
    const char *tmp = getenv("TMPDIR");
    snprintf(w->dir, sizeof w->dir, "%.40s/view-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->dir))
        return -1;
    w->arena = ARENA_INIT(64 << 20);
    if (advisory_db_open(w->dir, true, &w->db, &w->e) || store_begin(w->db.store, true, &w->txn, &w->e))
        return -1;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    store_abort(w->txn);
    advisory_db_close(&w->db);
    store_wipe(w->dir, NULL);
    rmdir(w->dir);
    arena_done(&w->arena);
    free(w);
    return 0;
}

static void range_add(struct world *w, struct advisory *a, const char *introduced, const char *fixed, const char *last)
{
    struct version_range *r = VEC_ADD(&w->arena, &a->ranges);
    *r = (struct version_range){slice_str(introduced), slice_str(fixed), slice_str(last)};
}

static struct advisory full(struct world *w)
{
    struct advisory a = {.ecosystem = S("Debian:12"),
                         .package = S("openssl"),
                         .id = S("DSA-5532-1"),
                         .feed = S("osv-debian"),
                         .name_kind = NAME_EITHER,
                         .verdict = VERDICT_NEEDS_SUBSCRIPTION,
                         .module = S("m"),
                         .severity = S("high"),
                         .fix_reference = S("DSA-5532-1"),
                         .published_ms = 1697000000123,
                         .modified_ms = 1697000001000};
    range_add(w, &a, "0", "3.0.11-1~deb12u2", NULL);
    range_add(w, &a, "4.0", NULL, "4.2");
    range_add(w, &a, NULL, NULL, NULL);
    slice_vec_add(&w->arena, &a.versions, S("3.0.9-1"));
    slice_vec_add(&w->arena, &a.versions, S("3.0.9-1+b1"));
    slice_vec_add(&w->arena, &a.versions, S("3.0.9"));
    slice_vec_add(&w->arena, &a.cves, S("CVE-2023-5363"));
    slice_vec_add(&w->arena, &a.cves, S("CVE-1999-0001"));
    slice_vec_add(&w->arena, &a.cves, S("CVE-2023-00012"));
    slice_vec_add(&w->arena, &a.cves, S("CVE-2023-1234567890"));
    slice_vec_add(&w->arena, &a.aliases, S("GHSA-xw78-pcr6-wrg8"));
    slice_vec_add(&w->arena, &a.architectures, S("amd64"));
    *VEC_ADD(&w->arena, &a.scores) =
        (struct score){S("NVD"), S("CVSS:3.1"), S("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")};
    *VEC_ADD(&w->arena, &a.scores) =
        (struct score){S("x"), S("CVSS:3.0"), S("CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:C/C:L/I:H/A:H")};
    *VEC_ADD(&w->arena, &a.scores) = (struct score){S("NVD"), S("CVSS:3.1"), S("CVSS:3.1/AC:L/AV:N")};
    *VEC_ADD(&w->arena, &a.scores) = (struct score){S(""), S("urgency"), S("not yet assigned")};
    return a;
}

#define SAME(x, y) assert_true(slice_eq((x), (y)))

static void same_list(const slice_vec *x, const slice_vec *y)
{
    assert_int_equal(x->n, y->n);
    for (size_t i = 0; i < x->n; i++)
        SAME(x->v[i], y->v[i]);
}

static void same_advisory(const struct advisory *x, const struct advisory *y)
{
    SAME(x->ecosystem, y->ecosystem);
    SAME(x->package, y->package);
    SAME(x->id, y->id);
    SAME(x->feed, y->feed);
    SAME(x->module, y->module);
    SAME(x->severity, y->severity);
    SAME(x->fix_reference, y->fix_reference);
    assert_int_equal(x->name_kind, y->name_kind);
    assert_int_equal(x->verdict, y->verdict);
    assert_int_equal(x->published_ms, y->published_ms);
    assert_int_equal(x->modified_ms, y->modified_ms);
    same_list(&x->versions, &y->versions);
    same_list(&x->cves, &y->cves);
    same_list(&x->aliases, &y->aliases);
    same_list(&x->architectures, &y->architectures);
    assert_int_equal(x->ranges.n, y->ranges.n);
    for (size_t i = 0; i < x->ranges.n; i++) {
        SAME(x->ranges.v[i].introduced, y->ranges.v[i].introduced);
        SAME(x->ranges.v[i].fixed, y->ranges.v[i].fixed);
        SAME(x->ranges.v[i].last_affected, y->ranges.v[i].last_affected);
    }
    assert_int_equal(x->scores.n, y->scores.n);
    for (size_t i = 0; i < x->scores.n; i++) {
        SAME(x->scores.v[i].source, y->scores.v[i].source);
        SAME(x->scores.v[i].kind, y->scores.v[i].kind);
        SAME(x->scores.v[i].vector, y->scores.v[i].vector);
    }
}

static void test_row_keeps_everything(void **state)
{
    struct world *w = *state;
    struct advisory a = full(w);
    advisory_vec out = {0};
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, NULL, &w->e), 1);
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, NULL, &w->e), 0);
    assert_int_equal(advisory_view_lookup(w->txn, w->db.tables, a.ecosystem, a.package, &w->arena, &out, &w->e), 0);
    assert_int_equal(out.n, 1);
    same_advisory(&a, &out.v[0]);
}

static void test_lookup_is_by_ecosystem_and_package(void **state)
{
    struct world *w = *state;
    struct advisory a = full(w), b = full(w), c = full(w);
    advisory_vec out = {0};
    bool edge;
    uint64_t n;
    b.package = S("openssl1");
    c.ecosystem = S("Debian:11");
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, &edge, &w->e), 1);
    assert_true(edge);
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &b, &edge, &w->e), 1);
    assert_false(edge);
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &c, &edge, &w->e), 1);
    assert_true(edge);
    a.id = S("A-1");
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, &edge, &w->e), 1);
    assert_int_equal(advisory_view_lookup(w->txn, w->db.tables, S("Debian:12"), S("openssl"), &w->arena, &out, &w->e),
                     0);
    assert_int_equal(out.n, 2);
    SAME(out.v[0].id, S("A-1"));
    SAME(out.v[1].id, S("DSA-5532-1"));
    assert_int_equal(advisory_view_count(w->txn, w->db.tables, S("Debian:12"), &n, &w->e), 0);
    assert_int_equal(n, 3);
    assert_int_equal(
        advisory_view_del(w->txn, w->db.tables, S("Debian:11"), S("openssl"), S("DSA-5532-1"), &edge, &w->e), 1);
    assert_true(edge);
    assert_int_equal(
        advisory_view_del(w->txn, w->db.tables, S("Debian:11"), S("openssl"), S("DSA-5532-1"), &edge, &w->e), 0);
    assert_false(edge);
    assert_int_equal(advisory_view_count(w->txn, w->db.tables, S("Debian:11"), &n, &w->e), 0);
    assert_int_equal(n, 0);
    out = (advisory_vec){0};
    assert_int_equal(advisory_view_lookup(w->txn, w->db.tables, S("Debian:11"), S("openssl"), &w->arena, &out, &w->e),
                     0);
    assert_int_equal(out.n, 0);
}

static void test_long_and_odd_ids(void **state)
{
    struct world *w = *state;
    char text[600];
    memset(text, 'x', sizeof text);
    struct slice ids[] = {slice_of(text, 200), slice_of(text, 201), slice_of(text, 600),
                          S("\xff"
                            "abc"),
                          slice_of("a\0b", 3)};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct advisory a = full(w);
        advisory_vec out = {0};
        a.id = ids[i];
        a.package = arena_printf(&w->arena, "p%zu", i);
        assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, NULL, &w->e), 1);
        assert_int_equal(advisory_view_lookup(w->txn, w->db.tables, a.ecosystem, a.package, &w->arena, &out, &w->e), 0);
        assert_int_equal(out.n, 1);
        SAME(out.v[0].id, ids[i]);
        assert_int_equal(advisory_view_del(w->txn, w->db.tables, a.ecosystem, a.package, a.id, NULL, &w->e), 1);
    }
}

static void test_damaged_rows_are_errors(void **state)
{
    struct world *w = *state;
    struct advisory a = full(w), back;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 16);
    assert_int_equal(advisory_row_encode(&a, &b), 0);
    for (size_t n = 0; n < b.n; n++) {
        w->e = ERR_INIT;
        assert_int_equal(advisory_row_decode(slice_of(b.p, n), &w->arena, &back, &w->e), -1);
        assert_int_equal(w->e.kind, ERR_POISON);
    }
    assert_int_equal(advisory_row_decode(buf_slice(&b), &w->arena, &back, &w->e), 0);
}

static void test_times_without_meaning_are_unknown(void **state)
{
    struct world *w = *state;
    static const int64_t times[][2] = {{INT64_MAX, 0}, {INT64_MIN, 0}, {-1, 0}, {1700000000000, 1700000000000}, {1, 1}};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct advisory a = full(w), back;
        struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 16);
        a.modified_ms = times[i][0];
        assert_int_equal(advisory_row_encode(&a, &b), 0);
        assert_int_equal(advisory_row_decode(buf_slice(&b), &w->arena, &back, &w->e), 0);
        assert_int_equal(back.modified_ms, times[i][1]);
    }
}

static void test_a_small_arena_is_partial(void **state)
{
    struct world *w = *state;
    struct advisory a = full(w);
    struct arena small = ARENA_INIT(64);
    advisory_vec out = {0};
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, NULL, &w->e), 1);
    assert_int_equal(advisory_view_lookup(w->txn, w->db.tables, a.ecosystem, a.package, &small, &out, &w->e), -1);
    assert_int_equal(w->e.kind, ERR_PARTIAL);
    arena_done(&small);
}

/* The measure of the task: a row takes at most a quarter of the same record as JSON with the schema's field names. */
static void test_rows_are_small(void **state)
{
    struct world *w = *state;
    struct advisory a = {.ecosystem = S("Ubuntu:22.04:LTS"),
                         .package = S("golang-1.18"),
                         .id = S("UBUNTU-CVE-2023-24538"),
                         .feed = S("osv-ubuntu"),
                         .severity = S("medium"),
                         .published_ms = 1680784500000,
                         .modified_ms = 1700000000000};
    range_add(w, &a, "0", "1.18.1-1ubuntu1.1", NULL);
    slice_vec_add(&w->arena, &a.cves, S("CVE-2023-24538"));
    *VEC_ADD(&w->arena, &a.scores) =
        (struct score){S("NVD"), S("CVSS:3.1"), S("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")};
    size_t as_json = strlen(fixture("advisories/ubuntu.json"));
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 16);
    assert_int_equal(advisory_row_encode(&a, &b), 0);
    print_message("row %zu + key %zu bytes, JSON %zu\n", b.n, 16 + a.id.n, as_json);
    assert_true((b.n + 16 + a.id.n) * 4 <= as_json);
}

static void test_keys_split(void **state)
{
    (void)state;
    struct slice eco, package, id;
    assert_true(advisory_key_split(S("Debian:12,a,b,DSA-1"), &eco, &package, &id));
    SAME(eco, S("Debian:12"));
    SAME(package, S("a,b"));
    SAME(id, S("DSA-1"));
    assert_true(advisory_key_split(S(",,"), &eco, &package, &id));
    assert_false(advisory_key_split(S("Debian:12,a"), &eco, &package, &id));
    assert_false(advisory_key_split(S(""), &eco, &package, &id));
}

/* Of a library's finding with two CVEs either may be the one that is exploited. */
static void test_knowledge_of_a_finding(void **state)
{
    struct world *w = *state;
    struct vulnerability first = {.id = S("CVE-2024-0001"), .feed = S("nvd"), .summary = S("one"), .epss = 0.1},
                         second = {.id = S("CVE-2024-0002"), .feed = S("kev"), .kev = true, .epss = 0.5}, known;
    struct finding f = {.vulnerability = S("CVE-2024-0001")}, other = f;
    assert_int_equal(vuln_view_put(w->txn, w->db.tables, &first, &w->e), 0);
    assert_int_equal(vuln_view_put(w->txn, w->db.tables, &second, &w->e), 0);
    slice_vec_add(&w->arena, &f.aliases, S("GHSA-aaaa"));
    assert_true(finding_cves_equal(&f, &other));
    assert_int_equal(vuln_view_of_finding(w->txn, w->db.tables, &f, &w->arena, &known, &w->e), 1);
    assert_false(known.kev);
    slice_vec_add(&w->arena, &f.aliases, S("CVE-2024-0002"));
    assert_false(finding_cves_equal(&f, &other));
    assert_int_equal(vuln_view_of_finding(w->txn, w->db.tables, &f, &w->arena, &known, &w->e), 1);
    SAME(known.summary, first.summary);
    assert_true(known.kev && known.epss > 0.49);
    SAME(finding_cve(&f, 1), S("CVE-2024-0002"));
    assert_int_equal(finding_cve(&f, 2).n, 0);
    /* Another's package is none of its; the list of CVEs speaks of no package, its own feed of this one. */
    struct vulnerability other_package = {.id = S("CVE-2024-0001"), .feed = S("azure"), .summary = S("of nodejs")},
                         own = {.id = S("CVE-2024-0002"), .feed = S("osv-pypi"), .summary = S("of Jinja2")};
    assert_int_equal(vuln_view_put(w->txn, w->db.tables, &other_package, &w->e), 0);
    assert_int_equal(vuln_view_put(w->txn, w->db.tables, &own, &w->e), 0);
    assert_int_equal(vuln_view_of_finding(w->txn, w->db.tables, &f, &w->arena, &known, &w->e), 1);
    SAME(known.summary, first.summary);
    *VEC_ADD(&w->arena, &f.sources) = (struct source_ref){S("osv-pypi"), S("GHSA-aaaa")};
    assert_int_equal(vuln_view_of_finding(w->txn, w->db.tables, &f, &w->arena, &known, &w->e), 1);
    SAME(known.summary, own.summary);
    assert_true(known.kev);
    f.vulnerability = S("GHSA-aaaa");
    assert_int_equal(vuln_view_of_finding(w->txn, w->db.tables, &f, &w->arena, &known, &w->e), 1);
    assert_true(known.kev);
    other.vulnerability = S("GHSA-bbbb");
    assert_int_equal(vuln_view_of_finding(w->txn, w->db.tables, &other, &w->arena, &known, &w->e), 0);
}

static void test_vulnerabilities_merge(void **state)
{
    struct world *w = *state;
    struct vulnerability nvd = {.id = S("CVE-2021-44228"),
                                .feed = S("nvd"),
                                .summary = S("Log4Shell"),
                                .details = S("long"),
                                .epss = -1,
                                .epss_percentile = -1,
                                .published_ms = 1639094400000,
                                .withdrawn = true};
    struct vulnerability kev = {
        .id = nvd.id, .feed = S("kev"), .kev = true, .kev_due = S("2021-12-24"), .epss = -1, .epss_percentile = -1};
    struct vulnerability epss = {.id = nvd.id, .feed = S("epss"), .epss = 0.94358, .epss_percentile = 0.99961};
    struct vulnerability longer = {.id = S("CVE-2021-442280"), .feed = S("nvd")};
    struct vulnerability all;
    *VEC_ADD(&w->arena, &nvd.exploits) = (struct exploit){S("exploit-db"), S("50590"), S("u"), S("remote"), true};
    slice_vec_add(&w->arena, &nvd.cwes, S("CWE-502"));
    slice_vec_add(&w->arena, &kev.cwes, S("CWE-20"));
    slice_vec_add(&w->arena, &kev.cwes, S("CWE-502"));
    const struct vulnerability *rows[] = {&nvd, &kev, &epss, &longer};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(vuln_view_put(w->txn, w->db.tables, rows[i], &w->e), 0);
    assert_int_equal(vuln_view_lookup(w->txn, w->db.tables, nvd.id, &w->arena, &all, &w->e), 1);
    SAME(all.summary, nvd.summary);
    assert_int_equal(all.details.n, 0);
    assert_true(all.kev);
    assert_false(all.withdrawn);
    SAME(all.kev_due, kev.kev_due);
    assert_true(all.epss > 0.943579 && all.epss < 0.943581);
    assert_true(all.epss_percentile > 0.999609 && all.epss_percentile < 0.999611);
    assert_int_equal(all.exploits.n, 1);
    assert_true(all.exploits.v[0].verified);
    assert_int_equal(all.cwes.n, 2);
    SAME(all.cwes.v[0], S("CWE-20"));
    assert_int_equal(vuln_view_del(w->txn, w->db.tables, nvd.id, S("kev"), &w->e), 1);
    assert_int_equal(vuln_view_lookup(w->txn, w->db.tables, nvd.id, &w->arena, &all, &w->e), 1);
    assert_false(all.kev);
    assert_int_equal(vuln_view_lookup(w->txn, w->db.tables, S("CVE-2021-4422"), &w->arena, &all, &w->e), 0);
}

static void test_feeds(void **state)
{
    struct world *w = *state;
    struct feed_meta a = {.name = S("osv"), .etag = S("W/\"1\""), .fetched_ms = 1700000000000, .records = 7},
                     b = {.name = S("kev"),
                          .etag = S(""),
                          .fetched_ms = 1,
                          .modified_ms = 2,
                          .records = 3,
                          .skipped = 5,
                          .undated = true,
                          .from_folder = true,
                          .rhythm_days = 30,
                          .ecosystem = S("Photon OS"),
                          .whose = S("Photon OS:5.0")};
    feed_meta_vec all = {0};
    assert_int_equal(advisory_view_feed_put(w->txn, w->db.tables, &a, &w->e), 0);
    a.records = 8;
    assert_int_equal(advisory_view_feed_put(w->txn, w->db.tables, &a, &w->e), 0);
    assert_int_equal(advisory_view_feed_put(w->txn, w->db.tables, &b, &w->e), 0);
    assert_int_equal(advisory_view_feeds(w->txn, w->db.tables, &w->arena, &all, &w->e), 0);
    assert_int_equal(all.n, 2);
    SAME(all.v[0].name, S("kev"));
    SAME(all.v[1].etag, a.etag);
    assert_int_equal(all.v[0].skipped, 5);
    assert_true(all.v[0].undated && all.v[0].from_folder && all.v[0].rhythm_days == 30);
    SAME(all.v[0].ecosystem, b.ecosystem);
    SAME(all.v[0].whose, b.whose);
    assert_false(all.v[1].undated || all.v[1].from_folder || all.v[1].rhythm_days || all.v[1].ecosystem.n);
    assert_int_equal(all.v[1].records, 8);
    assert_int_equal(all.v[1].skipped, 0);
    assert_int_equal(all.v[1].fetched_ms, 1700000000000);
}

static void set_format(struct world *w, uint32_t format)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(4);
    buf_add_u32(&b, format);
    assert_int_equal(store_put(w->txn, w->db.tables[ADVISORY_VIEW_META], S("format"), buf_slice(&b), &w->e), 0);
}

static void test_an_unknown_format_is_refused_with_the_cure(void **state)
{
    struct world *w = *state;
    struct advisory_db db;
    struct advisory a = full(w);
    uint64_t n;
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, NULL, &w->e), 1);
    set_format(w, ADVISORY_VIEW_FORMAT + 1);
    assert_int_equal(store_commit(w->txn, &w->e), 0);
    w->txn = NULL;
    advisory_db_close(&w->db);
    assert_int_equal(advisory_db_open(w->dir, false, &db, &w->e), -1);
    assert_int_equal(w->e.kind, ERR_USAGE);
    assert_non_null(strstr(w->e.text, "careen feeds update"));
    /* The writer starts over. */
    assert_int_equal(advisory_db_open(w->dir, true, &w->db, &w->e), 0);
    assert_int_equal(store_begin(w->db.store, false, &w->txn, &w->e), 0);
    assert_int_equal(advisory_view_count(w->txn, w->db.tables, S("Debian:12"), &n, &w->e), 0);
    assert_int_equal(n, 0);
}

/* What a reader meets while the writer creates a database, and what stays when that is cut off. */
static void test_an_incomplete_one_is_said_to_be_so(void **state)
{
    struct world *w = *state;
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/new", w->dir);
    struct store_options o = {.shared = true, .exchanged = true, .tables = ADVISORY_VIEW_TABLES};
    for (size_t tables = 0; tables <= ADVISORY_VIEW_TABLES; tables++) {
        struct store *s;
        store_table t;
        struct advisory_db db;
        assert_int_equal(store_open(dir, &o, &s, &w->e), 0);
        for (size_t i = 0; i < tables; i++)
            assert_int_equal(store_table_open(s, advisory_view_tables[i], &t, &w->e), 0);
        store_close(s);
        assert_int_equal(advisory_db_open(dir, false, &db, &w->e), -1);
        assert_int_equal(w->e.kind, ERR_USAGE);
        assert_non_null(strstr(w->e.text, "is incomplete"));
        assert_non_null(strstr(w->e.text, "careen feeds update"));
        assert_null(strstr(w->e.text, "delete"));
    }
    /* As it says: the writer completes it. */
    struct advisory_db db;
    assert_int_equal(advisory_db_open(dir, true, &db, &w->e), 0);
    advisory_db_close(&db);
    assert_int_equal(advisory_db_open(dir, false, &db, &w->e), 0);
    advisory_db_close(&db);
    store_wipe(dir, NULL);
    rmdir(dir);
}

static void test_read_only_finds_what_was_written(void **state)
{
    struct world *w = *state;
    struct advisory_db db;
    struct advisory a = full(w);
    advisory_vec out = {0};
    assert_int_equal(advisory_view_put(w->txn, w->db.tables, &a, NULL, &w->e), 1);
    assert_int_equal(store_commit(w->txn, &w->e), 0);
    w->txn = NULL;
    advisory_db_close(&w->db);
    assert_int_equal(advisory_db_open(w->dir, false, &db, &w->e), 0);
    assert_int_equal(store_begin(db.store, false, &w->txn, &w->e), 0);
    assert_int_equal(advisory_view_lookup(w->txn, db.tables, a.ecosystem, a.package, &w->arena, &out, &w->e), 0);
    assert_int_equal(out.n, 1);
    same_advisory(&a, &out.v[0]);
    store_abort(w->txn);
    w->txn = NULL;
    advisory_db_close(&db);
}

static void test_no_database_says_what_to_run(void **state)
{
    struct world *w = *state;
    struct advisory_db db;
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/none", w->dir);
    assert_int_equal(advisory_db_open(dir, false, &db, &w->e), -1);
    assert_int_equal(w->e.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(w->e.text, "careen feeds update"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* ---- every field of a record ---- */

/* A field of the record on the topic that the database does not have fails here. */
static void test_every_field_of_advisories(void **state)
{
    struct world *w = *state;
    const struct codec_table *table = codec_tables[TOPIC_ADVISORIES];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct fill f = {.arena = &w->arena, .state = seed, .list_max = 4, .bytes_max = 40};
        struct buf row = BUF_INIT(1 << 20);
        struct advisory a = {0}, back = {0};
        fill_record(&f, table, &a);
        a.published_ms = a.modified_ms = 1700000000123;
        assert_int_equal(advisory_row_encode(&a, &row), 0);
        assert_int_equal(advisory_row_decode(buf_slice(&row), &w->arena, &back, &w->e), 0);
        back.id = a.id; /* it stands in the key */
        const char *field = fill_differs(table, &a, &back);
        if (field)
            fail_msg("%s of an advisory is not in its row", field);
        buf_done(&row);
    }
}

/* Its long text is left out of the database; a record that is alone gives all that it has when it is merged. */
static void test_every_field_of_vulnerabilities(void **state)
{
    struct world *w = *state;
    const struct codec_table *table = codec_tables[TOPIC_VULNERABILITIES];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct fill f = {.arena = &w->arena, .state = seed, .list_max = 1, .bytes_max = 40};
        struct buf row = BUF_INIT(1 << 20);
        struct vulnerability v = {0}, back = {0};
        fill_record(&f, table, &v);
        v.details = SLICE_NONE;
        v.epss = 0.25;
        v.epss_percentile = 0.5;
        v.published_ms = v.modified_ms = 1700000000123;
        assert_int_equal(vuln_row_encode(&v, &row), 0);
        assert_int_equal(vuln_row_decode(buf_slice(&row), &w->arena, &back, &w->e), 0);
        const char *field = fill_differs(table, &v, &back);
        if (field)
            fail_msg("%s of a vulnerability is not in its row", field);
        struct vulnerability all = {.id = v.id, .feed = v.feed, .epss = -1, .epss_percentile = -1, .withdrawn = true};
        assert_true(vulnerability_merge(&w->arena, &all, &v));
        field = fill_differs(table, &v, &all);
        if (field)
            fail_msg("%s of a vulnerability is lost when records are merged", field);
        buf_done(&row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_row_keeps_everything),
        T(test_every_field_of_advisories),
        T(test_every_field_of_vulnerabilities),
        T(test_lookup_is_by_ecosystem_and_package),
        T(test_long_and_odd_ids),
        T(test_damaged_rows_are_errors),
        T(test_times_without_meaning_are_unknown),
        T(test_a_small_arena_is_partial),
        T(test_rows_are_small),
        T(test_keys_split),
        T(test_knowledge_of_a_finding),
        T(test_vulnerabilities_merge),
        T(test_feeds),
        T(test_an_unknown_format_is_refused_with_the_cure),
        T(test_an_incomplete_one_is_said_to_be_so),
        T(test_read_only_finds_what_was_written),
        T(test_no_database_says_what_to_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
