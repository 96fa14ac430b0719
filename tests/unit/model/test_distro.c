/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distro/distro.h"
#include "model/distro/distro_table.h"

#include <setjmp.h>
#include <cmocka.h>

/* facts: "NAME=value;NAME=value". */
static const struct {
    const char *facts, *id, *version_id, *codename, *ecosystem;
} systems[] = {
    {"ID=debian;VERSION_ID=12;VERSION_CODENAME=bookworm;PRETTY_NAME=Debian", "debian", "12", "bookworm", "Debian:12"},
    {"ID=debian;VERSION_ID=11", "debian", "11", "", "Debian:11"},
    {"ID=debian;VERSION=7 (wheezy);VERSION_ID=7", "debian", "7", "wheezy", "Debian:7"},
    {"ID=debian;VERSION_CODENAME=forky;debian_version=forky/sid", "debian", "", "forky", "Debian:14"},
    {"ID=debian;PRETTY_NAME=Debian GNU/Linux trixie/sid;debian_version=trixie/sid", "debian", "", "", "Debian:13"},
    {"ID=debian;VERSION_CODENAME=sid", "debian", "", "sid", "Debian:14"},
    {"ID=debian", "debian", "", "", ""},
    {"debian_version=6.0.10", "debian", "6.0.10", "", "Debian:6"},
    {"debian_version=jessie/sid", "debian", "", "jessie", "Debian:8"},
    {"ID=ubuntu;ID_LIKE=debian;VERSION_ID=22.04;VERSION_CODENAME=jammy;UBUNTU_CODENAME=jammy;debian_version=bookworm/"
     "sid",
     "ubuntu", "22.04", "jammy", "Ubuntu:22.04:LTS"},
    {"ID=ubuntu;VERSION_ID=12.04", "ubuntu", "12.04", "", "Ubuntu:12.04:LTS"},
    {"ID=ubuntu;VERSION_ID=23.10", "ubuntu", "23.10", "", "Ubuntu:23.10"},
    {"ID=ubuntu;VERSION_ID=23.04", "ubuntu", "23.04", "", "Ubuntu:23.04"},
    {"ID=ubuntu;VERSION_ID=26.04", "ubuntu", "26.04", "", "Ubuntu:26.04:LTS"},
    {"ID=ubuntu;VERSION_CODENAME=noble", "ubuntu", "", "noble", "Ubuntu:24.04:LTS"},
    {"DISTRIB_ID=Ubuntu;DISTRIB_RELEASE=14.04;DISTRIB_CODENAME=trusty;debian_version=jessie/sid", "ubuntu", "14.04",
     "trusty", "Ubuntu:14.04:LTS"},
    {"ID=alpine;VERSION_ID=3.20.3", "alpine", "3.20.3", "", "Alpine:v3.20"},
    {"ID=alpine;VERSION_ID=3.10.9;alpine-release=3.10.9", "alpine", "3.10.9", "", "Alpine:v3.10"},
    {"ID=alpine;VERSION_ID=3.21.0_alpha20240923", "alpine", "3.21.0_alpha20240923", "", "Alpine:edge"},
    {"ID=alpine;VERSION_ID=3.20.0_rc1", "alpine", "3.20.0_rc1", "", "Alpine:v3.20"},
    {"alpine-release=3.4.6", "alpine", "3.4.6", "", "Alpine:v3.4"},
    {"ID=wolfi;VERSION_ID=20230201", "wolfi", "20230201", "", "Wolfi"},
    {"ID=chainguard", "chainguard", "", "", "Chainguard"},
    /* rpm */
    {"ID=rhel;VERSION_ID=9.4", "rhel", "9.4", "", "Red Hat:9"},
    {"redhat-release=Red Hat Enterprise Linux Server release 6.10 (Santiago)", "rhel", "6.10", "", "Red Hat:6"},
    {"ID=centos;ID_LIKE=rhel fedora;VERSION_ID=9;NAME=CentOS Stream", "centos", "9", "", "Red Hat:9"},
    {"ID=scientific;ID_LIKE=rhel centos fedora;VERSION_ID=7.9", "scientific", "7.9", "", "Red Hat:7"},
    {"ID=fedora;VERSION_ID=40;VERSION=40 (Container Image)", "fedora", "40", "", "Fedora:40"},
    {"ID=hummingbird;ID_LIKE=fedora rhel;VERSION_ID=20251124;CPE_NAME=cpe:/a:redhat:hummingbird:1", "hummingbird",
     "20251124", "", "Red Hat:hummingbird:1"},
    {"ID=almalinux;VERSION_ID=9.3", "almalinux", "9.3", "", "AlmaLinux:9"},
    {"ID=rocky;VERSION_ID=8.9", "rocky", "8.9", "", "Rocky Linux:8"},
    {"ID=ol;ID_LIKE=fedora;VERSION_ID=9.3", "ol", "9.3", "", "Oracle Linux:9"},
    {"oracle-release=Oracle Linux Server release 6.10;redhat-release=Red Hat Enterprise Linux Server release 6.10",
     "ol", "6.10", "", "Oracle Linux:6"},
    {"ID=amzn;VERSION_ID=2018.03", "amzn", "2018.03", "", "Amazon Linux:1"},
    {"system-release=Amazon Linux AMI release 2011.09", "amzn", "2011.09", "", "Amazon Linux:1"},
    {"ID=amzn;VERSION_ID=2016.09", "amzn", "2016.09", "", "Amazon Linux:1"},
    {"system-release=Amazon Linux AMI release 2018.03.0.20240304", "amzn", "2018.03.0.20240304", "", "Amazon Linux:1"},
    {"ID=amzn;VERSION_ID=2", "amzn", "2", "", "Amazon Linux:2"},
    {"ID=amzn;VERSION_ID=2.0.20240306", "amzn", "2.0.20240306", "", "Amazon Linux:2"},
    {"ID=amzn;VERSION_ID=2022", "amzn", "2022", "", "Amazon Linux:2022"},
    {"ID=amzn;VERSION_ID=2023.3.20240304", "amzn", "2023.3.20240304", "", "Amazon Linux:2023"},
    {"system-release=Amazon Linux release 2023.10.20260302 (Amazon Linux)", "amzn", "2023.10.20260302", "",
     "Amazon Linux:2023"},
    {"ID=amzn;VERSION_ID=2027.1", "amzn", "2027.1", "", "Amazon Linux:2027"},
    {"ID=sles;VERSION_ID=15-SP5", "sles", "15-SP5", "", "SUSE:Linux Enterprise Server 15 SP5"},
    {"ID=sles;VERSION_ID=15.5.1", "sles", "15.5.1", "", "SUSE:Linux Enterprise Server 15 SP5"},
    {"ID=azurelinux;VERSION_ID=3.0.20240727", "azurelinux", "3.0.20240727", "", "Azure Linux:3"},
    {"ID=photon;VERSION_ID=5.0.1", "photon", "5.0.1", "", "Photon OS:5.0"},
    {"ID=rocky;VERSION_ID=9.3.20231119", "rocky", "9.3.20231119", "", "Rocky Linux:9"},
    {"ID=ubuntu;VERSION_ID=22.04.5", "ubuntu", "22.04.5", "", "Ubuntu:22.04:LTS"},
    {"ID=debian;VERSION_ID=12.5.0", "debian", "12.5.0", "", "Debian:12"},
    {"ID=amzn;VERSION_ID=2023", "amzn", "2023", "", "Amazon Linux:2023"},
    {"ID=sles;VERSION_ID=15.5", "sles", "15.5", "", "SUSE:Linux Enterprise Server 15 SP5"},
    {"ID=sles;VERSION_ID=15", "sles", "15", "", "SUSE:Linux Enterprise Server 15"},
    {"ID=sles;VERSION_ID=12.0", "sles", "12.0", "", "SUSE:Linux Enterprise Server 12"},
    {"ID=sles;VERSION_ID=16.0", "sles", "16.0", "", "SUSE:Linux Enterprise Server 16.0"},
    {"SuSE-release=SUSE Linux Enterprise Server 11 (x86_64);SuSE-version=11.4", "sles", "11.4", "",
     "SUSE:Linux Enterprise Server 11 SP4"},
    {"ID=sles_sap;VERSION_ID=15.4", "sles_sap", "15.4", "", "SUSE:Linux Enterprise Server 15 SP4"},
    {"ID=sle-micro;VERSION_ID=5.5", "sle-micro", "5.5", "", "SUSE:Linux Enterprise Micro 5.5"},
    {"ID=sl-micro;VERSION_ID=6.0", "sl-micro", "6.0", "", "SUSE:Linux Micro 6.0"},
    {"ID=opensuse-leap;VERSION_ID=15.5", "opensuse-leap", "15.5", "", "openSUSE:Leap 15.5"},
    {"ID=opensuse;VERSION_ID=42.3", "opensuse", "42.3", "", "openSUSE:Leap 42.3"},
    {"ID=opensuse-tumbleweed;VERSION_ID=20240912", "opensuse-tumbleweed", "20240912", "", "openSUSE:Tumbleweed"},
    {"ID=opensuse-microos;VERSION_ID=20240912", "opensuse-microos", "20240912", "", "openSUSE:Tumbleweed"},
    {"ID=azurelinux;VERSION_ID=3.0", "azurelinux", "3.0", "", "Azure Linux:3"},
    {"ID=mariner;VERSION_ID=2.0", "mariner", "2.0", "", "Azure Linux:2"},
    {"ID=photon;VERSION_ID=5.0", "photon", "5.0", "", "Photon OS:5.0"},
    {"ID=openEuler;VERSION_ID=22.03;VERSION=22.03 (LTS-SP4)", "openeuler", "22.03-LTS-SP4", "",
     "openEuler:22.03-LTS-SP4"},
    {"ID=openEuler;VERSION_ID=20.03;VERSION=20.03 (LTS)", "openeuler", "20.03-LTS", "", "openEuler:20.03-LTS"},
    {"ID=openeuler;VERSION_ID=22.03-LTS-SP4", "openeuler", "22.03-LTS-SP4", "", "openEuler:22.03-LTS-SP4"},
    {"ID=openeuler;VERSION_ID=23.09;VERSION=23.09", "openeuler", "23.09", "", "openEuler:23.09"},
    {"ID=openeuler;VERSION_ID=23.09;VERSION=23.09 (a?b)", "openeuler", "23.09", "", "openEuler:23.09"},
    {"ID=anolis;VERSION_ID=8.8", "anolis", "8.8", "", "Anolis OS:8"},
    {"ID=mageia;VERSION_ID=9", "mageia", "9", "", "Mageia:9"},
    /* others */
    {"ID=arch;VERSION_ID=20240101.0.204074", "arch", "20240101.0.204074", "", "Arch Linux"},
    {"ID=manjaro;ID_LIKE=arch", "manjaro", "", "", "Arch Linux"},
    {"ID=newcomer;ID_LIKE=arch", "newcomer", "", "", "Arch Linux"},
    {"ID=gentoo;VERSION_ID=2.15", "gentoo", "2.15", "", "Gentoo"},
    {"ID=bottlerocket;VERSION_ID=1.20.0", "bottlerocket", "1.20.0", "", "Bottlerocket"},
    {"ID=nixos;VERSION_ID=24.05", "nixos", "24.05", "", ""},
    {"ID=openwrt;ID_LIKE=lede openwrt;VERSION_ID=23.05.2", "openwrt", "23.05.2", "", ""},
    {"ID=postmarketos;ID_LIKE=alpine;VERSION_ID=v24.06", "postmarketos", "v24.06", "", "Alpine:v3.20"},
    {"ID=postmarketos;ID_LIKE=alpine;VERSION_ID=edge", "postmarketos", "edge", "", "Alpine:edge"},
    {"ID=alpaquita;VERSION_ID=stream;ID_LIKE=alpine", "alpaquita", "stream", "", "Alpaquita:stream"},
    {"ID=alpaquita;VERSION_ID=23;ID_LIKE=alpine", "alpaquita", "23", "", "Alpaquita:23"},
    {"ID=minimos;VERSION_ID=20241031", "minimos", "20241031", "", "MinimOS"},
    {"ID=echo;VERSION_ID=1", "echo", "1", "", "Echo"},
    {"ID=dhi;ID_LIKE=alpine;VERSION_ID=3.24", "dhi", "3.24", "", "Docker Hardened Images:Alpine:3.24"},
    {"ID=dhi;ID_LIKE=alpine;VERSION_ID=3.24.1", "dhi", "3.24.1", "", "Docker Hardened Images:Alpine:3.24"},
    {"ID=dhi;ID_LIKE=debian;VERSION_ID=13;VERSION_CODENAME=trixie", "dhi", "13", "trixie",
     "Docker Hardened Images:Debian:13"},
    {"ID=dhi;VERSION_ID=13", "dhi", "13", "", ""}, /* of which of the two it is made nobody can say */
    /* derivatives */
    {"ID=raspbian;ID_LIKE=debian;VERSION_ID=12;VERSION_CODENAME=bookworm", "raspbian", "12", "bookworm", "Debian:12"},
    {"ID=raspbian;VERSION_ID=9", "raspbian", "9", "", "Debian:9"},
    {"ID=kali;ID_LIKE=debian;VERSION_ID=2024.3;VERSION_CODENAME=kali-rolling", "kali", "2024.3", "kali-rolling",
     "Debian:14"},
    {"ID=devuan;ID_LIKE=debian;VERSION_ID=5;VERSION_CODENAME=daedalus", "devuan", "5", "daedalus", "Debian:12"},
    {"ID=linuxmint;ID_LIKE=ubuntu debian;VERSION_ID=21.3;VERSION_CODENAME=virginia;UBUNTU_CODENAME=jammy", "linuxmint",
     "21.3", "virginia", "Ubuntu:22.04:LTS"},
    {"ID=linuxmint;ID_LIKE=debian;VERSION_ID=6;VERSION_CODENAME=faye;DEBIAN_CODENAME=bookworm", "linuxmint", "6",
     "faye", "Debian:12"},
    {"ID=pop;ID_LIKE=ubuntu debian;VERSION_ID=22.04", "pop", "22.04", "", "Ubuntu:22.04:LTS"},
    {"ID=parrot;ID_LIKE=debian;VERSION_ID=6.0;VERSION_CODENAME=lory", "parrot", "6.0", "lory", "Debian:12"},
    {"ID=newcomer;ID_LIKE=ubuntu debian;UBUNTU_CODENAME=noble", "newcomer", "", "", "Ubuntu:24.04:LTS"},
    {"ID=newcomer;ID_LIKE=debian;debian_version=12.5;VERSION_ID=3", "newcomer", "3", "", "Debian:12"},
    {"ID=newcomer;ID_LIKE=debian;VERSION_CODENAME=trixie", "newcomer", "", "trixie", "Debian:13"},
    {"ID=newcomer;ID_LIKE=alpine;VERSION_ID=9;alpine-release=3.19.1", "newcomer", "9", "", "Alpine:v3.19"},
    {"ID=newcomer;ID_LIKE=debian;VERSION_ID=12", "newcomer", "12", "", ""},
    /* not in the table: facts stay */
    {"ID=haiku;VERSION_ID=40", "haiku", "40", "", ""},
    {"redhat-release=CentOS release 6.10 (Final)", "centos", "6.10", "", "Red Hat:6"},
    {"redhat-release=Something Linux 3", "", "3", "", ""},
    {"ID=ubuntu;VERSION_ID=../../etc", "ubuntu", "../../etc", "", ""},
    {"ID=debian;VERSION_ID=99999999999", "debian", "99999999999", "", ""},
    {"", "", "", "", ""},
};

