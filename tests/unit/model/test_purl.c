/* SPDX-License-Identifier: Apache-2.0 */
#include "model/purl.h"

#include <setjmp.h>
#include <cmocka.h>

static struct arena arena = {.max = 1 << 22};

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Text and its canonical form; NULL: no purl. */
static const struct {
    const char *text, *canonical;
} forms[] = {
    {"pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie"},
    {"pkg:deb/debian/attr@1%3A2.4.47-2%2Bb1?arch=amd64", "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64"},
    {"pkg:deb/debian/attr@1:2.4.47-2+b1", "pkg:deb/debian/attr@1:2.4.47-2%2Bb1"},
    {"PKG:DEB/Debian/Curl@7?ARCH=all", "pkg:deb/debian/curl@7?arch=all"},
    {"pkg://apk//alpine//musl@1.2.5-r0/", "pkg:apk/alpine/musl@1.2.5-r0"},
    {"pkg:npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1"},
    {"pkg:npm/@angular/animation", "pkg:npm/%40angular/animation"},
    {"pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?b=2&a=1&empty=", "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?a=1&b=2"},
    {"pkg:golang/google.golang.org/genproto@abc#/googleapis//./api/../annotations/",
     "pkg:golang/google.golang.org/genproto@abc#googleapis/api/annotations"},
    {"pkg:rpm/Fedora/Curl@7.50.3-1.fc25?arch=i386&distro=fedora-25",
     "pkg:rpm/fedora/Curl@7.50.3-1.fc25?arch=i386&distro=fedora-25"},
    {"pkg:generic/a%20b@1%2F2?k=%26%3D%3F%23", "pkg:generic/a%20b@1%2F2?k=%26%3D%3F%23"},
    {"pkg:generic/%C3%A9t%C3%A9", "pkg:generic/%C3%A9t%C3%A9"},
    {"pkg:generic/\xc3\xa9@1", "pkg:generic/%C3%A9@1"},
    {"pkg:generic/n@1~2:3", "pkg:generic/n@1~2:3"},
    {"pkg:docker/x@sha256%3Aab?repository_url=gcr.io%2Fy", "pkg:docker/x@sha256:ab?repository_url=gcr.io%2Fy"},
    {"pkg:generic/name", "pkg:generic/name"},
    {"pkg:maven/a.b/c@1?classifier=x", "pkg:maven/a.b/c@1?classifier=x"},
    {"pkg:A+b.c-d/x@1", "pkg:a+b.c-d/x@1"},
    {"", NULL},
    {"pkg:", NULL},
    {"pkg:deb", NULL},
    {"pkg:deb/", NULL},
    {"pkg:deb/@1.0", NULL},
    {"deb/debian/curl@1", NULL},
    {"http://example.test/x", NULL},
    {"pkg:3deb/debian/curl", NULL},
    {"pkg:d%65b/debian/curl", NULL},
    {"pkg:deb/debian/curl@1%2", NULL},
    {"pkg:deb/debian/curl@1%zz", NULL},
    {"pkg:deb/debian/curl@%", NULL},
    {"pkg:deb/debian/cu%00rl", NULL},
    {"pkg:deb/debian/%ff", NULL},
    {"pkg:deb/deb%2Fian/curl", NULL},
    {"pkg:deb/debian/curl?arch=a&ARCH=b", NULL},
    {"pkg:deb/debian/curl?1=a", NULL},
    {"pkg:deb/debian/curl?=a", NULL},
    {"pkg:deb/debian/curl?a%20b=a", NULL},
};

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct purl p, again;
        struct err e = ERR_INIT;
        struct buf out = BUF_INIT(PURL_MAX);
        if (purl_parse(slice_str(forms[i].text), &arena, &p, &e)) {
            if (forms[i].canonical)
                fail_msg("%s: %s", forms[i].text, e.text);
            assert_int_equal(e.kind, ERR_POISON);
            continue;
        }
        if (!forms[i].canonical)
            fail_msg("%s must not be a purl", forms[i].text);
        assert_int_equal(purl_build(&p, &out, &e), 0);
        assert_string_equal(buf_cstr(&out), forms[i].canonical);
        assert_int_equal(purl_parse(buf_slice(&out), &arena, &again, &e), 0);
        assert_true(slice_eq(p.name, again.name) && slice_eq(p.ns, again.ns) && slice_eq(p.version, again.version) &&
                    slice_eq(p.subpath, again.subpath) && p.qualifiers.n == again.qualifiers.n);
        buf_done(&out);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct purl p = {.name = SLICE("x")};
    struct err e = ERR_INIT;
    struct buf out = BUF_INIT(1 << 16), text = BUF_INIT(1 << 16);
    assert_true(purl_build(&p, &out, &e) < 0);
    p.type = SLICE("deb");
    p.name = SLICE_NONE;
    assert_true(purl_build(&p, &out, &e) < 0);
    assert_int_equal(out.n, 0);
    buf_add_str(&text, "pkg:deb/debian/curl?");
    for (int i = 0; i <= PURL_QUALIFIERS_MAX; i++)
        buf_addf(&text, "k%d=v&", i);
    assert_true(purl_parse(buf_slice(&text), &arena, &p, &e) < 0);
    while (text.n <= PURL_MAX)
        buf_add_byte(&text, 'x');
    assert_true(purl_parse(buf_slice(&text), &arena, &p, &e) < 0);
    p = (struct purl){.type = SLICE("generic"), .name = slice_sub(buf_slice(&text), 0, PURL_MAX)};
    assert_true(purl_build(&p, &out, &e) < 0);
    assert_int_equal(out.n, 0);
    buf_done(&out);
    buf_done(&text);
}

