/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/parse.h"

#include "packages/layer_files.h"
#include "packages/parse_internal.h"
#include "packages/windows/parse_windows.h"
#include "model/evidence.h"

#define BOTTLEROCKET_INVENTORY "share/bottlerocket/application-inventory.json"
#define BOTTLEROCKET_ROOT      "-bottlerocket-linux-gnu/sys-root/usr/"

static const struct parser {
    const char *collector; /* that keeps such files */
    const char *path;      /* with a slash at its end: the files right in that folder; * in a part: any text */
    const char *name;
    int version;
    parse_fn *fn;
} parsers[] = {
    {"dpkg", "var/lib/dpkg/status", "dpkg-status", 2, parse_dpkg_status},
    {"dpkg", "var/lib/dpkg/status.d/", "dpkg-status-d", 2, parse_dpkg_status_d},
    {"apk", "lib/apk/db/installed", "apk-installed", 1, parse_apk_installed},
    {"apk", "usr/lib/apk/db/installed", "apk-installed", 1, parse_apk_installed},
    {"windows", "Files/Windows/System32/config/SOFTWARE", PARSER_WINDOWS_HIVE, 1, parse_windows_hive},
    {"windows", "Hives/Software_Base", PARSER_WINDOWS_HIVE, 1, parse_windows_hive},
    {"windows", "Hives/Software_Delta", PARSER_WINDOWS_HIVE, 1, parse_windows_hive},
    {"windows", "Files/Windows/servicing/Packages/", PARSER_WINDOWS_STORE, 1, parse_windows_store},
    {"rpm", "var/lib/rpm/rpmdb.sqlite", "rpm-sqlite", 2, parse_rpm_database},
    {"rpm", "var/lib/rpm/rpmdb.sqlite-wal", "rpm-sqlite-log", 2, parse_rpm_log},
    {"rpm", "var/lib/rpm/Packages", "rpm-bdb", 2, parse_rpm_database},
    {"rpm", "var/lib/rpm/Packages.db", "rpm-ndb", 2, parse_rpm_database},
    {"rpm", "usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm-sqlite", 2, parse_rpm_database},
    {"rpm", "usr/lib/sysimage/rpm/rpmdb.sqlite-wal", "rpm-sqlite-log", 2, parse_rpm_log},
    {"rpm", "usr/lib/sysimage/rpm/Packages", "rpm-bdb", 2, parse_rpm_database},
    {"rpm", "usr/lib/sysimage/rpm/Packages.db", "rpm-ndb", 2, parse_rpm_database},
    {"rpm", "usr/share/rpm/rpmdb.sqlite", "rpm-sqlite", 2, parse_rpm_database},
    {"rpm", "usr/share/rpm/rpmdb.sqlite-wal", "rpm-sqlite-log", 2, parse_rpm_log},
    {"rpm", "usr/share/rpm/Packages", "rpm-bdb", 2, parse_rpm_database},
    {"rpm", "usr/share/rpm/Packages.db", "rpm-ndb", 2, parse_rpm_database},
    {"rpm", "var/lib/rpmmanifest/container-manifest-1", "rpm-manifest", 1, parse_rpmmanifest_1},
    {"rpm", "var/lib/rpmmanifest/container-manifest-2", "rpm-manifest", 1, parse_rpmmanifest_2},
    {"redhat", "root/buildinfo/content_manifests/", "content-manifest", 1, parse_content_manifest},
    {"redhat", "root/buildinfo/content-sets.json", "content-manifest", 1, parse_content_manifest},
    {"redhat", "usr/share/buildinfo/content-sets.json", "content-manifest", 1, parse_content_manifest},
    {"redhat", "root/buildinfo/labels.json", "redhat-labels", 1, parse_redhat_labels},
    {"redhat", "usr/share/buildinfo/labels.json", "redhat-labels", 1, parse_redhat_labels},
    {"redhat", "root/buildinfo/", "redhat-dockerfile", 1, parse_redhat_dockerfile},
    {"opkg", "usr/lib/opkg/status", "opkg-status", 1, parse_opkg},
    {"opkg", "usr/lib/opkg/info/*.control", "opkg-status", 1, parse_opkg},
    {"opkg", "var/lib/opkg/status", "opkg-status", 1, parse_opkg},
    {"opkg", "var/lib/opkg/info/*.control", "opkg-status", 1, parse_opkg},
    {"pacman", "var/lib/pacman/local/*/desc", "pacman-desc", 1, parse_pacman_desc},
    {"portage", "var/db/pkg/*/*/PF", "portage-pf", 1, parse_portage},
    {"portage", "var/db/pkg/*/*/repository", "portage-repository", 1, parse_portage},
    {"nix", "nix/store/", "nix-store", 1, parse_nix_store},
    {"bottlerocket", "usr/" BOTTLEROCKET_INVENTORY, "bottlerocket", 2, parse_bottlerocket},
    {"bottlerocket", "x86_64" BOTTLEROCKET_ROOT BOTTLEROCKET_INVENTORY, "bottlerocket", 2, parse_bottlerocket},
    {"bottlerocket", "aarch64" BOTTLEROCKET_ROOT BOTTLEROCKET_INVENTORY, "bottlerocket", 2, parse_bottlerocket},
    {"os-release", "etc/os-release", "os-release", 4, parse_os_release},
    {"os-release", "usr/lib/os-release", "os-release", 4, parse_os_release},
    {"os-release", "x86_64" BOTTLEROCKET_ROOT "lib/os-release", "os-release", 1, parse_os_release},
    {"os-release", "aarch64" BOTTLEROCKET_ROOT "lib/os-release", "os-release", 1, parse_os_release},
    {"os-release", "etc/lsb-release", "lsb-release", 1, parse_lsb_release},
    {"os-release", "etc/debian_version", "debian-version", 1, parse_release_line},
    {"os-release", "etc/alpine-release", "alpine-release", 1, parse_release_line},
    {"os-release", "etc/redhat-release", "redhat-release", 1, parse_release_line},
    {"os-release", "etc/centos-release", "centos-release", 1, parse_release_line},
    {"os-release", "etc/oracle-release", "oracle-release", 1, parse_release_line},
    {"os-release", "etc/system-release", "system-release", 1, parse_release_line},
    {"os-release", "etc/fedora-release", "fedora-release", 1, parse_release_line},
    {"os-release", "etc/SuSE-release", "suse-release", 1, parse_suse_release},
    {"os-release", "etc/mageia-release", "mageia-release", 1, parse_release_line},
    {"os-release", "etc/photon-release", "photon-release", 1, parse_release_line},
    {"os-release", "etc/gentoo-release", "gentoo-release", 1, parse_release_line},
    {"os-release", "etc/arch-release", "arch-release", 1, parse_arch_release},
    {"os-release", "etc/openwrt_release", "openwrt-release", 1, parse_lsb_release},
};

