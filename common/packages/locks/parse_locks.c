/* SPDX-License-Identifier: Apache-2.0 */
/* parse_locks.c: the packages that the kept lines of lock files name (locks.h). */
#include "packages/aside/aside.h"
#include "packages/reading/fact_list.h"
#include "packages/locks/locks.h"
#include "packages/parse_internal.h"

struct lock {
    struct parse *parse;
    struct slice path;
    struct parsed_file *file; /* made with its first package */
    struct package package;   /* the one at hand */
};

static void add(struct lock *l)
{
    struct package *package = &l->package;
    if (!parse_is_token(package->name) || !parse_is_token(package->version))
        return;
    l->file = l->file ? l->file : parse_add_file(l->parse, l->path, "lock");
    if (l->file)
        parse_add_package(l->parse, l->file, package);
}

/* What stands in quotes of a line: name = "x". */
static struct slice quoted(struct slice line)
{
    struct slice text = SLICE_NONE;
    return slice_take_token(&line, '"', &text) && slice_take_token(&line, '"', &text) ? text : SLICE_NONE;
}

/* A package of Poetry, uv and PDM: [[package]], then its keys up to the next bracket. */
static void read_toml(struct lock *l, struct slice facts)
{
    struct slice fact, line;
    bool in = false, own = false;
    while (fact_list_take(&facts, &fact, &line)) {
        if (line.n && line.p[0] == '[') {
            if (in && !own)
                add(l);
            in = slice_eq_str(slice_trim(line), "[[package]]");
            own = false;
            l->package.name = l->package.version = SLICE_NONE;
            l->package.scope = SCOPE_UNKNOWN;
        } else if (slice_take_prefix(&line, SLICE("name = "))) {
            l->package.name = quoted(line);
        } else if (slice_take_prefix(&line, SLICE("version = "))) {
            l->package.version = quoted(line);
        } else if (slice_take_prefix(&line, SLICE("category = "))) {
            l->package.scope = slice_eq_str(quoted(line), "dev") ? SCOPE_DEVELOPMENT : SCOPE_UNKNOWN;
        } else if (slice_take_prefix(&line, SLICE("source = "))) {
            /* The project itself, and folders beside it. */
            own = slice_find_slice(line, SLICE("virtual =")) >= 0 || slice_find_slice(line, SLICE("editable =")) >= 0 ||
                  slice_find_slice(line, SLICE("directory =")) >= 0;
        }
    }
    if (in && !own)
        add(l);
}

/* "    nokogiri (1.13.6-x86_64-linux)" of the section GEM; a version holds no hyphen, what follows one is the platform. */
static void read_gemfile(struct lock *l, struct slice facts)
{
    struct slice fact, line, name, version;
    bool gems = false;
    while (fact_list_take(&facts, &fact, &line)) {
        if (!line.n || line.p[0] != ' ') {
            gems = slice_eq_str(line, "GEM");
            continue;
        }
        line = slice_trim(line);
        if (!gems || !slice_take_token(&line, ' ', &name) || !slice_take_prefix(&line, SLICE("(")) ||
            !slice_take_token(&line, ')', &version))
            continue;
        l->package.name = name;
        l->package.architecture = SLICE_NONE;
        ptrdiff_t dash = slice_find(version, '-');
        l->package.version = dash < 0 ? version : slice_sub(version, 0, (size_t)dash);
        if (dash >= 0 && parse_is_token(slice_from(version, (size_t)dash + 1)))
            l->package.architecture = slice_from(version, (size_t)dash + 1);
        add(l);
    }
}

static bool ends_version(uint8_t c)
{
    return c <= ' ' || c == ';' || c == ',' || c == '#' || c == '\\';
}

/* "name[extra]==1.2 ; marker --hash=…". A version with a star is none. */
static void read_requirements(struct lock *l, struct slice facts)
{
    struct slice fact, line, name;
    while (fact_list_take(&facts, &fact, &line)) {
        ptrdiff_t equal = slice_find_slice(line, SLICE("=="));
        struct slice before = slice_sub(line, 0, (size_t)MAX(equal, 0)), version;
        if (equal <= 0 || slice_find(before, ';') >= 0 || !slice_take_token(&before, '[', &name))
            continue;
        version = slice_from(line, (size_t)equal + 2);
        size_t n = 0;
        while (n < version.n && version.p[n] == ' ')
            version = slice_from(version, 1);
        while (n < version.n && !ends_version(version.p[n]))
            n++;
        l->package.name = slice_trim(name);
        l->package.version = slice_sub(version, 0, n);
        if (slice_find(l->package.version, '*') < 0 && !slice_starts(l->package.version, SLICE("=")))
            add(l);
    }
}

static void read_pipfile(struct lock *l, struct slice facts)
{
    struct slice fact, value;
    while (fact_list_take(&facts, &fact, &value)) {
        if (slice_eq_str(fact, "section"))
            l->package.scope = slice_eq_str(value, "develop") ? SCOPE_DEVELOPMENT : SCOPE_UNKNOWN;
        else if (slice_eq_str(fact, "name"))
            l->package.name = value;
        else if (slice_eq_str(fact, "version") && slice_take_prefix(&value, SLICE("=="))) {
            l->package.version = value;
            add(l);
        }
    }
}

void locks_read(struct parse *p, const struct evidence_entry *entry)
{
    struct slice name = slice_path_name(entry->path), folder = slice_path_folder(entry->path),
                 wrong = fact_list_get(entry->bytes, "wrong");
    bool gems = slice_eq_str(name, "Gemfile.lock") || slice_eq_str(name, "gems.locked");
    struct lock l = {.parse = p,
                     .path = entry->path,
                     .package = {.type = gems ? PKG_GEM : PKG_PYPI,
                                 .certainty = CERTAINTY_DECLARED,
                                 .why = SLICE("a list of what is to be installed asks for it")}};
    if (path_is_of_package(folder) || path_is_aside(folder))
        return; /* lock files of packages are their publishers' own */
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (wrong.n)
        parse_reason(p, REASON_FILE_CUT, "%.*s", SLICE_FMT(wrong));
    if (gems)
        read_gemfile(&l, entry->bytes);
    else if (slice_eq_str(name, "Pipfile.lock"))
        read_pipfile(&l, entry->bytes);
    else if (slice_eq_str(name, "requirements.txt"))
        read_requirements(&l, entry->bytes);
    else
        read_toml(&l, entry->bytes);
}
