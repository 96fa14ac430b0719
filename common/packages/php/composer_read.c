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
    struct slice first = SLICE_NONE;
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

static int by_text(const void *a, const void *b)
{
    return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* Composer 2 names the packages for development behind all of them. */
static void mark_development(struct parse *p, struct parsed_file *file, struct slice facts)
{
    VEC(struct slice) names = {NULL, 0, 0};
    struct slice name, value, *to;
    while (fact_list_take(&facts, &name, &value))
        if (slice_eq_str(name, FACT_DEV_NAME) && (to = VEC_ADD(p->arena, &names)))
            *to = value;
    if (!names.n)
        return;
    qsort(names.v, names.n, sizeof *names.v, by_text);
    for (size_t i = 0; i < file->packages.n; i++) {
        struct package *package = &file->packages.v[i];
        uint8_t full[2 * 1024 + 2];
        size_t n = package->ns.n;
        if (n + package->name.n + 1 > sizeof full)
            continue;
        memcpy(full, package->ns.p, n);
        full[n] = '/';
        memcpy(full + n + 1, package->name.p, package->name.n);
        struct slice key = slice_of(full, n + 1 + package->name.n);
        bool dev = bsearch(&key, names.v, names.n, sizeof key, by_text) != NULL;
        package->scope = dev ? SCOPE_DEVELOPMENT : SCOPE_RUNTIME;
    }
}

void composer_read(struct parse *p, struct parsed_file *file, struct slice facts, enum package_certainty certainty)
{
    struct slice list = facts, name, value, full = SLICE_NONE;
    const struct one fresh = {
        .package = {.type = PKG_COMPOSER,
                    .certainty = certainty,
                    .why = certainty == CERTAINTY_DECLARED ? SLICE("its lock file asks for it") : SLICE_NONE}};
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
    mark_development(p, file, facts);
}
