/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hidden_lock.c: node_modules/.package-lock.json, in which npm keeps what it knows of the packages in that folder. The
 * packages' own manifests say what is there; this adds what they are there for and where they came from. Of each
 * package that is more than one of the registry's that runs in production:
 *
 *     root | flags: d development, o optional, b bundled | resolved
 *
 * as facts "package", "flags", "resolved". Paths in it begin with "node_modules/", below the folder that has the lock's.
 */
#include "packages/reading/fact_list.h"
#include "packages/reading/json_loose.h"
#include "packages/nodejs/nodejs.h"

#define RESOLVED_MAX 2048
#define ROOT_MAX     4096

struct entry {
    char flags[4];
    size_t flags_n;
    uint8_t resolved[RESOLVED_MAX];
    size_t resolved_n;
};

static bool is_true(struct json_pull *p)
{
    return slice_eq_str(json_pull_raw(p, 8), "true");
}

/* Where a registry keeps its archives is no news, and takes most of the file. */
static bool is_registry(struct slice resolved)
{
    return slice_starts(resolved, SLICE("http")) && slice_find_slice(resolved, SLICE("/-/")) > 0;
}

static void take_entry(struct json_pull *p, struct entry *e)
{
    struct slice key, s;
    *e = (struct entry){.flags_n = 0};
    if (!json_loose_object(p))
        return;
    bool development = false, optional = false, bundled = false;
    while (json_pull_key(p, &key)) {
        if (slice_eq_str(key, "dev")) {
            development |= is_true(p);
        } else if (slice_eq_str(key, "devOptional")) {
            optional |= is_true(p);
        } else if (slice_eq_str(key, "optional")) {
            optional |= is_true(p);
        } else if (slice_eq_str(key, "inBundle")) {
            bundled = is_true(p);
        } else if (slice_eq_str(key, "resolved") && json_pull_kind(p) == JSON_PULL_STRING) {
            s = json_pull_string(p);
            if (s.n && s.n <= RESOLVED_MAX && !is_registry(s)) {
                memcpy(e->resolved, s.p, s.n);
                e->resolved_n = s.n;
            }
        } else {
            json_pull_raw(p, 0);
        }
    }
    if (development)
        e->flags[e->flags_n++] = 'd';
    if (optional)
        e->flags[e->flags_n++] = 'o';
    if (bundled)
        e->flags[e->flags_n++] = 'b';
}

static void take_packages(struct json_pull *p, struct buf *facts)
{
    struct entry *e = xmalloc(sizeof *e);
    uint8_t *root = xmalloc(ROOT_MAX);
    struct slice key;
    json_pull_object(p);
    while (json_pull_key(p, &key)) {
        size_t n = key.n <= ROOT_MAX ? key.n : 0;
        if (n)
            memcpy(root, key.p, n);
        take_entry(p, e);
        if (!n || !(e->flags_n || e->resolved_n))
            continue;
        fact_list_add(facts, "package", slice_of(root, n));
        fact_list_add(facts, "flags", slice_of(e->flags, e->flags_n));
        fact_list_add(facts, "resolved", slice_of(e->resolved, e->resolved_n));
    }
    free(root);
    free(e);
}

bool hidden_lock_reduce(struct slice text, struct buf *facts, const char **ret_why)
{
    struct json_pull p;
    struct slice key;
    slice_take_prefix(&text, SLICE("\xef\xbb\xbf"));
    json_pull_text(&p, text, NULL);
    p.lets = JSON_PULL_BAD_STRINGS | JSON_PULL_REPEATED_KEYS;
    if (json_pull_kind(&p) != JSON_PULL_OBJECT)
        p.bad = "it is no JSON object";
    json_pull_object(&p);
    while (json_pull_key(&p, &key))
        if (slice_eq_str(key, "packages") && json_pull_kind(&p) == JSON_PULL_OBJECT)
            take_packages(&p, facts);
        else
            json_pull_raw(&p, 0);
    *ret_why = p.bad ? p.bad : facts->overflow ? "it says more than is kept" : NULL;
    json_pull_done(&p);
    return !*ret_why;
}

void nodejs_read_hidden_lock(struct parse *p, const struct evidence_entry *entry)
{
    struct slice facts = entry->bytes, name, value, modules = slice_path_folder(entry->path);
    struct slice project = slice_path_folder(modules);
    struct nodejs_layer *layer = nodejs_layer(p);
    struct parsed_file *file = parse_add_file(p, entry->path, "nodejs-hidden-lock");
    struct node_locked *last = NULL;
    if (!layer || !file)
        return;
    struct slice *lock = VEC_ADD(p->arena, &layer->locks);
    if (lock)
        *lock = slice_path_folder(file->path);
    while (fact_list_take(&facts, &name, &value)) {
        if (slice_eq_str(name, "package")) {
            last = VEC_ADD(p->arena, &layer->locked);
            if (last)
                last->root = project.n ? arena_printf(p->arena, "%.*s/%.*s", SLICE_FMT(project), SLICE_FMT(value))
                                       : arena_slice(p->arena, value);
        } else if (last && slice_eq_str(name, "flags")) {
            last->development = slice_find(value, 'd') >= 0;
            last->optional = slice_find(value, 'o') >= 0;
            last->bundled = slice_find(value, 'b') >= 0;
        } else if (last && slice_eq_str(name, "resolved") && value.n) {
            last->resolved = arena_slice(p->arena, value);
        }
    }
}
