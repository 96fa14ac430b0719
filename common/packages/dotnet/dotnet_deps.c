/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dotnet_deps.c: a deps.json (dotnet/runtime, docs/design/features/host-probing, runtime-configuration):
 *
 *     {"runtimeTarget": {"name": T},
 *      "targets": {T: {"Name/1.2.3": {"runtime"|"native"|"resources"|"runtimeTargets": {asset: {…}}, "compile": …}}},
 *      "libraries": {"Name/1.2.3": {"type": "package"|"project"|"runtimepack"|…}}}
 *
 * The target that is run with counts alone. A library of it without an asset is no part of the application: the shared
 * framework has it, or it was for the compiler only.
 */
#include "packages/dotnet/dotnet_deps.h"

#include "base/hash.h"
#include "io/text/json.h"

#define LIBRARIES_MAX 8192
#define MISSED_MAX    4096
#define CODE_MAX      8 /* files that are named as where the code lies */

/* ---- the assemblies that are there ---- */

static uint64_t hash_parts(struct slice a, struct slice b)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < a.n + (a.n > 0) + b.n; i++) {
        uint8_t c = i < a.n ? a.p[i] : i == a.n && a.n ? '/' : b.p[i - a.n - (a.n > 0)];
        c = c == '\\' ? '/' : byte_lower(c);
        h = (h ^ c) * 1099511628211u;
    }
    return h ? h : 1;
}

static size_t place_of(const struct dotnet_files *f, uint64_t hash)
{
    size_t i = (size_t)hash & (f->cap - 1);
    while (f->v[i].hash && f->v[i].hash != hash)
        i = (i + 1) & (f->cap - 1);
    return i;
}

static bool grow(struct dotnet_files *f, struct arena *arena)
{
    struct dotnet_files wider = {.n = f->n, .cap = f->cap ? f->cap * 2 : 256};
    wider.v = arena_zalloc(arena, wider.cap * sizeof *wider.v);
    if (!wider.v)
        return false;
    for (size_t i = 0; i < f->cap; i++)
        if (f->v[i].hash)
            wider.v[place_of(&wider, f->v[i].hash)] = f->v[i];
    *f = wider;
    return true;
}

void dotnet_files_add(struct dotnet_files *f, struct slice path, struct slice folder, struct arena *arena)
{
    if (2 * f->n >= f->cap && !grow(f, arena))
        return;
    uint64_t hash = hash_parts(folder, path);
    size_t i = place_of(f, hash);
    f->n += !f->v[i].hash;
    f->v[i].hash = hash;
    f->v[i].path = path;
    f->v[i].folder = folder;
}

bool dotnet_files_claimed(const struct dotnet_files *f, struct slice path)
{
    return f->cap && f->v[place_of(f, hash_parts(SLICE_NONE, path))].claimed;
}

static bool claim(struct dotnet_files *f, struct slice folder, struct slice path)
{
    size_t i = f->cap ? place_of(f, hash_parts(folder, path)) : 0;
    if (!f->cap || !f->v[i].hash)
        return false;
    f->v[i].claimed = true;
    return true;
}

/* ---- where it stands ---- */

struct slice dotnet_framework_of(struct slice path)
{
    static const char *const names[] = {"Microsoft.NETCore.App", "Microsoft.AspNetCore.App",
                                        "Microsoft.WindowsDesktop.App", "Microsoft.AspNetCore.All"};
    struct slice part;
    bool shared = false;
    while (slice_take_token(&path, '/', &part)) {
        for (size_t i = 0; shared && i < ARRAY_LEN(names); i++)
            if (slice_eq_str(part, names[i]))
                return part;
        shared = slice_eq(part, SLICE("shared"));
    }
    return SLICE_NONE;
}

/* The version of the kit whose tool this is: what follows a folder "sdk" of a .NET. */
static struct slice kit_of(struct slice path)
{
    struct slice part;
    bool kit = false;
    while (slice_take_token(&path, '/', &part)) {
        if (kit && part.n && part.p[0] >= '0' && part.p[0] <= '9')
            return part;
        kit = slice_eq(part, SLICE("sdk"));
    }
    return SLICE_NONE;
}

/* ---- a library ---- */

enum { ASSETS_FLAT, ASSETS_CULTURE, ASSETS_AS_THEY_ARE };

struct library {
    struct slice key, type;
    bool assets;  /* it has some */
    bool managed; /* one of them is an assembly */
    bool present; /* and is there */
};

