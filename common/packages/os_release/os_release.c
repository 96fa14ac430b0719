/* SPDX-License-Identifier: Apache-2.0 */
/* os_release.c: os-release(5) and the files that were there before it: what names the system, as facts. */
#include "packages/format.h"
#include "packages/parse_internal.h"

#define VALUE_MAX 1024

static const char *const os_release_keys[] = {
    "ID",         "ID_LIKE",     "VERSION_ID",      "VERSION_CODENAME", "VERSION",     "NAME",
    "VARIANT_ID", "PRETTY_NAME", "UBUNTU_CODENAME", "DEBIAN_CODENAME",  "SUPPORT_END", "CPE_NAME"};
static const char *const lsb_keys[] = {"DISTRIB_ID", "DISTRIB_RELEASE", "DISTRIB_CODENAME", "DISTRIB_DESCRIPTION"};

/*
 * A value as a shell reads it: "double quotes" with \ before " $ ` and \, 'single quotes' with nothing special, bare
 * text with \ before anything; a blank outside quotes ends it. NULL or why it is none.
 */
static const char *unquote(struct slice s, uint8_t *to, size_t *ret_n)
{
    uint8_t quote = 0;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!quote && (c == '"' || c == '\'')) {
            quote = c;
            continue;
        }
        if (quote && c == quote) {
            quote = 0;
            continue;
        }
        if (!quote && (c == ' ' || c == '\t'))
            break;
        if (c == '\\' && quote != '\'' && i + 1 < s.n && (!quote || strchr("\"$`\\", s.p[i + 1])))
            c = s.p[++i];
        if (n == VALUE_MAX)
            return "its value is too long";
        to[n++] = c;
    }
    *ret_n = n;
    return quote ? "a quote is not closed" : slice_is_text(slice_of(to, n)) ? NULL : "its value is not text";
}

static void parse_assignments(struct parse *p, struct slice bytes, struct parsed_file *file, const char *const *keys,
                              size_t count)
{
    struct slice line;
    for (size_t number = 1; slice_take_line(&bytes, &line); number++) {
        struct slice key;
        uint8_t value[VALUE_MAX];
        size_t n = 0;
        line = slice_trim(line);
        ptrdiff_t equal = slice_find(line, '=');
        if (equal <= 0 || line.p[0] == '#' || (p->cut && !bytes.n))
            continue;
        key = slice_sub(line, 0, (size_t)equal);
        for (size_t i = 0; i < count; i++) {
            if (!slice_eq_str(key, keys[i]))
                continue;
            const char *why = unquote(slice_from(line, (size_t)equal + 1), value, &n);
            if (why)
                parse_reason(p, REASON_SYSTEM_FILE_BROKEN, "line %zu: %s is left out: %s", number, keys[i], why);
            else
                parse_set_fact(p, file, key, slice_of(value, n));
        }
    }
}

static void parse_os_release(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    parse_assignments(p, bytes, file, os_release_keys, ARRAY_LEN(os_release_keys));
}

static void parse_lsb_release(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    parse_assignments(p, bytes, file, lsb_keys, ARRAY_LEN(lsb_keys));
}

/* The first line that says something, as a fact of the file's own name: debian_version, redhat-release … */
static void parse_release_line(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice line = SLICE_NONE;
    while (slice_take_line(&bytes, &line) && !slice_trim(line).n)
        continue;
    line = slice_trim(line);
    if (!line.n)
        return;
    if (line.n > VALUE_MAX || !slice_is_text(line))
        parse_reason(p, REASON_SYSTEM_FILE_BROKEN, "its first line is not a line of text");
    else
        parse_set_fact(p, file, slice_path_name(p->path), line);
}

/* SuSE-release: the system's name, then "VERSION = 11" and, where there is a service pack, "PATCHLEVEL = 4". */
static void parse_suse_release(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice line, rest = bytes, version = SLICE_NONE, patch = SLICE_NONE;
    parse_release_line(p, bytes, file);
    while (slice_take_line(&rest, &line)) {
        struct slice key = SLICE_NONE;
        if (!slice_take_token(&line, '=', &key))
            continue;
        key = slice_trim(key);
        line = slice_trim(line);
        if (!line.n || !parse_is_token(line))
            continue;
        if (slice_eq_str(key, "VERSION"))
            version = line;
        else if (slice_eq_str(key, "PATCHLEVEL"))
            patch = line;
    }
    if (version.n)
        parse_set_fact(p, file, SLICE("SuSE-version"),
                       patch.n && !slice_eq_str(patch, "0")
                           ? arena_printf(p->arena, "%.*s.%.*s", SLICE_FMT(version), SLICE_FMT(patch))
                           : version);
}

/* Arch's is an empty file: that it is there says everything. */
static void parse_arch_release(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    (void)bytes;
    parse_set_fact(p, file, SLICE("arch-release"), SLICE("Arch Linux"));
}

/* Bottlerocket's usr is a link into the folder of the architecture that it was cross-built for. */
#define CROSS_BUILT "-bottlerocket-linux-gnu/sys-root/usr/lib/os-release"

#define NAMES(where, parser_, parse_)                                                                                  \
    {                                                                                                                  \
        .path = where, .max = KEEP_SMALL, .parser = parser_, .parse = parse_                                           \
    }

/* When two files say something differently, the first one counts. */
static const struct package_rule rules[] = {
    NAMES("etc/os-release", "os-release", parse_os_release),
    NAMES("usr/lib/os-release", "os-release", parse_os_release),
    NAMES("x86_64" CROSS_BUILT, "os-release", parse_os_release),
    NAMES("aarch64" CROSS_BUILT, "os-release", parse_os_release),
    NAMES("etc/lsb-release", "lsb-release", parse_lsb_release),
    NAMES("etc/debian_version", "debian-version", parse_release_line),
    NAMES("etc/alpine-release", "alpine-release", parse_release_line),
    NAMES("etc/redhat-release", "redhat-release", parse_release_line),
    NAMES("etc/centos-release", "centos-release", parse_release_line),
    NAMES("etc/oracle-release", "oracle-release", parse_release_line),
    NAMES("etc/system-release", "system-release", parse_release_line),
    NAMES("etc/fedora-release", "fedora-release", parse_release_line),
    NAMES("etc/SuSE-release", "suse-release", parse_suse_release),
    NAMES("etc/mageia-release", "mageia-release", parse_release_line),
    NAMES("etc/photon-release", "photon-release", parse_release_line),
    NAMES("etc/gentoo-release", "gentoo-release", parse_release_line),
    NAMES("etc/arch-release", "arch-release", parse_arch_release),
    NAMES("etc/openwrt_release", "openwrt-release", parse_lsb_release),
    {.path = NULL},
};

const struct package_format format_os_release = {
    .name = "os-release", .keeps_version = 3, .reads_version = 4, .tells = TELLS_SYSTEM, .rules = rules};
