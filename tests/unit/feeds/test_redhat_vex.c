/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From Red Hat's statements to verdicts: documents of our own in the shape of `vex-feed` (no architectures, sources and
 * modules by name, a product a minor release) and of `vex` are read and packages judged by what came of them.
 */
#include "unit/judge_world.h"

#include "feeds/formats/csaf/csaf_documents.h"
#include "feeds/reading.h"

struct said {
    const char *status, *cpe, *purl;
};

static struct feed_stats stats;
static size_t vectors; /* of the vulnerability */
static finding_vec found;
static struct reasons reasons;
static const char *more = ""; /* members of the vulnerability beside its statuses */

/* ---- documents ---- */

static int documents(struct feed_reading *r, struct err *e)
{
    const uint8_t *p;
    size_t n;
    int rc = r->source.read(r->source.arg, &p, &n, e);
    return rc ? rc : csaf_vex_document(r, SLICE("made"), slice_of(p, n), e);
}

static const struct feed vex = {.name = "redhat-vex", .ecosystem = "Red Hat", .parse = documents};

static int keep_advisory(void *arg, const struct advisory *a, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 16);
    (void)arg;
    assert_int_equal(advisory_row_encode(a, &b), 0);
    struct advisory *to = VEC_ADD(&arena, &known);
    assert_int_equal(advisory_row_decode(arena_slice(&arena, buf_slice(&b)), &arena, to, e), 0);
    to->id = arena_slice(&arena, a->id);
    return 0;
}

static int keep_vulnerability(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)arg, (void)e;
    vectors = v->scores.n;
    return 0;
}

static void add_statuses(struct buf *b, const struct said *all, size_t n)
{
    static const char *const words[] = {"fixed", "known_affected", "known_not_affected", "under_investigation"};
    buf_addf(b, "\"product_status\":{");
    for (size_t k = 0; k < ARRAY_LEN(words); k++) {
        size_t told = 0;
        buf_addf(b, "%s\"%s\":[", k ? "," : "", words[k]);
        for (size_t i = 0; i < n; i++)
            if (!strcmp(all[i].status, words[k]))
                buf_addf(b, "%s\"%zu\"", told++ ? "," : "", i);
        buf_addf(b, "]");
    }
    buf_addf(b, "}");
}

/* One document of CVE-2024-0001 with these statements takes the place of what was known. */
static void read_document(const struct said *all, size_t n)
{
    struct buf b = BUF_INIT(1 << 18);
    struct arena own = ARENA_INIT(1 << 22);
    struct feed_sink sink = {.advisory = keep_advisory, .vulnerability = keep_vulnerability};
    struct err e = ERR_INIT;
    buf_addf(&b, "{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"CVE-2024-0001\"}},"
                 "\"product_tree\":{\"branches\":[{\"category\":\"vendor\",\"branches\":[");
    for (size_t i = 0; i < n; i++)
        buf_addf(&b,
                 "%s{\"category\":\"product_name\",\"product\":{\"product_id\":\"p:%s\","
                 "\"product_identification_helper\":{\"cpe\":\"cpe:/%s\"}}},"
                 "{\"category\":\"product_version\",\"product\":{\"product_id\":\"c%zu\","
                 "\"product_identification_helper\":{\"purl\":\"pkg:%s\"}}}",
                 i ? "," : "", all[i].cpe, all[i].cpe, i, all[i].purl);
    buf_addf(&b, "]}],\"relationships\":[");
    for (size_t i = 0; i < n; i++)
        buf_addf(&b,
                 "%s{\"full_product_name\":{\"product_id\":\"%zu\"},\"product_reference\":\"c%zu\","
                 "\"relates_to_product_reference\":\"p:%s\"}",
                 i ? "," : "", i, i, all[i].cpe);
    buf_addf(&b, "]},\"vulnerabilities\":[{\"cve\":\"CVE-2024-0001\",");
    add_statuses(&b, all, n);
    buf_addf(&b, "%s}]}", more);
    struct byte_source_memory bytes = {.left = buf_slice(&b)};
    known.n = 0;
    if (feed_parse(&vex, byte_source_of_memory(&bytes), &sink, &own, &stats, &e))
        fail_msg("%s", e.text);
    arena_done(&own);
    buf_done(&b);
}

