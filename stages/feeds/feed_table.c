/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_table.c: every feed that Careen knows, one row each. Addresses are the ones that the publishers document:
 *  - OSV: google.github.io/osv.dev/data, one all.zip an ecosystem;
 *  - Alpine: secdb.alpinelinux.org, a file for each release and repository;
 *  - Debian: security-tracker.debian.org, "JSON" at the foot of its front page; Freexian's has the same;
 *  - Arch Linux: security.archlinux.org, "JSON" of its list of all issues;
 *  - Canonical: security-metadata.canonical.com, its OSV and VEX documents;
 *  - Gentoo: the repository of its GLSAs, as a tar;
 *  - CISA: the catalogue's page, JSON;
 *  - FIRST: first.org/epss/data_stats, the current day;
 *  - Exploit-DB and Metasploit: the index files in their repositories.
 *  - Oracle: linux.oracle.com/security; SUSE: suse.com/support/security/oval and csaf;
 *  - Microsoft: the Azure Linux data's own repository; VMware: packages.vmware.com/photon.
 *  - Bottlerocket: advisories.bottlerocket.aws, the address in its own sources.
 *  - Amazon: each repository's mirror.list, as its own dnf and yum configuration has it; Fedora: its update
 * repositories (repository.h finds the updateinfo in both). Rows without an address are read only from a feeds folder.
 */
#include "feeds/reading.h"

#define OSV_NAMED(lower, upper, escaped)                                                                               \
    {                                                                                                                  \
        .name = "osv-" lower, .kind = FEED_ADVISORIES, .ecosystem = upper,                                             \
        .url = "https://osv-vulnerabilities.storage.googleapis.com/" escaped "/all.zip",                               \
        .path = "osv/" upper "/all.zip", .parse = format_osv_zip                                                       \
    }
#define OSV(lower, upper) OSV_NAMED(lower, upper, upper)
#define SECDB_ROLLING(lower, upper, address)                                                                           \
    {                                                                                                                  \
        .name = lower, .kind = FEED_ADVISORIES, .ecosystem = upper, .url = address, .path = lower "/security.json",    \
        .parse = format_secdb                                                                                          \
    }
#define SECDB_ONE(release, repository)                                                                                 \
    {                                                                                                                  \
        .name = "alpine-" release "-" repository, .kind = FEED_ADVISORIES, .ecosystem = "Alpine:" release,             \
        .url = "https://secdb.alpinelinux.org/" release "/" repository ".json",                                        \
        .path = "alpine-secdb/" release "/" repository ".json", .parse = format_secdb                                  \
    }
#define SECDB(release) SECDB_ONE(release, "main"), SECDB_ONE(release, "community")

#define OVAL(feed, eco, address, file)                                                                                 \
    {                                                                                                                  \
        .name = feed, .kind = FEED_ADVISORIES, .ecosystem = eco, .url = address, .path = file, .parse = format_oval    \
    }
#define SUSE_OVAL(feed, eco, file)                                                                                     \
    OVAL(feed, eco, "https://ftp.suse.com/pub/projects/security/oval/" file "-affected.xml.gz",                        \
         "suse/" file "-affected.xml*")
#define SUSE_VEX(feed, eco)                                                                                            \
    {                                                                                                                  \
        .name = feed, .kind = FEED_ADVISORIES, .ecosystem = eco,                                                       \
        .url = "https://ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2", .path = "suse/csaf-vex*.tar*",           \
        .parse = format_csaf_names                                                                                     \
    }
#define AZURE_OVAL(number, file)                                                                                       \
    OVAL("azurelinux-" number, "Azure Linux:" number,                                                                  \
         "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/" file "-oval.xml",             \
         "azurelinux/" file "-oval.xml*")
#define PHOTON_OVAL(number)                                                                                            \
    OVAL("photon-" number "-oval", "Photon OS:" number ".0",                                                           \
         "https://packages.vmware.com/photon/photon_oval_definitions/com.vmware.phsa-photon" number ".xml.gz",         \
         "photon/com.vmware.phsa-photon" number ".xml*")
#define PHOTON(number)                                                                                                 \
    {                                                                                                                  \
        .name = "photon-" number, .kind = FEED_ADVISORIES, .ecosystem = "Photon OS:" number ".0",                      \
        .url = "https://packages.vmware.com/photon/photon_cve_metadata/cve_data_photon" number ".0.json",              \
        .path = "photon/cve_data_photon" number ".0.json*", .parse = format_photon                                     \
    }
#define UPDATEINFO(feed, eco, address, folder)                                                                         \
    {                                                                                                                  \
        .name = feed, .kind = FEED_ADVISORIES, .ecosystem = eco, .url = address, .path = folder "/updateinfo.xml*",    \
        .parse = format_updateinfo                                                                                     \
    }
