/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/join.h"

static int load_images(struct store_txn *t, const store_table *tables, struct codec *c, struct slice prefix,
                       struct arena *a, struct known_image *k, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, t, tables[VIEW_IMAGES], prefix, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct image *im = VEC_ADD(a, &k->images);
        if (!im || codec_decode(c, TOPIC_IMAGES, value, a, im, e)) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    if (got)
        return -1;
    store_iter_init(&it, t, tables[VIEW_WORKLOADS], prefix, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct workload *w = VEC_ADD(a, &k->workloads);
        if (!w || codec_decode(c, TOPIC_WORKLOADS, value, a, w, e)) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

static struct slice part_key(uint8_t *key, struct arena *a, struct slice digest, int32_t part)
{
    return slice_of(key, step_key(key, topic_part_key(a, digest, (unsigned)part)));
}

/* Joins the parts of the findings; they count once all are there. */
static int load_findings(struct store_txn *t, const store_table *tables, struct codec *c, struct arena *a,
                         struct known_image *k, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice v;
    int32_t parts = 1;
    for (int32_t i = 0; i < parts; i++) {
        struct findings f = {0};
        int got = store_get(t, tables[VIEW_FINDINGS], part_key(key, a, k->digest, i), &v, e);
        if (got <= 0)
            return got;
        if (codec_decode(c, TOPIC_FINDINGS, v, a, &f, e))
            return -1;
        if (i == 0) {
            k->findings = f;
            parts = f.parts;
            continue;
        }
        for (size_t j = 0; j < f.findings.n; j++) {
            struct finding *to = VEC_ADD(a, &k->findings.findings);
            if (!to)
                return err_set(e, ERR_POISON, 0, "image %.*s has too many findings", SLICE_FMT(k->digest));
            *to = f.findings.v[j];
        }
    }
    k->has_findings = true;
    return 0;
}

static int load_knowledge(struct store_txn *t, const store_table *tables, struct arena *a, struct known_image *k,
                          struct err *e)
{
    size_t n = k->findings.findings.n;
    k->knowledge = arena_zalloc(a, MAX(n, (size_t)1) * sizeof *k->knowledge);
    if (!k->knowledge)
        return err_set(e, ERR_POISON, 0, "image %.*s has too many findings", SLICE_FMT(k->digest));
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = &k->findings.findings.v[i];
        if (i && finding_cves_equal(f, f - 1)) {
            k->knowledge[i] = k->knowledge[i - 1];
            continue;
        }
        if (vuln_view_of_finding(t, tables, f, a, &k->knowledge[i], e) < 0)
            return -1;
    }
    return 0;
}

/* The parts of the inventory; what belongs to the image as a whole is in the first. */
static int load_inventory(struct store_txn *t, const store_table *tables, struct codec *c, struct arena *a,
                          struct known_image *k, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice v;
    int32_t parts = 1;
    for (int32_t i = 0; i < parts; i++) {
        struct inventory inv = {0};
        int got = store_get(t, tables[VIEW_INVENTORIES], part_key(key, a, k->digest, i), &v, e);
        if (got < 0 || (got && codec_decode(c, TOPIC_INVENTORIES, v, a, &inv, e)))
            return -1;
        if (!got)
            return 0; /* the others come yet, and with them a change */
        if (i == 0) {
            parts = inv.parts;
            k->has_inventory = true;
            k->inventory_status = inv.status;
            k->inventory_reasons = inv.reasons;
            k->inventory_notes = inv.notes;
            k->unread = inv.unread;
            k->os = inv.os;
            k->packages = inv.packages;
            k->layers = inv.layers;
            continue;
        }
        for (size_t j = 0; j < inv.packages.n; j++) {
            struct package *to = VEC_ADD(a, &k->packages);
            if (!to)
                return err_set(e, ERR_POISON, 0, "image %.*s has too many packages", SLICE_FMT(k->digest));
            *to = inv.packages.v[j];
        }
    }
    return 0;
}

int join_image(const struct join *j, struct codec *codec, struct slice digest, struct arena *a, struct known_image *ret,
               struct err *e)
{
    struct known_image k = {.digest = arena_slice(a, digest), .policy = j->policy};
    struct store_txn *t = j->txn;
    if (load_images(t, j->tables, codec, arena_printf(a, "%.*s,", SLICE_FMT(digest)), a, &k, e) ||
        load_inventory(t, j->tables, codec, a, &k, e) || view_now(t, j->tables, j->partitions, digest, &k.now_ms, e) ||
        load_findings(t, j->tables, codec, a, &k, e) || load_knowledge(t, j->tables, a, &k, e))
        return -1;
    *ret = k;
    return 0;
}