#define READ(...)                                                                                                      \
    do {                                                                                                               \
        const struct said said[] = {__VA_ARGS__};                                                                      \
        read_document(said, ARRAY_LEN(said));                                                                          \
    } while (0)

#define FIXED(cpe, purl)                                                                                               \
    {                                                                                                                  \
        "fixed", cpe, "rpm/redhat/" purl                                                                               \
    }
#define AFFECTED(cpe, purl)                                                                                            \
    {                                                                                                                  \
        "known_affected", cpe, "rpm/redhat/" purl                                                                      \
    }
#define DENIED(cpe, purl)                                                                                              \
    {                                                                                                                  \
        "known_not_affected", cpe, "rpm/redhat/" purl                                                                  \
    }
#define RHEL9 "a:redhat:enterprise_linux:9::appstream"
#define RHEL8 "a:redhat:enterprise_linux:8::appstream"

/* ---- verdicts ---- */

static struct slice take_word(const char *text, struct slice *ret_rest)
{
    struct slice rest = slice_str(text), name = SLICE_NONE;
    slice_take_token(&rest, ' ', &name);
    *ret_rest = rest;
    return name;
}

/*
 * "verdict fixed-version", "-" without a finding. built: "name version", "source version" (NULL: as it), and the label
 * of the module.
 */
static const char *judged(const char *os_ecosystem, const char *products, const char *const *built)
{
    static char text[256];
    struct os_info os = {.ecosystem = slice_str(os_ecosystem)};
    struct package p = {.type = PKG_RPM, .architecture = SLICE("x86_64")};
    struct advisory_source source = {lookup, NULL, NULL};
    struct slice list = slice_str(products), one;
    struct err e = ERR_INIT;
    p.name = take_word(built[0], &p.version);
    p.source_name = take_word(built[1] ? built[1] : built[0], &p.source_version);
    p.module = slice_str(built[2]);
    while (slice_take_token(&list, ' ', &one))
        slice_vec_add(&arena, &os.products, one);
    found = (finding_vec){0};
    reasons = (struct reasons){0};
    if (judge_package(&os, &p, &source, &arena, &found, &reasons, &e))
        fail_msg("judge_package: %s", e.text);
    assert_true(found.n <= 1);
    if (!found.n)
        return "-";
    bool holds = false;
    if (judge_rule_holds(found.v[0].rule, &holds, &e) || !holds)
        fail_msg("rule %.*s: %s", SLICE_FMT(found.v[0].rule), e.text);
    snprintf(text, sizeof text, "%s %.*s", verdict_names[found.v[0].verdict],
             SLICE_FMT(found.v[0].fixed_version.n ? found.v[0].fixed_version : SLICE("-")));
    return text;
}

#define ON(expected, ecosystem, products, ...)                                                                         \
    assert_string_equal(judged("Red Hat:" ecosystem, products, (const char *const[]){__VA_ARGS__, NULL, NULL}),        \
                        expected)

/* ---- minor releases ---- */

static void test_a_build_is_judged_by_its_own_release(void **state)
{
    (void)state;
    READ(FIXED(RHEL9, "python3.9@3.9.16-1.el9_2.6?arch=src&epoch=0"),
         FIXED(RHEL9, "python3.9@3.9.18-3.el9_4.5?arch=src&epoch=0"),
         FIXED(RHEL9, "python3.9@3.9.21-2.el9_6.1?arch=src&epoch=0"));
    ON("affected 3.9.18-3.el9_4.5", "9", "", "python3-libs 3.9.18-3.el9_4.4", "python3.9 3.9.18-3.el9_4.4");
    ON("-", "9", "", "python3-libs 3.9.18-3.el9_4.5", "python3.9 3.9.18-3.el9_4.5");
    ON("-", "9", "", "python3-libs 3.9.18-10.el9_4", "python3.9 3.9.18-10.el9_4");
    ON("-", "9", "", "python3.9 3.9.20-1.el9_4");
    /* Below another release's fix, its own is told. */
    ON("affected 3.9.18-3.el9_4.5", "9", "", "python3.9 3.9.15-1.el9_4");
    ON("affected 3.9.16-1.el9_2.6", "9", "", "python3.9 3.9.16-1.el9_2.5");
    ON("-", "9", "", "python3.9 3.9.16-9.el9_2");
    /* Of no release that has a fix: the next one counts. */
    ON("affected 3.9.18-3.el9_4.5", "9", "", "python3.9 3.9.16-2.el9_3");
    ON("affected 3.9.18-3.el9_4.5", "9", "", "python3.9 3.9.16-1.el9_3.9");
    ON("affected 3.9.21-2.el9_6.1", "9", "", "python3.9 3.9.19-8.el9_5");
    ON("-", "9", "", "python3.9 3.9.21-2.el9_8");
    /* Without a minor release in its tag: what lies between two may be of the later one. */
    ON("affected 3.9.21-2.el9_6.1", "9", "", "python3.9 3.9.18-4.el9");
    ON("affected 3.9.18-3.el9_4.5", "9", "", "python3.9 3.9.18-3.el9");
    ON("-", "9", "", "python3.9 3.9.21-3.el9");
}

