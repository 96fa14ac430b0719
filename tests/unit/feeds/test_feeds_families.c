/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of publishers and formats; families: members by name, what indexes name, feeds folders, order; and the dates by which a feed stands still. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "feeds/fetch/refresh.h"
#include "model/distro/distro.h"
#include "model/ecosystem/ecosystem.h"
#include "unit/feeds_support.h"
#include "unit/fixture.h"

#include <ftw.h>
#include <sys/stat.h>

static const struct feed *named(const char *name)
{
    return feed_by_name(slice_str(name));
}

static void test_members(void **state)
{
    (void)state;
    const struct feed *f = named("alpine-v3.31-community");
    assert_non_null(f);
    assert_string_equal(f->url, "https://secdb.alpinelinux.org/v3.31/community.json");
    assert_string_equal(f->path, "alpine-secdb/v3.31/community.json");
    assert_string_equal(f->ecosystem, "Alpine:v3.31");
    assert_true(feed_is_discovered(f));
    assert_ptr_equal(f, named("alpine-v3.31-community"));
    assert_false(feed_is_discovered(named("alpine-v3.24-main")));
    assert_non_null(named("alpine-edge-main"));

    f = named("fedora-45");
    assert_string_equal(
        f->url, "https://dl.fedoraproject.org/pub/fedora/linux/updates/45/Everything/x86_64/repodata/repomd.xml");
    assert_string_equal(f->also[0], "https://dl.fedoraproject.org/pub/archive/fedora/linux/updates/45/Everything/"
                                    "x86_64/repodata/repomd.xml");
    f = named("photon-5");
    assert_memory_equal(f->url, "https://packages.broadcom.com/", 30);
    assert_memory_equal(f->also[0], "https://packages.vmware.com/", 28);
    f = named("opensuse-leap-16.1");
    assert_memory_equal(f->path, "suse/opensuse.leap.16.1-affected.xml", 35);
    assert_non_null(f->also[1]);
    assert_string_equal(named("amazon-2-BCC")->path, "amazon/2/extras/BCC/updateinfo.xml*");
    /* A row's name is the row. */
    assert_string_equal(named("amazon-2-core")->url, "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list");

    static const char *const none[] = {"alpine-v3.3-community",
                                       "alpine-v3.20-testing",
                                       "alpine-3.20-main",
                                       "alpine-v3.20",
                                       "alpine-v03.20-main",
                                       "alpine-v3.2000-main",
                                       "fedora-7",
                                       "fedora-4x",
                                       "photon-",
                                       "amazon-2-../../x",
                                       "amazon-2-a/b",
                                       "amazon-2--x",
                                       "opensuse-leap-42.3",
                                       "suse-11",
                                       "",
                                       "alpine-$1-main"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (named(none[i]))
            fail_msg("%s is a feed", none[i]);
}

/* ---- the tables ---- */

static bool is_format(const struct feed *f)
{
    for (size_t i = 0; i < feed_formats_n; i++)
        if (feed_formats[i].parse == f->parse)
            return true;
    return false;
}

/* A row, or what a family's members are like. An ecosystem that no system has would be read in vain. */
static void check_feed(const struct feed *f)
{
    bool names = f->kind == FEED_INDEX || f->kind == FEED_LIST;
    struct slice ecosystem = slice_str(f->ecosystem), of = SLICE_NONE;
    if (!f->parse || is_format(f) == names)
        fail_msg("feed %s: its reader is %s", f->name,
                 names ? "a format, which names nothing" : "in no table of formats");
    if (names ? !f->url : !f->path && !f->shipped)
        fail_msg("feed %s: it is to be had nowhere", f->name);
    for (unsigned a = 0; a < feed_addresses(f); a++)
        assert_memory_equal(a ? f->also[a - 1] : f->url, "https://", 8);
    if (f->list && (!named(f->list) || named(f->list)->kind != FEED_LIST))
        fail_msg("feed %s: %s is no list of documents", f->name, f->list);
    slice_take_token(&ecosystem, ':', &of);
    const struct ecosystem *row = ecosystem_of_advisories(of);
    bool language = row && row->advisories, apart = slice_eq_str(of, "Root") || slice_eq_str(of, "GHC");
    if (of.n && !apart && !language && !distro_of_ecosystem(slice_str(f->ecosystem)) && !distro_of_ecosystem(of))
        fail_msg("feed %s: no system or package has the ecosystem %s", f->name, f->ecosystem);
    assert_true((f->kind == FEED_ADVISORIES) == (f->ecosystem != NULL));
}

/* Whether anything is read with it, or waits for it. */
static bool is_used(const struct feed_format *format, const struct feed *index)
{
    const struct feed_family *family;
    const struct feed *row;
    for (size_t i = 0; (row = feed_row(i)) != NULL; i++)
        if ((format && row->parse == format->parse) || (index && row->list && !strcmp(row->list, index->name)))
            return true;
    for (size_t i = 0; (family = feed_family(i)) != NULL; i++) {
        if (format && family->like.parse == format->parse)
            return true;
        for (size_t k = 0; index && k < ARRAY_LEN(family->index) && family->index[k]; k++)
            if (!strcmp(family->index[k], index->name))
                return true;
    }
    return false;
}

static void test_publishers(void **state)
{
    (void)state;
    const struct feed *row, *last = NULL;
    size_t n = 0;
    for (; (row = feed_row(n)) != NULL; n++) {
        assert_int_equal(feed_row_number(row), n);
        assert_true(reading_is_name(slice_str(row->name), 40));
        if (named(row->name) != row)
            fail_msg("feed %s: there are two of that name", row->name);
        check_feed(row);
        if ((row->kind == FEED_INDEX || row->kind == FEED_LIST) && !is_used(NULL, row))
            fail_msg("feed %s: nothing waits for what it names", row->name);
        assert_true(!last || feed_order(last, row) < 0);
        last = row;
    }
    assert_true(last && last->shipped);
    assert_int_equal(feed_row_number(NULL), n);
}

/* A family without its index would stand still in silence. */
static void test_families_table(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT((size_t)4 << 20);
    const struct feed_family *f;
    feed_vec all = {0};
    feed_list_known(&arena, &all);
    for (size_t i = 0; (f = feed_family(i)) != NULL; i++) {
        assert_int_equal(feed_family_number(f), i);
        check_feed(&f->like);
        assert_non_null(f->index[0]);
        for (size_t k = 0; k < ARRAY_LEN(f->index) && f->index[k]; k++)
            if (!named(f->index[k]) || named(f->index[k])->kind != FEED_INDEX)
                fail_msg("family %s: %s is no index", f->like.name, f->index[k]);
        size_t known = 0, members = 0;
        while (f->known[known])
            known++;
        for (size_t k = 0; k < all.n; k++)
            members += all.v[k]->family == f;
        if (members < known)
            fail_msg("family %s: its shape does not allow all that it knows", f->like.name);
    }
    arena_done(&arena);
}

static void test_formats_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < feed_formats_n; i++)
        if (!is_used(&feed_formats[i], NULL))
            fail_msg("format %s: no feed is read with it", feed_formats[i].name);
}

