/* SPDX-License-Identifier: Apache-2.0 */
#include "images/sbom/cyclonedx_read.h"
#include "reports/report_format.h"

#include "model/distro/distro.h"
#include "model/purl.h"
#include "model/software.h"
#include "unit/fixture.h"

#include <jansson.h>
#include <setjmp.h>
#include <cmocka.h>

static struct arena arena = {.max = (size_t)64 << 20};

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static int cyclonedx_write(const struct inventory *inventory, struct buf *b, struct err *e)
{
    const struct assessed_image image = {.inventory = *inventory};
    struct report_out out = {.buf = b};
    struct err ignored = ERR_INIT;
    return report_write(report_format_by_name(REPORT_PACKAGES, SLICE("cyclonedx")), REPORT_PACKAGES, &image, &out,
                        e ? e : &ignored);
}

static struct inventory read_text(const char *json)
{
    struct inventory inv;
    struct err e = ERR_INIT;
    if (cyclonedx_read(slice_str(json), &arena, &inv, &e))
        fail_msg("%s", e.text);
    assert_int_equal(inv.parts, 1);
    return inv;
}

static void assert_reason(const struct inventory *inv, const char *want)
{
    for (size_t i = 0; i < inv->reasons.texts.n; i++)
        if (slice_eq_str(inv->reasons.texts.v[i], want))
            return;
    for (size_t i = 0; i < inv->reasons.texts.n; i++)
        print_error("%.*s\n", SLICE_FMT(inv->reasons.texts.v[i]));
    fail_msg("no reason is \"%s\"", want);
}

#define HEAD(v) "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"" v "\","

static struct inventory sample(void)
{
    static struct package packages[2];
    static struct slice layers[] = {{(const uint8_t *)"sha256:00", 9}, {(const uint8_t *)"sha256:01", 9}},
                        reasons[] = {{(const uint8_t *)"layer \"x\": cut", 14}}, codes[1];
    struct inventory inv = {.image_digest = SLICE("sha256:abc"), .status = INVENTORY_PARTIAL, .parts = 1};
    const struct fact facts[] = {{SLICE("ID"), SLICE("debian")},
                                 {SLICE("VERSION_ID"), SLICE("12")},
                                 {SLICE("VERSION_CODENAME"), SLICE("bookworm")},
                                 {SLICE("PRETTY_NAME"), SLICE("Debian GNU/Linux 12 (bookworm)")}};
    distro_identify(facts, ARRAY_LEN(facts), &arena, &inv.os);
    packages[0] = (struct package){.type = PKG_DPKG,
                                   .name = SLICE("libstdc++6"),
                                   .version = SLICE("12.2.0-14+b1"),
                                   .architecture = SLICE("amd64"),
                                   .source_name = SLICE("gcc-12"),
                                   .source_version = SLICE("12.2.0-14"),
                                   .location = SLICE("var/lib/dpkg/status"),
                                   .layer = SLICE("sha256:01")};
    packages[1] = (struct package){.type = PKG_DPKG,
                                   .name = SLICE("zlib1g"),
                                   .version = SLICE("1:1.2.13.dfsg-1"),
                                   .architecture = SLICE("amd64"),
                                   .source_name = SLICE("zlib"),
                                   .location = SLICE("var/lib/dpkg/status"),
                                   .layer = SLICE("sha256:00")};
    for (int i = 0; i < 2; i++)
        packages[i].purl = purl_of_package(&packages[i], &inv.os, &arena);
    packages[1].not_judged = reason_make(REASON_BUILT_LOCALLY, SLICE("its version says that it was built locally"));
    packages[1].vendor = SLICE("A shop");
    slice_vec_add(&arena, &inv.os.products, SLICE("a:1"));
    slice_vec_add(&arena, &inv.os.products, SLICE("b:2"));
    inv.os.end_of_life = SLICE("2028-06-30");
    reasons_add(&arena, &inv.notes, REASON_FEEDS_OLD, SLICE("said"));
    unread_add(&arena, &inv.unread, SLICE("java"), 3, SLICE("app/a b.jar"));
    unread_add(&arena, &inv.unread, SLICE("nodejs"), 1200, SLICE_NONE);
    inv.unread.v[1].at_least = true;
    inv.packages.v = packages;
    inv.packages.n = inv.packages.cap = 2;
    inv.layers.v = layers;
    inv.layers.n = inv.layers.cap = 2;
    codes[0] = reason_word(REASON_LAYER_BROKEN);
    inv.reasons = (struct reasons){.texts = {reasons, 1, 1}, .codes = {codes, 1, 1}};
    return inv;
}

