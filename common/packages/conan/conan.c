/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conan.c: packages of C and C++. Conan 1 keeps what it built or fetched in data/NAME/VERSION/USER/CHANNEL/package/ID/
 * with a conaninfo.txt, "_" where there is no user. (Conan 2 names its folders by hashes, and its database has the names.)
 * conan.lock says what a project wishes for: {"requires": ["zlib/1.2.13#revision%time"], "build_requires": …}, and
 * before Conan 2 {"graph_lock": {"nodes": {"1": {"ref": "zlib/1.2.13"}}}}.
 *
 * vcpkg's status file is in the form of dpkg's; a paragraph with a Feature speaks of a part of a port.
 */
#include "io/text/json.h"
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/reading/text_fields.h"

/* ---- Conan ---- */

static void parse_info(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice part[7], at = p->path; /* name/version/user/channel/package/id/conaninfo.txt, from the end */
    (void)bytes;
    for (size_t i = 0; i < ARRAY_LEN(part); i++) {
        part[i] = slice_path_name(at);
        at = slice_path_folder(at);
    }
    struct package package = {.type = PKG_CONAN, .name = part[6], .version = part[5]};
    if (!slice_eq_str(slice_path_name(at), "data"))
        return;
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "its path has no sound name and version");
        return;
    }
    if (!slice_eq_str(part[4], "_") && parse_is_token(part[4]) && parse_is_token(part[3]))
        package.origin = arena_printf(p->arena, "%.*s/%.*s", SLICE_FMT(part[4]), SLICE_FMT(part[3]));
    parse_add_package(p, file, &package);
}

/* "zlib/1.2.13@user/channel#revision%time" */
static void take_reference(struct parse *p, struct slice ref, enum package_scope scope, struct parsed_file *file)
{
    struct package package = {
        .type = PKG_CONAN, .scope = scope, .certainty = CERTAINTY_DECLARED, .why = SLICE("its lock file asks for it")};
    slice_take_token(&ref, '/', &package.name);
    size_t n = 0;
    while (n < ref.n && ref.p[n] != '@' && ref.p[n] != '#' && ref.p[n] != '%' && ref.p[n] != ':')
        n++;
    package.version = slice_sub(ref, 0, n);
    if (parse_is_token(package.name) && parse_is_token(package.version))
        parse_add_package(p, file, &package);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a reference without a sound name and version");
}

static void take_node(struct parse *p, struct json_pull *json, struct parsed_file *file)
{
    struct slice key;
    if (!json_pull_object(json))
        return;
    while (json_pull_key(json, &key)) {
        struct slice ref = slice_eq_str(key, "ref") ? json_pull_string(json) : (json_pull_skip(json), SLICE_NONE);
        /* The project itself is a reference too: "app/None" or without a version. */
        if (slice_find(ref, '/') > 0 && slice_find_slice(ref, SLICE("/None")) < 0)
            take_reference(p, ref, SCOPE_UNKNOWN, file);
    }
}

static void take_graph(struct parse *p, struct json_pull *json, struct parsed_file *file)
{
    struct slice key, node;
    if (!json_pull_object(json))
        return;
    while (json_pull_key(json, &key)) {
        if (!slice_eq_str(key, "nodes"))
            json_pull_skip(json);
        else if (json_pull_object(json))
            while (json_pull_key(json, &node))
                take_node(p, json, file);
    }
}

static void take_list(struct parse *p, struct json_pull *json, enum package_scope scope, struct parsed_file *file)
{
    if (!json_pull_array(json))
        return;
    while (json_pull_item(json))
        if (json_pull_kind(json) == JSON_PULL_STRING)
            take_reference(p, json_pull_string(json), scope, file);
        else
            json_pull_skip(json);
}

static void parse_lock(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct json_pull json;
    struct slice key;
    json_pull_text(&json, bytes, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        if (slice_eq_str(key, "requires"))
            take_list(p, &json, SCOPE_UNKNOWN, file);
        else if (slice_eq_str(key, "build_requires"))
            take_list(p, &json, SCOPE_DEVELOPMENT, file);
        else if (slice_eq_str(key, "graph_lock"))
            take_graph(p, &json, file);
        else
            json_pull_skip(&json);
    }
    parse_json_end(p, &json);
}

/* ---- vcpkg ---- */

static void take_port(struct parse *p, struct slice paragraph, struct parsed_file *file)
{
    struct package package = {.type = PKG_VCPKG,
                              .name = text_field(paragraph, "Package"),
                              .version = text_field(paragraph, "Version"),
                              .architecture = text_field(paragraph, "Architecture")};
    struct slice port = text_field(paragraph, "Port-Version");
    if (!slice_eq_str(text_field(paragraph, "Status"), "install ok installed") || text_field(paragraph, "Feature").n)
        return;
    if (port.n && !slice_eq_str(port, "0"))
        package.version = arena_printf(p->arena, "%.*s#%.*s", SLICE_FMT(package.version), SLICE_FMT(port));
    if (!parse_is_token(package.architecture))
        package.architecture = SLICE_NONE;
    if (parse_is_token(package.name) && parse_is_token(package.version))
        parse_add_package(p, file, &package);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a port without a sound Package and Version");
}

static void parse_status(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    while (bytes.n) {
        ptrdiff_t end = slice_find_slice(bytes, SLICE("\n\n"));
        struct slice paragraph = end < 0 ? bytes : slice_sub(bytes, 0, (size_t)end + 1);
        bytes = slice_from(bytes, paragraph.n + 1);
        if (slice_trim(paragraph).n)
            take_port(p, paragraph, file);
    }
}

static const struct package_rule rules[] = {
    {.path = "**/package/*/conaninfo.txt", .parser = "conan-info", .parse = parse_info},
    {.path = "**/conan.lock", .max = KEEP_SMALL * 4, .parser = "conan-lock", .parse = parse_lock},
    {.path = "**/vcpkg/status", .max = KEEP_SMALL * 16, .parser = "vcpkg-status", .parse = parse_status},
    {.path = NULL},
};

const struct package_format format_conan = {
    .name = "conan", .keeps_version = 1, .reads_version = 1, .type = PKG_CONAN, .rules = rules};
