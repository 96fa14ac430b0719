/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bitnami.c: the components of Bitnami's images. Each has an SPDX document /opt/bitnami/COMPONENT/.spdx-COMPONENT.spdx in
 * JSON, whose packages name package URLs "pkg:bitnami/…" (externalRefs of the type "purl"); older images list them in
 * .bitnami_components.json, {"COMPONENT": {"version": "6.1.1-0", "arch": …}, …}. Where a layer has both, a component that
 * the documents name is left out of the list's.
 */
#include "io/text/json.h"
#include "model/purl.h"
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "packages/reading/spdx.h"

extern const struct package_format format_bitnami;

struct state {
    slice_vec named;          /* by documents */
    struct slice list, where; /* the older file and its path */
};

static struct state *state_of(struct parse *p)
{
    return parse_state(p, &format_bitnami, sizeof(struct state));
}

/* ---- SPDX ---- */

struct document {
    struct parse *parse;
    struct parsed_file *file;
};

static void take_purl(void *arg, struct slice text)
{
    const struct document *d = arg;
    struct parse *p = d->parse;
    struct parsed_file *file = d->file;
    struct state *state = state_of(p);
    struct purl u;
    struct err e = ERR_INIT;
    if (!slice_starts(text, SLICE("pkg:bitnami/")))
        return;
    if (purl_parse(text, p->arena, &u, &e) || !parse_is_token(u.name) || !parse_is_token(u.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "%s", e.text[0] ? e.text : "a package URL without a sound version");
        return;
    }
    for (size_t i = 0; i < file->packages.n; i++)
        if (slice_eq(file->packages.v[i].name, u.name) && slice_eq(file->packages.v[i].version, u.version))
            return;
    struct package package = {.type = PKG_BITNAMI, .name = u.name, .version = u.version};
    struct slice arch = purl_qualifier(&u, "arch");
    if (parse_is_token(arch))
        package.architecture = arch;
    parse_add_package(p, file, &package);
    if (state)
        slice_vec_add(p->arena, &state->named, u.name);
}

static void parse_spdx(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct document document = {p, file};
    struct json_pull json;
    struct slice key;
    bool listed = false;
    json_pull_text(&json, bytes, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        if (slice_eq_str(key, "packages"))
            listed |= spdx_take_packages(&json, take_purl, &document);
        else
            json_pull_skip(&json);
    }
    if (parse_json_end(p, &json) && !listed)
        parse_reason(p, REASON_DATABASE_BROKEN, "it has no list of packages");
}

/* ---- the older list ---- */

static bool is_named(const struct state *state, struct slice name)
{
    for (size_t i = 0; i < state->named.n; i++)
        if (slice_eq(state->named.v[i], name))
            return true;
    return false;
}

static void take_component(struct parse *p, struct json_pull *json, struct slice name, struct parsed_file *file)
{
    struct package package = {.type = PKG_BITNAMI, .name = name};
    struct slice key;
    if (!json_pull_object(json))
        return;
    while (json_pull_key(json, &key)) {
        if (slice_eq_str(key, "version"))
            package.version = json_pull_string(json);
        else if (slice_eq_str(key, "arch"))
            package.architecture = json_pull_string(json);
        else
            json_pull_skip(json);
    }
    if (!parse_is_token(package.architecture))
        package.architecture = SLICE_NONE;
    if (!parse_is_token(name) || !parse_is_token(package.version))
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "a component without a sound name and version");
    else if (!is_named(state_of(p), name))
        parse_add_package(p, file, &package);
}

/* Read last, when all documents of the layer were. */
static void parse_list(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct state *state = state_of(p);
    (void)file;
    if (!state)
        return;
    state->list = bytes;
    state->where = p->path;
}

static void read_end(struct parse *p, struct slice whole)
{
    struct state *state = state_of(p);
    struct parsed_file *file = NULL;
    struct json_pull json;
    struct slice key;
    (void)whole;
    if (!state || !state->list.n)
        return;
    for (size_t i = 0; i < p->out->files.n && !file; i++)
        if (slice_eq(p->out->files.v[i].path, state->where))
            file = &p->out->files.v[i];
    p->path = state->where;
    p->reasons_of_file = 0;
    json_pull_text(&json, state->list, p->arena);
    bool object = file && json_pull_object(&json);
    while (object && json_pull_key(&json, &key))
        take_component(p, &json, key, file);
    parse_json_end(p, &json);
}

static const struct package_rule rules[] = {
    {.path = "**/bitnami/*/.spdx-*", .max = KEEP_SMALL * 4, .parser = "bitnami-spdx", .parse = parse_spdx},
    {.path = "**/.bitnami_components.json", .max = KEEP_SMALL, .parser = "bitnami-components", .parse = parse_list},
    {.path = NULL},
};

const struct package_format format_bitnami = {.name = "bitnami",
                                              .keeps_version = 1,
                                              .reads_version = 1,
                                              .type = PKG_BITNAMI,
                                              .rules = rules,
                                              .read_end = read_end};
