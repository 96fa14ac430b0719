/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/oval/oval.h"

#include "base/hash.h"

/* Ids' hashes to numbers, open addressing. */
struct id_map {
    uint64_t *keys; /* 0: free */
    uint32_t *values;
    size_t cap, n;
};
struct oval {
    struct arena kept;
    struct id_map test_ids, object_ids, state_ids;
    struct oval_test *tests;
    struct slice *objects;
    struct oval_state *states;
    size_t tests_n, objects_n, states_n, tests_cap, objects_cap, states_cap;
};

static uint64_t id_hash(struct slice id)
{
    uint64_t h = id.n ? hash64(id) : 0;
    return id.n && !h ? 1 : h;
}

static size_t map_slot(const struct id_map *m, uint64_t key)
{
    size_t at = (size_t)(key & (m->cap - 1));
    while (m->keys[at] && m->keys[at] != key)
        at = (at + 1) & (m->cap - 1);
    return at;
}

static int64_t map_get(const struct id_map *m, uint64_t key)
{
    if (!m->cap || !key)
        return -1;
    size_t at = map_slot(m, key);
    return m->keys[at] ? (int64_t)m->values[at] : -1;
}

static void map_put(struct id_map *m, uint64_t key, uint32_t value)
{
    if (m->n * 4 >= m->cap * 3) {
        struct id_map wider = {.cap = m->cap ? m->cap * 2 : 1024};
        wider.keys = xcalloc(wider.cap, sizeof *wider.keys);
        wider.values = xcalloc(wider.cap, sizeof *wider.values);
        for (size_t i = 0; i < m->cap; i++) {
            if (m->keys[i]) {
                size_t at = map_slot(&wider, m->keys[i]);
                wider.keys[at] = m->keys[i];
                wider.values[at] = m->values[i];
            }
        }
        wider.n = m->n;
        free(m->keys);
        free(m->values);
        *m = wider;
    }
    size_t at = map_slot(m, key);
    m->n += !m->keys[at];
    m->keys[at] = key;
    m->values[at] = value;
}

struct oval *oval_new(void)
{
    struct oval *o = xcalloc(1, sizeof *o);
    o->kept = ARENA_INIT(OVAL_KEPT_MAX);
    return o;
}

void oval_free(struct oval *o)
{
    if (!o)
        return;
    struct id_map *maps[] = {&o->test_ids, &o->object_ids, &o->state_ids};
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        free(maps[i]->keys);
        free(maps[i]->values);
    }
    free(o->tests);
    free(o->objects);
    free(o->states);
    arena_done(&o->kept);
    free(o);
}

/* All rows and texts together stay under OVAL_KEPT_MAX. */
static bool room(const struct oval *o)
{
    size_t rows = o->tests_n * (sizeof *o->tests + 24) + o->objects_n * (sizeof *o->objects + 24) +
                  o->states_n * (sizeof *o->states + 24);
    return rows + o->kept.used < OVAL_KEPT_MAX && !o->kept.overflow;
}

static void *grown(void *v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return v;
    *cap = *cap ? *cap * 2 : 256;
    return xrealloc(v, *cap * size);
}

static struct slice keep(struct oval *o, struct slice s)
{
    return s.n ? arena_slice(&o->kept, s) : SLICE_NONE;
}

int64_t oval_test_number(struct oval *o, struct slice id, struct slice comment)
{
    uint64_t key = id_hash(id);
    int64_t known = map_get(&o->test_ids, key);
    if (known >= 0) {
        if (!o->tests[known].comment.n)
            o->tests[known].comment = keep(o, comment);
        return known;
    }
    if (!key || !room(o) || o->tests_n >= UINT32_MAX)
        return -1;
    o->tests = grown(o->tests, o->tests_n, &o->tests_cap, sizeof *o->tests);
    o->tests[o->tests_n] = (struct oval_test){.comment = keep(o, comment)};
    map_put(&o->test_ids, key, (uint32_t)o->tests_n);
    return (int64_t)o->tests_n++;
}

/* ---- tests, objects, states ---- */

static bool take_test(struct oval *o, const struct xml_node *n, bool text_file)
{
    int64_t number = map_get(&o->test_ids, id_hash(xml_attribute(n, "id")));
    if (number < 0)
        return true; /* no criterion that was kept refers to it */
    struct oval_test *t = &o->tests[number];
    t->defined = true;
    t->text_file = text_file;
    t->object = id_hash(xml_attribute(xml_child(n, "object"), "object_ref"));
    t->state = id_hash(xml_attribute(xml_child(n, "state"), "state_ref"));
    return true;
}

