/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_golang.c: the modules of a program, by the lines of its build information (Go's runtime/debug):
 *
 *     path  the main package           mod, dep  a module, its version, its sum
 *     =>    what was built in place of the module before        build  a setting: key=value, quoted where needed
 */
#include "packages/reading/fact_list.h"
#include "packages/golang/golang.h"

struct module {
    struct slice path, version;
};

struct program_info {
    struct slice path, modules;
    struct slice flags, revision, time, machine; /* settings */
    bool modified;
    struct module main;
};

/* ---- lines ---- */

static struct module module_of(struct slice line)
{
    struct module m = {SLICE_NONE, SLICE_NONE};
    slice_take_token(&line, '\t', &m.path);
    slice_take_token(&line, '\t', &m.version);
    return m;
}

/* A text as Go quotes it; only what stands in versions, times and flags is read of its escapes. */
static struct slice unquoted(struct slice s, struct arena *arena)
{
    bool quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '`') && s.p[s.n - 1] == s.p[0];
    uint8_t *to = quoted ? arena_alloc(arena, s.n) : NULL;
    size_t n = 0;
    if (!to)
        return s;
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (s.p[0] == '"' && s.p[i] == '\\' && i + 2 < s.n)
            i++;
        to[n++] = s.p[i];
    }
    return slice_of(to, n);
}

static void take_setting(struct program_info *info, struct slice line, struct arena *arena)
{
    struct slice key;
    if (!slice_take_token(&line, '=', &key))
        return;
    struct slice value = unquoted(line, arena);
    if (slice_eq(key, SLICE("-ldflags")))
        info->flags = value;
    else if (slice_eq(key, SLICE("GOARCH")))
        info->machine = parse_is_token(value) ? value : SLICE_NONE;
    else if (slice_eq(key, SLICE("vcs.revision")))
        info->revision = value;
    else if (slice_eq(key, SLICE("vcs.time")))
        info->time = value;
    else if (slice_eq(key, SLICE("vcs.modified")))
        info->modified = slice_eq(value, SLICE("true"));
}

static void take_info(struct program_info *info, struct arena *arena)
{
    struct slice rest = info->modules, line;
    while (slice_take_token(&rest, '\n', &line)) {
        struct slice word = SLICE_NONE;
        slice_take_token(&line, '\t', &word);
        if (slice_eq(word, SLICE("path")))
            info->path = line;
        else if (slice_eq(word, SLICE("mod")))
            info->main = module_of(line);
        else if (slice_eq(word, SLICE("build")))
            take_setting(info, line, arena);
    }
}

/* ---- versions ---- */

/* Versions of modules begin with v and a number; others, as "(devel)", are of no release. */
static bool is_released(struct slice version)
{
    return version.n >= 2 && version.p[0] == 'v' && version.p[1] >= '0' && version.p[1] <= '9' &&
           parse_is_token(version);
}

static struct package package_of(const struct program_info *info, struct slice name, struct slice version)
{
    return (struct package){.type = PKG_GOLANG,
                            .certainty = CERTAINTY_INSTALLED,
                            .scope = SCOPE_RUNTIME,
                            .name = name,
                            .version = version,
                            .architecture = info->machine};
}

static void not_judged(struct package *package, const char *text)
{
    package->not_judged = reason_make(REASON_VERSION_UNKNOWN, slice_str(text));
}

static void add(struct parse *p, struct parsed_file *file, struct package *package)
{
    if (!parse_is_token(package->name)) {
        if (package->name.n)
            parse_reason(p, REASON_PACKAGE_LEFT_OUT, "its build information has a module whose path is none");
        return;
    }
    if (!parse_is_token(package->version)) {
        package->version = SLICE("(devel)");
        not_judged(package, "the program's build information names no version of it");
    }
    parse_add_package(p, file, package);
}

/* The commit as Go itself writes one that has no release before it: v0.0.0-20240102150405-0123456789ab. */
static struct slice commit_version(const struct program_info *info, struct arena *arena)
{
    char time[15] = {0};
    size_t n = 0;
    if (info->revision.n < 12 || !parse_is_token(info->revision))
        return SLICE_NONE;
    for (size_t i = 0; i < info->time.n && n < 14; i++)
        if (info->time.p[i] >= '0' && info->time.p[i] <= '9')
            time[n++] = (char)info->time.p[i];
    return n < 14 ? SLICE_NONE
                  : arena_printf(arena, "v0.0.0-%s-%.12s%s", time, (const char *)info->revision.p,
                                 info->modified ? "+dirty" : "");
}

