/* SPDX-License-Identifier: Apache-2.0 */
/*
 * haskell.c: GHC's package databases: folders with a file "NAME-VERSION-HASH.conf" for each library, fields as Cabal's
 * InstalledPackageInfo has them. Programs that were linked statically tell nothing of their libraries. A library that
 * GHC's own database has is part of GHC.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/reading/text_fields.h"

/* A value may begin in the line behind its name. */
static struct slice field(struct slice text, const char *name)
{
    struct slice line, key;
    while (slice_take_line(&text, &line)) {
        if (slice_find(line, ':') < 0)
            continue;
        slice_take_token(&line, ':', &key);
        if (!slice_eq_nocase(key, slice_str(name)))
            continue;
        line = slice_trim(line);
        if (!line.n)
            slice_take_line(&text, &line);
        return slice_trim(line);
    }
    return SLICE_NONE;
}

static void parse_conf(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.type = PKG_HACKAGE, .name = field(bytes, "name"), .version = field(bytes, "version")};
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound name and version");
        return;
    }
    parse_add_package(p, file, &package);
}

static const struct package_rule rules[] = {
    {.path = "**/package.conf.d/*.conf", .max = KEEP_SMALL, .parser = "ghc-package", .parse = parse_conf},
    {.path = "**/package.db/*.conf", .max = KEEP_SMALL, .parser = "ghc-package", .parse = parse_conf},
    {.path = NULL},
};

const struct package_format format_haskell = {
    .name = "haskell", .keeps_version = 1, .reads_version = 1, .type = PKG_HACKAGE, .rules = rules};
