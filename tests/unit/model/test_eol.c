/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distro/eol.h"

#include "base/clock.h"
#include "model/distro/distro.h"

#include <setjmp.h>
#include <cmocka.h>

static struct os_info identified(const char *id, const char *version, const char *name, const char *end,
                                 struct arena *a)
{
    const struct fact facts[] = {{SLICE("ID"), slice_str(id)},
                                 {SLICE("VERSION_ID"), slice_str(version)},
                                 {SLICE("PRETTY_NAME"), slice_str(name)},
                                 {SLICE("ID_LIKE"), SLICE("ubuntu debian")},
                                 {SLICE("UBUNTU_CODENAME"), slice_str(strcmp(id, "linuxmint") == 0 ? "jammy" : "")},
                                 {SLICE("SUPPORT_END"), slice_str(end)}};
    struct os_info os;
    distro_identify(facts, ARRAY_LEN(facts), a, &os);
    return os;
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        const char *id, *version, *name, *support_end, *want;
    } all[] = {
        {"debian", "9", "Debian GNU/Linux 9 (stretch)", "", "2022-06-30"},
        {"ubuntu", "22.04", "Ubuntu 22.04.3 LTS", "", "2027-06-01"},
        {"ubuntu", "23.10", "Ubuntu 23.10", "", "2024-07-11"},
        {"linuxmint", "21.3", "Linux Mint 21.3", "", "2027-06-01"},
        {"alpine", "3.20.3", "Alpine Linux v3.20", "", "2026-04-01"},
        {"alpine", "3.24.1", "Alpine Linux v3.24", "", "2028-06-01"},
        {"rhel", "9.4", "Red Hat Enterprise Linux 9.4 (Plow)", "", "2032-05-31"},
        {"centos", "8", "CentOS Linux 8 (Core)", "", "2021-12-31"},
        {"centos", "8", "CentOS Stream 8", "", "2024-05-31"},
        {"centos", "10", "CentOS Stream 10 (Coughlan)", "", "2030-05-31"},
        {"centos", "11", "CentOS Stream 11", "", ""},
        {"fedora", "40", "Fedora Linux 40", "2024-01-01", "2025-05-13"},
        {"fedora", "42", "Fedora Linux 42 (Container Image)", "2026-05-13", "2026-05-27"},
        {"fedora", "99", "Fedora Linux 99", "2050-12-31", "2050-12-31"},
        {"fedora", "99", "Fedora Linux 99", "soon", ""},
        {"sles", "15.5", "SUSE Linux Enterprise Server 15 SP5", "", "2024-12-31"},
        {"sles", "15", "SUSE Linux Enterprise Server 15", "", "2019-12-31"},
        {"sles", "15.7", "SUSE Linux Enterprise Server 15 SP7", "", "2031-07-31"},
        {"sles", "16.0", "SUSE Linux Enterprise Server 16.0", "", "2027-11-30"},
        {"sle-micro", "5.5", "SUSE Linux Enterprise Micro 5.5", "", "2027-10-31"},
        {"sl-micro", "6.1", "SUSE Linux Micro 6.1", "", "2028-11-30"},
        {"opensuse-leap", "15.6", "openSUSE Leap 15.6", "", "2026-04-30"},
        {"opensuse-leap-micro", "5.4", "openSUSE Leap Micro 5.4", "", "2024-06-25"},
        {"almalinux", "8.10", "AlmaLinux 8.10 (Cerulean Leopard)", "", "2029-05-31"},
        {"rocky", "9.4", "Rocky Linux 9.4 (Blue Onyx)", "", "2032-05-31"},
        {"ol", "8.10", "Oracle Linux Server 8.10", "", "2029-07-31"},
        {"photon", "4.0", "VMware Photon OS/Linux", "", "2027-10-11"},
        {"photon", "5.0", "VMware Photon OS/Linux", "", ""},
        {"mariner", "2.0.20240223", "CBL-Mariner/Linux", "", "2025-07-31"},
        {"azurelinux", "3.0", "Microsoft Azure Linux 3.0", "", ""},
        {"anolis", "8.9", "Anolis OS 8.9", "", "2031-03-31"},
        {"mageia", "9", "Mageia 9", "", "2026-09-29"},
        {"openEuler", "24.03-LTS-SP3", "openEuler 24.03 (LTS-SP3)", "", "2027-12-31"},
        {"openEuler", "22.03-LTS-SP4", "openEuler 22.03 (LTS-SP4)", "", "2026-06-30"},
        {"wolfi", "20230201", "Wolfi", "", ""},
        {"amzn", "2023", "Amazon Linux 2023.6.20250203", "2029-06-30", "2029-06-30"},
        {"amzn", "2018.03", "Amazon Linux AMI 2018.03", "", "2023-12-31"},
    };
    struct arena a = ARENA_INIT(1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct os_info os = identified(all[i].id, all[i].version, all[i].name, all[i].support_end, &a);
        if (!slice_eq_str(os.end_of_life, all[i].want))
            fail_msg("%s: %.*s", all[i].name, SLICE_FMT(os.end_of_life));
    }
    assert_true(eol_is_date(SLICE("2022-06-30")));
    assert_false(eol_is_date(SLICE("2022-6-30")) || eol_is_date(SLICE("2022/06/30")) || eol_is_date(SLICE("")));
    arena_done(&a);
}