static void check_package(const struct package *p, const struct os_info *os, const char *want, const char *ecosystem)
{
    struct purl u;
    struct err e = ERR_INIT;
    struct package back;
    struct os_info back_os;
    struct slice text = purl_of_package(p, os, &arena);
    char *got ATTR_CLEANUP(cleanup_free) = slice_dup(text);
    assert_string_equal(got, want);
    assert_int_equal(purl_parse(text, &arena, &u, &e), 0);
    assert_true(purl_to_package(&u, &arena, &back, &back_os));
    assert_int_equal(back.type, p->type);
    assert_true(slice_eq(back.name, p->name) && slice_eq(back.version, p->version) &&
                slice_eq(back.architecture, p->architecture) && slice_eq(back.source_name, p->source_name) &&
                slice_eq(back.source_version, p->source_version) && slice_eq(back.module, p->module));
    assert_true(slice_eq_str(back_os.ecosystem, ecosystem));
    assert_true(slice_eq(back_os.id, os->id));
}

static void test_packages(void **state)
{
    (void)state;
    struct os_info debian = {.id = SLICE("debian"), .version_id = SLICE("12")}, none = {.id = SLICE_NONE};
    struct os_info sid = {.id = SLICE("debian"), .codename = SLICE("forky")};
    struct os_info alpine = {.id = SLICE("alpine"), .version_id = SLICE("3.20.3")};
    struct os_info ubuntu = {.id = SLICE("ubuntu"), .version_id = SLICE("22.04")};
    struct package p = {.type = PKG_DPKG,
                        .name = SLICE("libstdc++6"),
                        .version = SLICE("1:12.2.0-14+b1"),
                        .architecture = SLICE("amd64"),
                        .source_name = SLICE("gcc-12"),
                        .source_version = SLICE("12.2.0-14")};
    check_package(
        &p, &debian,
        "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14",
        "Debian:12");
    p.source_version = SLICE_NONE;
    check_package(&p, &sid,
                  "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=debian-forky&upstream=gcc-12",
                  "Debian:14");
    p.source_name = SLICE_NONE;
    check_package(&p, &ubuntu, "pkg:deb/ubuntu/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=ubuntu-22.04",
                  "Ubuntu:22.04:LTS");
    check_package(&p, &none, "pkg:deb/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64", "");
    p = (struct package){.type = PKG_APK,
                         .name = SLICE("ssl_client"),
                         .version = SLICE("1.36.1-r29"),
                         .architecture = SLICE("x86_64"),
                         .source_name = SLICE("busybox")};
    check_package(&p, &alpine, "pkg:apk/alpine/ssl_client@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3&upstream=busybox",
                  "Alpine:v3.20");
    struct os_info rhel = {.id = SLICE("rhel"), .version_id = SLICE("9.4")};
    p = (struct package){.type = PKG_RPM,
                         .name = SLICE("openssl-libs"),
                         .version = SLICE("1:3.0.7-27.el9"),
                         .architecture = SLICE("x86_64"),
                         .source_name = SLICE("openssl"),
                         .module = SLICE("nodejs:18")};
    check_package(&p, &rhel,
                  "pkg:rpm/rhel/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&rpmmod=nodejs:18&"
                  "upstream=openssl-3.0.7-27.el9.src.rpm",
                  "Red Hat:9");
    p.source_version = SLICE("1:3.0.7-26.el9");
    p.module = SLICE_NONE;
    check_package(&p, &rhel,
                  "pkg:rpm/rhel/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&"
                  "upstream=openssl-3.0.7-26.el9.src.rpm",
                  "Red Hat:9");
    p.source_name = SLICE_NONE;
    p.version = SLICE("0:3.0.7-27.el9");
    p.source_version = SLICE("0:3-1");
    check_package(&p, &rhel,
                  "pkg:rpm/rhel/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=0&"
                  "upstream=openssl-libs-3-1.src.rpm",
                  "Red Hat:9");
    p.type = PKG_UNKNOWN;
    assert_null(purl_of_package(&p, &alpine, &arena).p);
}