struct reading {
    struct parse *parse;
    struct parsed_file *file;
    struct dotnet_files *files;
    struct json_pull json;
    struct slice folder, target;
    VEC(struct library) libraries;
    size_t libraries_left_out;
    size_t code_n;
};

static void take_asset(struct reading *r, struct library *l, struct slice asset, int kind)
{
    struct slice name = slice_path_name(asset), path = name;
    if (!asset.n || slice_eq(name, SLICE("_._")))
        return;
    l->assets = true;
    if (!slice_ends(name, SLICE(".dll")) && !slice_ends(name, SLICE(".exe")))
        return;
    l->managed = true;
    if (kind == ASSETS_AS_THEY_ARE) {
        path = asset;
    } else if (kind == ASSETS_CULTURE) { /* lib/net6.0/de/X.resources.dll lies in de/ */
        struct slice culture = slice_path_name(slice_path_folder(asset));
        path = slice_from(asset, asset.n - name.n - (culture.n ? culture.n + 1 : 0));
    }
    if (!claim(r->files, r->folder, path) && !claim(r->files, r->folder, asset))
        return;
    l->present = true;
    if (r->code_n < CODE_MAX && kind == ASSETS_FLAT && !slice_eq(r->folder, SLICE("bundle"))) {
        r->code_n++;
        parse_add_fact(
            r->parse, r->file, SLICE(FACT_CODE_IN),
            arena_printf(r->parse->arena, "%.*s%s%.*s", SLICE_FMT(r->folder), r->folder.n ? "/" : "", SLICE_FMT(path)));
    }
}

static void take_assets(struct reading *r, struct library *l, int kind)
{
    struct slice asset;
    if (!json_pull_object(&r->json))
        return;
    while (json_pull_key(&r->json, &asset)) {
        take_asset(r, l, asset, kind);
        json_pull_skip(&r->json);
    }
}

static void take_library(struct reading *r, struct slice library)
{
    struct library *l = r->libraries.n < LIBRARIES_MAX ? VEC_ADD(r->parse->arena, &r->libraries) : NULL;
    struct library spare;
    struct slice key;
    if (!l) {
        l = &spare;
        if (!r->libraries_left_out++)
            parse_reason(r->parse, REASON_TOO_MANY, "it names more than %d libraries; the rest is left out",
                         LIBRARIES_MAX);
    }
    *l = (struct library){.key = arena_slice(r->parse->arena, library)};
    if (!json_pull_object(&r->json))
        return;
    while (json_pull_key(&r->json, &key)) {
        if (slice_eq(key, SLICE("runtime")) || slice_eq(key, SLICE("native")))
            take_assets(r, l, ASSETS_FLAT);
        else if (slice_eq(key, SLICE("resources")))
            take_assets(r, l, ASSETS_CULTURE);
        else if (slice_eq(key, SLICE("runtimeTargets")))
            take_assets(r, l, ASSETS_AS_THEY_ARE);
        else
            json_pull_skip(&r->json);
    }
}

/* Of a document that names no target the only one counts. */
static void take_targets(struct reading *r)
{
    struct slice target, library;
    if (!json_pull_object(&r->json))
        return;
    while (json_pull_key(&r->json, &target)) {
        if (r->libraries.n || (r->target.n && !slice_eq(target, r->target))) {
            json_pull_skip(&r->json);
            continue;
        }
        if (!json_pull_object(&r->json))
            continue;
        while (json_pull_key(&r->json, &library))
            take_library(r, library);
    }
}

/* Both lists mostly have the same order, so that one is looked for from behind the last on. */
static struct library *library_of(struct reading *r, struct slice key, size_t *next, size_t *missed)
{
    for (size_t i = 0; i < r->libraries.n && *missed < MISSED_MAX; i++) {
        struct library *l = &r->libraries.v[(*next)++ % r->libraries.n];
        if (slice_eq(l->key, key))
            return l;
    }
    ++*missed;
    return NULL;
}

static void take_types(struct reading *r)
{
    size_t next = 0, missed = 0;
    struct slice library, key;
    if (!json_pull_object(&r->json))
        return;
    while (json_pull_key(&r->json, &library)) {
        struct library *l = library_of(r, library, &next, &missed);
        if (!json_pull_object(&r->json))
            continue;
        while (json_pull_key(&r->json, &key))
            if (l && slice_eq(key, SLICE("type")))
                l->type = arena_slice(r->parse->arena, json_pull_string(&r->json));
            else
                json_pull_skip(&r->json);
    }
}

