/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/owning.h"

#include "base/hash.h"
#include "model/ecosystem/ecosystem.h"
#include "packages/owners.h"
#include "packages/parse_internal.h"
#include "packages/rules.h"

#define ELSEWHERE_MAX 50000 /* names of files that are not in the layer, which has 11 bytes of record for each */
#define HASH_DIGITS   10
#define HASH_MASK     (((uint64_t)1 << (6 * HASH_DIGITS)) - 1)

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

uint64_t owning_hash(struct slice path)
{
    slice_take_prefix(&path, SLICE("usr/"));
    if (slice_starts(path, SLICE("sbin/")))
        path = slice_from(path, 1);
    return hash64(path) & HASH_MASK;
}

static void put_hash(uint64_t hash, char *to)
{
    for (int i = 0; i < HASH_DIGITS; i++)
        to[i] = digits[hash >> (6 * i) & 63];
}

bool owning_take_hash(struct slice *value, uint64_t *ret_hash)
{
    uint64_t hash = 0;
    if (value->n < HASH_DIGITS)
        return false;
    for (int i = 0; i < HASH_DIGITS; i++) {
        const char *at = value->p[i] ? strchr(digits, value->p[i]) : NULL;
        if (!at)
            return false;
        hash |= (uint64_t)(at - digits) << (6 * i);
    }
    *value = slice_from(*value, HASH_DIGITS);
    *ret_hash = hash;
    return true;
}

/* ---- what is asked for ---- */

/* Slot of the first place of that hash, or the free one behind its chain. */
static size_t slot_of(const struct owning *o, uint64_t hash)
{
    size_t i = (size_t)hash & (o->slots_cap - 1);
    while (o->slots[i] && o->places.v[o->slots[i] - 1].hash != hash)
        i = (i + 1) & (o->slots_cap - 1);
    return i;
}

static void put_slot(struct owning *o, size_t index)
{
    size_t i = (size_t)o->places.v[index].hash & (o->slots_cap - 1);
    while (o->slots[i])
        i = (i + 1) & (o->slots_cap - 1);
    o->slots[i] = (uint32_t)index + 1;
}

static struct owning_place *place_of(const struct owning *o, struct slice path, uint64_t hash)
{
    for (size_t i = o->slots_cap ? slot_of(o, hash) : 0; o->slots_cap && o->slots[i]; i = (i + 1) & (o->slots_cap - 1))
        if (slice_eq(o->places.v[o->slots[i] - 1].path, path))
            return &o->places.v[o->slots[i] - 1];
    return NULL;
}

void owning_ask(struct owning *o, struct slice path)
{
    uint64_t hash = owning_hash(path);
    if (place_of(o, path, hash))
        return;
    struct owning_place *to = VEC_ADD(o->arena, &o->places);
    if (!to)
        return;
    to->path = path;
    to->hash = hash;
    if (o->slots_cap >= o->places.n * 2) {
        put_slot(o, o->places.n - 1);
        return;
    }
    o->slots_cap = o->slots_cap ? o->slots_cap * 2 : 64;
    free(o->slots);
    o->slots = xcalloc(o->slots_cap, sizeof *o->slots);
    for (size_t i = 0; i < o->places.n; i++)
        put_slot(o, i);
}

const struct owning_place *owning_of(const struct owning *o, struct slice path)
{
    return place_of(o, path, owning_hash(path));
}

void owning_done(struct owning *o)
{
    free(o->slots);
    o->slots = NULL;
    o->slots_cap = 0;
}

/* ---- the walk ---- */

struct elsewhere {
    uint64_t hash;
    uint32_t list, package; /* of walk.lists and .packages */
};

struct walk {
    struct owning *o;
    const struct wanted *list;
    VEC(const struct wanted *) lists; /* one of each format and kind */
    slice_vec packages;
    VEC(struct elsewhere) elsewhere;
    char before[OWNED_PATH_MAX]; /* the name before, while it may be a folder: its hash is the last of elsewhere */
    size_t before_n;
    bool too_many;
};