static void test_wanted(void **state)
{
    (void)state;
    const struct feed *f = named("alpine-v3.20-main");
    assert_true(feed_wanted(f, NULL));
    assert_true(feed_wanted(f, "kev, alpine-v3.20"));
    assert_true(feed_wanted(f, "alpine"));
    assert_false(feed_wanted(f, "alpine-v3.2"));
    assert_false(feed_wanted(f, "osv,kev"));
}

struct names {
    struct buf text;
};

static int take(void *arg, struct slice name, struct err *e)
{
    (void)e;
    struct names *n = arg;
    buf_addf(&n->text, "%s%.*s", n->text.n ? " " : "", SLICE_FMT(name));
    return 0;
}

static void index_names(const char *index, const char *text, const char *expected)
{
    struct names n = {.text = BUF_INIT((size_t)1 << 20)};
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct byte_source_memory m = {.left = slice_str(text)};
    struct feed_sink sink = {.arg = &n, .named = take};
    struct feed_stats stats;
    struct err e = ERR_INIT;
    int rc = feed_parse(named(index), byte_source_of_memory(&m), &sink, &arena, &stats, &e);
    assert_string_equal(rc ? e.text : buf_cstr(&n.text), expected);
    if (rc)
        assert_int_equal(e.kind, ERR_POISON);
    arena_done(&arena);
    buf_done(&n.text);
}

