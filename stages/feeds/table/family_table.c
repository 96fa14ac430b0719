/* SPDX-License-Identifier: Apache-2.0 */
/*
 * family_table.c: feeds of which there is one a release (families.h). Where each publisher says what there is:
 *  - Alpine: secdb.alpinelinux.org, a page that links each release's folder, a file for each of its repositories;
 *  - SUSE: the folder of its OVAL files (ftp.suse.com/pub/projects/security/oval);
 *  - Photon OS: photon_versions.json beside its CVE metadata, {"branches": ["1.0", …]};
 *  - Anolis OS: the listing of its OVAL folder, {"data": {"data": [{"name": "anolis-23.oval.xml", …}]}};
 *  - Amazon Linux 2: extras-catalog.json, {"topics": [{"n": "docker", …}]};
 *  - NVD: nvd.nist.gov/vuln/data-feeds, its page of JSON 2.0 files, one a year;
 *  - Fedora: the folders of its updates, the present and the archived ones, or the lists of all files of these trees
 *    (pagure.io/quick-fedora-mirror): a release moves from one tree to the other some weeks after its end.
 */
#include "feeds/table/families.h"
#include "feeds/reading.h"

#define NAMES(...)                                                                                                     \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }

#define SUSE_OVAL_AT "https://ftp.suse.com/pub/projects/security/oval/"
/* The "affected" file tells of what is not fixed as well; where there is none, the plain one is better than nothing. */
#define SUSE_LIKE(feed, eco, owner, file, days)                                                                        \
    .like = {.name = feed,                                                                                             \
             .kind = FEED_ADVISORIES,                                                                                  \
             .ecosystem = eco,                                                                                         \
             .whose = owner,                                                                                           \
             .url = SUSE_OVAL_AT file "$1-affected.xml.gz",                                                            \
             .also = {SUSE_OVAL_AT file "$1-affected.xml", SUSE_OVAL_AT file "$1.xml.gz"},                             \
             .path = "suse/" file "$1-affected.xml*",                                                                  \
             .rhythm_days = days,                                                                                      \
             .parse = format_oval},                                                                                    \
    .entry = file "@-affected.xml.gz|" file "@-affected.xml|" file "@.xml.gz"
#define FEDORA_AT(tree)                                                                                                \
    "https://dl.fedoraproject.org/pub/" tree "linux/updates/$1/Everything/x86_64/repodata/repomd.xml"