static void test_systems(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(systems); i++) {
        struct slice rest = slice_str(systems[i].facts), pair;
        struct fact facts[12];
        size_t n = 0;
        while (slice_take_token(&rest, ';', &pair)) {
            assert_true(n < ARRAY_LEN(facts) && slice_take_token(&pair, '=', &facts[n].name));
            facts[n++].value = pair;
        }
        struct os_info os = {.id = SLICE_NONE};
        distro_identify(facts, n, &a, &os);
        if (!slice_eq_str(os.id, systems[i].id) || !slice_eq_str(os.version_id, systems[i].version_id) ||
            !slice_eq_str(os.codename, systems[i].codename) || !slice_eq_str(os.ecosystem, systems[i].ecosystem))
            fail_msg("%s: id %.*s version %.*s codename %.*s ecosystem %.*s", systems[i].facts, SLICE_FMT(os.id),
                     SLICE_FMT(os.version_id), SLICE_FMT(os.codename), SLICE_FMT(os.ecosystem));
        const struct distro *d = distro_of(&os);
        if (os.ecosystem.n)
            assert_true(d && d->ecosystem && slice_starts(os.ecosystem, slice_str(d->ecosystem)));
    }
    arena_done(&a);
}

static void test_rows(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(1 << 16);
    struct slice release;
    const struct distro *d = distro_of_ecosystem(SLICE("Ubuntu:22.04:LTS"));
    assert_non_null(d);
    assert_string_equal(d->id, "ubuntu");
    assert_int_equal(d->type, PKG_DPKG);
    assert_int_equal(d->names, NAME_SOURCE);
    assert_int_equal(distro_by_id(SLICE("alpine"))->type, PKG_APK);
    assert_int_equal(distro_by_id(SLICE("wolfi"))->type, PKG_APK);
    assert_string_equal(distro_of_ecosystem(SLICE("SUSE:Linux Micro 6.0"))->id, "sl-micro");
    assert_string_equal(distro_of_ecosystem(SLICE("SUSE:Linux Enterprise Server 15 SP5"))->id, "sles");
    assert_string_equal(distro_of_ecosystem(SLICE("openSUSE:Leap Micro 5.3"))->id, "opensuse-leap-micro");
    assert_string_equal(distro_of_ecosystem(SLICE("openSUSE:Tumbleweed"))->id, "opensuse-tumbleweed");
    assert_string_equal(distro_of_ecosystem(SLICE("Red Hat:rhel_eus:9.4"))->id, "rhel");
    assert_null(distro_of_ecosystem(SLICE("SUSE:Manager Server 4.3")));
    assert_null(distro_of_ecosystem(SLICE("npm")));
    assert_null(distro_of_ecosystem(SLICE_NONE));
    assert_null(distro_by_id(SLICE("")));
    struct os_info kali = {.id = SLICE("kali"), .ecosystem = SLICE("Debian:14")}, lost = {.id = SLICE("kali")};
    assert_string_equal(distro_of(&kali)->id, "debian");
    assert_string_equal(distro_of(&lost)->id, "kali");
    assert_true(distro_codename_release(SLICE("debian"), SLICE("bookworm"), &release) && slice_eq_str(release, "12"));
    assert_true(distro_codename_release(SLICE("ubuntu"), SLICE("jammy"), &release) && slice_eq_str(release, "22.04"));
    assert_false(distro_codename_release(SLICE("debian"), SLICE("jammy"), &release));
    assert_true(slice_eq_str(distro_ecosystem(distro_by_id(SLICE("ubuntu")), SLICE("6.06"), &a), "Ubuntu:6.06:LTS"));
    assert_null(distro_ecosystem(distro_by_id(SLICE("kali")), SLICE("1"), &a).p);
    assert_null(distro_ecosystem(NULL, SLICE("1"), &a).p);
    arena_done(&a);
}

