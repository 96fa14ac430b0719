/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/origin.h"

#include <setjmp.h>
#include <cmocka.h>

static struct arena arena = {.max = (size_t)8 << 20};

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct package *add(package_vec *v, enum package_type type, const char *version, const char *vendor)
{
    struct package *p = VEC_ADD(&arena, v);
    *p = (struct package){.type = type, .name = SLICE("p"), .version = slice_str(version), .vendor = slice_str(vendor)};
    return p;
}

static const struct os_info debian = {.id = {(const uint8_t *)"debian", 6},
                                      .ecosystem = {(const uint8_t *)"Debian:12", 9}};

static void test_dpkg(void **state)
{
    (void)state;
    static const struct {
        const char *version, *maintainer, *want;
    } all[] = {
        /* the distributions' own */
        {"1.2.3-1", "", ""},
        {"1:2.36-9+deb12u4", "", ""},
        {"12.2.0-14+b1", "", ""},
        {"9.16.50-1~deb11u2", "", ""},
        {"2.40-1~bpo12+1", "", ""},
        {"1:9.2p1-2+deb12u2+rpt1", "Raspberry Pi <pi@raspberrypi.com>", ""},
        {"7.88.1-10+rpi1+deb12u5", "Alessandro Ghedini <ghedo@debian.org>", ""},
        {"131.0.6778.85-1~deb12u1", "Debian Chromium Team <chromium@packages.debian.org>", ""},
        {"20.10.21-0ubuntu1~22.04.3", "", ""},
        {"5.1.6~rc2-0ubuntu1~xenial10", "", ""},
        {"1.0.2g-1ubuntu4.fips.4.6~ppa3", "", ""},
        {"0.7.1+git20180125-1", "Somebody Unheard Of <somebody@example.org>", ""},
        {"2.0-1", "Debian CUPS <printing@lists.debian.org>", ""},
        {"1.0~locale-1", "", ""},
        {"6.8.0-1+sid", "", ""},
        {"3.0~bookworm.2-1", "", ""},
        /* others' */
        {"5:24.0.7-1~ubuntu.22.04~jammy", "Docker <support@docker.com>",
         "its version says that it is from its maker's own repository"},
        {"1.6.25-1", "Docker <support@docker.com>", "its maintainer is Docker <support@docker.com>"},
        {"15.5-1.pgdg120+1", "", "its version says that it is from PostgreSQL's own repository"},
        {"18.19.0-1nodesource1", "", "its version says that it is from NodeSource"},
        {"8.2.12-1+ubuntu22.04.1+deb.sury.org+1", "", "its version says that it is from deb.sury.org"},
        {"8.2.12-1+0~20231026.59+debian12~1.gbpb52c8e", "", "its version says that it is from deb.sury.org"},
        {"1:10.11.6+maria~deb12", "", "its version says that it is from MariaDB's own repository"},
        {"2.43.0-0ppa1~ubuntu22.04.1", "", "its version says that it is from a personal package archive"},
        {"1.24.0-1~bookworm", "", "its version says that it was built for this release by somebody else"},
        {"3.12.1-1+jammy1", "", "its version says that it was built for this release by somebody else"},
        {"1.2-1+local", "", "its version says that it was built locally"},
        {"1.2-1local2.1", "", "its version says that it was built locally"},
        {"7.0.403-1", ".NET Team <dotnetpackages@microsoft.com>",
         "its maintainer is .NET Team <dotnetpackages@microsoft.com>"},
        {"1.0", "<root@build>", "its maintainer is <root@build>: it was built locally"},
        {"1.0", "<root@pc.localdomain>", "its maintainer is <root@pc.localdomain>: it was built locally"},
        {"1.0", "<root@build.example.com>", "its maintainer is <root@build.example.com>"},
        {"6.0.0", "Linux Mint <root@linuxmint.com>", "its maintainer is Linux Mint <root@linuxmint.com>"},
        {"1.7.25-1", "Containerd team <help@containerd.io>", "its maintainer is Containerd team <help@containerd.io>"},
        {"131.0.6778.85-1", "Chrome Linux Team <chromium-dev@chromium.org>",
         "its maintainer is Chrome Linux Team <chromium-dev@chromium.org>"},
        {"2024.3.1", "Kali Developers <devel@kali.org>", "its maintainer is Kali Developers <devel@kali.org>"},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        package_vec v = {0};
        struct reasons notes = {0};
        add(&v, PKG_DPKG, all[i].version, all[i].maintainer);
        origin_judge(&debian, &v, &arena, &notes);
        if (!slice_eq_str(v.v[0].not_judged.text, all[i].want))
            fail_msg("%s: %.*s", all[i].version, SLICE_FMT(v.v[0].not_judged.text));
        assert_int_equal(notes.texts.n, all[i].want[0] != 0);
    }
}

static void test_pi_kernel(void **state)
{
    (void)state;
    package_vec v = {0};
    struct reasons notes = {0};
    add(&v, PKG_DPKG, "1:6.6.51-1+rpt3", "Serge Schneider <serge@raspberrypi.com>")->source_name = SLICE("linux");
    add(&v, PKG_DPKG, "6.1.112-1", "Debian Kernel Team <debian-kernel@lists.debian.org>")->source_name = SLICE("linux");
    origin_judge(&debian, &v, &arena, &notes);
    assert_true(slice_eq_str(v.v[0].not_judged.text, "it is Raspberry Pi's own kernel"));
    assert_int_equal(v.v[1].not_judged.text.n, 0);
}

