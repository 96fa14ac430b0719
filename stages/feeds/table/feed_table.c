/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_table.c: the feeds that are one each; those of which there is one a release are family_table.c. Addresses are
 * the ones that the publishers document:
 *  - OSV: google.github.io/osv.dev/data, one all.zip an ecosystem;
 *  - Chainguard: github.com/chainguard-dev/vulnerability-scanner-support; Echo, Root: ossf.github.io/osv-schema, the
 *    table of databases; Docker: github.com/docker-hardened-images/advisories;
 *  - Debian: security-tracker.debian.org, "JSON" at the foot of its front page; Freexian's has the same;
 *  - Arch Linux: security.archlinux.org, "JSON" of its list of all issues;
 *  - Canonical: security-metadata.canonical.com, its OSV and VEX documents;
 *  - Gentoo: the repository of its GLSAs, as a tar; the snapshot of the ebuild repository holds them as well;
 *  - CISA: the catalogue's page, JSON, and github.com/cisagov/kev-data;
 *  - FIRST: first.org/epss/data_stats, the current day;
 *  - Exploit-DB, Metasploit and Nuclei: the index files in their repositories.
 *  - The CVE list: its repository as a tar, with what CISA adds to its records (Vulnrichment); NVD's page of feeds.
 *  - Oracle: linux.oracle.com/security; SUSE: suse.com/support/security/oval and csaf;
 *  - Microsoft: the Azure Linux data's own repository; api.msrc.microsoft.com/cvrf/v3.0.
 *  - openEuler: repo.openeuler.org/security/data/csaf.
 *  - Bottlerocket: advisories.bottlerocket.aws, the address in its own sources.
 *  - Amazon: each repository's mirror.list, as its own dnf and yum configuration has it (repository.h finds the
 *    updateinfo). Rows without an address are read only from a feeds folder.
 */
#include "feeds/table/families.h"
#include "feeds/reading.h"

#define BUCKET "osv-vulnerabilities"
/* The one bucket by both of the names that Google's storage gives it. */
#define OSV_AT(escaped) "https://" BUCKET ".storage.googleapis.com/" escaped "/all.zip"
#define OSV_NAMED(lower, upper, escaped, days)                                                                         \
    {                                                                                                                  \
        .name = "osv-" lower, .kind = FEED_ADVISORIES, .ecosystem = upper, .url = OSV_AT(escaped),                     \
        .also = {"https://storage.googleapis.com/" BUCKET "/" escaped "/all.zip"}, .path = "osv/" upper "/all.zip",    \
        .rhythm_days = days, .parse = format_osv_archive                                                               \
    }
#define OSV(lower, upper, days) OSV_NAMED(lower, upper, upper, days)
#define SECDB_ROLLING(lower, upper, address)                                                                           \
    {                                                                                                                  \
        .name = lower, .kind = FEED_ADVISORIES, .ecosystem = upper, .url = address, .path = lower "/security.json",    \
        .rhythm_days = 14, .parse = format_secdb                                                                       \
    }
#define SUSE_VEX(feed, eco)                                                                                            \
    {                                                                                                                  \
        .name = feed, .kind = FEED_ADVISORIES, .ecosystem = eco,                                                       \
        .url = "https://ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2", .path = "suse/csaf-vex*.tar*",           \
        .rhythm_days = 14, .parse = format_csaf_names                                                                  \
    }
#define SUSE_OVAL_AT "https://ftp.suse.com/pub/projects/security/oval/"
/* The "affected" file tells of what is not fixed as well; where there is none, the plain one is better than nothing. */
#define SUSE_OVAL(feed, eco, file, days)                                                                               \
    .name = feed, .kind = FEED_ADVISORIES, .ecosystem = eco, .url = SUSE_OVAL_AT file "-affected.xml.gz",              \
    .also = {SUSE_OVAL_AT file "-affected.xml", SUSE_OVAL_AT file ".xml.gz"}, .path = "suse/" file "-affected.xml*",   \
    .rhythm_days = days, .parse = format_oval
