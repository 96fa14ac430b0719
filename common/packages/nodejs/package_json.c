/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/nodejs/package_json.h"

#include "packages/reading/fact_list.h"
#include "packages/reading/json_loose.h"

#define TEXT_MAX 2048

struct text {
    uint8_t bytes[TEXT_MAX];
    size_t n;
    bool there;
};

static struct slice slice_of_text(const struct text *t)
{
    return slice_of(t->bytes, t->n);
}

/* A value of any type: text without its quotes, null as nothing. What is longer than it can be is nothing too. */
static void take_text(struct json_pull *p, struct text *to)
{
    struct slice s;
    switch (json_pull_kind(p)) {
    case JSON_PULL_STRING:
        s = json_pull_string(p);
        break;
    case JSON_PULL_NUMBER:
    case JSON_PULL_WORD:
        s = json_pull_raw(p, TEXT_MAX);
        if (slice_eq_str(s, "null"))
            s = SLICE_NONE;
        break;
    default:
        json_pull_raw(p, 0);
        s = SLICE_NONE;
        break;
    }
    *to = (struct text){.n = 0};
    if (!s.n || s.n > TEXT_MAX)
        return;
    memcpy(to->bytes, s.p, s.n);
    to->n = s.n;
    to->there = true;
}

/* A list of names, or true. */
static void take_bundles(struct json_pull *p, struct buf *facts)
{
    if (json_pull_kind(p) != JSON_PULL_ARRAY) {
        if (slice_eq_str(json_pull_raw(p, 8), "true"))
            fact_list_add(facts, FACT_BUNDLES, SLICE("*"));
        return;
    }
    json_pull_array(p);
    while (json_pull_item(p)) {
        struct slice name = json_pull_kind(p) == JSON_PULL_STRING ? json_pull_string(p) : json_pull_raw(p, 0);
        if (name.n && name.n <= 300)
            fact_list_add(facts, FACT_BUNDLES, name);
    }
}

static void take_engines(struct json_pull *p, struct text *editor)
{
    struct slice key;
    if (!json_loose_object(p))
        return;
    while (json_pull_key(p, &key))
        if (slice_eq_str(key, "vscode"))
            take_text(p, editor);
        else
            json_pull_raw(p, 0);
}

struct manifest {
    struct text name, version, resolved, unity, editor;
};

static void take_member(struct json_pull *p, struct slice key, struct manifest *m, struct buf *facts)
{
    if (slice_eq_str(key, "name")) {
        take_text(p, &m->name);
    } else if (slice_eq_str(key, "version")) {
        take_text(p, &m->version);
    } else if (slice_eq_str(key, "_resolved")) {
        take_text(p, &m->resolved);
    } else if (slice_eq_str(key, "unity")) {
        take_text(p, &m->unity);
    } else if (slice_eq_str(key, "bundleDependencies") || slice_eq_str(key, "bundledDependencies")) {
        take_bundles(p, facts);
    } else if (slice_eq_str(key, "engines")) {
        take_engines(p, &m->editor);
    } else if (slice_eq_str(key, "contributes")) {
        m->editor.there |= json_pull_kind(p) == JSON_PULL_OBJECT;
        json_pull_raw(p, 0);
    } else {
        json_pull_raw(p, 0);
    }
}

static void add(struct buf *facts, const char *name, const struct text *t)
{
    if (t->there)
        fact_list_add(facts, name, slice_of_text(t));
}

const char *package_json_read(struct slice text, bool more, struct buf *facts)
{
    struct manifest m = {.name = {.n = 0}};
    struct buf bundles = BUF_INIT(PACKAGE_JSON_FACTS_MAX - 4 * TEXT_MAX - 1024);
    struct json_pull p;
    struct slice key;
    const char *why;
    slice_take_prefix(&text, SLICE("\xef\xbb\xbf"));
    json_pull_text(&p, text, NULL);
    p.lets = JSON_PULL_LAST_COMMA | JSON_PULL_BAD_STRINGS | JSON_PULL_REPEATED_KEYS;
    if (json_pull_kind(&p) == JSON_PULL_OBJECT && json_pull_object(&p)) {
        while (json_pull_key(&p, &key))
            take_member(&p, key, &m, &bundles);
        if (!p.bad && json_pull_end(&p, NULL))
            p.bad = "something stands behind its end, which was not read";
        why = p.bad && more ? "it is too long" : p.bad;
    } else {
        why = "it is no JSON object";
    }
    json_pull_done(&p);
    add(facts, FACT_NAME, &m.name);
    add(facts, FACT_VERSION, &m.version);
    add(facts, FACT_RESOLVED, &m.resolved);
    add(facts, FACT_EDITOR, &m.editor);
    add(facts, FACT_UNITY, &m.unity);
    buf_add_slice(facts, buf_slice(&bundles));
    buf_done(&bundles);
    return why;
}
