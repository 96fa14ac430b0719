/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/csaf/csaf.h"

#include "base/clock.h"
#include "base/hash.h"
#include "io/text/json.h"

#define PARTS_DEEP 8 /* parts of parts */

static const char *const statuses[CSAF_STATUS_MAX] = {
    "fixed",         "first_fixed",        "known_affected",      "first_affected",
    "last_affected", "known_not_affected", "under_investigation", "recommended"};

struct reading {
    struct json_pull p;
    struct arena *arena;
    struct csaf_document *d;
};

static int64_t time_of(struct slice s)
{
    int64_t at = 0;
    return s.n && clock_parse(s, &at) ? at : 0;
}

static void read_strings(struct reading *r, slice_vec *to)
{
    if (json_pull_array(&r->p))
        while (json_pull_item(&r->p)) {
            struct slice s = json_pull_string(&r->p);
            if (s.n)
                slice_vec_add(r->arena, to, s);
        }
}

/* ---- document ---- */

static struct slice read_one_member(struct reading *r, const char *name)
{
    struct slice key, found = SLICE_NONE;
    if (json_pull_object(&r->p))
        while (json_pull_key(&r->p, &key)) {
            if (slice_eq_str(key, name))
                found = json_pull_string(&r->p);
            else
                json_pull_skip(&r->p);
        }
    return found;
}

static void read_tracking(struct reading *r)
{
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "id"))
            r->d->id = json_pull_string(&r->p);
        else if (slice_eq_str(key, "status"))
            r->d->tracking_status = json_pull_string(&r->p);
        else if (slice_eq_str(key, "initial_release_date"))
            r->d->published_ms = time_of(json_pull_string(&r->p));
        else if (slice_eq_str(key, "current_release_date"))
            r->d->modified_ms = time_of(json_pull_string(&r->p));
        else
            json_pull_skip(&r->p);
    }
}

static void read_head(struct reading *r)
{
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "title"))
            r->d->title = json_pull_string(&r->p);
        else if (slice_eq_str(key, "category"))
            r->d->category = json_pull_string(&r->p);
        else if (slice_eq_str(key, "publisher"))
            r->d->publisher = read_one_member(r, "name");
        else if (slice_eq_str(key, "aggregate_severity"))
            r->d->severity = read_one_member(r, "text");
        else if (slice_eq_str(key, "tracking"))
            read_tracking(r);
        else
            json_pull_skip(&r->p);
    }
}

/* ---- product tree ---- */

static void read_helper(struct reading *r, struct csaf_product *to)
{
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "cpe"))
            to->cpe = json_pull_string(&r->p);
        else if (slice_eq_str(key, "purl"))
            to->purl = json_pull_string(&r->p);
        else
            json_pull_skip(&r->p);
    }
}

static struct csaf_product read_full_name(struct reading *r)
{
    struct csaf_product one = {0};
    struct slice key;
    if (json_pull_object(&r->p))
        while (json_pull_key(&r->p, &key)) {
            if (slice_eq_str(key, "product_id"))
                one.id = json_pull_string(&r->p);
            else if (slice_eq_str(key, "name"))
                one.name = json_pull_string(&r->p);
            else if (slice_eq_str(key, "product_identification_helper"))
                read_helper(r, &one);
            else
                json_pull_skip(&r->p);
        }
    return one;
}

static void add_product(struct reading *r)
{
    struct csaf_product one = read_full_name(r), *to = one.id.n ? VEC_ADD(r->arena, &r->d->products) : NULL;
    if (to)
        *to = one;
}

/* Branches hold branches; json_pull bounds how deep. */
static void read_branches(struct reading *r)
{
    struct slice key;
    if (!json_pull_array(&r->p))
        return;
    while (json_pull_item(&r->p)) {
        if (!json_pull_object(&r->p))
            continue;
        while (json_pull_key(&r->p, &key)) {
            if (slice_eq_str(key, "branches"))
                read_branches(r);
            else if (slice_eq_str(key, "product"))
                add_product(r);
            else
                json_pull_skip(&r->p);
        }
    }
}

static void read_relationship(struct reading *r)
{
    struct csaf_part one = {0};
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "product_reference")) {
            one.reference = json_pull_string(&r->p);
        } else if (slice_eq_str(key, "relates_to_product_reference")) {
            one.parent = json_pull_string(&r->p);
        } else if (slice_eq_str(key, "full_product_name")) {
            struct csaf_product name = read_full_name(r);
            one.id = name.id;
            one.name = name.name;
        } else {
            json_pull_skip(&r->p);
        }
    }
    struct csaf_part *to = one.id.n ? VEC_ADD(r->arena, &r->d->parts) : NULL;
    if (to)
        *to = one;
}