static void test_indexes(void **state)
{
    (void)state;
    index_names("alpine-index",
                "<html><head><title>Index of /</title></head><body><pre><a href=\"../\">../</a>\n"
                "<a href=\"edge/\">edge/</a>  01-Jun-2026 10:00  -\n<a href=\"v3.2/\">v3.2/</a>\n"
                "<a href='v3.25/'>v3.25/</a> <A HREF=/v3.26>v3.26</A> <a href=\"https://x/v3.25/?C=M;O=A\">again</a>\n"
                "<a href=\"last-update\">last-update</a><a href=\"v3.25.1/\">no</a><a href=\"v3.27/main.json\">no</a>",
                "alpine-edge-main alpine-edge-community alpine-v3.2-main alpine-v3.25-main alpine-v3.25-community "
                "alpine-v3.26-main alpine-v3.26-community");
    const char *folder = fixture("feeds/index/suse.html");
    index_names("suse-index", folder, "suse-17 suse-micro-7");
    index_names("opensuse-index", folder, "opensuse-leap-16.1 opensuse-leap-16.2");
    index_names("photon-index", "{\"branches\": [\"4.0\", \"6.0\", \"6.1\"]}",
                "photon-4 photon-4-oval photon-6 photon-6-oval");
    index_names(
        "anolis-index",
        "{\"status\":{\"code\":200},\"data\":{\"total\":1,\"data\":[{\"name\":\"anolis-25.oval.xml\",\"is_dir\":"
        "false},{\"name\":\"README\"}]}}",
        "anolis-25");
    index_names("amazon-2-index",
                "{\"motd\":\"\",\"topics\":[{\"n\":\"php8.4\",\"inst\":[\"php-cli\"],\"versions\":[\"8.4\"]},"
                "{\"n\":\"BCC\",\"deprecated-at\":\"2024-01-01\"},{\"n\":\"core\"},{\"n\":\"../evil\"}]}",
                "amazon-2-php8.4 amazon-2-BCC");
    index_names("fedora-index",
                "<a href=\"45/\">45/</a><a href=\"46/\">46/</a><a href=\"7/\">7/</a><a href=\"testing/\">t</a>",
                "fedora-45 fedora-46");
    index_names("fedora-index",
                "[Version]\n2\n\n[Files]\n1796000000\td\t4096\tlinux/releases/47\n"
                "1796000000\tf\t5120\tlinux/updates/46/Everything/x86_64/repodata/repomd.xml\n"
                "1796000000\tf\t5120\tlinux/updates/46/Everything/aarch64/repodata/repomd.xml\n"
                "1796000000\tf\t5120\tlinux/updates/testing/47/Everything/x86_64/repodata/repomd.xml\n[Checksums]\n",
                "fedora-46");
    index_names("openeuler-csaf-list",
                "2025/csaf-openeuler-sa-2025-1070.json\n\n./2026/csaf-openEuler-SA-2026-1.json\n",
                "2025/csaf-openeuler-sa-2025-1070.json 2026/csaf-openEuler-SA-2026-1.json");
    index_names(
        "windows-msrc-list",
        "{\"value\":[{\"ID\":\"2026-Sep\",\"CurrentReleaseDate\":\"2026-09-09T07:00:00Z\"},{\"ID\":\"2026-Oct\"}]}",
        "2026-Sep 1788937200000 2026-Oct 0");
    /* What an index is not, and one that says nothing. */
    index_names("alpine-index", "<html>Are you human?</html>", "feed alpine-index: the feed is empty");
    index_names("alpine-index", "<a href=\"/login\">Log in</a>",
                "feed alpine-index: it names nothing that is known to be named there");
    index_names("openeuler-csaf-list", "../../etc/passwd.json\n",
                "feed openeuler-csaf-list: 1 of 1 documents break the format (first: ../../etc/passwd.json: not the "
                "path of a document)");
    index_names("photon-index", "{\"branches\": [\"1.0\"",
                "feed photon-index: not JSON: it is cut, at byte 19, line 1");
}

