/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pacman.c: pacman's local database (libalpm's be_local): a folder a package, with its description and the paths that
 * it owns. desc has blocks of %NAME%, a line a value, an empty line behind. %BASE% is the package that several are
 * built from, %PACKAGER% who built it.
 */
#include "model/version/version.h"
#include "packages/format.h"
#include "packages/owners.h"
#include "packages/parse_internal.h"

static void parse_desc(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.type = PKG_PACMAN};
    const struct {
        const char *block;
        struct slice *value;
    } wanted[] = {
        {"%NAME%", &package.name},        {"%VERSION%", &package.version}, {"%ARCH%", &package.architecture},
        {"%BASE%", &package.source_name}, {"%PACKAGER%", &package.vendor},
    };
    struct slice line, *value = NULL;
    struct err e = ERR_INIT;
    while (slice_take_line(&bytes, &line)) {
        bool block = line.n > 2 && line.p[0] == '%' && line.p[line.n - 1] == '%';
        if (value && line.n && !block && !value->n)
            *value = line;
        value = NULL;
        for (size_t i = 0; block && i < ARRAY_LEN(wanted); i++)
            if (slice_eq_str(line, wanted[i].block))
                value = wanted[i].value;
    }
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound %%NAME%% and %%VERSION%%");
        return;
    }
    if (!version_valid(VERSION_PACMAN, package.version, &e))
        parse_reason(p, REASON_VERSION_INVALID, "%s", e.text);
    if (!parse_is_token(package.architecture))
        package.architecture = SLICE_NONE;
    if (!parse_is_token(package.source_name) || slice_eq(package.source_name, package.name))
        package.source_name = SLICE_NONE;
    if (!slice_is_text(package.vendor))
        package.vendor = SLICE_NONE;
    parse_add_package(p, file, &package);
}

/* "…/local/name-version-release/files": from the line %FILES% to an empty one a path a line, folders with a slash. */
static int owns_files(struct owners *o, struct slice path, struct slice bytes)
{
    struct slice line, package = slice_path_name(slice_path_folder(path));
    bool wanted = false;
    int r = 0;
    for (int i = 0; i < 2; i++)
        package.n = (size_t)MAX(slice_rfind(package, '-'), 0);
    while (package.n && !r && slice_take_line(&bytes, &line)) {
        if (!line.n || slice_eq_str(line, "%FILES%"))
            wanted = line.n > 0;
        else if (wanted)
            r = owners_give(o, line, package);
    }
    return r;
}

#define LOCAL "var/lib/pacman/local/*/"

static const struct package_rule rules[] = {
    {.path = LOCAL "desc", .max = KEEP_SMALL, .parser = "pacman-desc", .parse = parse_desc},
    {.path = LOCAL "files", .max = KEEP_SMALL * 16, .owns = owns_files},
    {.path = NULL},
};

const struct package_format format_pacman = {
    .name = "pacman", .keeps_version = 1, .reads_version = 1, .type = PKG_PACMAN, .rules = rules};