/* What stands in status.d beside the databases: dpkg's other files of a package. */
static const char *const not_databases[] = {".md5sums", ".list",    ".conffiles", ".preinst",   ".postinst",
                                            ".prerm",   ".postrm",  ".config",    ".templates", ".triggers",
                                            ".shlibs",  ".symbols", ".sha256sums"};

static bool part_fits(struct slice pattern, struct slice part)
{
    ptrdiff_t star = slice_find(pattern, '*');
    if (star < 0)
        return slice_eq(pattern, part);
    struct slice start = slice_sub(pattern, 0, (size_t)star), end = slice_from(pattern, (size_t)star + 1);
    return part.n > start.n + end.n && slice_starts(part, start) && slice_ends(part, end);
}

static bool path_fits(struct slice rule, struct slice path)
{
    struct slice pattern, part;
    while (slice_take_token(&rule, '/', &pattern))
        if (!slice_take_token(&path, '/', &part) || !part_fits(pattern, part))
            return false;
    return !path.n;
}

static bool row_wants(const struct parser *row, struct slice path)
{
    struct slice rule = slice_str(row->path);
    if (slice_find(rule, '*') >= 0)
        return path_fits(rule, path);
    if (!slice_ends(rule, SLICE("/")))
        return slice_eq(path, rule);
    if (!slice_take_prefix(&path, rule) || !path.n || slice_find(path, '/') >= 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(not_databases) && strcmp(row->collector, "dpkg") == 0; i++)
        if (slice_ends(path, slice_str(not_databases[i])))
            return false;
    return true;
}

