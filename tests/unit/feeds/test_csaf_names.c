/* SPDX-License-Identifier: Apache-2.0 */
/* CSAF whose products are named by what they are: SUSE's VEX and openEuler's documents. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/formats/csaf/csaf_documents.h"
#include "unit/feeds_support.h"

static int documents(struct feed_reading *r, struct err *e)
{
    const uint8_t *p;
    size_t n;
    int rc = r->source.read(r->source.arg, &p, &n, e);
    struct slice rest = slice_of(p, n), one;
    while (!rc && slice_take_line(&rest, &one))
        rc = csaf_names_document(r, SLICE("a/made"), one, e);
    return rc;
}

static const struct feed suse = {.name = "suse-vex", .ecosystem = "SUSE", .parse = documents},
                         opensuse = {.name = "opensuse-vex", .ecosystem = "openSUSE", .parse = documents},
                         openeuler = {.name = "openeuler-csaf", .ecosystem = "openEuler", .parse = documents};

/* A package as a part of a platform, and the status that it has there; NULL: none. */
struct part {
    const char *platform, *package, *status;
};

static void add_products(struct buf *out, const struct part *parts, size_t n, const char *status)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        if (parts[i].status && !strcmp(parts[i].status, status)) {
            buf_addf(out, "%s\"%s:%s\"", any ? "," : "", parts[i].platform, parts[i].package);
            any = true;
        }
}

static void add_document(struct buf *out, const struct part *parts, size_t n, const char *rest)
{
    static const char *const statuses[] = {"fixed", "recommended", "known_affected", "known_not_affected",
                                           "under_investigation"};
    buf_addf(out, "{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"CVE-2024-0001\"}},\"product_tree\":{"
                  "\"branches\":[");
    for (size_t i = 0; i < 2 * n; i++) {
        const char *id = i < n ? parts[i].platform : parts[i - n].package;
        buf_addf(out, "%s{\"product\":{\"name\":\"%s\",\"product_id\":\"%s\"}}", i ? "," : "", id, id);
    }
    buf_addf(out, "],\"relationships\":[");
    for (size_t i = 0; i < n; i++)
        buf_addf(out,
                 "{\"full_product_name\":{\"product_id\":\"%s:%s\"},\"product_reference\":\"%s\","
                 "\"relates_to_product_reference\":\"%s\"},", /* openEuler's comma behind the last one */
                 parts[i].platform, parts[i].package, parts[i].package, parts[i].platform);
    buf_addf(out,
             "]},\"vulnerabilities\":[{\"cve\":\"CVE-2024-0001\",\"title\":\"CVE-2024-0001\",%s\"product_status\":{",
             rest);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        buf_addf(out, "%s\"%s\":[", i ? "," : "", statuses[i]);
        add_products(out, parts, n, statuses[i]);
        buf_addf(out, "]");
    }
    buf_addf(out, "}}]}");
}

static void expect(const struct feed *f, const struct part *parts, size_t n, const char *vulnerability,
                   const char *expected)
{
    struct told t;
    struct buf text = BUF_INIT(1 << 16);
    add_document(&text, parts, n, vulnerability);
    if (told_parse(&t, f, buf_slice(&text)))
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
    buf_done(&text);
}

static void expect_refused(const struct feed *f, struct slice text, const char *reason)
{
    struct told t;
    assert_int_equal(told_parse(&t, f, text), -1);
    assert_int_equal(t.err.kind, ERR_POISON);
    if (!strstr(t.err.text, reason))
        fail_msg("'%s' does not say '%s'", t.err.text, reason);
    told_done(&t);
}

static void expect_document_refused(const struct feed *f, const struct part *parts, size_t n, const char *vulnerability,
                                    const char *reason)
{
    struct buf text = BUF_INIT(1 << 16);
    add_document(&text, parts, n, vulnerability);
    expect_refused(f, buf_slice(&text), reason);
    buf_done(&text);
}