static void test_rpm(void **state)
{
    (void)state;
    const struct os_info rhel = {.id = SLICE("rhel"), .ecosystem = SLICE("Red Hat:9")},
                         centos = {.id = SLICE("centos"), .ecosystem = SLICE("Red Hat:7")},
                         fedora = {.id = SLICE("fedora"), .ecosystem = SLICE("Fedora:40")},
                         euler = {.id = SLICE("openeuler"), .ecosystem = SLICE("openEuler:22.03-LTS")},
                         mint = {.id = SLICE("nixos")};
    package_vec v = {0};
    struct reasons notes = {0};
    for (int i = 0; i < 6; i++)
        add(&v, PKG_RPM, "1-1.el9", i % 2 ? "Red Hat, Inc." : "CentOS");
    add(&v, PKG_RPM, "1-1.el9", "Fedora Project");
    add(&v, PKG_RPM, "1-1", "");
    add(&v, PKG_RPM, "1-1", "(none)");
    origin_judge(&centos, &v, &arena, &notes);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(v.v[i].not_judged.text.n, 0);
    assert_true(slice_eq_str(v.v[6].not_judged.text, "its vendor is Fedora Project"));
    assert_true(slice_eq_str(v.v[7].not_judged.text, "it names no vendor: it was built locally"));
    assert_true(slice_eq_str(v.v[8].not_judged.text, "it names no vendor: it was built locally"));
    assert_int_equal(notes.texts.n, 1);
    assert_true(slice_eq_str(notes.texts.v[0],
                             "3 packages are not the distribution's own and not judged; the first is p: its "
                             "vendor is Fedora Project"));
    /* Without a note of who the vendors are, or with one that fits too few, none is foreign. */
    v = (package_vec){0};
    add(&v, PKG_RPM, "1-1", "Rebuilders");
    add(&v, PKG_RPM, "1-1", "Rebuilders");
    add(&v, PKG_RPM, "1-1", "Red Hat, Inc.");
    notes = (struct reasons){0};
    origin_judge(&rhel, &v, &arena, &notes);
    origin_judge(&euler, &v, &arena, &notes);
    origin_judge(&mint, &v, &arena, &notes);
    assert_int_equal(notes.texts.n, 0);
    /* A database that names no vendors at all says nothing by it. */
    v = (package_vec){0};
    add(&v, PKG_RPM, "1-1", "");
    add(&v, PKG_RPM, "1-1", "");
    origin_judge(&rhel, &v, &arena, &notes);
    assert_int_equal(notes.texts.n, 0);
    v = (package_vec){0};
    add(&v, PKG_RPM, "1-1", "Fedora Project");
    add(&v, PKG_RPM, "1-1", "Fedora Project COPR (user/things)");
    add(&v, PKG_DPKG, "1-1", "");
    origin_judge(&fedora, &v, &arena, &notes);
    assert_int_equal(v.v[0].not_judged.text.n, 0);
    assert_true(slice_eq_str(v.v[1].not_judged.text, "its vendor is Fedora Project COPR (user/things)"));
    assert_true(slice_eq_str(v.v[2].not_judged.text, "Fedora's advisories don't speak of dpkg packages"));
    const struct os_info arch = {.id = SLICE("manjaro"), .ecosystem = SLICE("Arch Linux")};
    v = (package_vec){0};
    add(&v, PKG_PACMAN, "1-1", "Unknown Packager");
    add(&v, PKG_PACMAN, "1-1", "A Person <a@archlinux.org>");
    add(&v, PKG_WINDOWS, "1-1", "");
    origin_judge(&arch, &v, &arena, &notes);
    assert_true(slice_eq_str(v.v[0].not_judged.text, "its packager is not named: it was built locally"));
    assert_int_equal(v.v[1].not_judged.text.n, 0);
    assert_true(slice_eq_str(v.v[2].not_judged.text, "Arch Linux's advisories don't speak of windows packages"));
}

/* Whose advisories judge a package: the system's, or nobody's where it is of another system's kind. */
static void test_ecosystems(void **state)
{
    (void)state;
    const struct os_info nobodys = {.id = SLICE("strange")};
    struct reasons notes = {0};
    package_vec v = {0};
    add(&v, PKG_DPKG, "1-1", "");
    add(&v, PKG_DPKG, "1-1+local", "");
    add(&v, PKG_RPM, "1-1", "");
    origin_judge(&debian, &v, &arena, &notes);
    assert_true(slice_eq_str(v.v[0].ecosystem, "Debian:12") && slice_eq_str(v.v[1].ecosystem, "Debian:12"));
    assert_true(v.v[1].not_judged.text.n && !v.v[2].ecosystem.n && v.v[2].not_judged.text.n);
    v = (package_vec){0};
    add(&v, PKG_DPKG, "1-1", "");
    origin_judge(&nobodys, &v, &arena, &notes);
    assert_true(!v.v[0].ecosystem.n && !v.v[0].not_judged.text.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_dpkg, reset), cmocka_unit_test_teardown(test_pi_kernel, reset),
        cmocka_unit_test_teardown(test_rpm, reset), cmocka_unit_test_teardown(test_ecosystems, reset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