static void test_spellings(void **state)
{
    (void)state;
    /* Each spelling gives all; with a bar before those that need a subscription. */
    static const char *const all[][2] = {
        {"Debian:9", "Debian:9;|Debian:ELTS:9"},
        {"Debian:ELTS:9", "Debian:9;|Debian:ELTS:9"},
        {"Ubuntu:23.10", "Ubuntu:23.10;Ubuntu:23.10:LTS;|Ubuntu:Pro:23.10;|Ubuntu:Pro:23.10:LTS"},
        {"Ubuntu:Pro:22.04:LTS", "Ubuntu:22.04;Ubuntu:22.04:LTS;|Ubuntu:Pro:22.04;|Ubuntu:Pro:22.04:LTS"},
        {"Alpine:v3.20", "Alpine:v3.20;Alpine:3.20"},
        {"Alpine:edge", "Alpine:edge"},
        {"SUSE:Linux Enterprise Server 15 SP4-LTSS",
         "SUSE:Linux Enterprise Server 15 SP4;|SUSE:Linux Enterprise Server 15 SP4-LTSS"},
        {"Red Hat:9", "Red Hat:9;|Red Hat:rhel_els:9"},
        {"Red Hat:rhel_els:7", "Red Hat:7;|Red Hat:rhel_els:7"},
        {"Red Hat:rhel_eus:9.4", "Red Hat:rhel_eus:9.4"},
        {"Red Hat:hummingbird:1", "Red Hat:hummingbird:1"},
        {"Wolfi", "Wolfi"},
        {"npm", "npm"},
        {"", ""},
    };
    struct arena a = ARENA_INIT(1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct distro_spelling to[DISTRO_SPELLINGS_MAX];
        struct slice text = SLICE("");
        size_t n = distro_spellings(slice_str(all[i][0]), &a, to);
        for (size_t k = 0; k < n; k++) {
            text = arena_printf(&a, "%.*s%s%s%.*s", SLICE_FMT(text), k ? ";" : "", to[k].subscription ? "|" : "",
                                SLICE_FMT(to[k].name));
            assert_true(
                slice_eq(distro_ecosystem_base(to[k].name, &a), distro_ecosystem_base(slice_str(all[i][0]), &a)));
        }
        if (!slice_eq_str(text, all[i][1]))
            fail_msg("%s: %.*s", all[i][0], SLICE_FMT(text));
    }
    assert_true(slice_eq_str(distro_ecosystem_base(SLICE("Red Hat:rhel_eus:9.4"), &a), "Red Hat"));
    arena_done(&a);
}

