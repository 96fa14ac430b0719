/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distro/eol.h"

#include "base/clock.h"

/*
 * The last day on which a system's publisher gives security updates to everybody, as of November 2026. What is sold
 * on top of that (ELTS, Pro, ELS, LTSS, Extended Support, ESU) doesn't count; where a subscription comes with the
 * system itself (Red Hat, SUSE), it is the end of its ordinary maintenance. A month means its last day. Where several
 * releases have one number, that which is maintained longest counts.
 *  Debian         wiki.debian.org/LTS, with days in distro-info-data: Long Term Support
 *  Ubuntu         ubuntu.com/about/release-cycle, with days in distro-info-data: standard support
 *  Alpine         alpinelinux.org/releases: end of support
 *  Red Hat        access.redhat.com/support/policy/updates/errata: the end of the maintenance phase
 *  CentOS         blog.centos.org, "End dates are coming"; their packages outlive them in Red Hat's advisories.
 *                 Stream ends with Red Hat's full support (centos.org/centos-stream); Red Hat's page has the day
 *  AlmaLinux      wiki.almalinux.org/release-notes: security support
 *  Rocky Linux    wiki.rockylinux.org/rocky/version: end of life
 *  Oracle         oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf: months of premier support
 *  Fedora         docs.fedoraproject.org/en-US/releases/eol; what is to come: fedorapeople.org/groups/schedule
 *  Amazon         aws.amazon.com/amazon-linux-2/faqs, docs.aws.amazon.com/linux/al2023/ug/release-cadence.html
 *  SUSE           suse.com/lifecycle: general support
 *  openSUSE       en.opensuse.org/Lifetime; Leap Micro: get.opensuse.org
 *  Azure Linux    Microsoft's announcements: 1 github.com/dotnet/dotnet-docker/issues/4558, 2 the "Announcement of
 *                 migrating to Azure Linux 3.0" (techcommunity.microsoft.com), which says summer 2027 of 3
 *  Photon OS      1 blogs.vmware.com/vsphere, its announcement; 2 the month at endoflife.date; 3 and 4 Broadcom's own
 *                 correction of that (github.com/endoflife-date/endoflife.date/pull/9025)
 *  Anolis OS      gitee.com/anolis/rnotes, anolis/policy/life-cycle.md: quarters
 *  Windows        learn.microsoft.com/lifecycle: extended support where there is one
 *  openEuler      openeuler.org/en/other/lifecycle: months
 *  Mageia         mageia.org/en/support
 * A release that is not here, or whose publisher names a season, has no date.
 */