#define MARINER_AT "https://raw.githubusercontent.com/microsoft/CBL-MarinerVulnerabilityData/main/"
#define AZURE_OVAL(number, file, second, days)                                                                         \
    {                                                                                                                  \
        .name = "azurelinux-" number, .kind = FEED_ADVISORIES, .ecosystem = "Azure Linux:" number,                     \
        .url = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/" file "-oval.xml",       \
        .also = {second}, .path = "azurelinux/" file "-oval.xml*", .rhythm_days = days, .parse = format_oval           \
    }
#define AMAZON_2023(repository, days)                                                                                  \
    {                                                                                                                  \
        .name = "amazon-2023-" repository, .kind = FEED_ADVISORIES, .ecosystem = "Amazon Linux:2023",                  \
        .url = "https://cdn.amazonlinux.com/al2023/" repository "/mirrors/latest/x86_64/mirror.list",                  \
        .path = "amazon/2023/" repository "/updateinfo.xml*", .rhythm_days = days, .parse = format_updateinfo          \
    }
#define INDEX(feed, address, second, reader)                                                                           \
    {                                                                                                                  \
        .name = feed, .kind = FEED_INDEX, .url = address, .also = {second}, .parse = reader                            \
    }
#define FEDORA_AT "https://dl.fedoraproject.org/pub/"

const struct feed feeds[] = {
    OSV("debian", "Debian", 7),
    {.name = "ubuntu-osv",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .url = "https://security-metadata.canonical.com/osv/osv-all.tar.xz",
     .also = {OSV_AT("Ubuntu")},
     .path = "ubuntu/osv-*.tar.*",
     .rhythm_days = 7,
     .parse = format_osv_archive},
    /* The same documents, later. */
    {.name = "osv-ubuntu",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .path = "osv/Ubuntu/all.zip",
     .parse = format_osv_archive},
    {.name = "ubuntu-vex",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .url = "https://security-metadata.canonical.com/vex/vex-all.tar.xz",
     .path = "ubuntu/vex-*.tar.*",
     .rhythm_days = 7,
     .parse = format_ubuntu_vex},
    {.name = "debian-tracker",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian",
     .url = "https://security-tracker.debian.org/tracker/data/json",
     .path = "debian/tracker.json",
     .rhythm_days = 7,
     .parse = format_debian_tracker},
    {.name = "debian-elts-tracker",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian:ELTS",
     .url = "https://deb.freexian.com/extended-lts/tracker/data/json",
     .path = "debian/elts-tracker.json",
     .rhythm_days = 14,
     .parse = format_debian_tracker},
    {.name = "debian-elts",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian:ELTS",
     .path = "debian/elts-osv-*.tar.zst",
     .parse = format_osv_archive},
    OSV("alpine", "Alpine", 21),
    OSV("wolfi", "Wolfi", 14),
    {.name = "osv-chainguard",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Chainguard",
     .url = "https://advisories.cgr.dev/chainguard/v3/osv/chainguard-osv.tar.gz",
     .also = {"https://packages.cgr.dev/chainguard/v3/osv/chainguard-osv.tar.gz", OSV_AT("Chainguard")},
     .path = "osv/Chainguard/all.zip",
     .rhythm_days = 14,
     .parse = format_osv_archive},
    OSV("minimos", "MinimOS", 0),
    OSV("alpaquita", "Alpaquita", 30),
    OSV("almalinux", "AlmaLinux", 21),
    OSV_NAMED("rocky-linux", "Rocky Linux", "Rocky%20Linux", 30),
    /* Red Hat's own documents say this and more; this one is for who has only it. */
    {.name = "osv-red-hat",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Red Hat",
     .path = "osv/Red Hat/all.zip",
     .parse = format_osv_archive},
    OSV("suse", "SUSE", 14),
    OSV("opensuse", "openSUSE", 14),
    OSV("mageia", "Mageia", 30),
    OSV("openeuler", "openEuler", 21),
    OSV_NAMED("azure-linux", "Azure Linux", "Azure%20Linux", 14),
    {.name = "osv-echo",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Echo",
     .url = "https://advisory.echohq.com/osv/all.zip",
     .also = {OSV_AT("Echo")},
     .path = "osv/Echo/all.zip",
     .rhythm_days = 14,
     .parse = format_osv_archive},
    {.name = "osv-dhi",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Docker Hardened Images",
     .url = "https://codeload.github.com/docker-hardened-images/advisories/tar.gz/refs/heads/main",
     .also = {OSV_AT("Docker%20Hardened%20Images")},
     .path = "osv/Docker Hardened Images/all.zip",
     .rhythm_days = 14,
     .parse = format_osv_archive},
    OSV("root", "Root", 30),
    SECDB_ROLLING("wolfi", "Wolfi", "https://packages.wolfi.dev/os/security.json"),
    SECDB_ROLLING("chainguard", "Chainguard", "https://packages.cgr.dev/chainguard/security.json"),
    SECDB_ROLLING("minimos", "MinimOS", "https://packages.mini.dev/advisories/secdb/security.json"),
    {.name = "arch",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Arch Linux",
     .url = "https://security.archlinux.org/issues/all.json",
     .also = {"https://security.archlinux.org/all.json"},
     .path = "arch/all.json",
     .rhythm_days = 45,
     .parse = format_arch},
    {.name = "gentoo",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Gentoo",
     .url = "https://gitweb.gentoo.org/data/glsa.git/snapshot/glsa-master.tar.gz",
     .also = {"https://distfiles.gentoo.org/snapshots/gentoo-latest.tar.xz"},
     .path = "gentoo/glsa*.tar.*",
     .rhythm_days = 60,
     .parse = format_glsa},
    {.name = "oracle",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Oracle Linux",
     .url = "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2",
     .path = "oracle/com.oracle.elsa-all.xml*",
     .rhythm_days = 21,
     .parse = format_oval},
    {SUSE_OVAL("suse-micro-5", "SUSE", "suse.linux.enterprise.micro.5", 0)},
    {SUSE_OVAL("opensuse-tumbleweed", "openSUSE", "opensuse.tumbleweed", 14)},
    SUSE_VEX("suse-vex", "SUSE"),
    SUSE_VEX("opensuse-vex", "openSUSE"),
    {.name = "openeuler-csaf",
     .kind = FEED_ADVISORIES,
     .ecosystem = "openEuler",
     .url = "https://repo.openeuler.org/security/data/csaf/advisories/",
     .list = "openeuler-csaf-list",
     .path = "openeuler/csaf*.tar*",
     .rhythm_days = 21,
     .parse = format_csaf_names},
    AZURE_OVAL("3", "azurelinux-3.0", NULL, 14),
    AZURE_OVAL("2", "cbl-mariner-2.0", MARINER_AT "cbl-mariner-2.0-oval.xml", 0),
    AZURE_OVAL("1", "cbl-mariner-1.0", MARINER_AT "cbl-mariner-1.0-oval.xml", 0),
    {.name = "windows-msrc",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://api.msrc.microsoft.com/cvrf/v3.0/cvrf/",
     .list = "windows-msrc-list",
     .path = "windows/msrc-cvrf*.tar*",
     .rhythm_days = 45,
     .parse = format_msrc_cvrf},
    {.name = "windows-wesng",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://raw.githubusercontent.com/bitsadmin/wesng/master/definitions.zip",
     .path = "windows/wesng-definitions-*.zip",
     .rhythm_days = 60,
     .parse = format_wesng},
    {.name = "windows-builds",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://codeload.github.com/ZentrixLabs/windows-version-feed/tar.gz/refs/heads/main",
     .path = "windows/windows-version-feed.tar.zst",
     .rhythm_days = 60,
     .parse = format_winbuild},
    {.name = "redhat-vex",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Red Hat",
     .url = "https://security.access.redhat.com/data/csaf/v2/vex-feed/archive_latest.txt",
     .also = {"https://security.access.redhat.com/data/csaf/v2/vex/archive_latest.txt"}, /* until it is taken away */
     .url_names_it = true,
     .path = "redhat/csaf_vex*.tar.zst",
     .rhythm_days = 7,
     .parse = format_csaf_vex},
    AMAZON_2023("core", 21),
    AMAZON_2023("kernel-livepatch", 45),
    AMAZON_2023("nvidia", 0),
    {.name = "amazon-2-core",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Amazon Linux:2",
     .url = "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list",
     .path = "amazon/2/core/updateinfo.xml*",
     .rhythm_days = 30,
     .parse = format_updateinfo},
    /* Its repositories are served without TLS only: what a mirror of them has goes into a feeds folder. */
    {.name = "amazon-1",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Amazon Linux:1",
     .path = "amazon/1/updateinfo.xml*",
     .parse = format_updateinfo},
    {.name = "bottlerocket",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Bottlerocket",
     .url = "https://advisories.bottlerocket.aws/updateinfo.xml.gz",
     .path = "bottlerocket/updateinfo.xml*",
     .rhythm_days = 60,
     .parse = format_updateinfo},
    {.name = "kev",
     .kind = FEED_EXPLOITS,
     .url = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
     .path = "kev/known_exploited_vulnerabilities.json",
     .also = {"https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json"},
     .rhythm_days = 21,
     .parse = format_kev},
    {.name = "epss",
     .kind = FEED_EXPLOITS,
     .url = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
     .path = "epss/epss_scores-*.csv.gz",
     .rhythm_days = 7,
     .parse = format_epss},
    /* Scores of vulnerabilities; those of NVD are a family. */
    {.name = "cve-list",
     .kind = FEED_EXPLOITS,
     .url = "https://codeload.github.com/CVEProject/cvelistV5/tar.gz/refs/heads/main",
     .path = "cve/cvelistV5*.tar*",
     .rhythm_days = 7,
     .parse = format_cve},
    /* CISA's part of the same records, for who has only it: a folder's, since the list holds it. */
    {.name = "vulnrichment", .kind = FEED_EXPLOITS, .path = "cve/vulnrichment*.tar*", .parse = format_cve},
    {.name = "vulnrichment-lines",
     .kind = FEED_EXPLOITS,
     .path = "nvd/vulnrichment-*.ndjson*",
     .parse = format_cve_lines},
    {.name = "nvd-table", .kind = FEED_EXPLOITS, .path = "nvd/nvd-cvss-*.tsv*", .parse = format_nvd_table},
    {.name = "exploit-db",
     .kind = FEED_EXPLOITS,
     .url = "https://gitlab.com/exploit-database/exploitdb/-/raw/main/files_exploits.csv",
     .path = "exploit/files_exploits.csv",
     .rhythm_days = 30,
     .parse = format_exploitdb},
    {.name = "exploit-db-derived",
     .kind = FEED_EXPLOITS,
     .path = "exploit/exploitdb-derived-*.csv.zst",
     .parse = format_exploitdb},
    {.name = "metasploit",
     .kind = FEED_EXPLOITS,
     .url = "https://raw.githubusercontent.com/rapid7/metasploit-framework/master/db/modules_metadata_base.json",
     .path = "exploit/modules_metadata_base.json",
     .rhythm_days = 21,
     .parse = format_metasploit},
    {.name = "msfdb", .kind = FEED_EXPLOITS, .path = "exploit/msfdb-list.tar.zst", .parse = format_msfdb},
    {.name = "msf-modules", .kind = FEED_EXPLOITS, .path = "exploit/emba-msf_cve-db.txt", .parse = format_module_list},
    {.name = "nuclei",
     .kind = FEED_EXPLOITS,
     .url = "https://raw.githubusercontent.com/projectdiscovery/nuclei-templates/main/cves.json",
     .also = {"https://cdn.jsdelivr.net/gh/projectdiscovery/nuclei-templates@main/cves.json"},
     .path = "exploit/nuclei-cves.json*",
     .rhythm_days = 21,
     .parse = format_nuclei},
    /* What names the documents of a feed that is not one file. */
    {.name = "openeuler-csaf-list",
     .kind = FEED_LIST,
     .url = "https://repo.openeuler.org/security/data/csaf/advisories/index.txt",
     .parse = list_lines},
    {.name = "windows-msrc-list",
     .kind = FEED_LIST,
     .url = "https://api.msrc.microsoft.com/cvrf/v3.0/updates",
     .parse = list_msrc},
    /* What names the members of the families. */
    INDEX("alpine-index", "https://secdb.alpinelinux.org/", NULL, index_links),
    INDEX("suse-index", SUSE_OVAL_AT, NULL, index_links),
    INDEX("opensuse-index", SUSE_OVAL_AT, NULL, index_links),
    INDEX("photon-index", "https://packages.broadcom.com/photon/photon_cve_metadata/photon_versions.json",
          "https://packages.vmware.com/photon/photon_cve_metadata/photon_versions.json", index_branches),
    INDEX("anolis-index", "https://anas.openanolis.cn/api/data/OVAL/?format=json", NULL, index_listing),
    INDEX("amazon-2-index", "https://cdn.amazonlinux.com/2/extras-catalog.json", NULL, index_extras),
    INDEX("nvd-index", "https://nvd.nist.gov/vuln/data-feeds", NULL, index_links),
    INDEX("fedora-index", FEDORA_AT "fedora/linux/updates/", FEDORA_AT "fedora/fullfiletimelist-fedora", index_links),
    INDEX("fedora-archive-index", FEDORA_AT "archive/fedora/linux/updates/",
          FEDORA_AT "archive/fullfiletimelist-archive", index_links),
    /* Last, so that every other feed's word goes before it. Its bytes are part of the program (shipped.h). */
    {.name = "demo", .kind = FEED_ADVISORIES, .ecosystem = "Debian", .parse = format_osv_json},
};
const size_t feeds_n = ARRAY_LEN(feeds);