static void read_tree(struct reading *r)
{
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "branches")) {
            read_branches(r);
        } else if (slice_eq_str(key, "full_product_names")) {
            if (json_pull_array(&r->p))
                while (json_pull_item(&r->p))
                    add_product(r);
        } else if (slice_eq_str(key, "relationships")) {
            if (json_pull_array(&r->p))
                while (json_pull_item(&r->p))
                    read_relationship(r);
        } else {
            json_pull_skip(&r->p);
        }
    }
}

/* ---- vulnerabilities ---- */

static void read_status(struct reading *r, struct csaf_vulnerability *v)
{
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        size_t k = 0;
        while (k < CSAF_STATUS_MAX && !slice_eq_str(key, statuses[k]))
            k++;
        if (k < CSAF_STATUS_MAX)
            read_strings(r, &v->status[k]);
        else
            json_pull_skip(&r->p);
    }
}

static void read_note(struct reading *r, csaf_note_vec *to)
{
    struct csaf_note one = {0}, *slot;
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "category"))
            one.category = json_pull_string(&r->p);
        else if (slice_eq_str(key, "details"))
            one.details = json_pull_string(&r->p);
        else if (slice_eq_str(key, "url"))
            one.url = json_pull_string(&r->p);
        else if (slice_eq_str(key, "product_ids"))
            read_strings(r, &one.products);
        else
            json_pull_skip(&r->p);
    }
    if ((slot = VEC_ADD(r->arena, to)))
        *slot = one;
}

static void read_notes(struct reading *r, csaf_note_vec *to)
{
    if (json_pull_array(&r->p))
        while (json_pull_item(&r->p))
            read_note(r, to);
}

static void read_score(struct reading *r, struct csaf_vulnerability *v)
{
    struct csaf_score one = {0}, *slot;
    struct slice key;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "products")) {
            read_strings(r, &one.products);
        } else if (slice_starts(key, SLICE("cvss_v"))) {
            struct slice vector = read_one_member(r, "vectorString");
            ptrdiff_t slash = slice_find(vector, '/');
            bool newer = slice_starts(vector, SLICE("CVSS:")) && slash > 0;
            if (!vector.n || (one.vector.n && !newer))
                continue;
            one.vector = vector;
            one.kind = newer ? slice_sub(vector, 0, (size_t)slash) : SLICE("CVSS:2.0");
        } else {
            json_pull_skip(&r->p);
        }
    }
    if (one.vector.n && (slot = (__typeof__(slot))VEC_ADD(r->arena, &v->scores)))
        *slot = one;
}

static void read_text_notes(struct reading *r, struct csaf_vulnerability *v)
{
    if (!json_pull_array(&r->p))
        return;
    while (json_pull_item(&r->p)) {
        struct slice key, category = SLICE_NONE, text = SLICE_NONE, title = SLICE_NONE;
        if (!json_pull_object(&r->p))
            continue;
        while (json_pull_key(&r->p, &key)) {
            if (slice_eq_str(key, "category"))
                category = json_pull_string(&r->p);
            else if (slice_eq_str(key, "text"))
                text = json_pull_string(&r->p);
            else if (slice_eq_str(key, "title"))
                title = json_pull_string(&r->p);
            else
                json_pull_skip(&r->p);
        }
        bool described = slice_eq_str(category, "description") || slice_eq_str(title, "CVE description"); /* SUSE's */
        if (described && !v->description.n)
            v->description = text;
    }
}

static void read_references(struct reading *r, struct csaf_vulnerability *v)
{
    if (!json_pull_array(&r->p))
        return;
    while (json_pull_item(&r->p)) {
        struct slice url = read_one_member(r, "url");
        if (url.n)
            slice_vec_add(r->arena, &v->references, url);
    }
}

static void read_vulnerability(struct reading *r, struct csaf_vulnerability *v)
{
    struct slice key, discovered = SLICE_NONE, released = SLICE_NONE;
    if (!json_pull_object(&r->p))
        return;
    while (json_pull_key(&r->p, &key)) {
        if (slice_eq_str(key, "cve"))
            v->cve = json_pull_string(&r->p);
        else if (slice_eq_str(key, "title"))
            v->title = json_pull_string(&r->p);
        else if (slice_eq_str(key, "cwe"))
            v->cwe = read_one_member(r, "id");
        else if (slice_eq_str(key, "discovery_date"))
            discovered = json_pull_string(&r->p);
        else if (slice_eq_str(key, "release_date"))
            released = json_pull_string(&r->p);
        else if (slice_eq_str(key, "product_status"))
            read_status(r, v);
        else if (slice_eq_str(key, "remediations"))
            read_notes(r, &v->remediations);
        else if (slice_eq_str(key, "threats"))
            read_notes(r, &v->threats);
        else if (slice_eq_str(key, "notes"))
            read_text_notes(r, v);
        else if (slice_eq_str(key, "references"))
            read_references(r, v);
        else if (!slice_eq_str(key, "scores"))
            json_pull_skip(&r->p);
        else if (json_pull_array(&r->p))
            while (json_pull_item(&r->p))
                read_score(r, v);
    }
    v->published_ms = time_of(released.n ? released : discovered);
}