static void test_releases_of_kernels_modules_and_older_systems(void **state)
{
    (void)state;
    READ(FIXED(RHEL9, "kernel@5.14.0-284.30.1.el9_2?arch=src"), FIXED(RHEL9, "kernel@5.14.0-427.16.1.el9_4?arch=src"));
    ON("-", "9", "", "kernel-core 5.14.0-284.48.1.el9_2", "kernel 5.14.0-284.48.1.el9_2");
    ON("affected 5.14.0-284.30.1.el9_2", "9", "", "kernel-core 5.14.0-284.11.1.el9_2", "kernel 5.14.0-284.11.1.el9_2");
    ON("affected 5.14.0-427.16.1.el9_4", "9", "", "kernel 5.14.0-362.24.1.el9_3");
    ON("affected 5.14.0-427.16.1.el9_4", "9", "", "kernel 5.14.0-427.13.1.el9_4");
    READ(FIXED("o:redhat:enterprise_linux:7::server", "sudo@1.8.23-4.el7_7.2?arch=src"),
         FIXED("o:redhat:enterprise_linux:7::server", "sudo@1.8.23-10.el7_9.1?arch=src"));
    ON("-", "7", "", "sudo 1.8.23-9.el7_7");
    ON("affected 1.8.23-10.el7_9.1", "7", "", "sudo 1.8.23-10.el7");
    READ(FIXED(RHEL8, "nodejs@18.19.0-1.module%2Bel8.9.0%2B1%2Ba?arch=src&epoch=1&rpmmod=nodejs:18"),
         FIXED(RHEL8, "nodejs@18.20.2-1.module%2Bel8.10.0%2B2%2Bb?arch=src&epoch=1&rpmmod=nodejs:18"));
    ON("-", "8", "", "nodejs 1:18.19.1-1.module+el8.9.0+3+c", NULL, "nodejs:18");
    ON("affected 1:18.19.0-1.module+el8.9.0+1+a", "8", "", "nodejs 1:18.18.2-1.module+el8.9.0+3+c", NULL, "nodejs:18");
    ON("affected 1:18.20.2-1.module+el8.10.0+2+b", "8", "", "nodejs 1:18.20.1-1.module+el8.10.0+3+c", NULL,
       "nodejs:18");
}

static void test_longer_supported_releases_on_a_plain_system(void **state)
{
    (void)state;
    READ(FIXED("a:redhat:rhel_eus:9.4", "python3.9@3.9.18-3.el9_4.5?arch=src&epoch=0"),
         FIXED(RHEL9, "python3.9@3.9.21-2.el9_6.1?arch=src&epoch=0"));
    ON("-", "9", "", "python3.9 3.9.18-3.el9_4.5");
    ON("-", "9", "", "python3.9 3.9.18-10.el9_4");
    ON("affected 3.9.21-2.el9_6.1", "9", "", "python3.9 3.9.18-3.el9_4.4");
    ON("affected 3.9.18-3.el9_4.5", "9", "rhel_eus:9.4", "python3.9 3.9.18-3.el9_4.4");
    ON("affected 3.9.21-2.el9_6.1", "9", "", "python3.9 3.9.18-3.el9");
    /* A fix that only subscribers have, and what is said of a release without one. */
    READ(FIXED("a:redhat:rhel_eus:9.4", "bzip2@1.0.8-8.el9_4.1?arch=src&epoch=0"));
    ON("needs_subscription 1.0.8-8.el9_4.1", "9", "", "bzip2 1.0.8-8.el9_4");
    ON("-", "9", "", "bzip2 1.0.8-8.el9");
    READ(AFFECTED("a:redhat:rhel_aus:8.6", "bzip2?arch=src"));
    ON("affected -", "8", "", "bzip2 1.0.6-26.el8_6");
    ON("-", "8", "", "bzip2 1.0.6-26.el8_10");
}

