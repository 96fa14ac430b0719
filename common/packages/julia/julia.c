/* SPDX-License-Identifier: Apache-2.0 */
/*
 * julia.c: Julia's depots. An installed package is packages/NAME/SLUG/Project.toml; those of the standard library are
 * share/julia/stdlib/vX.Y/NAME/Project.toml, and have a version where they are released apart from Julia. Both need a
 * name, a uuid and a version at the top. A Manifest.toml says what a project wishes for (Pkg.jl's documentation, "Project.toml
 * and Manifest.toml"); one inside a package is its publisher's.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/reading/text_fields.h"

static void add(struct parse *p, struct parsed_file *file, struct package package)
{
    if (!package.name.n && !package.version.n)
        return;
    package.type = PKG_JULIA;
    if (parse_is_token(package.name) && parse_is_token(package.version))
        parse_add_package(p, file, &package);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a package without a sound name and version");
}

static void parse_project(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.name = SLICE_NONE};
    struct toml_line line;
    bool has_uuid = false;
    while (toml_take_line(&bytes, &line) && !line.table.n) {
        if (slice_eq_str(line.key, "name"))
            package.name = line.value;
        else if (slice_eq_str(line.key, "version"))
            package.version = line.value;
        else if (slice_eq_str(line.key, "uuid"))
            has_uuid = line.value.n > 0;
    }
    bool stdlib = slice_find_slice(p->path, SLICE("/stdlib/v")) >= 0;
    if (!has_uuid || (stdlib && !package.version.n))
        return;
    if (stdlib)
        package.parent = SLICE("Julia");
    add(p, file, package);
}

/* "[[deps.JSON]]", and "[[JSON]]" before Julia 1.7. */
static void parse_manifest(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    static const char why[] = "its manifest asks for it";
    struct package package = {.name = SLICE_NONE};
    struct toml_line line;
    if (slice_find_slice(p->path, SLICE("/packages/")) >= 0)
        return;
    while (toml_take_line(&bytes, &line)) {
        if (line.table.n) {
            if (package.version.n)
                add(p, file, package);
            slice_take_prefix(&line.table, SLICE("deps."));
            package = (struct package){.name = line.table, .certainty = CERTAINTY_DECLARED, .why = slice_str(why)};
            if (slice_find(line.table, '.') >= 0)
                package.name = SLICE_NONE; /* a table within an entry */
        } else if (slice_eq_str(line.key, "version") && package.name.n) {
            package.version = line.value;
        }
    }
    if (package.version.n)
        add(p, file, package);
}

#define PROJECT(path_)                                                                                                 \
    {                                                                                                                  \
        .path = path_, .max = KEEP_SMALL / 4, .parser = "julia-project", .parse = parse_project                        \
    }
#define MANIFEST(path_)                                                                                                \
    {                                                                                                                  \
        .path = path_, .max = KEEP_SMALL * 4, .parser = "julia-manifest", .parse = parse_manifest                      \
    }

static const struct package_rule rules[] = {
    PROJECT("**/packages/*/*/Project.toml"), PROJECT("**/packages/*/*/JuliaProject.toml"),
    PROJECT("**/stdlib/v*/*/Project.toml"),  MANIFEST("**/Manifest.toml"),
    MANIFEST("**/JuliaManifest.toml"),       {.path = NULL},
};

const struct package_format format_julia = {
    .name = "julia", .keeps_version = 1, .reads_version = 1, .type = PKG_JULIA, .rules = rules};