static void assert_same_package(const struct package *a, const struct package *b)
{
    const struct slice x[] = {a->name,           a->version, a->architecture, a->source_name,
                              a->source_version, a->purl,    a->location,     a->layer};
    const struct slice y[] = {b->name,           b->version, b->architecture, b->source_name,
                              b->source_version, b->purl,    b->location,     b->layer};
    assert_int_equal(a->type, b->type);
    for (size_t i = 0; i < ARRAY_LEN(x); i++)
        if (!slice_eq(x[i], y[i]))
            fail_msg("field %zu: %.*s and %.*s", i, SLICE_FMT(x[i]), SLICE_FMT(y[i]));
}

static void test_there_and_back(void **state)
{
    (void)state;
    struct inventory inv = sample(), back;
    struct buf once = BUF_INIT(1 << 20), twice = BUF_INIT(1 << 20), small = BUF_INIT(100);
    struct err e = ERR_INIT;
    assert_int_equal(cyclonedx_write(&inv, &once, &e), 0);
    assert_int_equal(cyclonedx_read(buf_slice(&once), &arena, &back, &e), 0);
    assert_true(slice_eq(back.image_digest, inv.image_digest));
    assert_int_equal(back.status, INVENTORY_PARTIAL);
    assert_int_equal(back.reasons.texts.n, 1);
    assert_true(slice_eq(reasons_text(&back.reasons, REASON_LAYER_BROKEN), inv.reasons.texts.v[0]));
    assert_true(slice_eq_str(reasons_text(&back.notes, REASON_FEEDS_OLD), "said"));
    assert_int_equal(reason_code(back.packages.v[1].not_judged), REASON_BUILT_LOCALLY);
    assert_int_equal(back.layers.n, 2);
    assert_true(slice_eq_str(back.os.ecosystem, "Debian:12"));
    assert_true(slice_eq(back.os.name, inv.os.name) && slice_eq(back.os.codename, inv.os.codename));
    assert_true(slice_eq_str(unread_text(&back.unread, true, &arena),
                             "3 Java archives (app/a b.jar …), at least 1200 Node.js packages"));
    assert_int_equal(back.packages.n, 2);
    for (size_t i = 0; i < 2; i++)
        assert_same_package(&back.packages.v[i], &inv.packages.v[i]);
    assert_int_equal(cyclonedx_write(&back, &twice, &e), 0);
    assert_true(slice_eq(buf_slice(&once), buf_slice(&twice)));
    assert_true(cyclonedx_write(&inv, &small, &e) < 0);
    assert_int_equal(e.kind, ERR_PARTIAL);
    buf_done(&once);
    buf_done(&twice);
    buf_done(&small);
}

/* The shape that the specification asks for. */
static void test_shape(void **state)
{
    (void)state;
    struct inventory inv = sample();
    struct buf b = BUF_INIT(1 << 20);
    assert_int_equal(cyclonedx_write(&inv, &b, NULL), 0);
    json_t *root = json_loadb((const char *)b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "specVersion")), "1.6");
    assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
    const json_t *components = json_object_get(root, "components");
    assert_int_equal(json_array_size(components), 3);
    const json_t *os = json_array_get(components, 0), *first = json_array_get(components, 1);
    assert_string_equal(json_string_value(json_object_get(os, "type")), "operating-system");
    assert_string_equal(json_string_value(json_object_get(os, "version")), "12");
    assert_string_equal(json_string_value(json_object_get(first, "type")), "library");
    assert_string_equal(
        json_string_value(json_object_get(first, "purl")),
        "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bb1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14");
    json_decref(root);
    buf_done(&b);
    /* Nothing to tell is a document too. */
    struct inventory none = {.os = {.name = SLICE("no operating system")}}, back;
    assert_int_equal(cyclonedx_write(&none, &b, NULL), 0);
    assert_int_equal(cyclonedx_read(buf_slice(&b), &arena, &back, NULL), 0);
    assert_int_equal(back.status, INVENTORY_COMPLETE);
    assert_true(slice_eq_str(back.os.name, "no operating system"));
    assert_int_equal(back.packages.n, 0);
    buf_done(&b);
}