static const struct {
    const char *of; /* an ecosystem without ":LTS", or os-release's ID with the number */
    const char *last_day;
} ends[] = {
    {"Debian:6", "2016-02-29"},
    {"Debian:7", "2018-05-31"},
    {"Debian:8", "2020-06-30"},
    {"Debian:9", "2022-06-30"},
    {"Debian:10", "2024-06-30"},
    {"Debian:11", "2026-08-31"},
    {"Debian:12", "2028-06-30"},
    {"Debian:13", "2030-06-30"},
    {"Ubuntu:12.04", "2017-04-28"},
    {"Ubuntu:12.10", "2014-05-16"},
    {"Ubuntu:13.04", "2014-01-27"},
    {"Ubuntu:13.10", "2014-07-17"},
    {"Ubuntu:14.04", "2019-04-25"},
    {"Ubuntu:14.10", "2015-07-23"},
    {"Ubuntu:15.04", "2016-02-04"},
    {"Ubuntu:15.10", "2016-07-28"},
    {"Ubuntu:16.04", "2021-04-30"},
    {"Ubuntu:16.10", "2017-07-20"},
    {"Ubuntu:17.04", "2018-01-13"},
    {"Ubuntu:17.10", "2018-07-19"},
    {"Ubuntu:18.04", "2023-05-31"},
    {"Ubuntu:18.10", "2019-07-18"},
    {"Ubuntu:19.04", "2020-01-23"},
    {"Ubuntu:19.10", "2020-07-17"},
    {"Ubuntu:20.04", "2025-05-29"},
    {"Ubuntu:20.10", "2021-07-22"},
    {"Ubuntu:21.04", "2022-01-20"},
    {"Ubuntu:21.10", "2022-07-14"},
    {"Ubuntu:22.04", "2027-06-01"},
    {"Ubuntu:22.10", "2023-07-20"},
    {"Ubuntu:23.04", "2024-01-25"},
    {"Ubuntu:23.10", "2024-07-11"},
    {"Ubuntu:24.04", "2029-05-31"},
    {"Ubuntu:24.10", "2025-07-10"},
    {"Ubuntu:25.04", "2026-01-15"},
    {"Ubuntu:25.10", "2026-07-09"},
    {"Ubuntu:26.04", "2031-05-29"},
    {"Ubuntu:26.10", "2027-07-15"},
    {"Alpine:v3.0", "2016-05-01"},
    {"Alpine:v3.1", "2016-11-01"},
    {"Alpine:v3.2", "2017-05-01"},
    {"Alpine:v3.3", "2017-11-01"},
    {"Alpine:v3.4", "2018-05-01"},
    {"Alpine:v3.5", "2018-11-01"},
    {"Alpine:v3.6", "2019-05-01"},
    {"Alpine:v3.7", "2019-11-01"},
    {"Alpine:v3.8", "2020-05-01"},
    {"Alpine:v3.9", "2020-11-01"},
    {"Alpine:v3.10", "2021-05-01"},
    {"Alpine:v3.11", "2021-11-01"},
    {"Alpine:v3.12", "2022-05-01"},
    {"Alpine:v3.13", "2022-11-01"},
    {"Alpine:v3.14", "2023-05-01"},
    {"Alpine:v3.15", "2023-11-01"},
    {"Alpine:v3.16", "2024-05-23"},
    {"Alpine:v3.17", "2024-11-22"},
    {"Alpine:v3.18", "2025-05-09"},
    {"Alpine:v3.19", "2025-11-01"},
    {"Alpine:v3.20", "2026-04-01"},
    {"Alpine:v3.21", "2026-11-01"},
    {"Alpine:v3.22", "2027-05-01"},
    {"Alpine:v3.23", "2027-11-01"},
    {"Alpine:v3.24", "2028-06-01"},
    {"Red Hat:5", "2017-03-31"},
    {"Red Hat:6", "2020-11-30"},
    {"Red Hat:7", "2024-06-30"},
    {"Red Hat:8", "2029-05-31"},
    {"Red Hat:9", "2032-05-31"},
    {"Red Hat:10", "2035-05-31"},
    {"centos:5", "2017-03-31"},
    {"centos:6", "2020-11-30"},
    {"centos:7", "2024-06-30"},
    {"centos:8", "2021-12-31"},
    {"centos-stream:8", "2024-05-31"},
    {"centos-stream:9", "2027-05-31"},
    {"centos-stream:10", "2030-05-31"},
    {"AlmaLinux:8", "2029-05-31"},
    {"AlmaLinux:9", "2032-05-31"},
    {"AlmaLinux:10", "2035-05-31"},
    {"Rocky Linux:8", "2029-05-31"},
    {"Rocky Linux:9", "2032-05-31"},
    {"Rocky Linux:10", "2035-05-31"},
    {"Oracle Linux:5", "2017-06-30"},
    {"Oracle Linux:6", "2021-03-31"},
    {"Oracle Linux:7", "2024-12-31"},
    {"Oracle Linux:8", "2029-07-31"},
    {"Oracle Linux:9", "2032-06-30"},
    {"Oracle Linux:10", "2035-06-30"},
    {"Fedora:20", "2015-06-23"},
    {"Fedora:21", "2015-12-01"},
    {"Fedora:22", "2016-07-19"},
    {"Fedora:23", "2016-12-20"},
    {"Fedora:24", "2017-08-08"},
    {"Fedora:25", "2017-12-12"},
    {"Fedora:26", "2018-05-29"},
    {"Fedora:27", "2018-11-30"},
    {"Fedora:28", "2019-05-28"},
    {"Fedora:29", "2019-11-26"},
    {"Fedora:30", "2020-05-26"},
    {"Fedora:31", "2020-11-24"},
    {"Fedora:32", "2021-05-25"},
    {"Fedora:33", "2021-11-30"},
    {"Fedora:34", "2022-06-07"},
    {"Fedora:35", "2022-12-13"},
    {"Fedora:36", "2023-05-16"},
    {"Fedora:37", "2023-12-05"},
    {"Fedora:38", "2024-05-21"},
    {"Fedora:39", "2024-11-26"},
    {"Fedora:40", "2025-05-13"},
    {"Fedora:41", "2025-12-15"},
    {"Fedora:42", "2026-05-27"},
    {"Fedora:43", "2026-12-09"},
    {"Fedora:44", "2027-06-02"},
    {"Amazon Linux:1", "2023-12-31"},
    {"Amazon Linux:2", "2026-06-30"},
    {"Amazon Linux:2023", "2029-06-30"},
    {"SUSE:Linux Enterprise Server 11", "2010-12-31"},
    {"SUSE:Linux Enterprise Server 11 SP1", "2012-08-31"},
    {"SUSE:Linux Enterprise Server 11 SP2", "2014-01-31"},
    {"SUSE:Linux Enterprise Server 11 SP3", "2016-01-31"},
    {"SUSE:Linux Enterprise Server 11 SP4", "2019-03-31"},
    {"SUSE:Linux Enterprise Server 12", "2016-06-30"},
    {"SUSE:Linux Enterprise Server 12 SP1", "2017-05-31"},
    {"SUSE:Linux Enterprise Server 12 SP2", "2018-03-31"},
    {"SUSE:Linux Enterprise Server 12 SP3", "2019-06-30"},
    {"SUSE:Linux Enterprise Server 12 SP4", "2020-06-30"},
    {"SUSE:Linux Enterprise Server 12 SP5", "2024-10-31"},
    {"SUSE:Linux Enterprise Server 15", "2019-12-31"},
    {"SUSE:Linux Enterprise Server 15 SP1", "2021-01-31"},
    {"SUSE:Linux Enterprise Server 15 SP2", "2021-12-31"},
    {"SUSE:Linux Enterprise Server 15 SP3", "2022-12-31"},
    {"SUSE:Linux Enterprise Server 15 SP4", "2023-12-31"},
    {"SUSE:Linux Enterprise Server 15 SP5", "2024-12-31"},
    {"SUSE:Linux Enterprise Server 15 SP6", "2025-12-31"},
    {"SUSE:Linux Enterprise Server 15 SP7", "2031-07-31"},
    {"SUSE:Linux Enterprise Server 16.0", "2027-11-30"},
    {"SUSE:Linux Enterprise Micro 5.0", "2022-03-31"},
    {"SUSE:Linux Enterprise Micro 5.1", "2025-10-31"},
    {"SUSE:Linux Enterprise Micro 5.2", "2026-04-30"},
    {"SUSE:Linux Enterprise Micro 5.3", "2026-10-30"},
    {"SUSE:Linux Enterprise Micro 5.4", "2027-04-30"},
    {"SUSE:Linux Enterprise Micro 5.5", "2027-10-31"},
    {"SUSE:Linux Micro 6.0", "2028-06-30"},
    {"SUSE:Linux Micro 6.1", "2028-11-30"},
    {"SUSE:Linux Micro 6.2", "2029-11-30"},
    {"openSUSE:Leap 42.1", "2017-05-17"},
    {"openSUSE:Leap 42.2", "2018-01-26"},
    {"openSUSE:Leap 42.3", "2019-07-01"},
    {"openSUSE:Leap 15.0", "2019-12-03"},
    {"openSUSE:Leap 15.1", "2021-02-02"},
    {"openSUSE:Leap 15.2", "2022-01-04"},
    {"openSUSE:Leap 15.3", "2022-12-31"},
    {"openSUSE:Leap 15.4", "2023-12-07"},
    {"openSUSE:Leap 15.5", "2024-12-31"},
    {"openSUSE:Leap 15.6", "2026-04-30"},
    {"openSUSE:Leap 16.0", "2027-10-31"},
    {"openSUSE:Leap Micro 5.2", "2023-04-27"},
    {"openSUSE:Leap Micro 5.3", "2023-10-12"},
    {"openSUSE:Leap Micro 5.4", "2024-06-25"},
    {"Azure Linux:1", "2023-08-31"},
    {"Azure Linux:2", "2025-07-31"},
    {"Photon OS:1.0", "2022-02-28"},
    {"Photon OS:2.0", "2022-12-31"},
    {"Photon OS:3.0", "2025-10-02"},
    {"Photon OS:4.0", "2027-10-11"},
    {"Anolis OS:8", "2031-03-31"},
    {"Anolis OS:23", "2030-06-30"},
    {"openEuler:20.03-LTS", "2021-03-31"},
    {"openEuler:20.03-LTS-SP1", "2022-12-31"},
    {"openEuler:20.03-LTS-SP2", "2022-04-30"},
    {"openEuler:20.03-LTS-SP3", "2023-12-31"},
    {"openEuler:20.03-LTS-SP4", "2025-11-30"},
    {"openEuler:22.03-LTS", "2024-03-31"},
    {"openEuler:22.03-LTS-SP1", "2024-12-31"},
    {"openEuler:22.03-LTS-SP2", "2024-03-31"},
    {"openEuler:22.03-LTS-SP3", "2025-12-31"},
    {"openEuler:22.03-LTS-SP4", "2026-06-30"},
    {"openEuler:23.03", "2023-09-30"},
    {"openEuler:23.09", "2024-03-31"},
    {"openEuler:24.03-LTS", "2026-05-31"},
    {"openEuler:24.03-LTS-SP1", "2026-12-31"},
    {"openEuler:24.03-LTS-SP2", "2026-03-31"},
    {"openEuler:24.03-LTS-SP3", "2027-12-31"},
    {"openEuler:24.03-LTS-SP4", "2027-03-31"},
    {"openEuler:24.09", "2025-03-31"},
    {"openEuler:25.03", "2025-09-30"},
    {"openEuler:25.09", "2026-03-31"},
    {"openEuler:26.09", "2027-03-31"},
    {"Mageia:5", "2017-12-31"},
    {"Mageia:6", "2019-09-30"},
    {"Mageia:7", "2021-06-30"},
    {"Mageia:8", "2023-11-30"},
    {"Mageia:9", "2026-09-29"},
    {"Mageia:10", "2028-03-31"},
    {"Windows:10.0.14393", "2027-01-12"},
    {"Windows:10.0.16299", "2019-04-09"},
    {"Windows:10.0.17134", "2019-11-12"},
    {"Windows:10.0.17763", "2029-01-09"},
    {"Windows:10.0.18362", "2020-12-08"},
    {"Windows:10.0.18363", "2021-05-11"},
    {"Windows:10.0.19041", "2021-12-14"},
    {"Windows:10.0.19042", "2022-08-09"},
    {"Windows:10.0.20348", "2031-10-14"},
    {"Windows:10.0.25398", "2025-10-24"},
    {"Windows:10.0.26100", "2034-11-14"},
};

