/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_others.c: pip's vendor.txt is what its copies of other packages are made from, line by line ("urllib3==1.26.18");
 * in pip 21 to 25 every package of it is there, but for setuptools, of which pip has a module alone. setuptools has no
 * such list; its copies have metadata of their own. An interpreter says its version in a header of its C interface, and
 * since 3.14 in build-details.json (PEP 739).
 */
#include "packages/python/python_others.h"

#include "io/text/json.h"
#include "model/ecosystem/ecosystem.h"
#include "packages/reading/fact_list.h"

/* ---- lists ---- */

/* "name[extra]==version ; marker  # remark" */
static bool read_pin(struct slice line, struct slice *ret_name, struct slice *ret_version)
{
    struct slice pin = SLICE_NONE, rest, name = SLICE_NONE;
    slice_take_token(&line, '#', &pin);
    rest = pin;
    slice_take_token(&rest, ';', &pin);
    ptrdiff_t equal = slice_find_slice(pin, SLICE("=="));
    rest = slice_sub(pin, 0, (size_t)MAX(equal, 0));
    if (!slice_take_token(&rest, '[', &name))
        return false;
    *ret_name = slice_trim(name);
    *ret_version = slice_trim(slice_from(pin, (size_t)equal + 2));
    return parse_is_token(*ret_name) && parse_is_token(*ret_version) && slice_find(*ret_version, '*') < 0 &&
           slice_find(*ret_version, ',') < 0;
}

/* Whether the folder has the metadata of a package of this name: that says more than the list. */
static bool is_there(struct parse *p, struct python_dists *d, struct slice folder, struct slice name)
{
    struct slice normal = ecosystem_name(ecosystem_of_type(PKG_PYPI), SLICE_NONE, name, p->arena);
    for (size_t i = 0; i < d->all.n && python_dists_look(d); i++)
        if (slice_eq(d->all.v[i].normal, normal) && slice_eq(slice_path_folder(d->all.v[i].folder), folder))
            return true;
    return false;
}

static void tell_list(struct parse *p, struct python_dists *d, const struct python_other *other)
{
    struct slice facts = other->facts, fact, line, folder = slice_path_folder(other->path);
    struct python_place place = python_place(folder);
    struct package package = {
        .type = PKG_PYPI, .parent = SLICE("pip"), .why = SLICE("pip's list of what it bundles names it")};
    struct parsed_file *file = NULL;
    bool counts = place.standing == PYTHON_BELOW || place.standing == PYTHON_BARE;
    while (counts && fact_list_take(&facts, &fact, &line)) {
        if (!slice_eq_str(fact, "line") || !read_pin(line, &package.name, &package.version) ||
            slice_eq_str(package.name, "setuptools") || is_there(p, d, folder, package.name))
            continue;
        file = file ? file : parse_add_file(p, other->path, "python-vendored");
        if (file)
            parse_add_package(p, file, &package);
    }
}

/* ---- interpreters ---- */

/* #define PY_VERSION "3.12.1" */
static struct slice defined(struct slice facts, const char *macro)
{
    struct slice name, line, word = SLICE_NONE;
    while (fact_list_take(&facts, &name, &line)) {
        slice_take_token(&line, '"', &name);
        name = slice_trim(name);
        ptrdiff_t blank = MAX(slice_rfind(name, ' '), slice_rfind(name, '\t'));
        if (slice_starts(name, SLICE("#")) && slice_eq_str(slice_from(name, (size_t)(blank + 1)), macro) &&
            slice_take_token(&line, '"', &word))
            return word;
    }
    return SLICE_NONE;
}