static void test_versions(void **state)
{
    (void)state;
    static const char *const versions[] = {"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"};
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        char *json ATTR_CLEANUP(cleanup_free) = xasprintf(
            "\xef\xbb\xbf{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"%s\",\"components\":[{\"type\":\"library\","
            "\"name\":\"zlib\",\"purl\":\"pkg:apk/alpine/zlib@1.3.1-r1?arch=x86_64&distro=alpine-3.20.3\"}]}",
            versions[i]);
        struct inventory inv = read_text(json);
        assert_int_equal(inv.status, INVENTORY_COMPLETE);
        assert_int_equal(inv.packages.n, 1);
        assert_int_equal(inv.packages.v[0].type, PKG_APK);
        assert_true(slice_eq_str(inv.os.ecosystem, "Alpine:v3.20"));
        assert_true(slice_eq_str(inv.os.id, "alpine"));
    }
    struct inventory inv = read_text(HEAD("1.8") "\"components\":[]}");
    assert_int_equal(inv.status, INVENTORY_PARTIAL);
    assert_reason(&inv, "the document is CycloneDX 1.8 and was read as 1.7");
}

static void test_what_can_not_be_used(void **state)
{
    (void)state;
    struct inventory inv = read_text(fixture("reports/cyclonedx/what-can-not-be-used.json"));
    assert_int_equal(inv.status, INVENTORY_PARTIAL);
    assert_true(slice_eq_str(inv.image_digest, "sha256:0123"));
    assert_true(slice_eq_str(inv.os.ecosystem, "Ubuntu:22.04:LTS"));
    assert_int_equal(inv.packages.n, 4);
    assert_true(slice_eq_str(inv.packages.v[0].name, "bash") && slice_eq_str(inv.packages.v[0].version, "5"));
    assert_true(slice_eq_str(inv.packages.v[1].name, "tar"));
    assert_true(inv.packages.v[2].type == PKG_NPM && slice_eq_str(inv.packages.v[2].name, "b"));
    assert_true(slice_eq_str(inv.packages.v[3].name, "left-pad") && inv.unread.n == 0);
    assert_reason(&inv, "1 component left out (packages of kind huggingface are not read); the first is model");
    assert_reason(&inv, "1 component left out (no package URL); the first is nameless");
    assert_reason(&inv, "1 component left out (not a package URL); the first is odd");
    assert_reason(&inv, "1 component left out (no version); the first is young");
    assert_reason(&inv, "1 component left out (no object); the first is one without a name");
    assert_reason(&inv, "1 component left out (of another system than Ubuntu:22.04:LTS); the first is "
                        "pkg:deb/debian/alien@1?distro=debian-12");
    assert_int_equal(inv.reasons.texts.n, 6);
}

