/* SPDX-License-Identifier: Apache-2.0 */
/* The small package databases, from a layer's tar to the inventory: opkg, pacman, Portage, Nix, Bottlerocket. */
#include "inventory/assemble/assemble.h"
#include "packages/owners.h"
#include "packages/parse.h"
#include "model/evidence.h"
#include "model/purl.h"
#include "pull/collect.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/archive_support.h"

#include <zstd.h>

#define LAYERS_MAX 4
static struct arena arena = {.max = (size_t)64 << 20};
static struct buf tars[LAYERS_MAX], given = {.max = (size_t)64 << 20}, plain[LAYERS_MAX], told = {.max = 1 << 20};
static size_t count;

static int clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < LAYERS_MAX; i++) {
        buf_done(&tars[i]);
        buf_done(&plain[i]);
    }
    buf_done(&given);
    buf_done(&told);
    arena_done(&arena);
    count = 0;
    return 0;
}

/* Starts the next layer, base first. */
static void layer(void)
{
    assert_true(count < LAYERS_MAX);
    tars[count++] = BUF_INIT((size_t)8 << 20);
}

static void file(const char *path, const char *text)
{
    tar_put_file(&tars[count - 1], path, text);
}

static void folder(const char *path)
{
    tar_put(&tars[count - 1], path, '5', NULL, SLICE_NONE);
}

static void link_to(const char *path, const char *target)
{
    tar_put(&tars[count - 1], path, '2', target, SLICE_NONE);
}

static void take(void *arg, struct slice bytes)
{
    (void)arg;
    buf_add_slice(&given, bytes);
}

static void evidence_of(size_t i)
{
    struct err e = ERR_INIT;
    struct collect_result result;
    struct collect *c = collect_new(SLICE("application/vnd.oci.image.layer.v1.tar"), NULL, take, NULL);
    size_t room = (size_t)16 << 20;
    tar_put_end(&tars[i]);
    buf_clear(&given);
    collect_feed(c, buf_slice(&tars[i]));
    collect_end(c);
    collect_free(c);
    if (collect_result_read(buf_slice(&given), &arena, &result, &e))
        fail_msg("%s", e.text);
    assert_int_equal(result.status, PULL_GOOD);
    plain[i] = BUF_INIT(room);
    size_t n = ZSTD_decompress(buf_reserve(&plain[i], room), room, result.evidence.p, result.evidence.n);
    assert_false(ZSTD_isError(n));
    plain[i].n = n;
}

static struct inventory assemble(void)
{
    struct layer_packages layers[LAYERS_MAX];
    struct inventory image;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < count; i++) {
        evidence_of(i);
        if (parse_layer(buf_slice(&plain[i]), &arena, &layers[i], &e))
            fail_msg("%s", e.text);
        layers[i].layer_digest = arena_printf(&arena, "sha256:%zu", i);
    }
    if (assemble_image(&(struct image){.digest = SLICE("sha256:image")}, layers, count, &arena, &image, &e))
        fail_msg("%s", e.text);
    return image;
}

/* A line a package: type name version architecture source vendor layer, absent ones as -; then the reasons. */
static void assert_inventory(const struct inventory *image, const char *want)
{
    buf_clear(&told);
    for (size_t i = 0; i < image->packages.n; i++) {
        const struct package *p = &image->packages.v[i];
        const struct slice s[] = {p->name, p->version, p->architecture, p->source_name, p->vendor};
        buf_add_str(&told, package_type_names[p->type]);
        for (size_t j = 0; j < ARRAY_LEN(s); j++)
            buf_addf(&told, " %.*s", SLICE_FMT(s[j].n ? s[j] : SLICE("-")));
        buf_addf(&told, " %.*s\n", SLICE_FMT(slice_from(p->layer, 7)));
    }
    for (size_t i = 0; i < image->reasons.texts.n; i++)
        buf_addf(&told, "%.*s\n", SLICE_FMT(image->reasons.texts.v[i]));
    assert_string_equal(buf_cstr(&told), want);
    assert_int_equal(image->status, image->reasons.texts.n ? INVENTORY_PARTIAL : INVENTORY_COMPLETE);
}