#define BASE       "SUSE Linux Enterprise Module for Basesystem 15 SP5"
#define LTSS       "SUSE Linux Enterprise Server 15 SP4-LTSS"
#define HPC        "SUSE Linux Enterprise High Performance Computing 15 SP4-ESPOS"
#define MICRO      "SUSE Linux Enterprise Micro 6.0"
#define SAP        "SUSE Linux Enterprise Server for SAP Applications 15 SP5"
#define TUMBLEWEED "openSUSE Tumbleweed"

static const struct part suse_parts[] = {
    {BASE, "samba-4.17-150500.1.1", "recommended"},
    {BASE, "samba-debuginfo-4.17-150500.1.1", "recommended"},
    {BASE, "samba-libs", "known_not_affected"},
    {BASE, "java-1_8_0-openjdk", "known_affected"},
    {BASE, "samba", "known_affected"},
    {LTSS, "samba-4.15-150400.2.1", "recommended"},
    {HPC, "samba-4.15-150400.2.1", "recommended"},
    {MICRO, "samba", "known_not_affected"},
    {MICRO, "java-1_8_0-openjdk", "known_not_affected"},
    {MICRO, "samba-libs", "under_investigation"},
    {SAP, "samba-libs", "known_affected"},
    {TUMBLEWEED, "samba-4.17-150500.1.1", "recommended"},
    {TUMBLEWEED, "samba-libs", "known_not_affected"},
};
#define SUSE_PARTS suse_parts, ARRAY_LEN(suse_parts)
#define MODERATE   "\"threats\":[{\"category\":\"impact\",\"details\":\"moderate\"}],"

/* LTSS and ESPOS are one fix for subscribers; samba has a fix in SP5, so nothing else is told of it there. */
static void test_suse(void **state)
{
    (void)state;
    expect(&suse, SUSE_PARTS, MODERATE,
           "A SUSE:Linux Enterprise Server 15 SP5|java-1_8_0-openjdk|VEX/CVE-2024-0001 affected [0,) "
           "cves=CVE-2024-0001 severity=moderate\n"
           "A SUSE:Linux Enterprise Server 15 SP5|samba-libs|VEX/CVE-2024-0001 not_affected cves=CVE-2024-0001 binary "
           "severity=moderate\n"
           "A SUSE:Linux Micro 6.0|java-1_8_0-openjdk|VEX/CVE-2024-0001 not_affected cves=CVE-2024-0001 binary "
           "severity=moderate\n"
           "A SUSE:Linux Micro 6.0|samba|VEX/CVE-2024-0001 not_affected cves=CVE-2024-0001 binary severity=moderate\n"
           "A SUSE:Linux Micro 6.0|samba-libs|VEX/CVE-2024-0001 under_investigation cves=CVE-2024-0001 "
           "severity=moderate\n"
           "A SUSE:Linux Enterprise Server 15 SP4-LTSS|samba|VEX/CVE-2024-0001 affected [0,4.15-150400.2.1) "
           "cves=CVE-2024-0001 binary severity=moderate\n"
           "A SUSE:Linux Enterprise Server 15 SP5|samba|VEX/CVE-2024-0001 affected [0,4.17-150500.1.1) "
           "cves=CVE-2024-0001 binary severity=moderate\n"
           "V CVE-2024-0001\n");
    expect(&opensuse, SUSE_PARTS, MODERATE,
           "A openSUSE:Tumbleweed|samba-libs|VEX/CVE-2024-0001 not_affected cves=CVE-2024-0001 binary "
           "severity=moderate\n"
           "A openSUSE:Tumbleweed|samba|VEX/CVE-2024-0001 affected [0,4.17-150500.1.1) cves=CVE-2024-0001 binary "
           "severity=moderate\n"
           "V CVE-2024-0001\n");
}

/* What is only "not affected" in a system is kept where another system's package of the name is found, for its source.
 */