static const struct parser *parser_of(struct slice path)
{
    /* A Nix store or Portage's database asks once a file: most rows are out by their first letter. */
    for (size_t i = 0; path.n && i < ARRAY_LEN(parsers); i++)
        if (path.p[0] == (uint8_t)parsers[i].path[0] && row_wants(&parsers[i], path))
            return &parsers[i];
    return NULL;
}

bool parse_wants(struct slice path)
{
    return parser_of(path) != NULL;
}

const char *parse_wanted_path(size_t i)
{
    return i < ARRAY_LEN(parsers) ? parsers[i].path : NULL;
}

const char *parse_wanted_collector(size_t i)
{
    return i < ARRAY_LEN(parsers) ? parsers[i].collector : NULL;
}

const char *parse_wanted_parser(size_t i)
{
    return i < ARRAY_LEN(parsers) ? parsers[i].name : NULL;
}

bool parse_names_system(size_t i)
{
    return i < ARRAY_LEN(parsers) && strcmp(parsers[i].collector, "os-release") == 0;
}

bool parse_names_products(size_t i)
{
    return i < ARRAY_LEN(parsers) && strcmp(parsers[i].collector, "redhat") == 0;
}

int parse_version_sum(void)
{
    int sum = PARSER_SOFTWARE_VERSION;
    for (size_t i = 0; i < ARRAY_LEN(parsers); i++)
        sum += parsers[i].version;
    return sum;
}

static void keep_reason(struct parse *p, struct slice reason)
{
    p->out->status = PULL_PARTIAL;
    if (p->out->reasons.n < PARSE_REASONS_MAX - 1)
        slice_vec_add(p->arena, &p->out->reasons, arena_slice(p->arena, reason));
    else
        p->reasons_left_out++;
}

void parse_reason(struct parse *p, const char *fmt, ...)
{
    char text[512];
    /* One broken file must not crowd out the others' reasons. */
    if (p->reasons_of_file++ >= PARSE_REASONS_MAX / 4) {
        p->out->status = PULL_PARTIAL;
        p->reasons_left_out++;
        return;
    }
    int n = snprintf(text, sizeof text, "%.*s: ", (int)MIN(p->path.n, (size_t)200), (const char *)p->path.p);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    va_end(ap);
    keep_reason(p, slice_str(text));
}

void parse_add_package(struct parse *p, struct parsed_file *file, const struct package *package)
{
    /* Databases of many files have a package a file: room for one before the usual steps. */
    if (!file->packages.cap && (file->packages.v = arena_alloc(p->arena, sizeof *package)))
        file->packages.cap = 1;
    struct package *to = VEC_ADD(p->arena, &file->packages);
    if (!to)
        return;
    *to = *package;
    to->name = arena_slice(p->arena, package->name);
    to->version = arena_slice(p->arena, package->version);
    to->architecture = arena_slice(p->arena, package->architecture);
    to->source_name = arena_slice(p->arena, package->source_name);
    to->source_version = arena_slice(p->arena, package->source_version);
    to->module = arena_slice(p->arena, package->module);
    to->vendor = arena_slice(p->arena, package->vendor);
    to->location = file->path;
}