static void test_systems(void **state)
{
    (void)state;
    /* No operating-system component: the distro qualifier. */
    struct inventory inv = read_text(
        HEAD("1.4") "\"components\":[{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:deb/debian/a@1\"},"
                    "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:deb/debian/b@1?distro=bookworm\"}]}");
    assert_true(slice_eq_str(inv.os.ecosystem, "Debian:12"));
    assert_int_equal(inv.packages.n, 2);
    /* A derivative whose component does not say what it derives from. */
    inv = read_text(
        HEAD("1.4") "\"components\":[{\"type\":\"operating-system\",\"name\":\"linuxmint\",\"version\":\"21\"},"
                    "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:deb/ubuntu/b@1?distro=jammy\"}]}");
    assert_true(slice_eq_str(inv.os.id, "linuxmint"));
    assert_true(slice_eq_str(inv.os.ecosystem, "Ubuntu:22.04:LTS"));
    assert_int_equal(inv.packages.n, 1);
    inv = read_text(HEAD("1.6") "\"metadata\":{\"component\":{\"type\":\"operating-system\",\"name\":\"Alpine\","
                                "\"version\":\"3.19.1\"}},\"components\":[]}");
    assert_true(slice_eq_str(inv.os.ecosystem, "Alpine:v3.19"));
    inv = read_text(HEAD("1.6") "\"components\":[]}");
    assert_int_equal(inv.os.id.n, 0);
    assert_int_equal(inv.status, INVENTORY_PARTIAL);
    assert_reason(&inv, "it names no packages");
    inv =
        read_text(HEAD("1.6") "\"components\":[{\"type\":\"operating-system\",\"name\":\"debian\",\"version\":\"12\"},"
                              "{\"type\":\"file\",\"name\":\"/bin/a\"}]}");
    assert_true(slice_eq_str(inv.os.ecosystem, "Debian:12"));
    assert_reason(&inv, "it names no packages");
    /* Our own document of an image with a system, emptied by somebody: only one without a system may be empty. */
    inv = read_text(HEAD("1.6") "\"metadata\":{\"properties\":[{\"name\":\"careen:status\",\"value\":\"complete\"}]},"
                                "\"components\":[]}");
    assert_reason(&inv, "it names no packages");
    /* A release that nobody knows: the document's words, not those of files. */
    inv = read_text(HEAD("1.6") "\"components\":[{\"type\":\"operating-system\",\"name\":\"debian\",\"version\":\"x\"},"
                                "{\"purl\":\"pkg:deb/debian/a@1\"}]}");
    assert_int_equal(inv.notes.texts.n, 1);
    assert_true(slice_eq_str(inv.notes.texts.v[0],
                             "no advisories for debian x: the document names no release of it that is known"));
    /* Nothing but what is not judged yet. */
    inv = read_text(HEAD("1.6") "\"components\":[{\"name\":\"a\",\"purl\":\"pkg:cocoapods/a@1\"}]}");
    assert_int_equal(inv.status, INVENTORY_PARTIAL);
    assert_reason(&inv, "no component of it is of a kind that can be judged");
    /* Order and repeats. */
    inv = read_text(HEAD("1.6") "\"components\":[{\"purl\":\"pkg:deb/debian/b@1?distro=debian-12\"},"
                                "{\"purl\":\"pkg:deb/debian/a@1?distro=debian-12\"},"
                                "{\"purl\":\"pkg:deb/debian/b@1?distro=debian-12\"}]}");
    assert_int_equal(inv.packages.n, 2);
    assert_true(slice_eq_str(inv.packages.v[0].name, "a"));
}

#define PURL_OF(text) "{\"type\":\"library\",\"purl\":\"" text "\"}"

/* Packages of any number of ecosystems, and no system. */
static void test_libraries(void **state)
{
    (void)state;
    struct inventory inv = read_text(HEAD("1.6") "\"components\":[" PURL_OF("pkg:npm/%40angular/core@17.0.1") "," PURL_OF(
        "pkg:"
        "maven/"
        "org."
        "slf4j/"
        "slf4j-"
        "api@2.0."
        "9?type="
        "jar") "," PURL_OF("pkg:maven/org.other/slf4j-api@2.0.9") "," PURL_OF("pkg:golang/github.com/Masterminds/"
                                                                              "goutils@v1.1.0#sub/"
                                                                              "dir") "," PURL_OF("pkg:pypi/"
                                                                                                 "x?vcs_url=git%"
                                                                                                 "2Bhttps://h/"
                                                                                                 "x%40c") "," PURL_OF("pkg:conda/"
                                                                                                                      "numpy@1.26") "," PURL_OF("pkg:gem/rack@2.2.3?platform=java") "]}");
    assert_int_equal(inv.packages.n, 7);
    assert_int_equal(inv.status, INVENTORY_COMPLETE);
    assert_int_equal(inv.unread.n + inv.os.id.n + inv.os.ecosystem.n, 0);
    const struct package *p = inv.packages.v;
    assert_true(p[0].type == PKG_PYPI && !p[0].version.n && reason_code(p[0].not_judged) == REASON_VERSION_UNKNOWN);
    assert_true(slice_eq_str(p[0].origin, "git+https://h/x@c"));
    assert_true(p[1].type == PKG_NPM && slice_eq_str(p[1].ns, "@angular") && slice_eq_str(p[1].name, "core"));
    assert_true(p[2].type == PKG_MAVEN && slice_eq_str(p[2].ns, "org.other"));
    assert_true(slice_eq_str(p[3].ns, "org.slf4j") && slice_eq_str(p[3].version, "2.0.9"));
    assert_true(p[4].type == PKG_GOLANG && slice_eq_str(p[4].name, "github.com/Masterminds/goutils") && !p[4].ns.n);
    assert_true(p[5].type == PKG_GEM && slice_eq_str(p[5].name, "rack"));
    assert_true(p[6].type == PKG_CONDA && reason_code(p[6].not_judged) == REASON_NOBODY_PUBLISHES);
    assert_true(slice_eq_str(reasons_text(&inv.notes, REASON_PACKAGES_NOT_JUDGED),
                             "2 packages are not judged; the first is x: the document names no version of it"));
}

