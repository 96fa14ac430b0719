/* SPDX-License-Identifier: Apache-2.0 */
/* lock_json.c: package-lock.json and bun.lock. */
#include "packages/nodejs/lock.h"
#include "packages/reading/fact_list.h"
#include "packages/reading/json_loose.h"

#define DEPTH_MAX 32 /* of dependencies in dependencies, in locks of npm up to 6 */

static bool take_true(struct json_pull *p)
{
    return slice_eq_str(json_pull_raw(p, 8), "true");
}

struct wish {
    struct json_text name, version, resolved;
    bool dev, link;
};

static void add(struct buf *facts, const struct wish *w)
{
    bool registry = slice_find_slice(json_text_slice(&w->resolved), SLICE("/-/")) > 0;
    if (!w->name.n || !w->version.n || w->link)
        return;
    fact_list_add(facts, "package", json_text_slice(&w->name));
    fact_list_add(facts, "version", json_text_slice(&w->version));
    if (w->dev)
        fact_list_add(facts, "dev", SLICE("1"));
    if (w->resolved.n && !registry)
        fact_list_add(facts, "resolved", json_text_slice(&w->resolved));
}

static void take_members(struct json_pull *p, const char *key_name, struct buf *facts, int depth);

static void take_wish(struct json_pull *p, struct wish *w, struct buf *facts, int depth)
{
    struct slice key;
    if (!json_loose_object(p))
        return;
    while (json_pull_key(p, &key))
        if (slice_eq_str(key, "name"))
            json_text_take(p, &w->name);
        else if (slice_eq_str(key, "version"))
            json_text_take(p, &w->version);
        else if (slice_eq_str(key, "resolved"))
            json_text_take(p, &w->resolved);
        else if (slice_eq_str(key, "dev"))
            w->dev = take_true(p);
        else if (slice_eq_str(key, "link"))
            w->link = take_true(p);
        else if (depth >= 0 && slice_eq_str(key, "dependencies"))
            take_members(p, "dependencies", facts, depth + 1);
        else
            json_pull_raw(p, 0);
    add(facts, w);
}

/* "node_modules/a/node_modules/@s/b" is @s/b; "packages/a", a part of the project, is nothing. */
static struct slice name_of_path(struct slice path)
{
    struct slice rest = path, name = SLICE_NONE;
    ptrdiff_t at;
    while ((at = slice_find_slice(rest, SLICE("node_modules/"))) >= 0)
        name = rest = slice_from(rest, (size_t)at + strlen("node_modules/"));
    return name;
}

/* Of "packages" the keys are paths, of "dependencies" names; depth -1: no dependencies are within. */
static void take_members(struct json_pull *p, const char *key_name, struct buf *facts, int depth)
{
    bool paths = strcmp(key_name, "packages") == 0;
    struct slice key;
    if (depth > DEPTH_MAX || json_pull_kind(p) != JSON_PULL_OBJECT) {
        json_pull_raw(p, 0);
        return;
    }
    json_pull_object(p);
    while (json_pull_key(p, &key)) {
        struct wish w = {.dev = false};
        json_text_keep(&w.name, paths ? name_of_path(key) : key);
        if (!w.name.n)
            json_pull_raw(p, 0);
        else
            take_wish(p, &w, facts, depth);
    }
}

static void begin(struct json_pull *p, struct slice text)
{
    slice_take_prefix(&text, SLICE("\xef\xbb\xbf"));
    json_pull_text(p, text, NULL);
    p->lets = JSON_PULL_BAD_STRINGS | JSON_PULL_REPEATED_KEYS | JSON_PULL_LAST_COMMA;
    if (json_pull_kind(p) != JSON_PULL_OBJECT)
        p->bad = "it is no JSON object";
    json_pull_object(p);
}

static const char *end(struct json_pull *p, const struct buf *facts)
{
    const char *why = p->bad ? p->bad : facts->overflow ? "it has more packages than are kept" : NULL;
    json_pull_done(p);
    return why;
}

/* Version 2 has both lists, which say the same. */
const char *lock_reduce_npm(struct slice text, struct buf *facts)
{
    struct json_pull p;
    struct slice key;
    bool told = false;
    begin(&p, text);
    while (json_pull_key(&p, &key)) {
        if (slice_eq_str(key, "packages")) {
            take_members(&p, "packages", facts, -1);
            told = true;
        } else if (slice_eq_str(key, "dependencies") && !told) {
            take_members(&p, "dependencies", facts, 0);
        } else {
            json_pull_raw(&p, 0);
        }
    }
    return end(&p, facts);
}

/* "packages": {"a": ["a@1.0.0", …]}: a name and a version, or where it is from. */
const char *lock_reduce_bun(struct slice text, struct buf *facts)
{
    struct json_pull p;
    struct slice key;
    struct json_text full;
    begin(&p, text);
    while (json_pull_key(&p, &key)) {
        if (!slice_eq_str(key, "packages") || json_pull_kind(&p) != JSON_PULL_OBJECT) {
            json_pull_raw(&p, 0);
            continue;
        }
        json_pull_object(&p);
        while (json_pull_key(&p, &key)) {
            full.n = 0;
            bool list = json_pull_array(&p);
            for (bool first = true; list && json_pull_item(&p); first = false)
                if (first)
                    json_text_take(&p, &full);
                else
                    json_pull_raw(&p, 0);
            ptrdiff_t at = slice_rfind(json_text_slice(&full), '@');
            struct slice version = slice_from(json_text_slice(&full), (size_t)at + 1);
            if (at <= 0 || !version.n || slice_find(version, ':') >= 0)
                continue;
            fact_list_add(facts, "package", slice_sub(json_text_slice(&full), 0, (size_t)at));
            fact_list_add(facts, "version", version);
        }
    }
    return end(&p, facts);
}
