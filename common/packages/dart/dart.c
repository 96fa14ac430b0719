/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dart.c: Dart's packages. A program that was compiled ahead of time has nothing of them in it; one that runs from its sources
 * has .dart_tool/package_config.json ({"packages": [{"name", "rootUri", …}]}), in which the package's folder in pub's cache
 * ends in NAME-VERSION, below hosted/HOST. pubspec.lock says what a project wishes for:
 *
 *     packages:
 *       args:
 *         dependency: transitive
 *         description: …
 *         source: hosted
 *         version: "2.4.2"
 */
#include "io/text/json.h"
#include "packages/aside/aside.h"
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/reading/text_fields.h"

static void take_package(struct parse *p, struct json_pull *json, struct parsed_file *file)
{
    struct package package = {.type = PKG_PUB};
    struct slice key, root = SLICE_NONE, name = SLICE_NONE, folder, stem;
    if (!json_pull_object(json))
        return;
    while (json_pull_key(json, &key)) {
        if (slice_eq_str(key, "name"))
            name = json_pull_string(json);
        else if (slice_eq_str(key, "rootUri"))
            root = json_pull_string(json);
        else
            json_pull_skip(json);
    }
    while (root.n && root.p[root.n - 1] == '/')
        root.n--;
    /* Others are the project itself and what lies beside it. */
    if (slice_find_slice(root, SLICE("/hosted/")) < 0)
        return;
    folder = slice_path_name(root);
    if (!name_split_version(folder, false, &stem, &package.version) || !slice_eq(stem, name) || !parse_is_token(name) ||
        !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a package whose folder has no sound name and version");
        return;
    }
    package.name = name;
    parse_add_package(p, file, &package);
}

static void parse_config(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct json_pull json;
    struct slice key;
    json_pull_text(&json, bytes, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        if (!slice_eq_str(key, "packages"))
            json_pull_skip(&json);
        else if (json_pull_array(&json))
            while (json_pull_item(&json))
                take_package(p, &json, file);
    }
    parse_json_end(p, &json);
}

static size_t indentation(struct slice line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static struct slice unquoted(struct slice s)
{
    s = slice_trim(s);
    return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? slice_sub(s, 1, s.n - 2) : s;
}

static void parse_lock(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.name = SLICE_NONE};
    struct slice line, key;
    bool within = false, hosted = false;
    if (path_is_of_package(slice_path_folder(p->path)))
        return;
    while (slice_take_line(&bytes, &line)) {
        size_t depth = indentation(line);
        if (!slice_trim(line).n)
            continue;
        if (depth == 0) {
            within = slice_starts(line, SLICE("packages:"));
        } else if (within && depth == 2) {
            slice_take_token(&line, ':', &key);
            package = (struct package){.type = PKG_PUB,
                                       .name = unquoted(key),
                                       .certainty = CERTAINTY_DECLARED,
                                       .why = SLICE("its lock file asks for it")};
            hosted = false;
        } else if (within && depth == 4) {
            slice_take_token(&line, ':', &key);
            key = slice_trim(key);
            if (slice_eq_str(key, "source"))
                hosted = slice_eq_str(slice_trim(line), "hosted");
            else if (slice_eq_str(key, "version"))
                package.version = unquoted(line);
            else if (slice_eq_str(key, "dependency") && slice_find_slice(line, SLICE("dev")) >= 0)
                package.scope = SCOPE_DEVELOPMENT;
            /* The version is the last of an entry's lines. */
            if (slice_eq_str(key, "version") && hosted && parse_is_token(package.name) &&
                parse_is_token(package.version))
                parse_add_package(p, file, &package);
        }
    }
}

static const struct package_rule rules[] = {
    {.path = "**/.dart_tool/package_config.json",
     .max = KEEP_SMALL * 4,
     .parser = "dart-packages",
     .parse = parse_config},
    {.path = "**/pubspec.lock", .max = KEEP_SMALL * 4, .parser = "pubspec-lock", .parse = parse_lock},
    {.path = NULL},
};

const struct package_format format_dart = {
    .name = "dart", .keeps_version = 1, .reads_version = 1, .type = PKG_PUB, .rules = rules};
