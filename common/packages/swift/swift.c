/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swift.c: Swift's packages. A program has nothing of them in it that names a version; Package.resolved says what a project
 * wishes for (swift-package-manager, "PinsStore"): {"object": {"pins": [{"repositoryURL", "state": {"version"}}]},
 * "version": 1}, and from version 2 on {"pins": [{"location", "state"}]}. A package is known by where its repository is,
 * without scheme and ".git".
 */
#include "io/text/json.h"
#include "packages/aside/aside.h"
#include "packages/format.h"
#include "packages/parse_internal.h"

/* "https://GitHub.com/apple/swift-nio.git" and "git@github.com:apple/swift-nio.git": github.com/apple/swift-nio. */
static bool take_location(struct parse *p, struct slice url, struct package *package)
{
    ptrdiff_t scheme = slice_find_slice(url, SLICE("://")), at = slice_find(url, '@');
    if (scheme >= 0)
        url = slice_from(url, (size_t)scheme + 3);
    else if (at > 0)
        url = slice_from(url, (size_t)at + 1);
    while (url.n && url.p[url.n - 1] == '/')
        url.n--;
    if (slice_ends(url, SLICE(".git")))
        url.n -= 4;
    uint8_t *to = arena_alloc(p->arena, url.n + 1);
    bool host = true;
    for (size_t i = 0; to && i < url.n; i++) {
        uint8_t c = url.p[i];
        if (host && c == ':' && scheme < 0)
            c = '/';
        host &= c != '/';
        to[i] = host ? byte_lower(c) : c;
    }
    if (!to || !parse_is_token(slice_of(to, url.n)) || host)
        return false;
    package->ns = slice_path_folder(slice_of(to, url.n));
    package->name = slice_path_name(slice_of(to, url.n));
    return package->name.n > 0;
}

static struct slice version_of(struct json_pull *json)
{
    struct slice key, version = SLICE_NONE;
    if (!json_pull_object(json))
        return version;
    while (json_pull_key(json, &key)) {
        if (slice_eq_str(key, "version"))
            version = json_pull_string(json);
        else
            json_pull_skip(json);
    }
    return version;
}

static void take_pin(struct parse *p, struct json_pull *json, struct parsed_file *file)
{
    struct package package = {
        .type = PKG_SWIFT, .certainty = CERTAINTY_DECLARED, .why = SLICE("its lock file asks for it")};
    struct slice key, location = SLICE_NONE;
    if (!json_pull_object(json))
        return;
    while (json_pull_key(json, &key)) {
        if (slice_eq_str(key, "repositoryURL") || slice_eq_str(key, "location"))
            location = json_pull_string(json);
        else if (slice_eq_str(key, "state"))
            package.version = version_of(json);
        else
            json_pull_skip(json);
    }
    if (!package.version.n) /* a branch or a revision */
        return;
    if (take_location(p, location, &package) && parse_is_token(package.version))
        parse_add_package(p, file, &package);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a pin without a sound location and version");
}

static void take_pins(struct parse *p, struct json_pull *json, struct parsed_file *file)
{
    if (json_pull_array(json))
        while (json_pull_item(json))
            take_pin(p, json, file);
}

static void parse_resolved(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct json_pull json;
    struct slice key;
    if (path_is_of_package(slice_path_folder(p->path)))
        return;
    json_pull_text(&json, bytes, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        if (slice_eq_str(key, "pins")) {
            take_pins(p, &json, file);
        } else if (!slice_eq_str(key, "object")) {
            json_pull_skip(&json);
        } else if (json_pull_object(&json)) {
            while (json_pull_key(&json, &key))
                if (slice_eq_str(key, "pins"))
                    take_pins(p, &json, file);
                else
                    json_pull_skip(&json);
        }
    }
    parse_json_end(p, &json);
}

static const struct package_rule rules[] = {
    {.path = "**/Package.resolved", .max = KEEP_SMALL, .parser = "swift-resolved", .parse = parse_resolved},
    {.path = NULL},
};

const struct package_format format_swift = {
    .name = "swift", .keeps_version = 1, .reads_version = 1, .type = PKG_SWIFT, .rules = rules};