static void test_products(void **state)
{
    (void)state;
    static const char *const all[][2] = {
        {"SUSE Linux Enterprise Server 15 SP5", "SUSE:Linux Enterprise Server 15 SP5"},
        {"SUSE:Linux Enterprise Module for Basesystem 15 SP5", "SUSE:Linux Enterprise Server 15 SP5"},
        {"SUSE Linux Enterprise Module for Python 3 15 SP5", "SUSE:Linux Enterprise Server 15 SP5"},
        {"SUSE Linux Enterprise Server 12 SP5-LTSS", "SUSE:Linux Enterprise Server 12 SP5-LTSS"},
        {"SUSE Linux Enterprise Server 12 SP5-LTSS-Extended-Security", "SUSE:Linux Enterprise Server 12 SP5-LTSS"},
        {"SUSE Linux Enterprise High Performance Computing 15 SP3-ESPOS", "SUSE:Linux Enterprise Server 15 SP3-LTSS"},
        {"SUSE Linux Enterprise Server 15", "SUSE:Linux Enterprise Server 15"},
        {"SUSE Linux Enterprise Server 16.0", "SUSE:Linux Enterprise Server 16.0"},
        {"SUSE Linux Enterprise Server 15 SP3-TERADATA", ""},
        {"SUSE Linux Enterprise Server for SAP Applications 15 SP4", ""},
        {"SUSE Package Hub 15 SP5", "SUSE:Linux Enterprise Server 15 SP5"},
        {"SUSE Linux Enterprise Micro 5.5", "SUSE:Linux Enterprise Micro 5.5"},
        {"SUSE Linux Enterprise Micro 6.0", "SUSE:Linux Micro 6.0"},
        {"SUSE Linux Micro 6.0", "SUSE:Linux Micro 6.0"},
        {"openSUSE Leap 15.5", "openSUSE:Leap 15.5"},
        {"openSUSE:Leap 15.5", "openSUSE:Leap 15.5"},
        {"openSUSE Leap Micro 5.3", "openSUSE:Leap Micro 5.3"},
        {"openSUSE Tumbleweed", "openSUSE:Tumbleweed"},
        {"SUSE Manager Server 4.3", ""},
        {"SUSE Linux Enterprise Server ", ""},
        {"", ""},
    };
    struct arena a = ARENA_INIT(1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct slice got = distro_product_ecosystem(slice_str(all[i][0]), &a);
        if (!slice_eq_str(got, all[i][1]))
            fail_msg("%s: %.*s", all[i][0], SLICE_FMT(got));
    }
    arena_done(&a);
}