static bool take_object(struct oval *o, const struct xml_node *n, struct arena *arena)
{
    uint64_t key = id_hash(xml_attribute(n, "id"));
    if (!key || map_get(&o->object_ids, key) >= 0)
        return true;
    if (!room(o))
        return false;
    o->objects = grown(o->objects, o->objects_n, &o->objects_cap, sizeof *o->objects);
    o->objects[o->objects_n] = keep(o, xml_child_text(n, "name", arena));
    map_put(&o->object_ids, key, (uint32_t)o->objects_n++);
    return true;
}

static enum oval_operation operation_of(const struct xml_node *n)
{
    static const struct {
        const char *word;
        enum oval_operation operation;
    } words[] = {{"equals", OVAL_EQUALS},
                 {"less than", OVAL_LESS},
                 {"less than or equal", OVAL_LESS_EQUAL},
                 {"greater than", OVAL_GREATER},
                 {"greater than or equal", OVAL_GREATER_EQUAL},
                 {"pattern match", OVAL_PATTERN}};
    struct slice word = xml_attribute(n, "operation");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_eq_str(word, words[i].word))
            return words[i].operation;
    return word.n ? OVAL_NONE : OVAL_EQUALS; /* the schema's default */
}

static bool take_state(struct oval *o, const struct xml_node *n, struct arena *arena)
{
    uint64_t key = id_hash(xml_attribute(n, "id"));
    if (!key || map_get(&o->state_ids, key) >= 0)
        return true;
    if (!room(o))
        return false;
    const struct xml_node *evr = xml_child(n, "evr"), *version = xml_child(n, "version");
    o->states = grown(o->states, o->states_n, &o->states_cap, sizeof *o->states);
    o->states[o->states_n] = (struct oval_state){
        .evr = keep(o, reading_version(arena, xml_text(evr, arena))),
        .version = keep(o, reading_version(arena, xml_text(version, arena))),
        .architectures = keep(o, xml_child_text(n, "arch", arena)),
        .evr_operation = evr ? operation_of(evr) : OVAL_NONE,
        .version_operation = version ? operation_of(version) : OVAL_NONE,
        .signature = xml_child(n, "signature_keyid") != NULL,
        .release = xml_child(n, "release") != NULL,
    };
    map_put(&o->state_ids, key, (uint32_t)o->states_n++);
    return true;
}

bool oval_take(struct oval *o, const struct xml_node *n, struct arena *arena)
{
    if (slice_eq_str(n->name, "rpminfo_test"))
        return take_test(o, n, false);
    if (slice_eq_str(n->name, "textfilecontent54_test"))
        return take_test(o, n, true);
    if (slice_eq_str(n->name, "rpminfo_object"))
        return take_object(o, n, arena);
    if (slice_eq_str(n->name, "rpminfo_state"))
        return take_state(o, n, arena);
    return true;
}

/* ---- what a test says ---- */

/* Takes everything before what; true when it was there. */
static bool take_before(struct slice *s, struct slice what, struct slice *ret_head)
{
    ptrdiff_t at = slice_find_slice(*s, what);
    if (at < 0)
        return false;
    *ret_head = slice_sub(*s, 0, (size_t)at);
    *s = slice_from(*s, (size_t)at + what.n);
    return true;
}

/* "kernel-default-5.3.18-1.1" -> name and evr: the last two dashes stand around the version. */
static bool split_nvr(struct slice nvr, struct slice *ret_name, struct slice *ret_evr)
{
    ptrdiff_t release = slice_rfind(nvr, '-');
    if (release <= 0)
        return false;
    ptrdiff_t version = slice_rfind(slice_sub(nvr, 0, (size_t)release), '-');
    if (version <= 0)
        return false;
    *ret_name = slice_sub(nvr, 0, (size_t)version);
    *ret_evr = slice_from(nvr, (size_t)version + 1);
    return true;
}

bool oval_says_nothing(struct slice comment)
{
    return slice_find_slice(comment, SLICE(" is signed with ")) >= 0 || slice_ends(comment, SLICE(" is ksplice-based"));
}

/* The part of a comment that is the same whether or not the test's state is known. */
static bool leaf_by_words(struct slice comment, bool text_file, struct oval_leaf *l)
{
    struct slice head, rest = comment;
    if (slice_take_prefix(&rest, SLICE("Module ")) && take_before(&rest, SLICE(" is enabled"), &head)) {
        l->kind = LEAF_MODULE;
        l->name = head;
        return true;
    }
    rest = comment;
    if (take_before(&rest, SLICE(" arch is "), &head)) {
        l->kind = LEAF_ARCHITECTURE;
        l->architectures = rest;
        return true;
    }
    if (slice_ends(comment, SLICE(" is not affected"))) {
        l->kind = LEAF_NOT_AFFECTED;
        l->name = slice_sub(comment, 0, comment.n - strlen(" is not affected"));
        return true;
    }
    rest = comment;
    bool must = slice_ends(comment, SLICE(" must be installed"));
    if (must || (slice_ends(comment, SLICE(" is installed")) &&
                 (text_file || slice_find(comment, ' ') != (ptrdiff_t)(comment.n - strlen(" is installed"))))) {
        l->kind = LEAF_PLATFORM;
        l->name = slice_sub(comment, 0, comment.n - strlen(must ? " must be installed" : " is installed"));
        return true;
    }
    return false;
}

