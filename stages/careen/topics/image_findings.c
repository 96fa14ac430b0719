/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/topics/image_findings.h"

#include "careen/topics/known.h"
#include "model/software.h"
#include "reports/keep.h"
#include "stage/stage.h"

struct joining {
    struct reader *reader;
    struct arena *arena;
    struct slice digest;
    struct assessed_image *out;
    bool found;
    struct known of_ids;
};

static bool of_image(void *arg, struct slice key)
{
    return slice_eq(topic_key_head(key), ((struct joining *)arg)->digest);
}

/* Its platform; every repository that has the image says the same of it. */
static int take_image(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct joining *x = arg;
    const struct image *im = record;
    (void)key, (void)at_ms, (void)e;
    x->out->image.os = arena_slice(x->arena, im->os);
    x->out->image.architecture = arena_slice(x->arena, im->architecture);
    x->out->image.variant = arena_slice(x->arena, im->variant);
    return 1;
}

static int take_inventory(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct joining *x = arg;
    const struct inventory *v = record;
    (void)key, (void)at_ms, (void)e;
    x->out->packages += v->packages.n;
    if (v->part)
        return 0;
    x->out->extent = report_extent_of(v->status, &v->os, &v->packages);
    x->out->inventory.os = (struct os_info){.id = arena_slice(x->arena, v->os.id),
                                            .version_id = arena_slice(x->arena, v->os.version_id),
                                            .name = arena_slice(x->arena, v->os.name),
                                            .end_of_life = arena_slice(x->arena, v->os.end_of_life)};
    reasons_copy_all(x->arena, &x->out->inventory.notes, &v->notes);
    for (size_t i = 0; i < v->unread.n; i++)
        unread_unpack(x->arena, &x->out->inventory.unread, unread_pack(&v->unread.v[i], x->arena));
    return 0;
}

static int take_findings(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct joining *x = arg;
    const struct findings *f = record;
    (void)key, (void)at_ms;
    x->found = true;
    if (f->part == 0) {
        x->out->ecosystem = arena_slice(x->arena, f->ecosystem);
        x->out->status = f->status;
        x->out->judged = f->packages;
        reasons_copy_all(x->arena, &x->out->reasons, &f->reasons);
    }
    for (size_t i = 0; i < f->findings.n; i++) {
        struct finding *to = VEC_ADD(x->arena, &x->out->findings);
        if (!to || !keep_finding(x->arena, &f->findings.v[i], to) || !known_want(&x->of_ids, to->vulnerability))
            return err_set(e, ERR_FATAL, 0, "it has more findings than fit into memory");
    }
    return 0;
}

/* What publish says of the image, which is the same wherever it is. */
static int take_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct joining *x = arg;
    (void)key, (void)at_ms, (void)e;
    x->out->has_code = true;
    x->out->code = ((const struct recommendation *)record)->code;
    return 1;
}

int image_findings_read(struct reader *r, struct slice digest, struct arena *arena, struct assessed_image *a,
                        bool *ret_found, struct err *e)
{
    struct joining joining = {.reader = r, .arena = arena, .digest = digest, .out = a, .of_ids = {.arena = arena}},
                   *x = &joining;
    a->image.digest = digest;
    if (reader_some(r, TOPIC_IMAGES, of_image, take_image, x, e) ||
        reader_some(r, TOPIC_INVENTORIES, of_image, take_inventory, x, e) ||
        reader_some(r, TOPIC_FINDINGS, of_image, take_findings, x, e) ||
        reader_some(r, TOPIC_RECOMMENDATIONS, of_image, take_recommendation, x, e))
        return -1;
    size_t n = a->findings.n;
    struct vulnerability *known = arena_zalloc(arena, (n + 1) * sizeof *known);
    if (!known)
        return err_set(e, ERR_FATAL, 0, "it has more findings than fit into memory");
    if (known_read(&x->of_ids, r, e))
        return -1;
    for (size_t i = 0; i < n; i++)
        known[i] = *known_of(&x->of_ids, a->findings.v[i].vulnerability);
    a->known = known;
    if (!assessed_image_sort(a, arena))
        return err_set(e, ERR_FATAL, 0, "it has more findings than fit into memory");
    assessed_image_count(a);
    *ret_found = x->found;
    return 0;
}
