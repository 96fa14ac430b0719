/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_pacman.c: desc of pacman's local database: blocks of %NAME%, a line a value, an empty line behind. %BASE% is
 * the package that several are built from, %PACKAGER% who built it.
 */
#include "packages/parse_internal.h"

#include "model/version/version.h"

void parse_pacman_desc(struct parse *p, struct slice bytes, struct parsed_file *file)
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
        parse_reason(p, "it has no sound %%NAME%% and %%VERSION%%");
        return;
    }
    if (!version_valid(VERSION_PACMAN, package.version, &e))
        parse_reason(p, "%s", e.text);
    if (!parse_is_token(package.architecture))
        package.architecture = SLICE_NONE;
    if (!parse_is_token(package.source_name) || slice_eq(package.source_name, package.name))
        package.source_name = SLICE_NONE;
    if (!slice_is_text(package.vendor))
        package.vendor = SLICE_NONE;
    parse_add_package(p, file, &package);
}