/* The purl of a package, and that it leads back to the same package. */
static void assert_purl(const struct inventory *image, size_t i, const char *want)
{
    const struct package *p = &image->packages.v[i];
    struct package back;
    struct os_info os;
    struct purl u;
    struct err e = ERR_INIT;
    assert_true(i < image->packages.n);
    if (!slice_eq_str(p->purl, want))
        fail_msg("%.*s, not %s", SLICE_FMT(p->purl), want);
    assert_int_equal(purl_parse(p->purl, &arena, &u, &e), 0);
    assert_true(purl_to_package(&u, &arena, &back, &os));
    assert_int_equal(back.type, p->type);
    assert_true(slice_eq(back.name, p->name) && slice_eq(back.version, p->version));
    assert_true(slice_eq(back.architecture, p->architecture) && slice_eq(back.source_name, p->source_name));
    if (image->os.id.n)
        assert_true(slice_eq(os.id, image->os.id) && slice_eq(os.version_id, image->os.version_id));
}

static int collect_paths(void *ctx, struct slice path, struct slice package)
{
    buf_addf(ctx, "%.*s=%.*s,", SLICE_FMT(path), SLICE_FMT(package));
    return 0;
}

static void assert_owned(size_t i, const char *want)
{
    buf_clear(&told);
    assert_int_equal(owners_walk(buf_slice(&plain[i]), collect_paths, &told), 0);
    assert_string_equal(buf_cstr(&told), want);
}

static void test_opkg(void **state)
{
    (void)state;
    layer();
    file("etc/os-release", "NAME=\"OpenWrt\"\nVERSION=\"23.05.4\"\nID=\"openwrt\"\nVERSION_ID=\"23.05.4\"\n");
    link_to("var", "tmp");
    folder("tmp/");
    file("usr/lib/opkg/status",
         "Package: base-files\nVersion: 1551-r24012\nDepends: libc\nStatus: install user installed\n"
         "Essential: yes\nArchitecture: x86_64\nConffiles:\n /etc/config/system 00\nInstalled-Time: 1720000000\n\n"
         "Package: libustream-mbedtls20201210\nVersion: 2023-02-25-498f6e26-1\nStatus: install ok installed\n"
         "Architecture: x86_64\nAuto-Installed: yes\n\n"
         "Package: wget-ssl\nVersion: 1.21.4-1\nStatus: install hold unpacked\nArchitecture: x86_64\n\n"
         "Package: old\nVersion: 1-1\nStatus: unknown ok not-installed\nArchitecture: x86_64\n\n"
         "Package: gone\nVersion: 1-1\nStatus: deinstall ok config-files\nArchitecture: x86_64\n\n"
         "Package: hurt\nVersion: 1-1\nStatus: install user post-inst-failed\nArchitecture: x86_64\n\n");
    file("usr/lib/opkg/info/libustream-mbedtls20201210.control",
         "Package: libustream-mbedtls20201210\nVersion: 2023-02-25-498f6e26-1\nDepends: libc\n"
         "Source: package/libs/ustream-ssl\nSourceName: ustream-ssl\nLicense: ISC\nSection: libs\n"
         "Architecture: x86_64\nInstalled-Size: 4996\nDescription:  ustream SSL Library (using mbedtls)\n");
    file("usr/lib/opkg/info/wget-ssl.list", "/usr/libexec/wget-ssl\n/etc/x y\t0644\n");
    file("usr/lib/opkg/info/wget-ssl.postinst", "#!/bin/sh\n");
    layer();
    file("usr/lib/opkg/info/gcc.control", "Package: gcc\nVersion: 13.2-r1\nArchitecture: x86_64\nSource: feeds/x\n");
    struct inventory image = assemble();
    assert_inventory(&image, "opkg base-files 1551-r24012 x86_64 - - 0\n"
                             "opkg gcc 13.2-r1 x86_64 - - 1\n"
                             "opkg hurt 1-1 x86_64 - - 0\n"
                             "opkg libustream-mbedtls20201210 2023-02-25-498f6e26-1 x86_64 ustream-ssl - 0\n"
                             "opkg wget-ssl 1.21.4-1 x86_64 - - 0\n");
    assert_purl(&image, 3,
                "pkg:opkg/openwrt/libustream-mbedtls20201210@2023-02-25-498f6e26-1"
                "?arch=x86_64&distro=openwrt-23.05.4&upstream=ustream-ssl");
    assert_owned(0, "usr/libexec/wget-ssl=wget-ssl,etc/x y=wget-ssl,");
}