static void test_not_affected(void **state)
{
    (void)state;
    static const struct part parts[] = {
        {BASE, "samba", "known_affected"},
        {MICRO, "samba", "known_not_affected"},
        {MICRO, "java-1_8_0-openjdk", "known_not_affected"},
    };
    expect(&suse, parts, ARRAY_LEN(parts),
           "\"remediations\":[{\"category\":\"no_fix_planned\",\"product_ids\":[\"" BASE ":samba\"]}],",
           "A SUSE:Linux Enterprise Server 15 SP5|samba|VEX/CVE-2024-0001 wont_fix cves=CVE-2024-0001\n"
           "A SUSE:Linux Micro 6.0|samba|VEX/CVE-2024-0001 not_affected cves=CVE-2024-0001\n"
           "V CVE-2024-0001\n");
    expect_document_refused(&suse, &parts[1], 2, "", "hold no record");
}

#define E22 "openEuler-22.03-LTS-SP3"
#define E24 "openEuler-24.03-LTS"

static const struct part euler_parts[] = {
    {E22, "vim-9.0-33.oe2203sp3.src.rpm", "fixed"},
    {E22, "vim-X11-9.0-33.oe2203sp3.x86_64.rpm", "fixed"},
    {E22, "vim-X11-9.0-33.oe2203sp3.aarch64.rpm", "fixed"},
    {E22, "vim-debuginfo-9.0-33.oe2203sp3.aarch64.rpm", "fixed"},
    {E22, "vim-fs-9.0-33.oe2203sp3.noarch.rpm", "fixed"},
    {E24, "perf-6.6-1.oe2403.x86_64.rpm", "fixed"},
    {E24, "perf-6.6-1.oe2403.src.rpm", "fixed"},
};

/* Two notices; a source whose name no package has, and one that a package has. */
static void test_openeuler(void **state)
{
    (void)state;
    static const char said[] =
        "\"remediations\":[{\"category\":\"vendor_fix\",\"url\":\"https://www.openeuler.org/?id=openEuler-SA-2024-2\"},"
        "{\"category\":\"vendor_fix\",\"url\":\"https://www.openeuler.org/?id=openEuler-SA-2024-1\","
        "\"product_ids\":[\"" E24 ":perf-6.6-1.oe2403.x86_64.rpm\",]},],";
    expect(&openeuler, euler_parts, ARRAY_LEN(euler_parts), said,
           "A openEuler:24.03-LTS|perf|openEuler-SA-2024-1/CVE-2024-0001 affected [0,6.6-1.oe2403) "
           "cves=CVE-2024-0001 binary arch=x86_64 fix=openEuler-SA-2024-1\n"
           "A openEuler:22.03-LTS-SP3|vim-X11|openEuler-SA-2024-2/CVE-2024-0001 affected [0,9.0-33.oe2203sp3) "
           "cves=CVE-2024-0001 binary arch=aarch64,x86_64 fix=openEuler-SA-2024-2\n"
           "A openEuler:22.03-LTS-SP3|vim-fs|openEuler-SA-2024-2/CVE-2024-0001 affected [0,9.0-33.oe2203sp3) "
           "cves=CVE-2024-0001 binary fix=openEuler-SA-2024-2\n"
           "A openEuler:22.03-LTS-SP3|vim|openEuler-SA-2024-2/CVE-2024-0001/src affected [0,9.0-33.oe2203sp3) "
           "cves=CVE-2024-0001 fix=openEuler-SA-2024-2\n"
           "V CVE-2024-0001\n");
}

static void test_breaks(void **state)
{
    (void)state;
    expect_refused(&suse, SLICE("{\"document\":{\"category\":\"csaf_base\",\"tracking\":{\"id\":\"x\"}}}"),
                   "made: not a VEX document");
    expect_refused(&suse, SLICE("{\"document\":"), "made: not JSON");
    static const struct part bad = {BASE, "samba", "fixed"};
    expect_document_refused(&suse, &bad, 1, "", "a fix that is no package with a version");
    expect_refused(
        &suse, SLICE("{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"X\"}},\"vulnerabilities\":[{}]}"),
        "X: a vulnerability without a CVE");
    /* A number that SUSE knows and has nothing to say about is no broken document. */
    expect_refused(&suse, SLICE("{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"CVE-1999-0003\"}}}"),
                   "1 documents hold no record");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suse),
        cmocka_unit_test(test_not_affected),
        cmocka_unit_test(test_openeuler),
        cmocka_unit_test(test_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