static void test_extended_life_is_the_plain_systems_word(void **state)
{
    (void)state;
    READ(FIXED("o:redhat:rhel_els:7", "bind@9.11.4-26.P2.el7_9.18?arch=src&epoch=32"),
         AFFECTED("o:redhat:rhel_els:6", "bind?arch=src"));
    ON("needs_subscription 32:9.11.4-26.P2.el7_9.18", "7", "", "bind-libs 32:9.11.4-26.P2.el7_9.16",
       "bind 9.11.4-26.P2.el7_9.16");
    ON("affected 32:9.11.4-26.P2.el7_9.18", "7", "rhel_els:7", "bind-libs 32:9.11.4-26.P2.el7_9.16",
       "bind 9.11.4-26.P2.el7_9.16");
    ON("-", "7", "", "bind 32:9.11.4-26.P2.el7_9.18");
    ON("affected -", "6", "", "bind 32:9.8.2-0.68.rc1.el6_10.8");
    ON("affected -", "6", "rhel_els:6", "bind 32:9.8.2-0.68.rc1.el6_10.8");
    more = ",\"remediations\":[{\"category\":\"no_fix_planned\",\"details\":\"Out of support scope\"}]";
    READ(AFFECTED("o:redhat:rhel_els:7", "libtiff?arch=src"));
    more = "";
    ON("end_of_life -", "7", "", "libtiff-tools 4.0.3-35.el7", "libtiff 4.0.3-35.el7");
    ON("end_of_life -", "7", "rhel_els:7", "libtiff 4.0.3-35.el7");
}

/* ---- names ---- */

static void test_without_an_architecture_it_is_the_source(void **state)
{
    (void)state;
    READ(FIXED(RHEL9, "openssl@3.0.7-27.el9?epoch=1"));
    ON("affected 1:3.0.7-27.el9", "9", "", "openssl-libs 1:3.0.7-26.el9", "openssl 3.0.7-26.el9");
    ON("affected 1:3.0.7-27.el9", "9", "", "openssl 1:3.0.7-26.el9", "openssl 3.0.7-26.el9");
    ON("-", "9", "", "openssl-libs 1:3.0.7-27.el9", "openssl 3.0.7-27.el9");
    /* Or the binary of that name, whatever it is built from. */
    READ(FIXED(RHEL9, "kernel-rt@5.14.0-427.16.1.el9_4?epoch=0"));
    ON("affected 5.14.0-427.16.1.el9_4", "9", "", "kernel-rt 5.14.0-427.13.1.el9_4", "kernel 5.14.0-427.13.1.el9_4");
    ON("-", "9", "", "kernel-core 5.14.0-427.13.1.el9_4", "kernel 5.14.0-427.13.1.el9_4");
    /* With the source beside it, both are told. */
    READ(FIXED(RHEL9, "perl@5.32.1-481.el9?epoch=4"), FIXED(RHEL9, "perl@5.32.1-481.el9?arch=src&epoch=4"),
         FIXED(RHEL9, "perl-Errno@1.30-481.el9?epoch=0"));
    ON("affected 4:5.32.1-481.el9", "9", "", "perl-libs 4:5.32.1-480.el9", "perl 5.32.1-480.el9");
    ON("affected 4:5.32.1-481.el9", "9", "", "perl 4:5.32.1-480.el9", "perl 5.32.1-480.el9");
    ON("-", "9", "", "perl-Errno 1.30-481.el9", "perl 5.32.1-481.el9");
    ON("-", "9", "", "perl 4:5.32.1-481.el9", "perl 5.32.1-481.el9");
    /* Another minor release's source may be spelt otherwise. */
    READ(FIXED(RHEL9, "python3.9@3.9.18-3.el9_4.5?arch=src&epoch=0"), FIXED(RHEL9, "python3.9@3.9.19-8.el9?epoch=0"));
    ON("affected 3.9.19-8.el9", "9", "", "python3-libs 3.9.19-7.el9", "python3.9 3.9.19-7.el9");
    ON("affected 3.9.18-3.el9_4.5", "9", "", "python3-libs 3.9.18-3.el9_4.4", "python3.9 3.9.18-3.el9_4.4");
}