static void test_opkg_elsewhere(void **state)
{
    (void)state;
    layer();
    file("var/lib/opkg/status", "Package: busybox\nVersion: 1.36.1-r0\nStatus: install ok installed\n"
                                "Architecture: core2-64\n\nPackage: bad\nStatus: install ok installed\n\n");
    struct inventory image = assemble();
    assert_inventory(&image, "opkg busybox 1.36.1-r0 core2-64 - - 0\n"
                             "layer sha256:0: var/lib/opkg/status: line 6: package bad is left out: it has no sound "
                             "Version\n");
}

#define DESC(name, base, version)                                                                                      \
    "%NAME%\n" name "\n\n%VERSION%\n" version "\n\n%BASE%\n" base                                                      \
    "\n\n%DESC%\nA thing\n\n%URL%\nhttps://example.org\n\n"                                                            \
    "%ARCH%\nx86_64\n\n%BUILDDATE%\n1700000000\n\n%PACKAGER%\nA Person "                                               \
    "<a@example.org>\n\n%SIZE%\n1\n\n%REASON%\n1\n\n"                                                                  \
    "%LICENSE%\nMIT\nGPL\n\n%VALIDATION%\npgp\n\n%DEPENDS%\nglibc>=2\n\n"

static void test_pacman(void **state)
{
    (void)state;
    layer();
    file("etc/os-release", "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n");
    file("var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
    file("var/lib/pacman/local/acl-2.3.2-1/desc", DESC("acl", "acl", "2.3.2-1"));
    file("var/lib/pacman/local/acl-2.3.2-1/files", "%FILES%\netc/\nusr/bin/getfacl\n\n%BACKUP%\netc/x\t00\n\n");
    file("var/lib/pacman/local/gcc-libs-14.1.1+r58-1/desc", DESC("gcc-libs", "gcc", "14.1.1+r58-1"));
    file("var/lib/pacman/local/gcc-libs-14.1.1+r58-1/mtree", "x");
    file("var/lib/pacman/local/shadow-4.15-1/desc", DESC("shadow", "shadow", "1:4.15-1"));
    file("var/lib/pacman/sync/core/acl-9-1/desc", DESC("acl", "acl", "9-1"));
    layer();
    file("var/lib/pacman/local/.wh.acl-2.3.2-1", "");
    file("var/lib/pacman/local/acl-2.3.2-2/desc", DESC("acl", "acl", "2.3.2-2"));
    file("var/lib/pacman/local/shadow-4.15-1", "no folder any more");
    struct inventory image = assemble();
    assert_inventory(&image, "pacman acl 2.3.2-2 x86_64 - A Person <a@example.org> 1\n"
                             "pacman gcc-libs 14.1.1+r58-1 x86_64 gcc A Person <a@example.org> 0\n");
    assert_purl(&image, 1, "pkg:alpm/arch/gcc-libs@14.1.1%2Br58-1?arch=x86_64&distro=arch&upstream=gcc");
    assert_owned(0, "etc=acl,usr/bin/getfacl=acl,");
}

static void test_pacman_broken(void **state)
{
    (void)state;
    layer();
    file("var/lib/pacman/local/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n");
    file("var/lib/pacman/local/b-1-1/desc", "%NAME%\n%VERSION%\n1-1\n");
    file("var/lib/pacman/local/c-1-1/desc", "%NAME%\nc\n\n%VERSION%\n1:é-1\n");
    file("var/lib/pacman/local/d-1-1/desc", DESC("d", "d", "1-1"));
    struct inventory image = assemble();
    assert_inventory(&image, "pacman c 1:é-1 - - - 0\n"
                             "pacman d 1-1 x86_64 - A Person <a@example.org> 0\n"
                             "layer sha256:0: var/lib/pacman/local/a-1-1/desc: it has no sound %NAME% and %VERSION%\n"
                             "layer sha256:0: var/lib/pacman/local/b-1-1/desc: it has no sound %NAME% and %VERSION%\n"
                             "layer sha256:0: var/lib/pacman/local/c-1-1/desc: \"1:é-1\" is not a version of kind "
                             "pacman: the version holds neither a letter nor a digit\n");
}

static void test_portage(void **state)
{
    (void)state;
    layer();
    file("etc/os-release", "NAME=Gentoo\nID=gentoo\nVERSION_ID=\"2.15\"\n");
    file("var/db/pkg/sys-apps/acl-2.3.2-r1/PF", "acl-2.3.2-r1\n");
    file("var/db/pkg/sys-apps/acl-2.3.2-r1/repository", "gentoo\n");
    file("var/db/pkg/sys-apps/acl-2.3.2-r1/CONTENTS", "dir /usr\n");
    file("var/db/pkg/media-fonts/font-adobe-100dpi-1.0.3/PF", "font-adobe-100dpi-1.0.3\n");
    file("var/db/pkg/dev-lang/python-3.12.3_p1/PF", "python-3.12.3_p1\n");
    file("var/db/pkg/dev-lang/python-3.11.9/PF", "python-3.11.9\n");
    file("var/db/pkg/dev-lang/python-3.11.9/repository", "mine\n");
    file("var/db/pkg/dev-lang/-MERGING-go-1.22/PF", "go-1.22\n");
    file("var/db/pkg/sys-apps/mine-9999/PF", "mine-9999\n");
    file("var/db/pkg/sys-apps/mine-9999/repository", "overlay\n");
    file("var/db/pkg/sys-apps/noversion/PF", "noversion\n");
    file("var/db/pkg/sys-apps/sed-4.9/PF", "sed-4.8\n");
    layer();
    file("var/db/pkg/dev-lang/.wh.python-3.11.9", "");
    file("var/db/pkg/media-fonts/.wh..wh..opq", "");
    struct inventory image = assemble();
    assert_inventory(
        &image, "portage dev-lang/python 3.12.3_p1 - - - 0\n"
                "portage sys-apps/acl 2.3.2-r1 - - gentoo 0\n"
                "portage sys-apps/mine 9999 - - overlay 0\n"
                "portage sys-apps/sed 4.9 - - - 0\n"
                "layer sha256:0: var/db/pkg/sys-apps/noversion/PF: its folder is not named name-version\n"
                "layer sha256:0: var/db/pkg/sys-apps/sed-4.9/PF: it says another package than its folder's name\n");
    assert_int_equal(image.packages.v[1].not_judged.text.n, 0);
    assert_true(slice_eq_str(image.packages.v[2].not_judged.text, "it is from the repository overlay"));
    assert_purl(&image, 1, "pkg:ebuild/sys-apps/acl@2.3.2-r1?distro=gentoo-2.15");
}

#define DIGEST  "0c1hr9dvgvhl0bm7k3h5j9c0ml4h7vy5"
#define DIGEST2 "1m2ab9dvgvhl0bm7k3h5j9c0ml4h7vy5"

static void test_nix(void **state)
{
    (void)state;
    layer();
    folder("nix/");
    folder("nix/store/");
    folder("nix/store/" DIGEST "-glibc-2.39-52/");
    file("nix/store/" DIGEST "-glibc-2.39-52/lib/libc.so.6", "elf");
    folder("nix/store/" DIGEST2 "-glibc-2.39-52-bin/");
    file("./nix/store/" DIGEST "-openssl-3.0.13/lib/libssl.so.3", "elf"); /* without an entry of its own */
    file("nix/store/" DIGEST "-python3.11-requests-2.31.0/x", "");
    file("nix/store/" DIGEST "-bash-interactive-5.2p26-dev/x", "");
    link_to("nix/store/" DIGEST "-jq-1.7.1", "/nix/store/" DIGEST2 "-jq-1.7.1");
    file("nix/store/" DIGEST "-odd--1", "");
    file("nix/store/" DIGEST "-odder--bin", "");
    file("nix/store/" DIGEST "-oddest-", "");
    file("nix/store/" DIGEST "-source.txt", "");
    file("nix/store/" DIGEST "-hook", "");
    file("nix/store/" DIGEST "-curl-8.7.1.drv", "");
    folder("nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-not-1.0/");
    folder("nix/store/.links/");
    file("nix/store/.links/x-1", "");
    layer();
    file("nix/store/.wh." DIGEST "-python3.11-requests-2.31.0", "");
    folder("nix/store/" DIGEST "-zlib-1.3.1/");
    struct inventory image = assemble();
    assert_inventory(&image, "nix bash-interactive 5.2p26 - - - 0\n"
                             "nix glibc 2.39-52 - - - 0\n"
                             "nix jq 1.7.1 - - - 0\n"
                             "nix odd -1 - - - 0\n"
                             "nix odder -bin - - - 0\n"
                             "nix openssl 3.0.13 - - - 0\n"
                             "nix zlib 1.3.1 - - - 1\n");
    assert_purl(&image, 5, "pkg:nix/openssl@3.0.13");
}

static void test_bottlerocket(void **state)
{
    (void)state;
    layer();
    link_to("usr", "./x86_64-bottlerocket-linux-gnu/sys-root/usr");
    file("x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
         "NAME=Bottlerocket\nID=bottlerocket\nVERSION_ID=1.20.4\n");
    file("x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
         "{\"Content\":[{\"Name\":\"glibc\",\"Publisher\":\"Bottlerocket\",\"InstalledTime\":\"2024-07-01T00:00:00Z\","
         "\"ApplicationType\":\"Unspecified\",\"Architecture\":\"x86_64\",\"Url\":\"https://example.org\","
         "\"Version\":\"2.38\",\"Release\":\"1.1720000000.br1\",\"Epoch\":\"0\",\"Summary\":\"C\"},"
         "{\"Name\":\"kernel-6.1\",\"Version\":\"6.1.94\",\"Release\":\"1\",\"Epoch\":\"1\"},"
         "{\"Name\":\"release\",\"Version\":\"1.20.4\",\"Epoch\":2},"
         "{\"Name\":\"no version\"},7]}");
    struct inventory image = assemble();
    assert_inventory(&image, "bottlerocket glibc 2.38-1.1720000000.br1 x86_64 - Bottlerocket 0\n"
                             "bottlerocket kernel-6.1 1:6.1.94-1 - - - 0\n"
                             "bottlerocket release 2:1.20.4 - - - 0\n"
                             "layer sha256:0: x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/"
                             "application-inventory.json: entry 4 of Content has no sound Name and Version\n"
                             "layer sha256:0: x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/"
                             "application-inventory.json: entry 5 of Content has no sound Name and Version\n");
    assert_purl(&image, 1, "pkg:generic/bottlerocket/kernel-6.1@1:6.1.94-1?distro=bottlerocket-1.20.4");
}

static void test_bottlerocket_broken(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "[]", "{\"Content\":{}}", "{\"Content\":[", "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        layer();
        file("usr/share/bottlerocket/application-inventory.json", texts[i]);
        struct inventory image = assemble();
        assert_int_equal(image.packages.n, 0);
        assert_int_equal(image.status, INVENTORY_PARTIAL);
        assert_int_equal(image.reasons.texts.n, 1);
        clean(NULL);
    }
}

