/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nix.c: Nix's store (Nix manual, "Store path"), where the names of what is in it say all that is known. A package is
 * told by the name of its path: a digest of 32 characters in Nix's base 32, a hyphen, the name, and (Nix manual,
 * builtins.parseDrvName) from the first hyphen that no letter follows the version. Behind it the name of one of the
 * package's outputs may stand, which all are one package. What has no version is no package.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"

#define DIGEST_N 32

static const char *const outputs[] = {"bin",    "dev",  "lib",  "out", "man", "doc",   "devdoc",  "info", "debug",
                                      "static", "data", "dist", "py",  "lua", "tools", "modules", "libs", "getent"};
static const char *const no_packages[] = {".drv",    ".lock",   ".check",   ".patch",
                                          ".tar.gz", ".tar.xz", ".tar.bz2", ".zip"};

static bool starts_version(struct slice name, size_t at)
{
    uint8_t c = at + 1 < name.n ? (uint8_t)(name.p[at + 1] | 0x20) : 'a';
    return name.p[at] == '-' && (c < 'a' || c > 'z');
}

static bool is_output(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
        if (slice_eq_str(name, outputs[i]))
            return true;
    return false;
}

static bool is_no_package(struct slice name)
{
    for (size_t i = 0; slice_find(name, '.') >= 0 && i < ARRAY_LEN(no_packages); i++)
        if (slice_ends(name, slice_str(no_packages[i])))
            return true;
    return false;
}

/* Nix's base 32 leaves out e, o, t and u. */
static bool take_digest(struct slice *name)
{
    for (size_t i = 0; i < DIGEST_N; i++) {
        uint8_t c = i < name->n ? name->p[i] : 0;
        bool letter = c >= 'a' && c <= 'z' && c != 'e' && c != 'o' && c != 't' && c != 'u';
        if (!letter && (c < '0' || c > '9'))
            return false;
    }
    *name = slice_from(*name, DIGEST_N);
    return true;
}

static void parse_store(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice name = slice_path_name(p->path);
    struct package package = {.type = PKG_NIX};
    size_t at = 1;
    (void)bytes;
    if (!take_digest(&name) || !slice_take_prefix(&name, SLICE("-")) || !parse_is_token(name) || is_no_package(name))
        return;
    while (at < name.n && !starts_version(name, at))
        at++;
    if (at >= name.n)
        return;
    package.name = slice_sub(name, 0, at);
    package.version = slice_from(name, at + 1);
    ptrdiff_t hyphen = slice_rfind(package.version, '-');
    if (hyphen > 0 && is_output(slice_from(package.version, (size_t)hyphen + 1)))
        package.version.n = (size_t)hyphen;
    parse_add_package(p, file, &package);
}

static const struct package_rule rules[] = {
    {.path = "nix/store/*", .names = true, .parser = "nix-store", .parse = parse_store},
    {.path = NULL},
};

const struct package_format format_nix = {
    .name = "nix", .keeps_version = 1, .reads_version = 1, .type = PKG_NIX, .rules = rules};