static void test_a_fix_goes_before_a_release_without_one(void **state)
{
    (void)state;
    READ(FIXED(RHEL9, "libtiff@4.4.0-12.el9?epoch=0"), AFFECTED("o:redhat:enterprise_linux:9", "libtiff?arch=src"),
         AFFECTED("o:redhat:enterprise_linux:8", "libtiff?arch=src"));
    ON("-", "9", "", "libtiff 4.4.0-12.el9");
    ON("-", "9", "", "libtiff-tools 4.4.0-13.el9", "libtiff 4.4.0-13.el9");
    ON("affected 4.4.0-12.el9", "9", "", "libtiff-tools 4.4.0-10.el9", "libtiff 4.4.0-10.el9");
    ON("affected -", "8", "", "libtiff-tools 4.0.9-29.el8_8", "libtiff 4.0.9-29.el8_8");
    READ(FIXED(RHEL9, "libtiff@4.4.0-12.el9?arch=src"), AFFECTED("o:redhat:enterprise_linux:9", "libtiff?arch=src"));
    ON("-", "9", "", "libtiff-tools 4.4.0-12.el9", "libtiff 4.4.0-12.el9");
    /* `vex`: a component that has the name of a binary from another source by now stays as it is. */
    READ(FIXED(RHEL9, "kernel-rt@5.14.0-427.16.1.el9_4?arch=x86_64"),
         AFFECTED("o:redhat:enterprise_linux:9", "kernel-rt?arch=src"));
    ON("affected -", "9", "", "kernel-rt-core 5.14.0-284.1.1.rt14.1.el9_2", "kernel-rt 5.14.0-284.1.1.rt14.1.el9_2");
    ON("-", "9", "", "kernel-rt 5.14.0-427.16.1.el9_4", "kernel 5.14.0-427.16.1.el9_4");
}

static void test_a_binary_that_moved_to_another_source(void **state)
{
    (void)state;
    READ(FIXED(RHEL9, "kernel@5.14.0-427.16.1.el9_4?arch=src&epoch=0"),
         AFFECTED("o:redhat:enterprise_linux:9", "kernel-rt?arch=src"));
    ON("-", "9", "", "kernel-rt 5.14.0-427.16.1.el9_4", "kernel 5.14.0-427.16.1.el9_4");
    ON("affected 5.14.0-427.16.1.el9_4", "9", "", "kernel-rt 5.14.0-427.13.1.el9_4", "kernel 5.14.0-427.13.1.el9_4");
    ON("affected -", "9", "", "kernel-rt-core 5.14.0-284.1.1.rt14.1.el9_2", "kernel-rt 5.14.0-284.1.1.rt14.1.el9_2");
}

static void test_not_affected_of_binaries_and_sources(void **state)
{
    (void)state;
    READ(FIXED(RHEL9, "git@2.43.5-1.el9_4?arch=src"), DENIED(RHEL9, "git-gui"), DENIED(RHEL9, "git"));
    ON("affected 2.43.5-1.el9_4", "9", "", "git-core 2.43.0-1.el9", "git 2.43.0-1.el9");
    ON("-", "9", "", "git-gui 2.43.0-1.el9", "git 2.43.0-1.el9");
    ON("-", "9", "", "git 2.43.0-1.el9");
    /* A binary that is affected though its source is not. */
    READ(AFFECTED(RHEL9, "libgit"), DENIED(RHEL9, "git?arch=src"), AFFECTED(RHEL9, "other?arch=src"));
    ON("affected -", "9", "", "libgit 2.43.0-1.el9", "git 2.43.0-1.el9");
    ON("-", "9", "", "git-core 2.43.0-1.el9", "git 2.43.0-1.el9");
    /* Said of the binary for one release only, and the source is affected in another: nobody is spared. */
    READ(FIXED(RHEL9, "git@2.43.5-1.el9_4?arch=src"),
         FIXED("o:redhat:enterprise_linux:9", "git@2.47.1-2.el9_6?arch=src"),
         DENIED("o:redhat:enterprise_linux:9", "git"));
    ON("affected 2.43.5-1.el9_4", "9", "", "git 2.43.0-1.el9_4");
    /* A product's own word against what is said of all its releases. */
    READ(AFFECTED("a:redhat:openshift:4", "podman?arch=src"), DENIED("a:redhat:openshift:4.18", "podman?arch=src"));
    ON("-", "9", "openshift:4.18::el9", "podman-docker 1-1.el9", "podman 1-1.el9");
    ON("affected -", "9", "openshift:4.17::el9", "podman-docker 1-1.el9", "podman 1-1.el9");
}