static struct slice end_of(struct slice name, struct slice number)
{
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct slice left = slice_str(ends[i].of);
        if (slice_take_prefix(&left, name) &&
            (number.p ? slice_take_prefix(&left, SLICE(":")) && slice_eq(left, number) : !left.n))
            return slice_str(ends[i].last_day);
    }
    return SLICE_NONE;
}

struct slice eol_date(const struct os_info *os)
{
    struct slice number = SLICE_NONE, rest = os->version_id, ecosystem = os->ecosystem;
    slice_take_token(&rest, '.', &number);
    bool stream = slice_eq_str(os->id, "centos") && slice_starts(os->name, SLICE("CentOS Stream"));
    struct slice own = os->id.n && number.n ? end_of(stream ? SLICE("centos-stream") : os->id, number) : SLICE_NONE;
    if (own.n || stream)
        return own;
    if (slice_ends(ecosystem, SLICE(":LTS")))
        ecosystem.n -= strlen(":LTS");
    return ecosystem.n ? end_of(ecosystem, SLICE_NONE) : SLICE_NONE;
}

bool eol_is_date(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (i == 4 || i == 7 ? s.p[i] != '-' : s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n == 10;
}

bool eol_past(struct slice end_of_life, int64_t now_ms)
{
    char today[CLOCK_TEXT_MAX];
    /* ISO dates order as text does. */
    return eol_is_date(end_of_life) &&
           slice_cmp(end_of_life, slice_sub(slice_str(clock_format(now_ms, today)), 0, 10)) < 0;
}

struct slice eol_sentence(const struct os_info *os, int64_t now_ms, struct arena *arena)
{
    if (!eol_past(os->end_of_life, now_ms))
        return SLICE_NONE;
    return arena_printf(arena, "%.*s is past its end of life since %.*s; nobody tells of new vulnerabilities in it",
                        SLICE_FMT(os->name.n ? os->name : os->id), SLICE_FMT(os->end_of_life));
}
