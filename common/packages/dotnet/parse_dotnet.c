/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_dotnet.c: the files of a layer that tell of .NET, put together at its end: each deps.json, with the assemblies
 * that are there, and assemblies that no deps.json claims.
 */
#include "base/hash.h"
#include "packages/dotnet/dotnet_deps.h"
#include "packages/reading/fact_list.h"

struct assembly {
    struct slice path, name, version;
};

struct state {
    VEC(struct assembly) assemblies;
    VEC(struct evidence_entry) deps; /* deps.json files and bundles, in the layer's order */
    bool bundle;
};

/* ---- places where nothing runs from ---- */

static bool has_part(struct slice path, const char *part)
{
    struct slice of;
    while (slice_take_token(&path, '/', &of))
        if (slice_eq_str(of, part))
            return true;
    return false;
}

/* Caches of packages, and reference assemblies. */
static bool is_cache(struct slice path)
{
    return has_part(path, ".nuget") || has_part(path, "NuGetFallbackFolder") || has_part(path, "packs");
}

/* ---- what comes ---- */

static struct state *state_of(struct parse *p)
{
    return parse_state(p, &format_dotnet, sizeof(struct state));
}

void dotnet_read(struct parse *p, const struct evidence_entry *entry)
{
    struct state *s = state_of(p);
    if (!s || is_cache(entry->path))
        return;
    bool deps = slice_ends(entry->path, SLICE(".deps.json")), native = fact_list_get(entry->bytes, DOTNET_NATIVE).n > 0;
    if (deps || fact_list_get(entry->bytes, DOTNET_HEADER).n || fact_list_get(entry->bytes, DOTNET_PROBLEM).n) {
        struct evidence_entry *to = VEC_ADD(p->arena, &s->deps);
        if (to)
            *to = *entry;
    } else if (native) {
        p->path = entry->path;
        p->reasons_of_file = 0;
        parse_reason(p, REASON_CONTENTS_UNKNOWN,
                     "a .NET program that was compiled ahead of time: its libraries are unknown");
    } else {
        struct assembly *to = VEC_ADD(p->arena, &s->assemblies);
        if (to)
            *to = (struct assembly){entry->path, fact_list_get(entry->bytes, DOTNET_ASSEMBLY),
                                    fact_list_get(entry->bytes, DOTNET_VERSION)};
    }
}

/* ---- at the end ---- */

static void add_assemblies(struct dotnet_files *files, const struct state *s, struct arena *arena)
{
    for (size_t i = 0; i < s->assemblies.n; i++)
        dotnet_files_add(files, s->assemblies.v[i].path, SLICE_NONE, arena);
}

static void read_bundle(struct parse *p, const struct evidence_entry *entry)
{
    struct slice header = fact_list_get(entry->bytes, DOTNET_HEADER), deps = fact_list_get(entry->bytes, DOTNET_DEPS);
    struct slice problem = fact_list_get(entry->bytes, DOTNET_PROBLEM), path;
    struct dotnet_files files = {.n = 0};
    struct dotnet_bundle b;
    struct parsed_file *file = parse_share_file(p, entry->path, DOTNET_BUNDLE_PARSER);
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (!file)
        return;
    if (problem.n && slice_is_text(problem))
        parse_reason(p, REASON_CONTENTS_UNKNOWN, "a .NET application in a single file: %.*s", SLICE_FMT(problem));
    if (header.n && dotnet_bundle_open(header, &b))
        while (dotnet_bundle_next(&b, &path))
            dotnet_files_add(&files, path, SLICE("bundle"), p->arena);
    if (deps.n)
        dotnet_deps_parse(p, deps, SLICE("bundle/app.deps.json"), &files, file);
}

static void read_deps(struct parse *p, const struct evidence_entry *entry, struct dotnet_files *files)
{
    struct parsed_file *file = parse_share_file(p, entry->path, DOTNET_DEPS_PARSER);
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (!file)
        return;
    if (entry->size > entry->bytes.n)
        parse_reason(p, REASON_FILE_CUT, "only %zu of its %" PRIu64 " bytes were kept", entry->bytes.n, entry->size);
    else
        dotnet_deps_parse(p, entry->bytes, entry->path, files, file);
}

static bool of_microsoft(struct slice name)
{
    return slice_starts(name, SLICE("Microsoft.")) || slice_starts(name, SLICE("System."));
}

/* An assembly by its own resource. The version ends at a plus: a commit follows. */
static void read_assembly(struct parse *p, const struct assembly *a)
{
    struct slice name = a->name, version = SLICE_NONE, rest = a->version;
    slice_take_token(&rest, '+', &version);
    version = slice_trim(version);
    if (!slice_ends(name, SLICE(".dll")) || !parse_is_token(version) || version.p[0] < '0' || version.p[0] > '9')
        return;
    name = slice_sub(name, 0, name.n - strlen(".dll"));
    if (!parse_is_token(name) || slice_ends(name, SLICE(".resources")))
        return;
    struct parsed_file *file = parse_share_file(p, a->path, DOTNET_ASSEMBLY_PARSER);
    struct package package = {.type = PKG_NUGET,
                              .certainty = CERTAINTY_GUESSED,
                              .scope = SCOPE_RUNTIME,
                              .name = name,
                              .version = version,
                              .why = SLICE("the assembly's version resource says so, and no deps.json names it")};
    if (!of_microsoft(name))
        package.not_judged =
            reason_make(REASON_IDENTITY_GUESSED, SLICE("only an assembly's version resource tells of the package"));
    p->path = a->path;
    if (file)
        parse_add_package(p, file, &package);
}

void dotnet_read_end(struct parse *p, struct slice whole)
{
    struct state *s = state_of(p);
    struct dotnet_files files = {.n = 0};
    (void)whole;
    if (!s || (!s->deps.n && !s->assemblies.n))
        return;
    add_assemblies(&files, s, p->arena);
    for (size_t i = 0; i < s->deps.n; i++) {
        if (slice_ends(s->deps.v[i].path, SLICE(".deps.json")))
            read_deps(p, &s->deps.v[i], &files);
        else
            read_bundle(p, &s->deps.v[i]);
    }
    for (size_t i = 0; i < s->assemblies.n; i++)
        if (!dotnet_files_claimed(&files, s->assemblies.v[i].path) && !dotnet_framework_of(s->assemblies.v[i].path).n &&
            !has_part(s->assemblies.v[i].path, "sdk"))
            read_assembly(p, &s->assemblies.v[i]);
}