static void test_sentence(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(1 << 16);
    struct os_info os = identified("debian", "9", "Debian GNU/Linux 9 (stretch)", "", &a);
    int64_t last, after;
    assert_true(clock_parse(SLICE("2022-06-30T23:59:59Z"), &last) && clock_parse(SLICE("2022-07-01"), &after));
    assert_null(eol_sentence(&os, last, &a).p);
    assert_true(slice_eq_str(eol_sentence(&os, after, &a),
                             "Debian GNU/Linux 9 (stretch) is past its end of life since 2022-06-30; nobody tells of "
                             "new vulnerabilities in it"));
    assert_true(eol_past(SLICE("2022-06-30"), after));
    assert_false(eol_past(SLICE("2022-06-30"), last));
    assert_false(eol_past(SLICE("soon"), after));
    os.end_of_life = SLICE("some day");
    assert_null(eol_sentence(&os, after, &a).p);
    arena_done(&a);
}

static void test_notes(void **state)
{
    (void)state;
    static const struct {
        const char *id, *version, *name, *want;
    } all[] = {
        {"debian", "12", "Debian GNU/Linux 12", ""},
        {"linuxmint", "21.3", "Linux Mint 21.3", "the advisories of Ubuntu 22.04 are used for Linux Mint 21.3"},
        {"centos", "7", "CentOS Linux 7 (Core)", "the advisories of Red Hat 7 are used for CentOS Linux 7 (Core)"},
        {"centos", "9", "CentOS Stream 9",
         "the advisories of Red Hat 9 are used for CentOS Stream 9, whose packages come before theirs: it may have a "
         "fix in another version"},
        {"manjaro", "", "Manjaro Linux", "the advisories of Arch Linux are used for Manjaro Linux"},
        {"nixos", "24.05", "NixOS 24.05",
         "no advisories for NixOS 24.05: nobody is known to publish them for this system"},
        {"debian", "", "Debian", "no advisories for Debian: its files don't say which release it is"},
        {"", "", "", ""},
    };
    struct arena a = ARENA_INIT(1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct os_info os = identified(all[i].id, all[i].version, all[i].name, "", &a);
        struct reasons notes = {0};
        distro_notes(&os, DISTRO_BY_FILES, &a, &notes);
        if (notes.texts.n != (all[i].want[0] != 0) || (notes.texts.n && !slice_eq_str(notes.texts.v[0], all[i].want)))
            fail_msg("%s: %zu, %.*s", all[i].name, notes.texts.n,
                     SLICE_FMT(notes.texts.n ? notes.texts.v[0] : SLICE("")));
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dates), cmocka_unit_test(test_sentence),
                                       cmocka_unit_test(test_notes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