static void begin_list(void *ctx, const struct wanted *of)
{
    struct walk *w = ctx;
    size_t i = 0;
    w->list = of;
    w->before_n = 0;
    while (i < w->lists.n && (w->lists.v[i]->format != of->format || w->lists.v[i]->exact != of->exact))
        i++;
    const struct wanted **to = i == w->lists.n ? VEC_ADD(w->o->arena, &w->lists) : NULL;
    if (to)
        *to = of;
}

static uint32_t list_index(const struct walk *w)
{
    size_t i = 0;
    while (i + 1 < w->lists.n && (w->lists.v[i]->format != w->list->format || w->lists.v[i]->exact != w->list->exact))
        i++;
    return (uint32_t)i;
}

static void own(struct walk *w, struct owning_place *to, struct slice path, struct slice package)
{
    bool same = slice_eq(to->path, path);
    if (to->package.n && !(same && !slice_eq(to->listed, to->path)))
        return; /* the first list has it, but for one that has the very name */
    to->package = arena_slice(w->o->arena, package);
    to->listed = same ? to->path : arena_slice(w->o->arena, path);
    to->format = w->list->format;
    to->database = w->list->exact;
}

/* "python3.11" has its version behind the dot, "setup.py" what it is. */
static bool may_be_program(struct slice path)
{
    static const char *const never[] = {"usr/share/", "usr/include/", "etc/", "var/", "usr/src/", "boot/"};
    struct slice name = slice_path_name(path);
    ptrdiff_t dot = slice_rfind(name, '.');
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (slice_starts(path, slice_str(never[i])))
            return false;
    return dot < 0 || ((size_t)dot + 1 < name.n && name.p[dot + 1] >= '0' && name.p[dot + 1] <= '9' &&
                       slice_find_slice(name, SLICE(".so.")) < 0);
}

static void keep_elsewhere(struct walk *w, struct slice path, struct slice package, uint64_t hash)
{
    const struct wanted *wanted = rules_of_file(rules_all(), path);
    if (w->before_n && path.n > w->before_n && path.p[w->before_n] == '/' && !memcmp(path.p, w->before, w->before_n))
        w->elsewhere.n--; /* it was a folder */
    w->before_n = 0;
    if (wanted ? !wanted->anywhere : !may_be_program(path))
        return;
    w->too_many |= w->elsewhere.n == ELSEWHERE_MAX;
    struct elsewhere *to = w->too_many ? NULL : VEC_ADD(w->o->arena, &w->elsewhere);
    struct slice *name = w->packages.n ? &w->packages.v[w->packages.n - 1] : NULL;
    if (!to)
        return;
    if (!name || !slice_eq(*name, package))
        slice_vec_add(w->o->arena, &w->packages, arena_slice(w->o->arena, package));
    *to = (struct elsewhere){hash, list_index(w), (uint32_t)w->packages.n - 1};
    memcpy(w->before, path.p, path.n);
    w->before_n = path.n;
}

static int take_path(void *ctx, struct slice path, struct slice package)
{
    struct walk *w = ctx;
    struct owning *o = w->o;
    uint64_t hash = owning_hash(path);
    bool here = false;
    o->paths++;
    for (size_t i = o->slots_cap ? slot_of(o, hash) : 0; o->slots_cap && o->slots[i]; i = (i + 1) & (o->slots_cap - 1))
        if (o->places.v[o->slots[i] - 1].hash == hash) {
            own(w, &o->places.v[o->slots[i] - 1], path, package);
            here = true;
        }
    if (!here)
        keep_elsewhere(w, path, package, hash);
    else
        w->before_n = 0;
    return 0;
}

/* ---- what is told ---- */

static struct slice text_of(struct arena *a, const struct package_format *format, bool database)
{
    return arena_printf(a, "%s %s", format->name, database ? OWNER_DATABASE : OWNER_LIST);
}

