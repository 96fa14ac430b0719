/* SPDX-License-Identifier: Apache-2.0 */
/*
 * composer_json.c: installed.json, in which Composer 1 has a list of packages and Composer 2 {"packages": […], "dev-package-names":
 * […]}; composer.lock has the same packages, and those for development apart. Of each package a few members count.
 */
#include "packages/php/php.h"
#include "packages/reading/json_loose.h"

struct member {
    struct json_text name, version, reference, source_type, source_url, dist_type, dist_url, dist_reference;
};

static void take_place(struct json_pull *p, struct json_text *type, struct json_text *url, struct json_text *reference)
{
    struct slice key;
    if (!json_loose_object(p))
        return;
    while (json_pull_key(p, &key))
        if (slice_eq_str(key, "type"))
            json_text_take(p, type);
        else if (slice_eq_str(key, "url"))
            json_text_take(p, url);
        else if (slice_eq_str(key, "reference"))
            json_text_take(p, reference);
        else
            json_pull_raw(p, 0);
}

static void add(struct buf *facts, const char *name, const struct json_text *t)
{
    if (t->n)
        fact_list_add(facts, name, json_text_slice(t));
}

static void add_place(struct buf *facts, const char *name, const struct json_text *type, const struct json_text *url)
{
    char text[2 * JSON_TEXT_MAX + 8];
    int n = snprintf(text, sizeof text, "%.*s %.*s", SLICE_FMT(json_text_slice(type)), SLICE_FMT(json_text_slice(url)));
    fact_list_add(facts, name, slice_of(text, (size_t)n));
}

static bool text_is(const struct json_text *t, const char *s)
{
    return slice_eq_str(json_text_slice(t), s);
}

static void take_package(struct json_pull *p, struct member *m, struct buf *facts, bool dev)
{
    struct slice key;
    memset(m, 0, sizeof *m);
    if (!json_loose_object(p))
        return;
    while (json_pull_key(p, &key))
        if (slice_eq_str(key, "name"))
            json_text_take(p, &m->name);
        else if (slice_eq_str(key, "version"))
            json_text_take(p, &m->version);
        else if (slice_eq_str(key, "source"))
            take_place(p, &m->source_type, &m->source_url, &m->reference);
        else if (slice_eq_str(key, "dist"))
            take_place(p, &m->dist_type, &m->dist_url, &m->dist_reference);
        else
            json_pull_raw(p, 0);
    fact_list_add(facts, FACT_PACKAGE, json_text_slice(&m->name));
    add(facts, FACT_VERSION, &m->version);
    if (slice_starts(json_text_slice(&m->version), SLICE("dev-")) ||
        slice_ends(json_text_slice(&m->version), SLICE("-dev"))) {
        add(facts, FACT_REFERENCE, m->reference.n ? &m->reference : &m->dist_reference);
        if (m->source_url.n)
            add_place(facts, FACT_SOURCE, &m->source_type, &m->source_url);
    }
    if (text_is(&m->dist_type, "path"))
        add_place(facts, FACT_DIST, &m->dist_type, &m->dist_url);
    if (dev)
        fact_list_add(facts, FACT_DEV, SLICE("1"));
}

static void take_packages(struct json_pull *p, struct member *m, struct buf *facts, bool dev)
{
    if (!json_loose_array(p))
        return;
    while (json_pull_item(p))
        take_package(p, m, facts, dev);
}

static void take_names(struct json_pull *p, struct buf *facts)
{
    struct json_text name;
    if (!json_loose_array(p))
        return;
    while (json_pull_item(p)) {
        json_text_take(p, &name);
        add(facts, FACT_DEV_NAME, &name);
    }
}

const char *composer_json_reduce(struct slice text, struct buf *facts)
{
    struct member *m = xmalloc(sizeof *m);
    struct json_pull p;
    struct slice key;
    slice_take_prefix(&text, SLICE("\xef\xbb\xbf"));
    json_pull_text(&p, text, NULL);
    p.lets = JSON_PULL_BAD_STRINGS | JSON_PULL_REPEATED_KEYS;
    if (json_pull_kind(&p) == JSON_PULL_ARRAY) {
        take_packages(&p, m, facts, false);
    } else if (json_pull_kind(&p) == JSON_PULL_OBJECT) {
        json_pull_object(&p);
        while (json_pull_key(&p, &key))
            if (slice_eq_str(key, "packages"))
                take_packages(&p, m, facts, false);
            else if (slice_eq_str(key, "packages-dev"))
                take_packages(&p, m, facts, true);
            else if (slice_eq_str(key, "dev-package-names"))
                take_names(&p, facts);
            else
                json_pull_raw(&p, 0);
    } else {
        p.bad = "it is no JSON";
    }
    const char *why = p.bad;
    json_pull_done(&p);
    free(m);
    return why ? why : facts->overflow ? "it has more packages than are kept" : NULL;
}
