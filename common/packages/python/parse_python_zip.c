/* SPDX-License-Identifier: Apache-2.0 */
/* parse_python_zip.c: the distributions of an egg, a pex or another zipapp, and which of them Python would find there. */
#include "packages/aside/aside.h"
#include "packages/python/python_header.h"
#include "packages/python/python_others.h"

/* Folders in which eggs and wheels wait for being installed. */
static bool is_store(struct slice folder)
{
    static const char *const names[] = {".eggs", "dist", "build", "wheelhouse", "wheels", "cache", ".cache"};
    struct slice part;
    while (slice_take_token(&folder, '/', &part))
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (slice_eq_str(part, names[i]))
                return true;
    return false;
}

struct zip {
    struct slice path;
    bool egg;
    struct python_place place;
    struct parsed_file *file;
};

/* Sets what bundles it; false: it is a sample, or nothing that Python would find. */
static bool place_member(const struct zip *z, struct slice member, struct package *package)
{
    struct slice info = slice_path_folder(member), root = info;
    if (slice_eq_str(slice_path_name(root), "EGG-INFO") && slice_path_folder(root).n)
        root = slice_path_folder(root);
    root = slice_path_folder(root);
    struct python_place place = python_place(info);
    if (z->egg)
        return slice_eq_str(info, "EGG-INFO");
    /* A pex that is unpacked to a folder has its wheels there. */
    ptrdiff_t packed = slice_find_slice(z->path, SLICE("/.deps/"));
    package->parent = packed < 0 ? z->path : slice_sub(z->path, 0, (size_t)packed);
    if (!root.n || place.standing == PYTHON_IN_SITE || slice_starts(root, SLICE(".deps/")))
        return !path_is_aside(root);
    slice_take_token(&root, '/', &package->parent);
    if (place.standing == PYTHON_BELOW)
        package->parent = place.top;
    return place.standing != PYTHON_SAMPLE && !path_is_aside(info);
}

static void tell_member(struct parse *p, struct zip *z, struct slice member, struct slice facts)
{
    struct package package = {
        .type = PKG_PYPI, .name = python_header_get(facts, "Name"), .version = python_header_get(facts, "Version")};
    if (!place_member(z, member, &package))
        return;
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "%.*s in it has no sound name and version", SLICE_FMT(member));
        return;
    }
    if (z->egg && z->place.standing != PYTHON_IN_SITE) {
        package.certainty = CERTAINTY_GUESSED;
        package.why = SLICE("an egg that lies in no folder of packages");
    }
    z->file = z->file ? z->file : parse_add_file(p, z->path, z->egg ? "python-egg" : "python-zipapp");
    if (!z->file)
        return;
    parse_add_package(p, z->file, &package);
    z->file->packages.v[z->file->packages.n - 1].location =
        arena_printf(p->arena, "%.*s!/%.*s", SLICE_FMT(z->path), SLICE_FMT(member));
}

void python_zip_tell(struct parse *p, const struct python_other *other)
{
    struct zip z = {
        .path = other->path, .egg = slice_ends(other->path, SLICE(".egg")), .place = python_place(other->path)};
    struct slice facts = other->facts, name, value;
    if (z.place.standing == PYTHON_COPY || z.place.standing == PYTHON_SAMPLE ||
        (z.egg && is_store(slice_path_folder(z.path))))
        return;
    while (fact_list_take(&facts, &name, &value))
        if (slice_eq_str(name, "member"))
            tell_member(p, &z, value, facts);
}