#define AMAZON_2(name, repository)                                                                                     \
    UPDATEINFO("amazon-2-" name, "Amazon Linux:2",                                                                     \
               "https://cdn.amazonlinux.com/2/" repository "/latest/x86_64/mirror.list", "amazon/2/" repository)
#define AMAZON_2_EXTRA(topic) AMAZON_2(topic, "extras/" topic)
#define AMAZON_2023(repository)                                                                                        \
    UPDATEINFO("amazon-2023-" repository, "Amazon Linux:2023",                                                         \
               "https://cdn.amazonlinux.com/al2023/" repository "/mirrors/latest/x86_64/mirror.list",                  \
               "amazon/2023/" repository)
#define FEDORA_AT(number, where)                                                                                       \
    UPDATEINFO("fedora-" number, "Fedora:" number,                                                                     \
               "https://dl.fedoraproject.org/pub/" where "linux/updates/" number                                       \
               "/Everything/x86_64/repodata/repomd.xml",                                                               \
               "fedora/" number)
#define FEDORA(number)     FEDORA_AT(number, "fedora/")
#define FEDORA_OLD(number) FEDORA_AT(number, "archive/fedora/")

const struct feed feeds[] = {
    OSV("debian", "Debian"),
    {.name = "ubuntu-osv",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .url = "https://security-metadata.canonical.com/osv/osv-all.tar.xz",
     .path = "ubuntu/osv-*.tar.*",
     .parse = format_osv_tar},
    /* The same documents, later. */
    {.name = "osv-ubuntu",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .path = "osv/Ubuntu/all.zip",
     .parse = format_osv_zip},
    {.name = "ubuntu-vex",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .url = "https://security-metadata.canonical.com/vex/vex-all.tar.xz",
     .path = "ubuntu/vex-*.tar.*",
     .parse = format_ubuntu_vex},
    {.name = "debian-tracker",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian",
     .url = "https://security-tracker.debian.org/tracker/data/json",
     .path = "debian/tracker.json",
     .parse = format_debian_tracker},
    {.name = "debian-elts-tracker",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian:ELTS",
     .url = "https://deb.freexian.com/extended-lts/tracker/data/json",
     .path = "debian/elts-tracker.json",
     .parse = format_debian_tracker},
    {.name = "debian-elts",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian:ELTS",
     .path = "debian/elts-osv-*.tar.zst",
     .parse = format_osv_tar},
    OSV("alpine", "Alpine"),
    OSV("wolfi", "Wolfi"),
    OSV("chainguard", "Chainguard"),
    OSV("minimos", "MinimOS"),
    OSV("alpaquita", "Alpaquita"),
    OSV("almalinux", "AlmaLinux"),
    OSV_NAMED("rocky-linux", "Rocky Linux", "Rocky%20Linux"),
    /* Red Hat's own documents say this and more; this one is for who has only it. */
    {.name = "osv-red-hat",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Red Hat",
     .path = "osv/Red Hat/all.zip",
     .parse = format_osv_zip},
    OSV("suse", "SUSE"),
    OSV("opensuse", "openSUSE"),
    OSV("mageia", "Mageia"),
    OSV("openeuler", "openEuler"),
    OSV_NAMED("azure-linux", "Azure Linux", "Azure%20Linux"),
    SECDB_ONE("v3.3", "main"), /* its community is published without a single fix */
    SECDB("v3.4"),
    SECDB("v3.5"),
    SECDB("v3.6"),
    SECDB("v3.7"),
    SECDB("v3.8"),
    SECDB("v3.9"),
    SECDB("v3.10"),
    SECDB("v3.11"),
    SECDB("v3.12"),
    SECDB("v3.13"),
    SECDB("v3.14"),
    SECDB("v3.15"),
    SECDB("v3.16"),
    SECDB("v3.17"),
    SECDB("v3.18"),
    SECDB("v3.19"),
    SECDB("v3.20"),
    SECDB("v3.21"),
    SECDB("v3.22"),
    SECDB("v3.23"),
    SECDB("edge"),
    SECDB_ROLLING("wolfi", "Wolfi", "https://packages.wolfi.dev/os/security.json"),
    SECDB_ROLLING("chainguard", "Chainguard", "https://packages.cgr.dev/chainguard/security.json"),
    SECDB_ROLLING("minimos", "MinimOS", "https://packages.mini.dev/advisories/secdb/security.json"),
    {.name = "arch",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Arch Linux",
     .url = "https://security.archlinux.org/issues/all.json",
     .path = "arch/all.json",
     .parse = format_arch},
    {.name = "gentoo",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Gentoo",
     .url = "https://gitweb.gentoo.org/data/glsa.git/snapshot/glsa-master.tar.gz",
     .path = "gentoo/glsa*.tar.*",
     .parse = format_glsa},
    OVAL("oracle", "Oracle Linux", "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2",
         "oracle/com.oracle.elsa-all.xml*"),
    SUSE_OVAL("suse-16", "SUSE", "suse.linux.enterprise.16"),
    SUSE_OVAL("suse-15", "SUSE", "suse.linux.enterprise.15"),
    SUSE_OVAL("suse-12", "SUSE", "suse.linux.enterprise.12"),
    SUSE_OVAL("suse-micro-6", "SUSE", "suse.linux.micro.6"),
    SUSE_OVAL("suse-micro-5", "SUSE", "suse.linux.enterprise.micro.5"),
    SUSE_OVAL("opensuse-leap-15.2", "openSUSE", "opensuse.leap.15.2"),
    SUSE_OVAL("opensuse-leap-15.3", "openSUSE", "opensuse.leap.15.3"),
    SUSE_OVAL("opensuse-leap-15.4", "openSUSE", "opensuse.leap.15.4"),
    SUSE_OVAL("opensuse-leap-15.5", "openSUSE", "opensuse.leap.15.5"),
    SUSE_OVAL("opensuse-leap-15.6", "openSUSE", "opensuse.leap.15.6"),
    SUSE_OVAL("opensuse-leap-16.0", "openSUSE", "opensuse.leap.16.0"),
    SUSE_OVAL("opensuse-tumbleweed", "openSUSE", "opensuse.tumbleweed"),
    SUSE_VEX("suse-vex", "SUSE"),
    SUSE_VEX("opensuse-vex", "openSUSE"),
    {.name = "openeuler-csaf",
     .kind = FEED_ADVISORIES,
     .ecosystem = "openEuler",
     .path = "openeuler/csaf*.tar*",
     .parse = format_csaf_names},
    OVAL("anolis-23", "Anolis OS", NULL, "anolis/anolis-23.oval.xml*"),
    OVAL("anolis-8", "Anolis OS", NULL, "anolis/anolis-8.oval.xml*"),
    AZURE_OVAL("3", "azurelinux-3.0"),
    AZURE_OVAL("2", "cbl-mariner-2.0"),
    AZURE_OVAL("1", "cbl-mariner-1.0"),
    PHOTON("5"),
    PHOTON("4"),
    PHOTON("3"),
    PHOTON("2"),
    PHOTON("1"),
    PHOTON_OVAL("5"),
    PHOTON_OVAL("4"),
    PHOTON_OVAL("3"),
    PHOTON_OVAL("2"),
    PHOTON_OVAL("1"),
    {.name = "windows-msrc",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .path = "windows/msrc-cvrf*.tar*",
     .parse = format_msrc_cvrf},
    {.name = "windows-wesng",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://raw.githubusercontent.com/bitsadmin/wesng/master/definitions.zip",
     .path = "windows/wesng-definitions-*.zip",
     .parse = format_wesng},
    {.name = "windows-builds",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://codeload.github.com/ZentrixLabs/windows-version-feed/tar.gz/refs/heads/main",
     .path = "windows/windows-version-feed.tar.zst",
     .parse = format_winbuild},
    {.name = "redhat-vex",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Red Hat",
     .url = "https://security.access.redhat.com/data/csaf/v2/vex/archive_latest.txt",
     .url_names_it = true,
     .path = "redhat/csaf_vex_*.tar.zst",
     .parse = format_csaf_vex},
    AMAZON_2023("core"),
    AMAZON_2023("kernel-livepatch"),
    AMAZON_2023("nvidia"),
    AMAZON_2("core", "core"),
    AMAZON_2_EXTRA("kernel-5.4"),
    AMAZON_2_EXTRA("kernel-5.10"),
    AMAZON_2_EXTRA("kernel-5.15"),
    AMAZON_2_EXTRA("livepatch"),
    AMAZON_2_EXTRA("docker"),
    AMAZON_2_EXTRA("nginx1"),
    AMAZON_2_EXTRA("php8.0"),
    AMAZON_2_EXTRA("php8.1"),
    AMAZON_2_EXTRA("php8.2"),
    AMAZON_2_EXTRA("python3.8"),
    AMAZON_2_EXTRA("ruby3.0"),
    AMAZON_2_EXTRA("java-openjdk11"),
    AMAZON_2_EXTRA("corretto8"),
    AMAZON_2_EXTRA("tomcat9"),
    AMAZON_2_EXTRA("postgresql12"),
    AMAZON_2_EXTRA("postgresql13"),
    AMAZON_2_EXTRA("postgresql14"),
    AMAZON_2_EXTRA("mariadb10.5"),
    AMAZON_2_EXTRA("redis6"),
    AMAZON_2_EXTRA("haproxy2"),
    AMAZON_2_EXTRA("squid4"),
    AMAZON_2_EXTRA("unbound1.17"),
    AMAZON_2_EXTRA("ecs"),
    AMAZON_2_EXTRA("firefox"),
    /* Its repositories are served without TLS only: what a mirror of them has goes into a feeds folder. */
    UPDATEINFO("amazon-1", "Amazon Linux:1", NULL, "amazon/1"),
    UPDATEINFO("bottlerocket", "Bottlerocket", "https://advisories.bottlerocket.aws/updateinfo.xml.gz", "bottlerocket"),
    FEDORA("44"),
    FEDORA("43"),
    FEDORA("42"),
    FEDORA_OLD("41"),
    FEDORA_OLD("40"),
    FEDORA_OLD("39"),
    FEDORA_OLD("38"),
    {.name = "kev",
     .kind = FEED_EXPLOITS,
     .url = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
     .path = "kev/known_exploited_vulnerabilities.json",
     .parse = format_kev},
    {.name = "epss",
     .kind = FEED_EXPLOITS,
     .url = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
     .path = "epss/epss_scores-*.csv.gz",
     .parse = format_epss},
    {.name = "exploit-db",
     .kind = FEED_EXPLOITS,
     .url = "https://gitlab.com/exploit-database/exploitdb/-/raw/main/files_exploits.csv",
     .path = "exploit/files_exploits.csv",
     .parse = format_exploitdb},
    {.name = "exploit-db-derived",
     .kind = FEED_EXPLOITS,
     .path = "exploit/exploitdb-derived-*.csv.zst",
     .parse = format_exploitdb},
    {.name = "metasploit",
     .kind = FEED_EXPLOITS,
     .url = "https://raw.githubusercontent.com/rapid7/metasploit-framework/master/db/modules_metadata_base.json",
     .path = "exploit/modules_metadata_base.json",
     .parse = format_metasploit},
    {.name = "msfdb", .kind = FEED_EXPLOITS, .path = "exploit/msfdb-list.tar.zst", .parse = format_msfdb},
    {.name = "msf-modules", .kind = FEED_EXPLOITS, .path = "exploit/emba-msf_cve-db.txt", .parse = format_module_list},
    /* Last, so that every other feed's word goes before it. Its bytes are part of the program (shipped.h). */
    {.name = "demo", .kind = FEED_ADVISORIES, .ecosystem = "Debian", .parse = format_osv_json},
};
const size_t feeds_n = ARRAY_LEN(feeds);