/* ---- modules ---- */

#define PYTHON "python39 3.9.20-1.module+el8.10.0+22342+478c159e"

static void test_modules_by_their_build(void **state)
{
    (void)state;
    READ(FIXED(RHEL8, "python39@3.9-8100020240826062204.d47b87a4?arch=src"));
    ON("affected python39:3.9:8100020240826062204", "8", "", PYTHON, NULL, "python39:3.9:8100020240701012345:d47b87a4");
    ON("-", "8", "", PYTHON, NULL, "python39:3.9:8100020240826062204:d47b87a4");
    /* Every package of the module; none of another stream or of none. */
    ON("affected python39:3.9:8100020240826062204", "8", "", "python39-lxml 4.6.5-1.module+el8.4.0+1+a",
       "python-lxml 4.6.5-1.module+el8.4.0+1+a", "python39:3.9:8090020231116010101:a75119d5");
    ON("-", "8", "", PYTHON, NULL, "python39:3.10:8090020231116010101:a75119d5");
    assert_int_equal(reasons.texts.n, 0);
    ON("-", "8", "", "python39 3.9.20-1.el8");
    assert_int_equal(reasons.texts.n, 0);
    /* Who doesn't say its build, or its module, is told that it was not judged. */
    ON("-", "8", "", PYTHON, NULL, "python39:3.9");
    assert_int_equal(reasons.texts.n, 1);
    assert_true(slice_find_slice(reasons.texts.v[0], SLICE("which build of python39:3.9")) > 0);
    ON("-", "8", "", PYTHON);
    assert_int_equal(reasons.texts.n, 1);
}

static void test_modules_in_all_spellings(void **state)
{
    (void)state;
    static const char *const purls[] = {
        "rpm/redhat/python39@3.9-8100020240826062204.d47b87a4?arch=src",
        "rpm/redhat/"
        "python39@3.9-8100020240826062204.d47b87a4?arch=src&epoch=0&rpmmod=python39:3.9:8100020240826062204:d47b87a4",
        "rpm/redhat/python39@3.9?rpmmod=python39:3.9:8100020240826062204:d47b87a4",
        "rpm/redhat/python39@3.9:8100020240826062204:d47b87a4",
        "rpmmod/redhat/python39@3.9%3A8100020240826062204%3Ad47b87a4",
        "rpmmod/redhat/python39@3.9-8100020240826062204.d47b87a4",
    };
    for (size_t i = 0; i < ARRAY_LEN(purls); i++) {
        READ({"fixed", RHEL8, purls[i]});
        if (known.n != 1)
            fail_msg("%s: %zu advisories", purls[i], known.n);
        ON("affected python39:3.9:8100020240826062204", "8", "", PYTHON, NULL,
           "python39:3.9:8100020240701012345:d47b87a4");
    }
    /* A stream with a hyphen, which its build system writes as '_': the label tells. */
    READ(FIXED(RHEL8, "virt@av_8.2-8100020240826062204.d47b87a4?rpmmod=virt:av-8.2:8100020240826062204:d47b87a4"));
    ON("affected virt:av-8.2:8100020240826062204", "8", "", "qemu-img 1-1.module+el8.10.0+1+a", NULL,
       "virt:av-8.2:8100020240701012345:d47b87a4");
}