static void read_vulnerabilities(struct reading *r)
{
    if (!json_pull_array(&r->p))
        return;
    while (json_pull_item(&r->p)) {
        struct csaf_vulnerability one = {0};
        read_vulnerability(r, &one);
        __typeof__(r->d->vulnerabilities.v) to =
            (__typeof__(r->d->vulnerabilities.v))VEC_ADD(r->arena, &r->d->vulnerabilities);
        if (to)
            *to = one;
    }
}

/* ---- the index of product ids ---- */

static struct slice id_at(const struct csaf_document *d, uint32_t n)
{
    return n <= d->products.n ? d->products.v[n - 1].id : d->parts.v[n - 1 - d->products.n].id;
}

/* The number of the id, or 0; *ret_slot is where it is or would be. */
static uint32_t find(const struct csaf_document *d, struct slice id, size_t *ret_slot)
{
    size_t at = (size_t)hash64(id) & (d->index_size - 1);
    while (d->index[at] && !slice_eq(id_at(d, d->index[at]), id))
        at = (at + 1) & (d->index_size - 1);
    *ret_slot = at;
    return d->index[at];
}

static bool build_index(struct csaf_document *d, struct arena *arena)
{
    size_t n = d->products.n + d->parts.n, slot;
    d->index_size = 16;
    while (d->index_size < 2 * n)
        d->index_size *= 2;
    d->index = arena_zalloc(arena, d->index_size * sizeof *d->index);
    for (uint32_t i = 1; d->index && i <= n; i++)
        if (!find(d, id_at(d, i), &slot))
            d->index[slot] = i;
    return d->index != NULL;
}

uint32_t csaf_number(const struct csaf_document *d, struct slice id)
{
    size_t slot;
    return find(d, id, &slot);
}

bool csaf_place(const struct csaf_document *d, struct slice id, struct csaf_place *ret)
{
    struct csaf_place place = {0};
    struct slice reference = id, parent = SLICE_NONE;
    size_t slot;
    uint32_t n = find(d, id, &slot);
    if (n > d->products.n) {
        reference = d->parts.v[n - 1 - d->products.n].reference;
        parent = d->parts.v[n - 1 - d->products.n].parent;
    }
    for (int deep = 0; parent.n; deep++) {
        n = find(d, parent, &slot);
        if (!n || deep == PARTS_DEEP)
            return false;
        if (n <= d->products.n) {
            place.platform = &d->products.v[n - 1];
            break;
        }
        place.between = d->parts.v[n - 1 - d->products.n].reference;
        parent = d->parts.v[n - 1 - d->products.n].parent;
    }
    n = find(d, reference, &slot);
    if (!n || n > d->products.n)
        return false;
    place.package = &d->products.v[n - 1];
    *ret = place;
    return true;
}

int csaf_read(struct slice text, struct arena *arena, struct csaf_document *ret, struct err *e)
{
    struct reading r = {.arena = arena, .d = ret};
    struct slice key;
    bool head = false;
    *ret = (struct csaf_document){0};
    json_pull_text(&r.p, text, arena);
    r.p.lets = JSON_PULL_LAST_COMMA; /* openEuler's documents have it */
    if (json_pull_object(&r.p))
        while (json_pull_key(&r.p, &key)) {
            if (slice_eq_str(key, "document")) {
                head = true;
                read_head(&r);
            } else if (slice_eq_str(key, "product_tree")) {
                read_tree(&r);
            } else if (slice_eq_str(key, "vulnerabilities")) {
                read_vulnerabilities(&r);
            } else {
                json_pull_skip(&r.p);
            }
        }
    int rc = json_pull_end(&r.p, e);
    json_pull_done(&r.p);
    if (rc)
        return -1;
    if (!head || !ret->id.n)
        return err_set(e, ERR_POISON, 0, "a document without an id");
    if (!build_index(ret, arena) || arena->overflow)
        return err_set(e, ERR_POISON, 0, "too much for the memory of one document");
    return 0;
}
