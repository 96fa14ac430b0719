/* SPDX-License-Identifier: Apache-2.0 */
/* parse_os_release.c: os-release(5) and the files before it: what names the system, as facts. */
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
                parse_reason(p, "line %zu: %s is left out: %s", number, keys[i], why);
            else
                parse_set_fact(p, file, key, slice_of(value, n));
        }
    }
}

void parse_os_release(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    parse_assignments(p, bytes, file, os_release_keys, ARRAY_LEN(os_release_keys));
}

void parse_lsb_release(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    parse_assignments(p, bytes, file, lsb_keys, ARRAY_LEN(lsb_keys));
}

/* The first line that says something, as a fact of the file's own name: debian_version, redhat-release … */
void parse_release_line(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice line = SLICE_NONE;
    while (slice_take_line(&bytes, &line) && !slice_trim(line).n)
        continue;
    line = slice_trim(line);
    if (!line.n)
        return;
    if (line.n > VALUE_MAX || !slice_is_text(line))
        parse_reason(p, "its first line is not a line of text");
    else
        parse_set_fact(p, file, slice_from(p->path, (size_t)(slice_rfind(p->path, '/') + 1)), line);
}

/* SuSE-release: the system's name, then "VERSION = 11" and, where there is a service pack, "PATCHLEVEL = 4". */
void parse_suse_release(struct parse *p, struct slice bytes, struct parsed_file *file)
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
void parse_arch_release(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    (void)bytes;
    parse_set_fact(p, file, SLICE("arch-release"), SLICE("Arch Linux"));
}