static void test_modules_of_minor_releases(void **state)
{
    (void)state;
    READ(FIXED(RHEL8, "nodejs@18-8080020240301010101.63b34585?arch=src"),
         FIXED(RHEL8, "nodejs@18-8100020240416094130.489197e6?arch=src"));
    ON("affected nodejs:18:8080020240301010101", "8", "", "nodejs 1:18-1.module+el8.8.0+1+a", NULL,
       "nodejs:18:8080020240201010101:63b34585");
    ON("-", "8", "", "nodejs 1:18-1.module+el8.8.0+1+a", NULL, "nodejs:18:8080020240501010101:63b34585");
    ON("affected nodejs:18:8100020240416094130", "8", "", "nodejs 1:18-1.module+el8.9.0+1+a", NULL,
       "nodejs:18:8090020240501010101:a75119d5");
    ON("-", "8", "", "nodejs 1:18-1.module+el8.10.0+1+a", NULL, "nodejs:18:8100020240416094130:489197e6");
    /* A release without a fix in the same ecosystem, a package that is not affected, one with a fix of its own. */
    READ(FIXED(RHEL8, "nodejs@18-8100020240416094130.489197e6?arch=src"),
         AFFECTED("a:redhat:enterprise_linux:8", "nodejs?arch=src&rpmmod=nodejs:18"),
         DENIED(RHEL8, "nodejs-docs?rpmmod=nodejs:18"));
    ON("-", "8", "", "npm 1:10-1.18.module+el8.10.0+1+a", "nodejs 18-1.module+el8.10.0+1+a",
       "nodejs:18:8100020240501010101:489197e6");
    ON("-", "8", "", "nodejs-docs 1:18-1.module+el8.9.0+1+a", "nodejs 18-1.module+el8.9.0+1+a",
       "nodejs:18:8090020231116010101:a75119d5");
    ON("affected nodejs:18:8100020240416094130", "8", "", "npm 1:10-1.18.module+el8.9.0+1+a",
       "nodejs 18-1.module+el8.9.0+1+a", "nodejs:18:8090020231116010101:a75119d5");
    /* Where its packages are named, the module itself adds nothing. */
    READ(FIXED(RHEL8, "nodejs@18-8100020240416094130.489197e6?arch=src"),
         FIXED(RHEL8, "nodejs@18.20.2-1.module%2Bel8.10.0%2B2%2Bb?epoch=1&arch=x86_64&rpmmod=nodejs:18"));
    ON("affected 1:18.20.2-1.module+el8.10.0+2+b", "8", "", "nodejs 1:18.19.0-1.module+el8.9.0+1+a", NULL, "nodejs:18");
    assert_int_equal(reasons.texts.n, 0);
}

/* ---- products ---- */

static void test_products_that_hold_for_more(void **state)
{
    (void)state;
    READ(FIXED("a:redhat:openshift:4.18", "cri-o@1.31.5-4.rhaos4.18.git36fc5dc.el8?arch=src"),
         FIXED("a:redhat:openshift:4.18", "cri-o@1.31.5-5.rhaos4.18.git36fc5dc.el9?arch=src"));
    ON("affected 1.31.5-5.rhaos4.18.git36fc5dc.el9", "9", "openshift:4.18::el9",
       "cri-o 1.31.5-4.rhaos4.18.git36fc5dc.el9");
    ON("-", "9", "openshift:4.18::el9", "cri-o 1.31.5-5.rhaos4.18.git36fc5dc.el9");
    ON("-", "8", "openshift:4.18::el8", "cri-o 1.31.5-4.rhaos4.18.git36fc5dc.el8");
    ON("-", "9", "openshift:4.17::el9", "cri-o 1.31.5-4.rhaos4.17.git36fc5dc.el9");
    ON("-", "9", "", "cri-o 1.31.5-4.rhaos4.18.git36fc5dc.el9");
    /* The one with the system goes before the one without. */
    READ(FIXED("a:redhat:openshift:4.18::el9", "cri-o@1.31.5-5.rhaos4.18.el9?arch=src"),
         AFFECTED("a:redhat:openshift:4.18", "cri-o?arch=src"));
    ON("-", "9", "openshift:4.18::el9", "cri-o 1.31.5-5.rhaos4.18.el9");
    ON("affected 1.31.5-5.rhaos4.18.el9", "9", "openshift:4.18", "cri-o 1.31.5-4.rhaos4.18.el9");
    ON("affected -", "8", "openshift:4.18::el8", "cri-o 1.31.5-5.rhaos4.18.el8");
    static const char *const all[] = {
        "a:redhat:satellite:6.16", "a:redhat:satellite:6", "a:redhat:satellite:6.*", "a:redhat:satellite:*",
        "a:redhat:satellite:-",    "a:redhat:satellite",   "a:redhat:satellite:%02", "a:redhat:satellite:6.16::el8"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        READ({"known_affected", all[i], "rpm/redhat/foreman?arch=src"});
        ON("affected -", "8", "satellite:6.16::el8", "foreman-cli 3.12.0.1-1.el8sat", "foreman 3.12.0.1-1.el8sat");
        ON("-", "8", "", "foreman-cli 3.12.0.1-1.el8sat", "foreman 3.12.0.1-1.el8sat");
    }
    /* Of every release of the system itself. */
    READ(AFFECTED("o:redhat:enterprise_linux", "tar?arch=src"), FIXED(RHEL9, "tar@1.34-7.el9?arch=src&epoch=2"));
    ON("affected -", "8", "", "tar 2:1.30-9.el8");
    ON("-", "9", "", "tar 2:1.34-7.el9");
}

