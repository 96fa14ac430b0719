/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bottlerocket.c: application-inventory.json, which lists what a Bottlerocket image was built from:
 * {"Content": [{"Name", "Publisher", "Version", "Release", "Epoch", "Architecture", …}]}. Versions are rpm's; an Epoch
 * of 0 is none. What stands before a break in the text counts.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"

#include "io/text/json.h"

enum { NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE, PUBLISHER, FIELDS };
static const char *const fields[FIELDS] = {"Name", "Version", "Release", "Epoch", "Architecture", "Publisher"};

/* A string, or the digits of a number. */
static struct slice take_value(struct json_pull *json)
{
    if (json_pull_kind(json) == JSON_PULL_STRING)
        return json_pull_string(json);
    struct slice number = json_pull_scalar(json);
    uint64_t whole;
    return slice_parse_u64(number, &whole) ? number : SLICE_NONE;
}

/* False: the entry is no object. */
static bool read_entry(struct json_pull *json, struct slice value[FIELDS])
{
    struct slice key;
    if (!json_pull_object(json))
        return false;
    while (json_pull_key(json, &key)) {
        size_t i = 0;
        while (i < FIELDS && !slice_eq_str(key, fields[i]))
            i++;
        if (i == FIELDS) {
            json_pull_skip(json);
            continue;
        }
        value[i] = take_value(json);
    }
    return true;
}

static void add_entry(struct parse *p, const struct slice v[FIELDS], size_t number, struct parsed_file *file)
{
    struct package package = {.type = PKG_BOTTLEROCKET, .name = v[NAME]};
    struct slice release = v[RELEASE], epoch = v[EPOCH];
    if (!parse_is_token(v[NAME]) || !parse_is_token(v[VERSION]) || (release.n && !parse_is_token(release)) ||
        (epoch.n && !parse_is_token(epoch))) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "entry %zu of Content has no sound Name and Version", number);
        return;
    }
    bool has_epoch = epoch.n && !slice_eq_str(epoch, "0");
    package.version =
        arena_printf(p->arena, "%.*s%s%.*s%s%.*s", has_epoch ? (int)epoch.n : 0, (const char *)epoch.p,
                     has_epoch ? ":" : "", SLICE_FMT(v[VERSION]), release.n ? "-" : "", SLICE_FMT(release));
    if (parse_is_token(v[ARCHITECTURE]))
        package.architecture = v[ARCHITECTURE];
    if (slice_is_text(v[PUBLISHER]))
        package.vendor = v[PUBLISHER];
    parse_add_package(p, file, &package);
}

static void parse_inventory(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct json_pull json;
    struct slice key;
    bool listed = false;
    json_pull_text(&json, bytes, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        if (!slice_eq_str(key, "Content")) {
            json_pull_skip(&json);
            continue;
        }
        if (!json_pull_array(&json))
            continue;
        listed = true;
        for (size_t number = 1; json_pull_item(&json); number++) {
            struct slice value[FIELDS] = {SLICE_NONE};
            if (!read_entry(&json, value))
                value[NAME] = SLICE_NONE;
            if (!json.bad)
                add_entry(p, value, number, file);
        }
    }
    if (parse_json_end(p, &json) && !listed)
        parse_reason(p, REASON_DATABASE_BROKEN, "it has no list Content");
}

#define WHERE "share/bottlerocket/application-inventory.json"
/* usr is a link into the folder of the architecture that the system was cross-built for. */
#define CROSS_BUILT "-bottlerocket-linux-gnu/sys-root/usr/"
#define INVENTORY(where)                                                                                               \
    {                                                                                                                  \
        .path = where, .max = KEEP_SMALL * 4, .parser = "bottlerocket", .parse = parse_inventory                       \
    }

static const struct package_rule rules[] = {
    INVENTORY("usr/" WHERE),
    INVENTORY("x86_64" CROSS_BUILT WHERE),
    INVENTORY("aarch64" CROSS_BUILT WHERE),
    {.path = NULL},
};

const struct package_format format_bottlerocket = {
    .name = "bottlerocket", .keeps_version = 1, .reads_version = 2, .type = PKG_BOTTLEROCKET, .rules = rules};