static void test_index_limits(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)4 << 20);
    for (unsigned i = 1; i < 900; i++)
        buf_addf(&b, "<a href=\"v4.%u/\">x</a>\n", i);
    index_names("alpine-index", buf_cstr(&b), "feed alpine-index: it names more than 1000");
    /* No line end at all: no link is lost where pieces meet. */
    buf_clear(&b);
    for (unsigned i = 0; i < 40000; i++)
        buf_addf(&b, "<a href=\"v3.19/\">x</a>");
    buf_addf(&b, "<a href=\"v3.25/\">x</a>");
    index_names("alpine-index", buf_cstr(&b),
                "alpine-v3.19-main alpine-v3.19-community alpine-v3.25-main alpine-v3.25-community");
    buf_done(&b);
}

static void test_order(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT((size_t)4 << 20);
    feed_vec all = {0};
    feed_list_known(&arena, &all);
    feed_list_add(&arena, &all, SLICE("alpine-v3.30-main"));
    feed_list_add(&arena, &all, SLICE("alpine-v3.30-main"));
    feed_list_add(&arena, &all, SLICE("no-such-feed"));
    feed_list_add_spelt(&arena, &all, "alpine-v3.29, kev");
    feed_list_sort(&all);
    size_t demo = 0, v330 = 0, main29 = 0, community29 = 0, main9 = 0;
    for (size_t i = 0; i < all.n; i++) {
        for (size_t k = 0; k < i; k++)
            assert_ptr_not_equal(all.v[i], all.v[k]);
        assert_true(all.v[i]->kind != FEED_LIST);
        if (i)
            assert_true(all.v[i]->kind != FEED_INDEX || all.v[i - 1]->kind == FEED_INDEX);
        const char *name = all.v[i]->name;
        demo = strcmp(name, "demo") ? demo : i;
        v330 = strcmp(name, "alpine-v3.30-main") ? v330 : i;
        main29 = strcmp(name, "alpine-v3.29-main") ? main29 : i;
        community29 = strcmp(name, "alpine-v3.29-community") ? community29 : i;
        main9 = strcmp(name, "alpine-v3.9-main") ? main9 : i;
    }
    assert_int_equal(demo, all.n - 1);
    assert_true(main9 && main9 < main29 && main29 + 1 == community29 && community29 < v330);
    assert_true(feed_order(named("osv-alpine"), named("alpine-v3.20-main")) < 0);
    assert_true(feed_order(named("alpine-v3.20-main"), named("alpine-v3.20-community")) < 0);
    assert_true(feed_order(named("demo"), named("alpine-v3.20-main")) > 0);
    arena_done(&arena);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void touch(const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    for (char *p = path + strlen(dir) + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = 0;
        mkdir(path, 0700);
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
}

static void test_folder(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    char dir[256];
    snprintf(dir, sizeof dir, "%s/careen-families-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    touch(dir, "alpine-secdb/v3.25/main.json");
    touch(dir, "alpine-secdb/nonsense/main.json");
    touch(dir, "suse/opensuse.leap.16.1-affected.xml.gz");
    touch(dir, "photon/cve_data_photon6.0.json.zst");
    touch(dir, "amazon/2/extras/php8.4/updateinfo.xml.gz");
    touch(dir, "fedora/46/updateinfo.xml.xz");
    static const char *const expected[][2] = {{"alpine-index", "alpine-v3.25-main alpine-v3.25-community"},
                                              {"opensuse-index", "opensuse-leap-16.1"},
                                              {"photon-index", "photon-6"},
                                              {"amazon-2-index", "amazon-2-php8.4"},
                                              {"fedora-index", "fedora-46"},
                                              {"anolis-index", ""}};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        struct names n = {.text = BUF_INIT(4096)};
        struct err e = ERR_INIT;
        assert_int_equal(feed_index_folder(named(expected[i][0]), dir, take, &n, &e), 0);
        assert_string_equal(buf_cstr(&n.text), expected[i][1]);
        buf_done(&n.text);
    }
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void test_still(void **state)
{
    (void)state;
    int64_t now, old, fresh;
    assert_true(clock_parse(SLICE("2026-11-30"), &now) && clock_parse(SLICE("2026-07-01"), &old) &&
                clock_parse(SLICE("2026-11-25"), &fresh));
    assert_true(feed_stands_still(named("kev"), old, now));
    assert_false(feed_stands_still(named("kev"), fresh, now));
    assert_false(feed_stands_still(named("kev"), 0, now));
    assert_true(feed_stands_still(named("photon-5"), old, now));
    /* Of a system that has ended nothing new is expected; nor where nobody can say. */
    assert_false(feed_stands_still(named("photon-2"), old, now));
    assert_false(feed_stands_still(named("opensuse-leap-15.2"), old, now));
    assert_true(feed_stands_still(named("opensuse-leap-16.0"), old, now));
    assert_false(feed_stands_still(named("amazon-2-docker"), old, now));
}

static void newest(const char *feed, const char *text, const char *expected)
{
    struct told t = {.text = BUF_INIT((size_t)1 << 20)};
    struct byte_source_memory m = {.left = slice_str(text)};
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct feed_stats stats;
    struct err e = ERR_INIT;
    int64_t now, at = 0;
    assert_true(clock_parse(SLICE("2026-11-30"), &now));
    struct feed_sink sink = {.arg = &t, .now_ms = now, .vulnerability = told_vulnerability};
    if (feed_parse(named(feed), byte_source_of_memory(&m), &sink, &arena, &stats, &e))
        fail_msg("%s", e.text);
    assert_true(!*expected || clock_parse(slice_str(expected), &at));
    assert_int_equal(stats.newest_ms, at);
    arena_done(&arena);
    told_done(&t);
}

/* Dates of records, of a reader's own and a slip of the pen. */
static void test_newest(void **state)
{
    (void)state;
    newest("kev",
           "{\"dateReleased\":\"2026-11-20T10:00:00Z\",\"count\":2,\"vulnerabilities\":["
           "{\"cveID\":\"CVE-2024-0001\",\"dateAdded\":\"2026-11-10\"},"
           "{\"cveID\":\"CVE-2024-0002\",\"dateAdded\":\"2062-01-01\"}]}",
           "2026-11-20T10:00:00Z");
    newest("epss",
           "#model_version:v2025.03.14,score_date:2026-11-29T12:55:00Z\ncve,epss,percentile\n"
           "CVE-2024-0001,0.1,0.5\n",
           "2026-11-29");
    newest("epss", "cve,epss,percentile\nCVE-2024-0001,0.1,0.5\n", "");
    newest("exploit-db",
           "id,date_published,type,verified,codes,date_added\n1,2026-11-01,local,1,CVE-2024-0001,\n"
           "2,2023-01-01,local,1,CVE-2024-0002,2026-11-03\n",
           "2026-11-03");
    newest("metasploit",
           "{\"a\":{\"path\":\"/modules/exploits/x.rb\",\"references\":[\"CVE-2024-0001\"],\"mod_time\":"
           "\"2026-10-30 13:36:02 +0000\"}}",
           "2026-10-30");
}

/* What a program without dates wrote is read, and the rest comes back as it went in. */
static void test_memory(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct feed_memory m = {.reader = 7, .records = 5, .fetched_ms = 1, .skipped = 2, .newest_ms = 3, .changed_ms = 4},
                       r;
    snprintf(m.source, sizeof m.source, "https://x/y");
    feed_memory_encode(&m, &b);
    assert_true(feed_memory_decode(buf_slice(&b), &r));
    assert_int_equal(r.newest_ms, 3);
    assert_int_equal(r.changed_ms, 4);
    assert_true(feed_memory_decode(slice_sub(buf_slice(&b), 0, b.n - 16), &r));
    assert_int_equal(r.skipped, 2);
    assert_int_equal(r.newest_ms, 0);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_publishers),    cmocka_unit_test(test_families_table),
        cmocka_unit_test(test_formats_table), cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_members),       cmocka_unit_test(test_indexes),
        cmocka_unit_test(test_index_limits),  cmocka_unit_test(test_order),
        cmocka_unit_test(test_folder),        cmocka_unit_test(test_still),
        cmocka_unit_test(test_newest),        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
