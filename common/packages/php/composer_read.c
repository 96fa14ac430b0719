/* SPDX-License-Identifier: Apache-2.0 */
/* composer_read.c: a list of Composer's, reduced to facts, becomes packages. */
#include "packages/php/php.h"

/* "vendor/name", which is all small letters on Packagist, and may not be elsewhere. */
static bool take_name(struct slice full, struct package *to)
{
    struct slice rest = full, vendor;
    if (!parse_is_token(full) || !slice_take_token(&rest, '/', &vendor) || !vendor.n || !rest.n ||
        slice_find(rest, '/') >= 0)
        return false;
    to->ns = vendor;
    to->name = rest;
    return true;
}

/* dev-main, 1.x-dev: the newest of a branch, which no release is. */
static bool is_branch(struct slice version)
{
    struct slice first;
    slice_take_token(&version, ' ', &first); /* "dev-main as 1.2" */
    return slice_starts(first, SLICE("dev-")) || slice_ends(first, SLICE("-dev"));
}

struct one {
    struct package package;
    struct slice reference, source, dist;
};

/* "git https://example.org/a.git" and a commit: git+https://example.org/a.git@commit */
static struct slice origin_of(struct parse *p, const struct one *o)
{
    struct slice url = o->source, type;
    if (slice_take_token(&url, ' ', &type) && url.n)
        return arena_printf(p->arena, "%.*s+%.*s%s%.*s", SLICE_FMT(type), SLICE_FMT(url), o->reference.n ? "@" : "",
                            SLICE_FMT(o->reference));
    return o->reference.n ? arena_printf(p->arena, "commit %.*s", SLICE_FMT(o->reference)) : SLICE_NONE;
}

static void finish(struct parse *p, struct parsed_file *file, struct one *o, struct slice full)
{
    struct package *package = &o->package;
    struct slice path = o->dist;
    if (!full.p)
        return;
    if (!take_name(full, package)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a package is named \"%.*s\", which no package can be",
                     SLICE_FMT(slice_is_text(full) ? slice_sub(full, 0, 80) : SLICE("?")));
        return;
    }
    package->version = slice_trim(package->version);
    if (slice_take_prefix(&path, SLICE("path ")) && slice_is_text(path)) {
        package->origin = arena_printf(p->arena, "file:%.*s", SLICE_FMT(path));
        package->not_judged =
            reason_make(REASON_OWN_PACKAGE, SLICE("it is a folder of the project's own, and not Packagist's"));
    } else if (is_branch(package->version)) {
        package->origin = origin_of(p, o);
        if (!slice_is_text(package->origin))
            package->origin = SLICE_NONE;
        package->not_judged = reason_make(REASON_VERSION_UNKNOWN, SLICE("it is the state of a branch, and no release"));
    }
    if (!package->version.n || !slice_is_text(package->version)) {
        package->version = SLICE("");
        package->not_judged = reason_make(REASON_VERSION_UNKNOWN, SLICE("its list names no version"));
    }
    parse_add_package(p, file, package);
}

/* Composer 2 names the packages for development behind all of them. */
static void mark_development(struct parsed_file *file, struct slice facts)
{
    struct slice name, value;
    struct package key = {.ns = SLICE_NONE};
    bool named = false;
    while (fact_list_take(&facts, &name, &value)) {
        if (!slice_eq_str(name, FACT_DEV_NAME) || !take_name(value, &key))
            continue;
        for (size_t i = 0; i < file->packages.n; i++)
            if (slice_eq(file->packages.v[i].ns, key.ns) && slice_eq(file->packages.v[i].name, key.name))
                file->packages.v[i].scope = SCOPE_DEVELOPMENT;
        named = true;
    }
    for (size_t i = 0; named && i < file->packages.n; i++)
        if (file->packages.v[i].scope == SCOPE_UNKNOWN)
            file->packages.v[i].scope = SCOPE_RUNTIME;
}

void composer_read(struct parse *p, struct parsed_file *file, struct slice facts, struct slice location)
{
    struct slice list = facts, name, value, full = SLICE_NONE;
    const struct one fresh = {
        .package = {.type = PKG_COMPOSER, .certainty = CERTAINTY_INSTALLED, .location = location}};
    struct one o = fresh;
    while (fact_list_take(&list, &name, &value)) {
        if (slice_eq_str(name, FACT_PACKAGE)) {
            finish(p, file, &o, full);
            o = fresh;
            full = value;
        } else if (slice_eq_str(name, FACT_VERSION)) {
            o.package.version = value;
        } else if (slice_eq_str(name, FACT_REFERENCE)) {
            o.reference = value;
        } else if (slice_eq_str(name, FACT_SOURCE)) {
            o.source = value;
        } else if (slice_eq_str(name, FACT_DIST)) {
            o.dist = value;
        } else if (slice_eq_str(name, FACT_DEV)) {
            o.package.scope = SCOPE_DEVELOPMENT;
        }
    }
    finish(p, file, &o, full);
    mark_development(file, facts);
}