/* What a document of our own says of a library comes back. */
static void test_libraries_there_and_back(void **state)
{
    (void)state;
    struct package packages[] = {
        {.type = PKG_PYPI,
         .name = SLICE("Typing_Extensions"),
         .version = SLICE("4.0"),
         .scope = SCOPE_OPTIONAL,
         .certainty = CERTAINTY_DECLARED,
         .location = SLICE("srv/x"),
         .evidence = SLICE("python-dist-info"),
         .parent = SLICE("pip"),
         .why = SLICE("a manifest asks for it"),
         .owner = SLICE("python3-pip")},
        {.type = PKG_NPM,
         .ns = SLICE("@a"),
         .name = SLICE("JSONStream"),
         .version = SLICE("1.0.0"),
         .origin = SLICE("git+https://h/x@c"),
         .certainty = CERTAINTY_INSTALLED},
        {.type = PKG_GOLANG, .name = SLICE("github.com/Masterminds/goutils"), .version = SLICE("v1.1.0")},
    };
    struct inventory inv = {.packages = {packages, ARRAY_LEN(packages), ARRAY_LEN(packages)}, .parts = 1}, back;
    struct buf once = BUF_INIT(1 << 20), twice = BUF_INIT(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(packages); i++)
        packages[i].purl = purl_of_package(&packages[i], &inv.os, &arena);
    assert_true(slice_eq_str(packages[0].purl, "pkg:pypi/typing-extensions@4.0"));
    assert_true(slice_eq_str(packages[1].purl, "pkg:npm/%40a/JSONStream@1.0.0?vcs_url=git%2Bhttps:%2F%2Fh%2Fx%40c"));
    assert_int_equal(cyclonedx_write(&inv, &once, NULL), 0);
    assert_int_equal(cyclonedx_read(buf_slice(&once), &arena, &back, NULL), 0);
    assert_int_equal(back.packages.n, ARRAY_LEN(packages));
    for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
        const struct package *a = &packages[i], *b = &back.packages.v[i];
        assert_same_package(a, b);
        assert_true(a->scope == b->scope && a->certainty == b->certainty && slice_eq(a->ns, b->ns));
        assert_true(slice_eq(a->parent, b->parent) && slice_eq(a->why, b->why) && slice_eq(a->owner, b->owner));
        assert_true(slice_eq(a->origin, b->origin) && slice_eq(a->evidence, b->evidence));
    }
    assert_int_equal(cyclonedx_write(&back, &twice, NULL), 0);
    assert_true(slice_eq(buf_slice(&once), buf_slice(&twice)));
    buf_done(&once);
    buf_done(&twice);
}