static void add_main(struct parse *p, struct parsed_file *file, const struct program_info *info)
{
    struct package main = package_of(info, info->main.path, info->main.version);
    bool released = is_released(main.version) && !slice_starts(main.version, SLICE("v0.0.0-"));
    struct slice set = released ? SLICE_NONE : golang_flags_version(info->flags, main.name);
    if (!main.name.n)
        return;
    if (info->revision.n && parse_is_token(info->revision))
        main.origin = arena_printf(p->arena, "commit %.*s", SLICE_FMT(info->revision));
    if (set.n) {
        main.version = slice_starts(set, SLICE("v")) ? set : arena_printf(p->arena, "v%.*s", SLICE_FMT(set));
        main.why = SLICE("the flags of its linker set this version");
    } else if (!released) {
        struct slice commit = commit_version(info, p->arena);
        if (!is_released(main.version))
            main.version = commit.n ? commit : main.version;
        main.why = SLICE("it was built from a commit, and no release is named");
        not_judged(&main, "the program names a commit of its own module, and no release");
    } else if (slice_ends(main.version, SLICE("+dirty")) || slice_ends(main.version, SLICE(".dirty"))) {
        main.why = SLICE("built from sources that were changed after this version");
    }
    add(p, file, &main);
}

static void add_toolchain(struct parse *p, struct parsed_file *file, const struct program_info *info, struct slice go)
{
    struct slice version = golang_release(go, p->arena), word = go;
    struct package stdlib = package_of(info, SLICE("stdlib"), version);
    if (!version.n) {
        slice_take_prefix(&word, SLICE("devel "));
        slice_take_token(&word, ' ', &stdlib.version);
        if (!parse_is_token(stdlib.version))
            stdlib.version = SLICE("(devel)");
        not_judged(&stdlib, "the program was built by a Go that is no release");
    } else if (slice_find(go, ' ') >= 0 || slice_find(go, '-') >= 0) {
        stdlib.why = arena_printf(p->arena, "the toolchain calls itself %.*s", (int)MIN(go.n, (size_t)80), go.p);
    }
    parse_add_package(p, file, &stdlib);
    if (slice_starts(info->path, SLICE("cmd/"))) {
        stdlib.name = SLICE("toolchain");
        parse_add_package(p, file, &stdlib);
    }
}

/* ---- modules ---- */

static void add_dependency(struct parse *p, struct parsed_file *file, const struct program_info *info, struct module m,
                           const struct module *by)
{
    struct package package = package_of(info, m.path, m.version);
    package.parent = info->main.path;
    if (by && is_released(by->version)) {
        package.name = by->path;
        package.version = by->version;
        package.why = arena_printf(p->arena, "built in place of %.*s %.*s", SLICE_FMT(m.path), SLICE_FMT(m.version));
    } else if (by) {
        package.origin = by->path;
        not_judged(&package, "it was built from a local folder in place of this version");
    } else if (!is_released(m.version)) {
        not_judged(&package, "the program's build information names no version of it");
    }
    bool main = slice_eq(package.name, info->main.path) && slice_eq(package.version, info->main.version);
    if (m.path.n && !main)
        add(p, file, &package);
}

static void add_dependencies(struct parse *p, struct parsed_file *file, const struct program_info *info)
{
    struct slice rest = info->modules, line;
    struct module dependency = {SLICE_NONE, SLICE_NONE};
    bool open = false;
    size_t n = 0;
    while (slice_take_token(&rest, '\n', &line)) {
        struct slice word = SLICE_NONE;
        slice_take_token(&line, '\t', &word);
        bool replaced = open && slice_eq(word, SLICE("=>"));
        struct module by = replaced ? module_of(line) : (struct module){SLICE_NONE, SLICE_NONE};
        if (open)
            add_dependency(p, file, info, dependency, replaced ? &by : NULL);
        open = slice_eq(word, SLICE("dep"));
        dependency = open ? module_of(line) : (struct module){SLICE_NONE, SLICE_NONE};
        if (open && ++n > GOLANG_LINES_MAX) {
            parse_reason(p, REASON_TOO_MANY, "it has more than %zu modules", GOLANG_LINES_MAX);
            return;
        }
    }
    if (open)
        add_dependency(p, file, info, dependency, NULL);
}

void golang_read(struct parse *p, const struct evidence_entry *entry)
{
    struct slice go = fact_list_get(entry->bytes, GOLANG_VERSION), cut = fact_list_get(entry->bytes, GOLANG_CUT);
    struct program_info info = {.modules = fact_list_get(entry->bytes, GOLANG_MODULES)};
    struct parsed_file *file = parse_share_file(p, entry->path, GOLANG_PARSER);
    if (!file)
        return;
    p->path = entry->path;
    p->reasons_of_file = 0;
    take_info(&info, p->arena);
    if (cut.n && slice_is_text(cut))
        parse_reason(p, REASON_FILE_CUT, "of its build information not all was read: %.*s", SLICE_FMT(cut));
    if (!slice_starts(go, SLICE("go")) && !slice_starts(go, SLICE("devel ")) && !info.modules.n) {
        parse_reason(p, REASON_CONTENTS_UNKNOWN, "a Go program whose build information was taken out");
        return;
    }
    add_main(p, file, &info);
    if (go.n || info.modules.n)
        add_toolchain(p, file, &info, go);
    add_dependencies(p, file, &info);
}