/* ---- packages ---- */

static void add_library(struct reading *r, const struct library *l, bool others_present, struct slice kit)
{
    struct slice name = SLICE_NONE, version = l->key;
    struct package package = {.type = PKG_NUGET, .certainty = CERTAINTY_INSTALLED, .scope = SCOPE_RUNTIME};
    slice_take_token(&version, '/', &name);
    if (slice_eq(l->type, SLICE("runtimepack")))
        slice_take_prefix(&name, SLICE("runtimepack."));
    if (!l->assets || slice_eq(l->type, SLICE("reference")) || slice_eq(l->type, SLICE("referenceassembly")))
        return;
    if (!parse_is_token(name) || !parse_is_token(version)) {
        parse_reason(r->parse, REASON_PACKAGE_LEFT_OUT, "a library has no name or no version");
        return;
    }
    package.name = name;
    package.version = version;
    package.parent = kit;
    if (slice_eq(l->type, SLICE("project")))
        package.not_judged = reason_make(REASON_OWN_PACKAGE, SLICE("the library is the application's own"));
    if (!l->present && !(others_present && !l->managed)) {
        package.certainty = CERTAINTY_DECLARED;
        package.why = SLICE("a deps.json asks for it, and none of its assemblies was found");
    }
    parse_add_package(r->parse, r->file, &package);
}

/* The package by whose name advisories speak of a shared framework; deps.json files of today's name it themselves. */
static void add_framework(struct reading *r, struct slice framework, struct slice path)
{
    struct slice version = slice_path_name(slice_path_folder(path)), system_name = r->target, before;
    struct package package = {.type = PKG_NUGET, .certainty = CERTAINTY_INSTALLED, .scope = SCOPE_RUNTIME};
    ptrdiff_t slash = slice_rfind(system_name, '/');
    struct slice start = arena_printf(r->parse->arena, "%.*s.Runtime.", SLICE_FMT(framework));
    for (size_t i = 0; i < r->file->packages.n; i++)
        if (slice_starts(r->file->packages.v[i].name, start))
            return;
    before = slice_path_name(slice_path_folder(slice_path_folder(path)));
    if (slash < 0 || !slice_eq(before, framework) || !parse_is_token(version))
        return;
    package.name = arena_printf(r->parse->arena, "%.*s%.*s", SLICE_FMT(start),
                                SLICE_FMT(slice_from(system_name, (size_t)slash + 1)));
    package.version = version;
    package.why = SLICE("the folder of a shared framework says so");
    if (parse_is_token(package.name))
        parse_add_package(r->parse, r->file, &package);
}

static struct slice take_target_name(struct reading *r)
{
    struct slice key, name = SLICE_NONE;
    if (json_pull_kind(&r->json) == JSON_PULL_STRING)
        return json_pull_string(&r->json);
    if (!json_pull_object(&r->json))
        return name;
    while (json_pull_key(&r->json, &key))
        if (slice_eq(key, SLICE("name")))
            name = json_pull_string(&r->json);
        else
            json_pull_skip(&r->json);
    return name;
}

void dotnet_deps_parse(struct parse *p, struct slice text, struct slice path, struct dotnet_files *files,
                       struct parsed_file *file)
{
    struct reading r = {.parse = p, .file = file, .files = files, .folder = slice_path_folder(path)};
    struct slice key, framework = dotnet_framework_of(path);
    bool present = false;
    slice_take_prefix(&text, SLICE("\xef\xbb\xbf"));
    json_pull_text(&r.json, text, p->arena);
    for (bool object = json_pull_object(&r.json); object && json_pull_key(&r.json, &key);) {
        if (slice_eq(key, SLICE("runtimeTarget")))
            r.target = arena_slice(p->arena, take_target_name(&r));
        else if (slice_eq(key, SLICE("targets")))
            take_targets(&r);
        else if (slice_eq(key, SLICE("libraries")))
            take_types(&r);
        else
            json_pull_skip(&r.json);
    }
    parse_json_end(p, &r.json);
    for (size_t i = 0; i < r.libraries.n; i++)
        present |= r.libraries.v[i].present;
    for (size_t i = 0; i < r.libraries.n; i++)
        add_library(&r, &r.libraries.v[i], present, framework.n ? SLICE_NONE : kit_of(path));
    if (framework.n)
        add_framework(&r, framework, path);
}