const struct feed *feed_by_name(struct slice name)
{
    for (size_t i = 0; i < feeds_n; i++)
        if (slice_eq_str(name, feeds[i].name))
            return &feeds[i];
    return NULL;
}

bool feed_wanted(const struct feed *f, const char *names)
{
    struct slice left = slice_str(names), name, full = slice_str(f->name);
    if (!slice_trim(left).n)
        return true;
    while (slice_take_token(&left, ',', &name)) {
        name = slice_trim(name);
        if (name.n && slice_starts(full, name) && (full.n == name.n || full.p[name.n] == '-'))
            return true;
    }
    return false;
}

/* Not so: the set that comes with the program. */
static bool updatable(const struct feed *f)
{
    return f->url || f->path;
}

/* The part of its name before the first '-', which feed_wanted takes too. */
static struct slice family_of(const struct feed *f)
{
    struct slice name = slice_str(f->name), family = SLICE_NONE;
    slice_take_token(&name, '-', &family);
    return family;
}

/* Each family once. */
static void add_families(struct buf *out)
{
    for (size_t i = 0; i < feeds_n; i++) {
        struct slice family = family_of(&feeds[i]);
        bool told = !updatable(&feeds[i]);
        for (size_t k = 0; k < i && !told; k++)
            told = updatable(&feeds[k]) && slice_eq(family_of(&feeds[k]), family);
        if (!told)
            buf_addf(out, "%s%.*s", out->n ? ", " : "", SLICE_FMT(family));
    }
}

int feed_names_check(const char *names, struct err *e)
{
    struct slice left = slice_str(names), name;
    while (left.n && slice_take_token(&left, ',', &name)) {
        char one[64];
        bool known = false;
        name = slice_trim(name);
        snprintf(one, sizeof one, "%.*s", SLICE_FMT(name));
        for (size_t i = 0; i < feeds_n && name.n < sizeof one; i++)
            known |= updatable(&feeds[i]) && feed_wanted(&feeds[i], one);
        if (known || !name.n)
            continue;
        struct buf families = BUF_INIT(1024);
        add_families(&families);
        err_set(e, ERR_USAGE, 0,
                "no feed is named '%.*s'; there are %s, and of these osv-debian, alpine-v3.20 and so on",
                (int)MIN(name.n, 60u), (const char *)name.p, buf_cstr(&families));
        buf_done(&families);
        return -1;
    }
    return 0;
}
