/* SPDX-License-Identifier: Apache-2.0 */
/*
 * composer_json.c: installed.json, in which Composer 1 has a list of packages and Composer 2 {"packages": […], "dev-package-names":
 * […]}; composer.lock has the same packages, and those for development apart. Of each package a few members count.
 */
#include "io/text/json.h"
#include "packages/php/php.h"

#define TEXT_MAX 1024

struct text {
    uint8_t bytes[TEXT_MAX];
    size_t n;
};

struct member {
    struct text name, version, reference, source_type, source_url, dist_type, dist_url, dist_reference;
};

static void take_text(struct json_pull *p, struct text *to)
{
    to->n = 0;
    if (json_pull_kind(p) != JSON_PULL_STRING) {
        json_pull_raw(p, 0);
        return;
    }
    struct slice s = json_pull_string(p);
    if (!s.n || s.n > TEXT_MAX)
        return;
    memcpy(to->bytes, s.p, s.n);
    to->n = s.n;
}

static void take_place(struct json_pull *p, struct text *type, struct text *url, struct text *reference)
{
    struct slice key;
    if (json_pull_kind(p) != JSON_PULL_OBJECT) {
        json_pull_raw(p, 0);
        return;
    }
    json_pull_object(p);
    while (json_pull_key(p, &key))
        if (slice_eq_str(key, "type"))
            take_text(p, type);
        else if (slice_eq_str(key, "url"))
            take_text(p, url);
        else if (slice_eq_str(key, "reference"))
            take_text(p, reference);
        else
            json_pull_raw(p, 0);
}

static void add(struct buf *facts, const char *name, const struct text *t)
{
    if (t->n)
        fact_list_add(facts, name, slice_of(t->bytes, t->n));
}

static void add_place(struct buf *facts, const char *name, const struct text *type, const struct text *url)
{
    char text[2 * TEXT_MAX + 8];
    int n = snprintf(text, sizeof text, "%.*s %.*s", SLICE_FMT(slice_of(type->bytes, type->n)),
                     SLICE_FMT(slice_of(url->bytes, url->n)));
    fact_list_add(facts, name, slice_of(text, (size_t)n));
}

static bool text_is(const struct text *t, const char *s)
{
    return slice_eq_str(slice_of(t->bytes, t->n), s);
}

static void take_package(struct json_pull *p, struct member *m, struct buf *facts, bool dev)
{
    struct slice key;
    memset(m, 0, sizeof *m);
    if (json_pull_kind(p) != JSON_PULL_OBJECT) {
        json_pull_raw(p, 0);
        return;
    }
    json_pull_object(p);
    while (json_pull_key(p, &key))
        if (slice_eq_str(key, "name"))
            take_text(p, &m->name);
        else if (slice_eq_str(key, "version"))
            take_text(p, &m->version);
        else if (slice_eq_str(key, "source"))
            take_place(p, &m->source_type, &m->source_url, &m->reference);
        else if (slice_eq_str(key, "dist"))
            take_place(p, &m->dist_type, &m->dist_url, &m->dist_reference);
        else
            json_pull_raw(p, 0);
    fact_list_add(facts, FACT_PACKAGE, slice_of(m->name.bytes, m->name.n));
    add(facts, FACT_VERSION, &m->version);
    if (slice_starts(slice_of(m->version.bytes, m->version.n), SLICE("dev-")) ||
        slice_ends(slice_of(m->version.bytes, m->version.n), SLICE("-dev"))) {
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
    if (json_pull_kind(p) != JSON_PULL_ARRAY) {
        json_pull_raw(p, 0);
        return;
    }
    json_pull_array(p);
    while (json_pull_item(p))
        take_package(p, m, facts, dev);
}

static void take_names(struct json_pull *p, struct buf *facts)
{
    struct text name;
    if (json_pull_kind(p) != JSON_PULL_ARRAY) {
        json_pull_raw(p, 0);
        return;
    }
    json_pull_array(p);
    while (json_pull_item(p)) {
        take_text(p, &name);
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