/* The name and version of build-details.json: {"language": {"version": …}, "implementation": {"name": …, "version": {…}}}. */
static struct slice read_version(struct json_pull *json, struct parse *p)
{
    static const char *const parts[] = {"major", "minor", "micro", "releaselevel", "serial"};
    struct slice values[ARRAY_LEN(parts)] = {SLICE_NONE}, key;
    while (json_pull_key(json, &key)) {
        size_t i = 0;
        while (i < ARRAY_LEN(parts) && !slice_eq_str(key, parts[i]))
            i++;
        if (i == ARRAY_LEN(parts))
            json_pull_skip(json);
        else
            values[i] = i == 3 ? json_pull_string(json) : json_pull_scalar(json);
    }
    if (!values[0].n || !values[1].n || !values[2].n)
        return SLICE_NONE;
    const char *level = slice_eq_str(values[3], "alpha")       ? "a"
                        : slice_eq_str(values[3], "beta")      ? "b"
                        : slice_eq_str(values[3], "candidate") ? "rc"
                                                               : "";
    return arena_printf(p->arena, "%.*s.%.*s.%.*s%s%.*s", SLICE_FMT(values[0]), SLICE_FMT(values[1]),
                        SLICE_FMT(values[2]), level, SLICE_FMT(*level ? values[4] : SLICE_NONE));
}

static void read_implementation(struct json_pull *json, struct parse *p, struct package *package)
{
    struct slice key;
    while (json_pull_key(json, &key)) {
        if (slice_eq_str(key, "name"))
            package->name = json_pull_string(json);
        else if (!slice_eq_str(key, "version"))
            json_pull_skip(json);
        else if (json_pull_object(json))
            package->version = read_version(json, p);
    }
}

static bool read_details(struct parse *p, struct slice text, struct package *package)
{
    struct json_pull json;
    struct slice key;
    struct err e = ERR_INIT;
    json_pull_text(&json, text, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        if (!slice_eq_str(key, "implementation"))
            json_pull_skip(&json);
        else if (json_pull_object(&json))
            read_implementation(&json, p, package);
    }
    int r = json_pull_end(&json, &e);
    json_pull_done(&json);
    if (slice_eq_str(package->name, "cpython"))
        package->name = SLICE("python");
    return !r;
}

/* prefix/include/python3.12/patchlevel.h and prefix/lib/python3.12/build-details.json are of one interpreter. */
static bool has_details(struct python_dists *d, struct slice path)
{
    struct slice version = slice_path_name(slice_path_folder(path));
    struct slice prefix = slice_path_folder(slice_path_folder(slice_path_folder(path)));
    for (size_t i = 0; i < d->others.n && python_dists_look(d); i++) {
        struct slice other = d->others.v[i].path, folder = slice_path_folder(other);
        if (slice_eq_str(slice_path_name(other), "build-details.json") && slice_eq(slice_path_name(folder), version) &&
            slice_eq(slice_path_folder(slice_path_folder(folder)), prefix))
            return true;
    }
    return false;
}

static void tell_interpreter(struct parse *p, struct python_dists *d, const struct python_other *other)
{
    struct package package = {.type = PKG_GENERIC, .origin = other->conda};
    bool details = slice_eq_str(slice_path_name(other->path), "build-details.json");
    if (details) {
        if (!read_details(p, fact_list_get(other->facts, "text"), &package))
            return;
    } else if (!has_details(d, other->path)) {
        package.version = defined(other->facts, "PYPY_VERSION");
        package.name = package.version.n ? SLICE("pypy") : SLICE("python");
        if (!package.version.n)
            package.version = defined(other->facts, "PY_VERSION");
    }
    /* A version between releases ends in a plus sign. */
    if (!details && slice_ends(package.version, SLICE("+")))
        package.why = SLICE("built between two releases");
    if (!parse_is_token(package.name) || !parse_is_token(package.version))
        return;
    struct parsed_file *file = parse_add_file(p, other->path, "python-interpreter");
    if (file)
        parse_add_package(p, file, &package);
}

void python_other_tell(struct parse *p, struct python_dists *d, const struct python_other *other)
{
    p->path = other->path;
    p->reasons_of_file = 0;
    if (fact_list_get(other->facts, "frozen").n)
        parse_reason(p, REASON_ARCHIVE_UNREAD,
                     "a Python program frozen by PyInstaller; which libraries are in it is not known");
    else if (fact_list_get(other->facts, "member").n)
        python_zip_tell(p, other);
    else if (slice_eq_str(slice_path_name(other->path), "vendor.txt"))
        tell_list(p, d, other);
    else if (!slice_ends(other->path, SLICE(".egg-link")))
        tell_interpreter(p, d, other);
}