static void test_modules(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"pkg:rpm/rhel/npm@1-1?rpmmod=nodejs:18", "nodejs:18"},
        {"pkg:rpm/rhel/npm@1-1?rpmmod=nodejs:18:8080020230718:63b34585", "nodejs:18:8080020230718:63b34585"},
        {"pkg:rpm/rhel/npm@1-1?modularitylabel=nodejs%3A18%3A8080020230718%3A63b34585",
         "nodejs:18:8080020230718:63b34585"},
        {"pkg:rpm/rhel/npm@1-1?modularitylabel=perl", "perl"},
        {"pkg:rpm/rhel/npm@1-1", ""},
        {"pkg:deb/debian/npm@1-1?rpmmod=nodejs:18", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct purl u;
        struct package p;
        struct os_info os;
        assert_int_equal(purl_parse(slice_str(texts[i][0]), &arena, &u, NULL), 0);
        assert_true(purl_to_package(&u, &arena, &p, &os));
        if (!slice_eq_str(p.module, texts[i][1]))
            fail_msg("%s: %.*s", texts[i][0], SLICE_FMT(p.module));
    }
}

/* What other tools write. */
static void test_foreign(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *version, *source, *ecosystem;
    } foreign[] = {
        {"pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=bookworm&upstream=glibc", "libc6", "2.36-9", "glibc",
         "Debian:12"},
        {"pkg:deb/ubuntu/bash@5.1-6ubuntu1?distro=jammy", "bash", "5.1-6ubuntu1", "", "Ubuntu:22.04:LTS"},
        {"pkg:deb/ubuntu/tar@1?arch=amd64&distro=ubuntu-22.04&epoch=2", "tar", "2:1", "", "Ubuntu:22.04:LTS"},
        {"pkg:apk/alpine/zlib@1.3.1-r1?arch=x86_64&distro=alpine-3.20.3", "zlib", "1.3.1-r1", "", "Alpine:v3.20"},
        {"pkg:apk/alpine/zlib@1.3.1-r1?distro=3.20.3", "zlib", "1.3.1-r1", "", "Alpine:v3.20"},
        {"pkg:apk/wolfi/zlib@1.3.1-r1", "zlib", "1.3.1-r1", "", "Wolfi"},
        {"pkg:deb/debian/libc6@2.36-9", "libc6", "2.36-9", "", ""},
        {"pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?distro=rhel-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm",
         "openssl-libs", "1:3.0.7-27.el9", "openssl", "Red Hat:9"},
        {"pkg:rpm/opensuse/x@1-1?distro=opensuse-leap-15.5&upstream=x-1-1.src.rpm", "x", "1-1", "",
         "openSUSE:Leap 15.5"},
        {"pkg:rpm/openeuler/x@1-1?distro=openEuler-22.03-LTS-SP4&upstream=y-z-2-3.nosrc.rpm", "x", "1-1", "y-z",
         "openEuler:22.03-LTS-SP4"},
        {"pkg:rpm/opensuse/x@1-1?distro=opensuse-tumbleweed", "x", "1-1", "", "openSUSE:Tumbleweed"},
        {"pkg:rpm/sles/x@1-1?distro=sles-15.5&upstream=odd.src.rpm", "x", "1-1", "odd",
         "SUSE:Linux Enterprise Server 15 SP5"},
        /* Trivy: its own names of the systems, and release files' words */
        {"pkg:rpm/redhat/x@1-1?distro=redhat-8.7", "x", "1-1", "", "Red Hat:8"},
        {"pkg:rpm/suse/x@1-1?distro=suse-15.5", "x", "1-1", "", "SUSE:Linux Enterprise Server 15 SP5"},
        {"pkg:rpm/opensuse/x@1-1?distro=opensuse.leap-15.5", "x", "1-1", "", "openSUSE:Leap 15.5"},
        {"pkg:rpm/amazon/x@1-1?distro=amazon-2+%28Karoo%29", "x", "1-1", "", "Amazon Linux:2"},
        {"pkg:rpm/amazon/x@1-1?distro=amazon-2%20%28Karoo%29", "x", "1-1", "", "Amazon Linux:2"},
        {"pkg:rpm/alma/x@1-1?distro=alma-9.3", "x", "1-1", "", "AlmaLinux:9"},
        {"pkg:rpm/cbl-mariner/x@1-1?distro=cbl-mariner-2.0.20220527", "x", "1-1", "", "Azure Linux:2"},
        /* Syft */
        {"pkg:rpm/amzn/x@1-1?distro=amzn-2023", "x", "1-1", "", "Amazon Linux:2023"},
        {"pkg:rpm/ol/x@1-1?distro=ol-8.8", "x", "1-1", "", "Oracle Linux:8"},
        {"pkg:rpm/photon/x@1-1?distro=photon-4.0", "x", "1-1", "", "Photon OS:4.0"},
        {"pkg:apk/wolfi/x@1-r1?distro=wolfi-20230201", "x", "1-r1", "", "Wolfi"},
        /* Docker Scout */
        {"pkg:deb/debian/x@1?os_distro=bookworm&os_name=debian&os_version=12", "x", "1", "", "Debian:12"},
        {"pkg:apk/alpine/x@1-r1?os_name=alpine&os_version=3.19", "x", "1-r1", "", "Alpine:v3.19"},
        /* cdxgen */
        {"pkg:deb/ubuntu/x@1?distro=ubuntu-22.04&distro_name=jammy", "x", "1", "", "Ubuntu:22.04:LTS"},
        {"pkg:deb/ubuntu/x@1?distro_name=jammy", "x", "1", "", "Ubuntu:22.04:LTS"},
    };
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        struct purl u;
        struct package p;
        struct os_info os;
        assert_int_equal(purl_parse(slice_str(foreign[i].text), &arena, &u, NULL), 0);
        assert_true(purl_to_package(&u, &arena, &p, &os));
        if (!slice_eq_str(p.name, foreign[i].name) || !slice_eq_str(p.version, foreign[i].version) ||
            !slice_eq_str(p.source_name, foreign[i].source) || !slice_eq_str(os.ecosystem, foreign[i].ecosystem))
            fail_msg("%s: %.*s %.*s %.*s %.*s", foreign[i].text, SLICE_FMT(p.name), SLICE_FMT(p.version),
                     SLICE_FMT(p.source_name), SLICE_FMT(os.ecosystem));
    }
}

static void test_of_types(void **state)
{
    (void)state;
    /* A module is the same for all machines. */
    const struct package module = {
        .type = PKG_GOLANG, .name = SLICE("a.b/c"), .version = SLICE("v1.0.0"), .architecture = SLICE("arm64")};
    assert_true(slice_eq_str(purl_of_package(&module, &(struct os_info){.id = SLICE("alpine")}, &arena),
                             "pkg:golang/a.b/c@v1.0.0"));
    struct purl npm;
    struct package p;
    struct os_info os;
    assert_int_equal(purl_parse(SLICE("pkg:npm/left-pad@1.3.0"), &arena, &npm, NULL), 0);
    assert_true(purl_to_package(&npm, &arena, &p, &os) && p.type == PKG_NPM && slice_eq_str(p.name, "left-pad"));
    assert_int_equal(purl_parse(SLICE("pkg:strange/left-pad@1.3.0"), &arena, &npm, NULL), 0);
    assert_false(purl_to_package(&npm, &arena, &p, &os));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms),    cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_packages), cmocka_unit_test(test_foreign),
                                       cmocka_unit_test(test_of_types), cmocka_unit_test(test_modules)};
    return cmocka_run_group_tests(tests, NULL, reset);
}