/* A comment alone, of a test that the file lacks. */
static void leaf_by_comment(struct slice comment, struct arena *arena, struct oval_leaf *l)
{
    struct slice rest = comment, head;
    slice_take_prefix(&rest, SLICE("Package "));
    if (take_before(&rest, SLICE(" is earlier than "), &head) || take_before(&rest, SLICE(" less than "), &head)) {
        rest = slice_trim(rest);
        ptrdiff_t comma = slice_find(rest, ',');
        l->kind = LEAF_FIXED;
        l->name = head;
        l->evr = reading_version(arena, comma < 0 ? rest : slice_sub(rest, 0, (size_t)comma));
        return;
    }
    if (take_before(&rest, SLICE(" is affected"), &head) && !rest.n) {
        l->kind = LEAF_AFFECTED;
        l->name = head;
        return;
    }
    if (take_before(&rest, SLICE(" is installed"), &head) && !rest.n && split_nvr(head, &l->name, &l->evr))
        l->kind = LEAF_FIXED;
}

static bool is_nothing(struct slice evr)
{
    return slice_eq_str(evr, "0") || slice_eq_str(evr, "0:0-0") || slice_eq_str(evr, "0:0");
}

/*
 * Anolis writes the end of a subpackage's name before its version: bind-chroot "32:chroot-9.18.34-1.an23". A version
 * holds no dash, so that can be told and undone.
 */
static struct slice mended(struct slice name, struct slice evr, struct arena *arena)
{
    ptrdiff_t colon = slice_find(evr, ':');
    struct slice epoch = slice_sub(evr, 0, (size_t)(colon + 1)), rest = slice_from(evr, (size_t)(colon + 1));
    ptrdiff_t first = slice_find(rest, '-'), last = slice_rfind(rest, '-');
    if (first < 0 || first == last)
        return evr;
    ptrdiff_t version = slice_rfind(slice_sub(rest, 0, (size_t)last), '-');
    struct slice word = slice_sub(rest, 0, (size_t)version);
    if (!slice_ends(name, word) || name.n <= word.n || name.p[name.n - word.n - 1] != '-')
        return evr;
    return arena_printf(arena, "%.*s%.*s", SLICE_FMT(epoch), SLICE_FMT(slice_from(rest, (size_t)version + 1)));
}

static void leaf_by_state(const struct oval_state *s, struct slice comment, struct oval_leaf *l)
{
    l->architectures = s->architectures;
    l->evr = s->evr;
    if (s->signature || s->release) {
        l->kind = LEAF_IGNORED;
    } else if (s->evr.n && l->name.n) {
        static const enum oval_leaf_kind kinds[] = {[OVAL_LESS] = LEAF_FIXED,
                                                    [OVAL_LESS_EQUAL] = LEAF_LAST,
                                                    [OVAL_GREATER] = LEAF_SINCE,
                                                    [OVAL_GREATER_EQUAL] = LEAF_SINCE,
                                                    [OVAL_PATTERN] = LEAF_BAD};
        l->kind = kinds[s->evr_operation];
        if (l->kind == LEAF_SINCE && is_nothing(s->evr))
            l->kind = LEAF_AFFECTED;
    } else if (s->version.n && s->version_operation == OVAL_EQUALS && is_nothing(s->version)) {
        l->kind = LEAF_NOT_AFFECTED;
    } else if (s->version.n) {
        /* A release package of a version: a platform whose comment is a word ("suse102 is installed"). */
        l->kind = LEAF_PLATFORM;
        l->name = comment;
    } else if (s->architectures.n) {
        l->kind = LEAF_ARCHITECTURE;
    }
}

void oval_leaf(const struct oval *o, uint64_t test, struct arena *arena, struct oval_leaf *ret_leaf)
{
    const struct oval_test *t = test < o->tests_n ? &o->tests[test] : NULL;
    struct oval_leaf l = {.kind = LEAF_BAD, .comment = t ? t->comment : SLICE_NONE};
    if (t && !leaf_by_words(l.comment, t->text_file, &l)) {
        int64_t object = map_get(&o->object_ids, t->object), state = map_get(&o->state_ids, t->state);
        if (t->defined && object >= 0)
            l.name = o->objects[object];
        if (l.name.n && state >= 0)
            leaf_by_state(&o->states[state], l.comment, &l);
        else if (l.name.n && !t->state)
            l.kind = LEAF_AFFECTED; /* it only has to be there */
        if (l.kind == LEAF_BAD)
            leaf_by_comment(l.comment, arena, &l);
        l.evr = mended(l.name, l.evr, arena);
    }
    *ret_leaf = l;
}