/* Operating-system components as their producers spell them. */
static void test_named_systems(void **state)
{
    (void)state;
    static const struct {
        const char *component, *ecosystem;
    } cases[] = {
        /* Trivy's families and names */
        {"'name':'debian','version':'12.1'", "Debian:12"},
        {"'name':'redhat','version':'8.7'", "Red Hat:8"},
        {"'name':'alma','version':'9.3'", "AlmaLinux:9"},
        {"'name':'oracle','version':'8.8'", "Oracle Linux:8"},
        {"'name':'amazon','version':'2 (Karoo)'", "Amazon Linux:2"},
        {"'name':'amazon','version':'AMI release 2018.03'", "Amazon Linux:1"},
        {"'name':'cbl-mariner','version':'2.0.20220527'", "Azure Linux:2"},
        {"'name':'opensuse.leap','version':'15.5'", "openSUSE:Leap 15.5"},
        {"'name':'opensuse.tumbleweed','version':'20240112'", "openSUSE:Tumbleweed"},
        {"'name':'suse linux enterprise server','version':'15.4'", "SUSE:Linux Enterprise Server 15 SP4"},
        {"'name':'slem','version':'5.5'", "SUSE:Linux Enterprise Micro 5.5"},
        {"'name':'photon','version':'4.0'", "Photon OS:4.0"},
        /* in words, as Docker Scout, cdxgen and others do */
        {"'name':'Ubuntu','version':'22.04.5 LTS'", "Ubuntu:22.04:LTS"},
        {"'name':'Ubuntu','version':'jammy'", "Ubuntu:22.04:LTS"},
        {"'name':'Debian GNU/Linux','version':'12 (bookworm)'", "Debian:12"},
        {"'name':'Debian GNU/Linux 12 (bookworm)'", "Debian:12"},
        {"'name':'debian','version':'trixie/sid'", "Debian:13"},
        {"'name':'Alpine Linux','version':'v3.20'", "Alpine:v3.20"},
        {"'name':'alpine','version':'edge'", "Alpine:edge"},
        {"'name':'Red Hat Enterprise Linux','version':'9.2 (Plow)'", "Red Hat:9"},
        {"'name':'Oracle Linux Server','version':'9.4'", "Oracle Linux:9"},
        {"'name':'Amazon Linux','version':'2'", "Amazon Linux:2"},
        {"'name':'openEuler','version':'22.03 (LTS-SP4)'", "openEuler:22.03-LTS-SP4"},
        /* Syft's, with properties */
        {"'name':'linuxmint','version':'21.3','properties':[{'name':'syft:distro:idLike:0','value':'ubuntu debian'},"
         "{'name':'syft:distro:versionCodename','value':'virginia'}]",
         ""},
        /* by the CPE, where the name says nothing or no release */
        {"'name':'os','cpe':'cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*'", "Debian:12"},
        {"'name':'image','version':'7','cpe':'cpe:/o:canonical:ubuntu_linux:22.04'", "Ubuntu:22.04:LTS"},
        {"'name':'rhel','cpe':'cpe:/o:redhat:enterprise_linux:9::baseos'", "Red Hat:9"},
        {"'name':'?','cpe':'cpe:2.3:o:suse:sles:15:sp4:*:*:*:*:*:*'", "SUSE:Linux Enterprise Server 15 SP4"},
        {"'name':'?','cpe':'cpe:2.3:o:oracle:linux:8:*:*:*:*:*:*:*'", "Oracle Linux:8"},
        {"'name':'?','cpe':'cpe:2.3:o:opensuse:leap:15.5:*:*:*:*:*:*:*'", "openSUSE:Leap 15.5"},
        {"'name':'?','cpe':'cpe:2.3:a:debian:debian_linux:12:*:*:*:*:*:*:*'", ""},
        {"'name':'debian','cpe':'cpe:2.3:o:canonical:ubuntu_linux:22.04:*:*:*:*:*:*:*'", ""},
        {"'name':'frobnix','version':'3'", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *json ATTR_CLEANUP(cleanup_free) =
            xasprintf(HEAD("1.6") "'components':[{'type':'operating-system',%s}]}", cases[i].component);
        for (char *p = json; *p; p++)
            *p = *p == '\'' ? '"' : *p;
        struct inventory inv = read_text(json);
        if (!slice_eq_str(inv.os.ecosystem, cases[i].ecosystem))
            fail_msg("%s: \"%.*s\"", cases[i].component, SLICE_FMT(inv.os.ecosystem));
    }
}

/* One package of a document, by a purl and properties. */
static struct package one_package(const char *purl, const char *more)
{
    char *json ATTR_CLEANUP(cleanup_free) =
        xasprintf(HEAD("1.5") "'components':[{'type':'library','name':'x','purl':'%s',"
                              "'properties':[%s]}]}",
                  purl, more);
    for (char *p = json; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    struct inventory inv = read_text(json);
    assert_int_equal(inv.packages.n, 1);
    return inv.packages.v[0];
}

static void assert_source(const char *purl, const char *more, const char *name, const char *version, bool unknown)
{
    struct package p = one_package(purl, more);
    if (!slice_eq_str(p.source_name, name) || !slice_eq_str(p.source_version, version) || p.source_unknown != unknown)
        fail_msg("%s: source \"%.*s\" \"%.*s\"%s", purl, SLICE_FMT(p.source_name), SLICE_FMT(p.source_version),
                 p.source_unknown ? " unknown" : "");
}

#define PROPERTY(n, v) "{'name':'" n "','value':'" v "'}"
#define TRIVY(n, v)    PROPERTY("aquasecurity:trivy:" n, v)

static void test_sources(void **state)
{
    (void)state;
    assert_source("pkg:deb/debian/libdevmapper1.02.1@2%3A1.02.185-2?distro=debian-12.1",
                  TRIVY("SrcName", "lvm2") "," TRIVY("SrcVersion", "2.03.16") "," TRIVY("SrcRelease", "2"), "lvm2",
                  "2.03.16-2", false);
    assert_source("pkg:deb/debian/libcryptsetup12@2:2.6.1-4?distro=debian-12.1",
                  TRIVY("SrcName", "cryptsetup") "," TRIVY("SrcVersion", "2.6.1") "," TRIVY(
                      "SrcRelease", "4") "," TRIVY("SrcEpoch", "2"),
                  "cryptsetup", "", false);
    assert_source("pkg:apk/alpine/libssl3@3.1.4-r5?distro=3.19.0",
                  TRIVY("SrcName", "openssl") "," TRIVY("SrcVersion", "3.1.4-r5") "," TRIVY("SrcEpoch", "0"), "openssl",
                  "", false);
    assert_source("pkg:deb/debian/bash@5.2-1?distro=debian-12", TRIVY("SrcName", "bash"), "", "", false);
    assert_source("pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12", PROPERTY("SrcName", "openssl"), "openssl", "",
                  false);
    assert_source("pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12", PROPERTY("NotSrcName", "openssl"), "", "", true);
    /* Names that are none say nothing, and end nobody. */
    assert_source("pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12",
                  PROPERTY(":whatever", "x") ",{'value':'x'},{},null,'x',{'name':null}," PROPERTY("", "x"), "", "",
                  true);
    assert_source("pkg:deb/debian/libdevmapper1.02.1@2:1.02.185-2?distro=debian-12",
                  PROPERTY("syft:metadata:source", "lvm2") "," PROPERTY("syft:metadata:sourceVersion", "2.03.16-2"),
                  "lvm2", "2.03.16-2", false);
    assert_source("pkg:apk/alpine/libssl3@3.1.4-r5?distro=alpine-3.19.0",
                  PROPERTY("syft:metadata:originPackage", "openssl"), "openssl", "", false);
    assert_source("pkg:rpm/rhel/openssl-libs@3.0.7-27.el9?distro=rhel-9.4&epoch=1",
                  PROPERTY("syft:metadata:sourceRpm", "openssl-3.0.7-27.el9.src.rpm"), "openssl", "", false);
    /* The purl's word counts first. */
    assert_source("pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12&upstream=openssl", TRIVY("SrcName", "other"),
                  "openssl", "", false);
    /* Nothing names a source: it matters where advisories go by it. */
    assert_source("pkg:deb/debian/libssl3@3.0.9-1?os_name=debian&os_version=12&os_distro=bookworm", "", "", "", true);
    assert_source("pkg:rpm/rocky/openssl-libs@3.0.7-27.el9?distro=rocky-9.4", "", "", "", false);
    struct package p = one_package("pkg:rpm/redhat/npm@8.19.2-1.el9?distro=redhat-9.3",
                                   TRIVY("Modularitylabel", "nodejs:18:9020020230901:rhel9"));
    assert_true(slice_eq_str(p.module, "nodejs:18:9020020230901:rhel9"));
    /* One package that names its source says for the others that theirs is their own. */
    struct inventory inv = read_text(
        HEAD("1.5") "\"components\":[{\"purl\":\"pkg:deb/debian/libssl3@1?distro=debian-12&upstream=openssl\"},"
                    "{\"purl\":\"pkg:deb/debian/bash@1?distro=debian-12\"}]}");
    assert_int_equal(inv.packages.n, 2);
    assert_false(inv.packages.v[0].source_unknown || inv.packages.v[1].source_unknown);
    /* A document of our own says of which it does not know. */
    inv = read_text(HEAD("1.5") "\"metadata\":{\"properties\":[{\"name\":\"careen:status\",\"value\":\"complete\"}]},"
                                "\"components\":[{\"purl\":\"pkg:deb/ubuntu/bash@1?distro=ubuntu-24.04\"},"
                                "{\"purl\":\"pkg:deb/ubuntu/libssl3t64@1?distro=ubuntu-24.04\",\"properties\":"
                                "[{\"name\":\"careen:source-unknown\",\"value\":\"true\"}]}]}");
    assert_int_equal(inv.packages.n, 2);
    assert_true(!inv.packages.v[0].source_unknown && inv.packages.v[1].source_unknown);
}

static void test_not_cyclonedx(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } bad[] = {
        {"", "line 1"},
        {"{\"bomFormat\":\n \"CycloneDX\",", "line 2"},
        {"[]", "bomFormat"},
        {"{\"spdxVersion\":\"SPDX-2.3\"}", "bomFormat"},
        {HEAD("1.1") "\"components\":[]}", "version \"1.1\""},
        {HEAD("2.0") "\"components\":[]}", "version \"2.0\""},
        {HEAD("1.") "\"components\":[]}", "version \"1.\""},
        {"{\"bomFormat\":\"CycloneDX\"}", "version \"\""},
        {HEAD("1.5") "\"components\":{}}", "components is no list"},
        {HEAD("1.5") "\"components\":[],\"components\":[]}", "twice"},
        {HEAD("1.5") "\"components\":[]} x", "line 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct inventory inv = {.parts = 77};
        struct err e = ERR_INIT;
        assert_true(cyclonedx_read(slice_str(bad[i].json), &arena, &inv, &e) < 0);
        assert_int_equal(e.kind, ERR_POISON);
        assert_int_equal(inv.parts, 77);
        if (!strstr(e.text, bad[i].says))
            fail_msg("%s: %s", bad[i].json, e.text);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct inventory inv;
    struct err e = ERR_INIT;
    struct buf b = BUF_INIT(1 << 22);
    /* Components in components, more than are followed: what is above is read. */
    buf_add_str(&b, HEAD("1.5") "\"components\":[");
    for (int i = 0; i < 100; i++)
        buf_addf(&b, "{\"purl\":\"pkg:deb/debian/p%03d@1?distro=debian-12\",\"components\":[", i);
    for (int i = 0; i < 100; i++)
        buf_add_str(&b, "]}");
    buf_add_str(&b, "]}");
    assert_int_equal(cyclonedx_read(buf_slice(&b), &arena, &inv, &e), 0);
    assert_int_equal(inv.packages.n, CYCLONEDX_DEPTH_MAX);
    assert_reason(&inv, "components within components are too deep: the deepest are left out");
    /* JSON that nests without end. */
    buf_clear(&b);
    for (int i = 0; i < 100000; i++)
        buf_add_byte(&b, '[');
    assert_true(cyclonedx_read(buf_slice(&b), &arena, &inv, &e) < 0);
    assert_int_equal(e.kind, ERR_POISON);
    /* More components than the arena may take. */
    struct arena small = ARENA_INIT(1 << 16);
    buf_clear(&b);
    buf_add_str(&b, HEAD("1.5") "\"components\":[");
    for (int i = 0; i < 1000; i++)
        buf_addf(&b, "%s{\"purl\":\"pkg:deb/debian/p%03d@1?distro=debian-12\"}", i ? "," : "", i);
    buf_add_str(&b, "]}");
    assert_true(cyclonedx_read(buf_slice(&b), &small, &inv, &e) < 0);
    assert_int_equal(e.kind, ERR_POISON);
    arena_done(&small);
    e = ERR_INIT;
    assert_true(cyclonedx_read(slice_of(b.p, CYCLONEDX_BYTES_MAX + 1), &arena, &inv, &e) < 0);
    assert_non_null(strstr(e.text, "128 MiB"));
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_there_and_back, reset),
        cmocka_unit_test_teardown(test_shape, reset),
        cmocka_unit_test_teardown(test_versions, reset),
        cmocka_unit_test_teardown(test_what_can_not_be_used, reset),
        cmocka_unit_test_teardown(test_libraries, reset),
        cmocka_unit_test_teardown(test_libraries_there_and_back, reset),
        cmocka_unit_test_teardown(test_systems, reset),
        cmocka_unit_test_teardown(test_named_systems, reset),
        cmocka_unit_test_teardown(test_sources, reset),
        cmocka_unit_test_teardown(test_not_cyclonedx, reset),
        cmocka_unit_test_teardown(test_limits, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
