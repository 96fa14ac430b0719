/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portage.c: Portage's database of installed packages (portage(5), "/var/db/pkg"). A package is told by its folder's
 * name, category/name-version (Package Manager Specification 8, section 3.1.2: a name never ends in what could be a
 * version). The smallest file that each folder has, PF, says name-version again and stands for the folder; repository
 * names the tree that it came from.
 */
#include "model/version/version.h"
#include "packages/format.h"
#include "packages/parse_internal.h"

#define DATABASE "var/db/pkg/"

#define MERGING "-MERGING-" /* a package that is just being installed, or that broke off there */

/* The first hyphen behind which all is a version parts it; false: none does. */
static bool part(struct slice name_version, struct slice *ret_name, struct slice *ret_version)
{
    for (size_t i = 1; i + 1 < name_version.n; i++) {
        struct slice version = slice_from(name_version, i + 1);
        if (name_version.p[i] != '-' || !version_valid(VERSION_PORTAGE, version, NULL))
            continue;
        *ret_name = slice_sub(name_version, 0, i);
        *ret_version = version;
        return true;
    }
    return false;
}

static void parse_portage(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.type = PKG_PORTAGE};
    struct slice path = p->path, category, folder, name, said = slice_trim(bytes);
    if (!slice_take_prefix(&path, SLICE(DATABASE)) || !slice_take_token(&path, '/', &category) ||
        !slice_take_token(&path, '/', &folder) || slice_starts(folder, SLICE(MERGING)))
        return;
    if (!part(folder, &name, &package.version) || !parse_is_token(category) || !parse_is_token(name)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "its folder is not named name-version");
        return;
    }
    if (slice_eq_str(path, "PF") && !slice_eq(said, folder))
        parse_reason(p, REASON_PACKAGE_CONTRADICTED, "it says another package than its folder's name");
    if (slice_eq_str(path, "repository") && parse_is_token(said))
        package.vendor = said;
    package.name = arena_printf(p->arena, "%.*s/%.*s", SLICE_FMT(category), SLICE_FMT(name));
    parse_add_package(p, file, &package);
}

static const struct package_rule rules[] = {
    {.path = DATABASE "*/*/PF", .max = 4096, .parser = "portage-pf", .parse = parse_portage},
    {.path = DATABASE "*/*/repository", .max = 4096, .parser = "portage-repository", .parse = parse_portage},
    {.path = NULL},
};

const struct package_format format_portage = {
    .name = "portage", .keeps_version = 1, .reads_version = 1, .type = PKG_PORTAGE, .rules = rules};