const struct feed_family feed_families[] = {
    {.like = {.name = "alpine-$1-$2",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Alpine:$1",
              .url = "https://secdb.alpinelinux.org/$1/$2.json",
              .path = "alpine-secdb/$1/$2.json",
              .rhythm_days = 90,
              .parse = format_secdb},
     .index = {"alpine-index"},
     .shape = "v#.#|edge",
     .entry = "@",
     .variants = NAMES("main", "community"),
     .known = NAMES("v3.3", "v3.4", "v3.5", "v3.6", "v3.7", "v3.8", "v3.9", "v3.10", "v3.11", "v3.12", "v3.13", "v3.14",
                    "v3.15", "v3.16", "v3.17", "v3.18", "v3.19", "v3.20", "v3.21", "v3.22", "v3.23", "v3.24", "edge"),
     /* There is none of v3.2, and that of v3.3 is published without a single fix. */
     .never = NAMES("alpine-v3.2-community", "alpine-v3.3-community")},
    {SUSE_LIKE("suse-$1", "SUSE", NULL, "suse.linux.enterprise.", 14), .index = {"suse-index"}, .shape = "#",
     .least = 12, .known = NAMES("12", "15", "16")},
    {SUSE_LIKE("suse-micro-$1", "SUSE", NULL, "suse.linux.micro.", 30), .index = {"suse-index"}, .shape = "#",
     .least = 6, .known = NAMES("6")},
    {SUSE_LIKE("opensuse-leap-$1", "openSUSE", "openSUSE:Leap $1", "opensuse.leap.", 30), .index = {"opensuse-index"},
     .shape = "#.#", .known = NAMES("15.2", "15.3", "15.4", "15.5", "15.6", "16.0"),
     /* Before the "affected" files began; their end is years ago. */
     .never = NAMES("opensuse-leap-42.1", "opensuse-leap-42.2", "opensuse-leap-42.3")},
    {.like = {.name = "photon-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Photon OS:$1.0",
              .url = "https://packages.broadcom.com/photon/photon_cve_metadata/cve_data_photon$1.0.json",
              .also = {"https://packages.vmware.com/photon/photon_cve_metadata/cve_data_photon$1.0.json"},
              .path = "photon/cve_data_photon$1.0.json*",
              .rhythm_days = 30,
              .parse = format_photon},
     .index = {"photon-index"},
     .shape = "#",
     .entry = "@.0",
     .known = NAMES("1", "2", "3", "4", "5")},
    {.like = {.name = "photon-$1-oval",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Photon OS:$1.0",
              .url = "https://packages.vmware.com/photon/photon_oval_definitions/com.vmware.phsa-photon$1.xml.gz",
              .also = {"https://packages.broadcom.com/photon/photon_oval_definitions/com.vmware.phsa-photon$1.xml.gz"},
              .path = "photon/com.vmware.phsa-photon$1.xml*",
              .rhythm_days = 60,
              .parse = format_oval},
     .index = {"photon-index"},
     .shape = "#",
     .entry = "@.0",
     .known = NAMES("1", "2", "3", "4", "5")},
    {.like = {.name = "anolis-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Anolis OS",
              .whose = "Anolis OS:$1",
              .url = "https://anas.openanolis.cn/api/data/OVAL/anolis-$1.oval.xml",
              .path = "anolis/anolis-$1.oval.xml*",
              .rhythm_days = 60,
              .parse = format_oval},
     .index = {"anolis-index"},
     .shape = "#",
     .entry = "anolis-@.oval.xml",
     .known = NAMES("8", "23")},
    {.like = {.name = "amazon-2-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Amazon Linux:2",
              .url = "https://cdn.amazonlinux.com/2/extras/$1/latest/x86_64/mirror.list",
              .path = "amazon/2/extras/$1/updateinfo.xml*",
              .parse = format_updateinfo},
     .index = {"amazon-2-index"},
     .shape = "~",
     .entry = "@",
     .known = NAMES("kernel-5.4", "kernel-5.10", "kernel-5.15", "livepatch", "docker", "nginx1", "php8.0", "php8.1",
                    "php8.2", "python3.8", "ruby3.0", "java-openjdk11", "corretto8", "tomcat9", "postgresql12",
                    "postgresql13", "postgresql14", "mariadb10.5", "redis6", "haproxy2", "squid4", "unbound1.17", "ecs",
                    "firefox"),
     .never = NAMES("amazon-2-core", "amazon-2-index")},
    {.like = {.name = "fedora-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Fedora:$1",
              .url = FEDORA_AT("fedora/"),
              .also = {FEDORA_AT("archive/fedora/")},
              .path = "fedora/$1/updateinfo.xml*",
              .rhythm_days = 14,
              .parse = format_updateinfo},
     .index = {"fedora-index", "fedora-archive-index"},
     .shape = "#",
     .entry = "@|updates/@/Everything/x86_64/repodata/repomd.xml",
     .least = 38,
     .known = NAMES("38", "39", "40", "41", "42", "43", "44", "45")},
    {.like = {.name = "nvd-$1",
              .kind = FEED_EXPLOITS,
              .url = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-$1.json.gz",
              .path = "nvd/nvdcve-2.0-$1.json*",
              .parse = format_nvd},
     .index = {"nvd-index"},
     .shape = "200#|20#",
     .entry = "nvdcve-2.0-@.json.gz",
     .known =
         NAMES("2002", "2003", "2004", "2005", "2006", "2007", "2008", "2009", "2010", "2011", "2012", "2013", "2014",
               "2015", "2016", "2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024", "2025", "2026")},
};
const size_t feed_families_n = ARRAY_LEN(feed_families);
