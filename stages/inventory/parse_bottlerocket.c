/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_bottlerocket.c: application-inventory.json, which lists what a Bottlerocket image was built from:
 * {"Content": [{"Name", "Publisher", "Version", "Release", "Epoch", "Architecture", …}]}. Versions are rpm's; an Epoch
 * of 0 is none.
 */
#include "inventory/parse_internal.h"

#include "io/jsonin.h"

#define INVENTORY_MAX    ((size_t)4 << 20)
#define INVENTORY_VALUES 200000

static void take_one(struct parse *p, const json_t *one, size_t number, struct parsed_file *file)
{
    struct slice version = jsonin_view(one, "Version"), release = jsonin_view(one, "Release"),
                 epoch = jsonin_view(one, "Epoch"), publisher = jsonin_view(one, "Publisher");
    struct package package = {
        .type = PKG_BOTTLEROCKET, .name = jsonin_view(one, "Name"), .architecture = jsonin_view(one, "Architecture")};
    char number_epoch[24];
    if (json_is_integer(json_object_get(one, "Epoch"))) {
        snprintf(number_epoch, sizeof number_epoch, "%" PRId64, jsonin_int(one, "Epoch", 0));
        epoch = slice_str(number_epoch);
    }
    if (!parse_is_token(package.name) || !parse_is_token(version) || (release.n && !parse_is_token(release)) ||
        (epoch.n && !parse_is_token(epoch))) {
        parse_reason(p, "entry %zu of Content has no sound Name and Version", number);
        return;
    }
    bool has_epoch = epoch.n && !slice_eq_str(epoch, "0");
    package.version = arena_printf(p->arena, "%.*s%s%.*s%s%.*s", has_epoch ? (int)epoch.n : 0, (const char *)epoch.p,
                                   has_epoch ? ":" : "", SLICE_FMT(version), release.n ? "-" : "", SLICE_FMT(release));
    if (!parse_is_token(package.architecture))
        package.architecture = SLICE_NONE;
    if (slice_is_text(publisher))
        package.vendor = publisher;
    parse_add_package(p, file, &package);
}

void parse_bottlerocket(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct err e = ERR_INIT;
    if (jsonin_load(bytes, INVENTORY_MAX, INVENTORY_VALUES, &root, &e)) {
        parse_reason(p, "%s", e.text);
        return;
    }
    const json_t *content = jsonin_array(root, "Content");
    if (!content) {
        parse_reason(p, "it has no list Content");
        return;
    }
    for (size_t i = 0; i < json_array_size(content); i++)
        take_one(p, json_array_get(content, i), i + 1, file);
}
