/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opam.c: what a switch of opam, OCaml's package manager, has installed: SWITCH/.opam-switch/packages/NAME.VERSION/opam
 * (the opam manual, "Common file format", 2.2: names have no dot). The path says all of it.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"

static void parse_opam(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.type = PKG_OPAM, .version = slice_path_name(slice_path_folder(p->path))};
    (void)bytes;
    slice_take_token(&package.version, '.', &package.name);
    if (parse_is_token(package.name) && parse_is_token(package.version))
        parse_add_package(p, file, &package);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "its folder has no name and version");
}

static const struct package_rule rules[] = {
    {.path = "**/.opam-switch/packages/*/opam", .parser = "opam", .parse = parse_opam},
    {.path = NULL},
};

const struct package_format format_opam = {
    .name = "opam", .keeps_version = 1, .reads_version = 1, .type = PKG_OPAM, .rules = rules};
