/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_lock.c: what a lock file wishes for. Assembly leaves it out where something is installed beside it
 * (inventory/assemble/better.h); one that lies inside of a package is its publisher's and says nothing.
 */
#include "packages/aside/aside.h"
#include "packages/nodejs/node_place.h"
#include "packages/nodejs/nodejs.h"
#include "packages/reading/fact_list.h"

static void finish(struct parse *p, struct parsed_file *file, struct slice full, struct package *package)
{
    if (full.p && nodejs_take_name(full, package) && parse_is_token(package->version))
        parse_add_package(p, file, package);
    *package =
        (struct package){.type = PKG_NPM, .certainty = CERTAINTY_DECLARED, .why = SLICE("its lock file asks for it")};
}

void nodejs_read_lock(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed_file *file = parse_add_file(p, entry->path, "nodejs-lock");
    struct slice facts = entry->bytes, name, value, full = SLICE_NONE;
    struct package package;
    if (!file || path_is_of_package(slice_path_folder(entry->path)) || node_place_cached(entry->path))
        return;
    finish(p, file, SLICE_NONE, &package);
    while (fact_list_take(&facts, &name, &value)) {
        if (slice_eq_str(name, "package")) {
            finish(p, file, full, &package);
            full = value;
        } else if (slice_eq_str(name, "version")) {
            package.version = value;
        } else if (slice_eq_str(name, "dev")) {
            package.scope = SCOPE_DEVELOPMENT;
        } else if (slice_eq_str(name, "resolved") && slice_is_text(value)) {
            package.origin = value;
        }
    }
    finish(p, file, full, &package);
}