static void test_bottlerocket_cut(void **state)
{
    (void)state;
    layer();
    file("usr/share/bottlerocket/application-inventory.json",
         "{\"Content\":[{\"Name\":\"a\",\"Version\":\"1\"},{\"Name\":\"b\"},"
         "{\"Name\":\"\\u0064\",\"Version\":\"2\"},{\"Name\":\"e\",\"Version\":\"3\"");
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_PARTIAL);
    assert_int_equal(image.packages.n, 2);
    assert_true(slice_eq_str(image.packages.v[0].name, "a") && slice_eq_str(image.packages.v[1].name, "d"));
    assert_int_equal(image.reasons.texts.n, 2);
    clean(NULL);
    /* What stands before a mistake was read. */
    layer();
    file("usr/share/bottlerocket/application-inventory.json",
         "{\"Content\":[{\"Name\":\"a\",\"Version\":\"1\"},{\"Name\":\"b\",\"Version\":\"1\",\"Name\":\"c\"}]}");
    image = assemble();
    assert_int_equal(image.packages.n, 1);
    assert_int_equal(image.reasons.texts.n, 1);
    assert_true(slice_ends(image.reasons.texts.v[0], SLICE("a key stands twice in one object, at byte 71, line 1")));
}

/* Purls as others write them, without the system: Portage's are Gentoo's, generic ones are nobody's. */
static void test_purls_without_a_system(void **state)
{
    (void)state;
    struct package p;
    struct os_info os;
    struct purl u;
    assert_int_equal(purl_parse(SLICE("pkg:ebuild/app-containers/skopeo@1.5.1-r1"), &arena, &u, NULL), 0);
    assert_true(purl_to_package(&u, &arena, &p, &os));
    assert_int_equal(p.type, PKG_PORTAGE);
    assert_true(slice_eq_str(p.name, "app-containers/skopeo") && slice_eq_str(p.version, "1.5.1-r1"));
    assert_true(slice_eq_str(os.id, "gentoo") && slice_eq_str(os.ecosystem, "Gentoo"));
    assert_int_equal(purl_parse(SLICE("pkg:alpm/arch/pacman@6.0.1-1?arch=x86_64"), &arena, &u, NULL), 0);
    assert_true(purl_to_package(&u, &arena, &p, &os));
    assert_true(p.type == PKG_PACMAN && slice_eq_str(os.id, "arch"));
    assert_int_equal(purl_parse(SLICE("pkg:nix/openssl@3.0.13"), &arena, &u, NULL), 0);
    assert_true(purl_to_package(&u, &arena, &p, &os));
    assert_true(p.type == PKG_NIX && !os.id.n);
    assert_int_equal(purl_parse(SLICE("pkg:generic/openssl@3.0.13"), &arena, &u, NULL), 0);
    assert_true(purl_to_package(&u, &arena, &p, &os) && p.type == PKG_GENERIC && !os.id.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_purls_without_a_system, clean),
        cmocka_unit_test_teardown(test_opkg, clean),
        cmocka_unit_test_teardown(test_opkg_elsewhere, clean),
        cmocka_unit_test_teardown(test_pacman, clean),
        cmocka_unit_test_teardown(test_pacman_broken, clean),
        cmocka_unit_test_teardown(test_portage, clean),
        cmocka_unit_test_teardown(test_nix, clean),
        cmocka_unit_test_teardown(test_bottlerocket, clean),
        cmocka_unit_test_teardown(test_bottlerocket_broken, clean),
        cmocka_unit_test_teardown(test_bottlerocket_cut, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