static void test_name(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(1 << 16);
    struct os_info os;
    struct fact pretty[] = {{SLICE("NAME"), SLICE("Debian GNU/Linux")},
                            {SLICE("PRETTY_NAME"), SLICE("Debian GNU/Linux 12 (bookworm)")},
                            {SLICE("ID"), SLICE("DEBIAN")}};
    distro_identify(pretty, 3, &a, &os);
    assert_true(slice_eq_str(os.name, "Debian GNU/Linux 12 (bookworm)"));
    assert_true(slice_eq_str(os.id, "debian"));
    distro_identify(pretty, 1, &a, &os);
    assert_true(slice_eq_str(os.name, "Debian GNU/Linux"));
    struct fact red = {SLICE("redhat-release"), SLICE("CentOS Linux release 7.9.2009 (Core)")};
    distro_identify(&red, 1, &a, &os);
    assert_true(slice_eq_str(os.name, "CentOS Linux release 7.9.2009 (Core)"));
    distro_identify(NULL, 0, &a, &os);
    assert_null(os.name.p);
    arena_done(&a);
}

/* An alias that is spelt otherwise, or that names no row, would never be met. */
static void test_aliases(void **state)
{
    (void)state;
    for (size_t i = 0; i < distro_aliases_n; i++) {
        const char *name = distro_aliases[i].name;
        if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(name) ||
            !distro_by_id(slice_str(distro_aliases[i].id)))
            fail_msg("alias %s of %s", name, distro_aliases[i].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_aliases),  cmocka_unit_test(test_systems),
                                       cmocka_unit_test(test_rows),     cmocka_unit_test(test_spellings),
                                       cmocka_unit_test(test_products), cmocka_unit_test(test_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