void parse_set_fact(struct parse *p, struct parsed_file *file, struct slice name, struct slice value)
{
    struct fact *to = NULL;
    for (size_t i = 0; i < file->facts.n && !to; i++)
        if (slice_eq(file->facts.v[i].name, name))
            to = &file->facts.v[i];
    if (!to)
        to = VEC_ADD(p->arena, &file->facts);
    if (to)
        *to = (struct fact){arena_slice(p->arena, name), arena_slice(p->arena, value)};
}

bool parse_is_token(struct slice s)
{
    uint8_t all = 0;
    if (!s.n || s.n > 1024)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] <= ' ' || s.p[i] == 0x7F)
            return false;
        all |= s.p[i];
    }
    return all < 0x80 || slice_is_text(s);
}

struct parsed_file *parse_add_file(struct parse *p, struct slice path, const char *parser)
{
    struct parsed_file *file = VEC_ADD(p->arena, &p->out->files);
    if (file) {
        file->path = arena_slice(p->arena, path);
        file->parser = slice_str(parser);
    }
    return file;
}

static void take_file(struct parse *p, const struct evidence_entry *entry)
{
    const struct parser *row = parser_of(entry->path);
    if (!row)
        return;
    struct parsed_file *file = parse_add_file(p, entry->path, row->name);
    if (!file)
        return;
    p->path = entry->path;
    p->reasons_of_file = 0;
    p->cut = entry->size > entry->bytes.n;
    if (p->cut)
        parse_reason(p, "only %zu of its %" PRIu64 " bytes were kept", entry->bytes.n, entry->size);
    row->fn(p, entry->bytes, file);
}

static void take_link(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed_file *file = parse_add_file(p, entry->path, entry->hard ? PARSER_HARDLINK : PARSER_SYMLINK);
    if (file)
        parse_set_fact(p, file, SLICE(FACT_TARGET), entry->bytes);
}

static void take_entry(struct parse *p, const struct evidence_entry *entry)
{
    struct removal *removal;
    switch (entry->kind) {
    case EVIDENCE_FILE:
        if (slice_eq_str(entry->collector, PARSER_SOFTWARE))
            parse_software(p, entry);
        else
            take_file(p, entry);
        break;
    case EVIDENCE_LINK:
        take_link(p, entry);
        break;
    case EVIDENCE_WHITEOUT:
    case EVIDENCE_OPAQUE:
        removal = VEC_ADD(p->arena, &p->out->removed);
        if (removal)
            *removal = (struct removal){arena_slice(p->arena, entry->path), entry->kind == EVIDENCE_OPAQUE};
        break;
    case EVIDENCE_REASON:
        keep_reason(p, entry->bytes);
        break;
    case EVIDENCE_END:
        break;
    }
}

int parse_layer(struct slice evidence, struct arena *arena, struct layer_packages *ret, struct err *e)
{
    struct layer_packages out = {.parser_version = PARSER_VERSION, .status = PULL_GOOD, .final = true};
    struct parse p = {.arena = arena, .out = &out};
    struct layer_files files ATTR_CLEANUP(layer_files_done) = {.last = NULL};
    struct evidence_entry entry;
    struct err why = ERR_INIT;
    struct slice whole = evidence;
    int r;
    if (evidence_open(&evidence, e))
        return -1;
    layer_files_init(&files, evidence);
    p.files = &files;
    while ((r = evidence_next(&evidence, &entry, &why)) == 1)
        take_entry(&p, &entry);
    if (r < 0)
        keep_reason(&p, slice_str(why.text));
    parse_software_end(&p, whole);
    if (p.reasons_left_out)
        slice_vec_add(arena, &out.reasons, arena_printf(arena, "and %zu more reasons", p.reasons_left_out));
    slice_vec_sort(&out.reasons);
    if (arena->overflow)
        return err_set(e, ERR_POISON, 0, "what the layer says of its packages takes more than %zu MiB of memory",
                       arena->max >> 20);
    *ret = out;
    return 0;
}