static void tell_files(struct parse *p, const struct owning *o)
{
    for (size_t i = 0; i < p->out->files.n; i++) {
        struct parsed_file *f = &p->out->files.v[i];
        const struct owning_place *at =
            f->packages.n && ecosystem_of_type(f->packages.v[0].type)->located ? owning_of(o, f->path) : NULL;
        if (!at || !at->package.n)
            continue;
        struct slice list = text_of(p->arena, at->format, at->database);
        parse_set_fact(p, f, SLICE(FACT_OWNER),
                       arena_printf(p->arena, "%.*s %.*s", SLICE_FMT(list), SLICE_FMT(at->package)));
        if (!slice_eq(at->listed, f->path))
            parse_set_fact(p, f, SLICE(FACT_OWNER_PATH), at->listed);
    }
}

static int elsewhere_order(const void *a, const void *b)
{
    const struct elsewhere *x = a, *y = b;
    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    if (x->package != y->package)
        return x->package < y->package ? -1 : 1;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* The hashes of one package, from the first of them on; n: how many elements were looked at. */
static struct slice hashes_of(struct walk *w, size_t first, size_t *ret_n)
{
    size_t n = first, kept = 0;
    while (n < w->elsewhere.n && w->elsewhere.v[n].list == w->elsewhere.v[first].list &&
           w->elsewhere.v[n].package == w->elsewhere.v[first].package)
        n++;
    char *text = arena_alloc(w->o->arena, (n - first) * HASH_DIGITS);
    for (size_t i = first; text && i < n; i++) /* a list and a list of sums name the same */
        if (i == first || w->elsewhere.v[i].hash != w->elsewhere.v[i - 1].hash)
            put_hash(w->elsewhere.v[i].hash, text + HASH_DIGITS * kept++);
    *ret_n = n - first;
    return slice_of(text, text ? kept * HASH_DIGITS : 0);
}

static void tell_elsewhere(struct parse *p, struct walk *w)
{
    struct parsed_file *f = NULL;
    if (w->elsewhere.n)
        qsort(w->elsewhere.v, w->elsewhere.n, sizeof *w->elsewhere.v, elsewhere_order);
    for (size_t i = 0, n; i < w->elsewhere.n; i += n) {
        const struct elsewhere *e = &w->elsewhere.v[i];
        if (!i || e->list != e[-1].list) {
            const struct wanted *list = w->lists.v[e->list];
            if (!(f = parse_add_file(p, SLICE(""), PARSER_OWNED)))
                return;
            parse_add_fact(p, f, SLICE(OWNED_BY), text_of(p->arena, list->format, list->exact));
        }
        struct slice hashes = hashes_of(w, i, &n);
        if (w->too_many) {
            parse_set_fact(p, f, SLICE(OWNED_TOO_MANY), SLICE(OWNED_TOO_MANY));
            continue;
        }
        parse_add_fact(p, f, w->packages.v[e->package], hashes);
    }
}

/* Whether some package of the file is more than a guess, which leaves open what else is in it. */
static bool is_sure(const struct parsed_file *file)
{
    bool sure = false;
    for (size_t i = 0; i < file->packages.n && !sure; i++)
        sure = file->packages.v[i].certainty != CERTAINTY_GUESSED;
    return sure;
}

void owning_find(struct parse *p, struct slice evidence)
{
    struct owning *o = &p->owning;
    struct walk *w = xcalloc(1, sizeof *w);
    for (size_t i = 0; i < p->out->files.n; i++) {
        const struct parsed_file *f = &p->out->files.v[i];
        if (!f->packages.n)
            continue;
        o->has_system |= !ecosystem_of_type(f->packages.v[0].type)->located;
        owning_ask(o, f->path);
        struct owning_place *at = place_of(o, f->path, owning_hash(f->path));
        if (at) {
            at->read = at->read || is_sure(f);
            at->file = (uint32_t)i + 1;
        }
    }
    w->o = o;
    owners_walk_lists(evidence, begin_list, take_path, w);
    tell_files(p, o);
    tell_elsewhere(p, w);
    free(w);
}
