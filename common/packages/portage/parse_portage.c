/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_portage.c: an installed package of Portage by its folder's name, var/db/pkg/category/name-version (Package
 * Manager Specification 8, section 3.1.2: a name never ends in what could be a version). repository names the tree that
 * it came from; PF, which says name-version again, stands for the folder.
 */
#include "packages/parse_internal.h"

#include "model/version/version.h"

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

void parse_portage(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.type = PKG_PORTAGE};
    struct slice path = p->path, category, folder, name, said = slice_trim(bytes);
    if (!slice_take_prefix(&path, SLICE("var/db/pkg/")) || !slice_take_token(&path, '/', &category) ||
        !slice_take_token(&path, '/', &folder) || slice_starts(folder, SLICE(MERGING)))
        return;
    if (!part(folder, &name, &package.version) || !parse_is_token(category) || !parse_is_token(name)) {
        parse_reason(p, "its folder is not named name-version");
        return;
    }
    if (slice_eq_str(path, "PF") && !slice_eq(said, folder))
        parse_reason(p, "it says another package than its folder's name");
    if (slice_eq_str(path, "repository") && parse_is_token(said))
        package.vendor = said;
    package.name = arena_printf(p->arena, "%.*s/%.*s", SLICE_FMT(category), SLICE_FMT(name));
    parse_add_package(p, file, &package);
}