static void test_hardened_images(void **state)
{
    (void)state;
    READ(FIXED("a:redhat:hummingbird:1", "curl@8.19.0-3.hum1?arch=src&epoch=0"),
         FIXED("a:redhat:hummingbird:1", "libcurl@8.19.0-3.hum1?epoch=0"), AFFECTED(RHEL9, "curl?arch=src"));
    ON("affected 8.19.0-3.hum1", "hummingbird:1", "", "libcurl 8.19.0-2.hum1", "curl 8.19.0-2.hum1");
    ON("affected 8.19.0-3.hum1", "hummingbird:1", "", "curl 8.19.0-2.hum1");
    ON("-", "hummingbird:1", "", "libcurl 8.19.0-3.hum1", "curl 8.19.0-3.hum1");
}

static void test_container_images_are_counted(void **state)
{
    (void)state;
    READ({"fixed", "a:redhat:openshift:4.16::el9",
          "oci/ose-console-rhel9@sha256%3Afb32?arch=amd64&repository_url=registry.redhat.io/openshift4"},
         {"known_affected", "a:redhat:openshift:4",
          "oci/ose-console-rhel9?repository_url=registry.redhat.io/openshift4"},
         AFFECTED(RHEL9, "golang?arch=src"));
    assert_int_equal(stats.containers, 2);
    assert_int_equal(known.n, 1);
}

static void test_a_vector_is_told_once(void **state)
{
    (void)state;
    more = ",\"scores\":[{\"cvss_v3\":{\"vectorString\":\"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H\"},"
           "\"products\":[\"0\"]},{\"cvss_v3\":{\"vectorString\":\"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H\"},"
           "\"products\":[\"1\"]}]";
    READ(FIXED(RHEL9, "perl@5.32.1-481.el9?epoch=4&arch=src"), FIXED(RHEL9, "perl-libs@5.32.1-481.el9?epoch=4"));
    more = "";
    ON("affected 4:5.32.1-481.el9", "9", "", "perl-libs 4:5.32.1-480.el9", "perl 5.32.1-480.el9");
    assert_int_equal(found.v[0].sources.n, 1);
    assert_int_equal(found.v[0].scores.n, 1);
    assert_int_equal(vectors, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        TEST(test_a_build_is_judged_by_its_own_release),
        TEST(test_releases_of_kernels_modules_and_older_systems),
        TEST(test_longer_supported_releases_on_a_plain_system),
        TEST(test_extended_life_is_the_plain_systems_word),
        TEST(test_without_an_architecture_it_is_the_source),
        TEST(test_a_fix_goes_before_a_release_without_one),
        TEST(test_a_binary_that_moved_to_another_source),
        TEST(test_not_affected_of_binaries_and_sources),
        TEST(test_modules_by_their_build),
        TEST(test_modules_in_all_spellings),
        TEST(test_modules_of_minor_releases),
        TEST(test_products_that_hold_for_more),
        TEST(test_hardened_images),
        TEST(test_container_images_are_counted),
        TEST(test_a_vector_is_told_once),
    };
    return cmocka_run_group_tests_name("redhat_vex", tests, NULL, NULL);
}
