/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_images.c: the image side: assemble an image once all its layers are there, emit what differs. */
#include "inventory/inventory_tables.h"

#include "base/hash.h"
#include "base/log.h"
#include "inventory/assemble/assemble.h"
#include "packages/parse.h"

static struct metric assembled = METRIC_COUNTER("careen_inventory_images_assembled_total", "Inventories emitted."),
                     partial = METRIC_COUNTER("careen_inventory_images_partial_total",
                                              "Inventories emitted that are not complete.");

static int first_row(struct step *s, store_table table, struct slice digest, struct slice *ret_value, struct err *e)
{
    struct store_iter it;
    struct slice key;
    store_iter_init(&it, s->txn, table, arena_printf(s->arena, "%.*s,", SLICE_FMT(digest)), SLICE_NONE);
    int got = store_iter_next(&it, &key, ret_value, e);
    store_iter_done(&it);
    return got;
}

static int drop_parsed(struct step *s, struct slice digest, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_PARSED), arena_printf(s->arena, "%.*s,", SLICE_FMT(digest)),
                    SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        if (step_tombstone(s, TOPIC_LAYER_PACKAGES, arena_slice(s->arena, key), e) || store_iter_del(&it, e)) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

/* Tombstones the parts [from, to) of what is out. */
static int drop_parts(struct step *s, struct slice digest, int32_t from, int32_t to, struct err *e)
{
    for (int32_t i = from; i < to; i++)
        if (step_tombstone(s, TOPIC_INVENTORIES, topic_part_key(s->arena, digest, (unsigned)i), e))
            return -1;
    return 0;
}

static size_t part_end(const package_vec *all, size_t from)
{
    size_t bytes = 0, i = from;
    while (i < all->n && (i == from || bytes + inventory_package_bytes(&all->v[i]) <= PART_BYTES))
        bytes += inventory_package_bytes(&all->v[i++]);
    return i;
}

static int out_put(struct step *s, const struct inventory *first, struct err *e)
{
    struct buf b = BUF_INIT(TOPIC_RECORD_MAX);
    uint8_t row[20];
    int rc = codec_encode(runner_codec(s->runner), TOPIC_INVENTORIES, first, &b, e);
    struct hash128 h = hash128(buf_slice(&b));
    buf_done(&b);
    memcpy(row, h.b, sizeof h.b);
    key_u32(row + 16, (uint32_t)first->parts);
    return rc ? rc : store_put(s->txn, STEP_TABLE(s, TABLE_OUT), first->image_digest, slice_of(row, sizeof row), e);
}

static int emit_parts(struct step *s, const struct inventory *whole, int32_t parts_out, struct err *e)
{
    int32_t parts = 0;
    for (size_t at = 0; !parts || at < whole->packages.n; parts++)
        at = part_end(&whole->packages, at);
    size_t at = 0;
    for (int32_t i = 0; i < parts; i++) {
        struct inventory part = *whole;
        size_t end = part_end(&whole->packages, at);
        part.part = i;
        part.parts = parts;
        part.packages.v = whole->packages.v + at;
        part.packages.n = end - at;
        at = end;
        /*
         * The table of what is published is changed at once, since the record may be read back only after the image is
         * gone.
         */
        if (i == 0 && out_put(s, &part, e))
            return -1;
        if (step_emit(s, TOPIC_INVENTORIES, topic_part_key(s->arena, whole->image_digest, (unsigned)i), &part, e))
            return -1;
    }
    return drop_parts(s, whole->image_digest, parts, parts_out, e);
}

/* Emits the inventory unless the same one is out. What is out is compared by the bytes of its first part plus its
 * packages. */
static int emit_if_new(struct step *s, const struct inventory *inv, struct err *e)
{
    struct slice old;
    struct buf b = BUF_INIT((size_t)1 << 30);
    struct inventory first = *inv;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_OUT), inv->image_digest, &old, e);
    if (got < 0)
        return -1;
    int32_t parts_out = got && old.n == 20 ? (int32_t)key_get_u32(old.p + 16) : 0;
    first.parts = 1;
    if (part_end(&inv->packages, 0) == inv->packages.n &&
        !codec_encode(runner_codec(s->runner), TOPIC_INVENTORIES, &first, &b, e)) {
        struct hash128 h = hash128(buf_slice(&b));
        if (got && old.n == 20 && memcmp(old.p, h.b, sizeof h.b) == 0) {
            buf_done(&b);
            return 0;
        }
    }
    buf_done(&b);
    metric_add(&assembled, 1);
    if (inv->status != INVENTORY_COMPLETE)
        metric_add(&partial, 1);
    log_info("image inventoried", LOG("image", inv->image_digest), LOG_I("packages", inv->packages.n),
             LOG("os", inv->os.ecosystem), LOG_S("status", inventory_status_names[inv->status]));
    return emit_parts(s, inv, parts_out, e);
}

/*
 * An image that is gone. One of which nothing is out may be yet to come: its layers are told first, and what they hold
 * may be here before it. Of such a one nothing is dropped here; the layers' side takes back what nobody wants.
 */
static int forget_image(struct step *s, struct slice digest, struct err *e)
{
    struct slice old;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_OUT), digest, &old, e);
    if (got <= 0 || old.n != 20)
        return got < 0 ? -1 : 0;
    int32_t parts = (int32_t)key_get_u32(old.p + 16);
    if (drop_parts(s, digest, 0, MAX(parts, 1), e) || store_del(s->txn, STEP_TABLE(s, TABLE_OUT), digest, e) < 0)
        return -1;
    return drop_parsed(s, digest, e);
}

static int emit_unreadable(struct step *s, struct slice digest, const struct image *image, struct err *e)
{
    struct inventory inv = {
        .image_digest = digest, .status = INVENTORY_FAILED, .parser_version = parser_version(), .parts = 1};
    reasons_add_one(s->arena, &inv.reasons, image->reason);
    return emit_if_new(s, &inv, e);
}

/* Decodes every layer's parsed form: 1 all there, 0 some missing. */
static int load_layers(struct step *s, struct slice digest, const struct image *image, struct layer_packages *layers,
                       bool *ret_final, struct err *e)
{
    *ret_final = true;
    for (size_t i = 0; i < image->layers.n; i++) {
        int got = inventory_load_layer_packages(s, digest, image->layers.v[i].digest, &layers[i], e);
        if (got <= 0)
            return got;
        if (layers[i].status == PULL_FAILED && !layers[i].final)
            *ret_final = false;
    }
    return 1;
}

int inventory_assemble_settle(struct step *s, struct slice digest, struct err *e)
{
    struct slice row;
    struct image image = {0};
    struct inventory inv = {0};
    bool final;
    digest = arena_slice(s->arena, digest);
    int got = first_row(s, STEP_TABLE(s, TABLE_IMAGES), digest, &row, e);
    if (got < 0)
        return -1;
    if (!got)
        return forget_image(s, digest, e);
    if (codec_decode(runner_codec(s->runner), TOPIC_IMAGES, row, s->arena, &image, e))
        return -1;
    if (image.status != IMAGE_OK)
        return emit_unreadable(s, digest, &image, e);
    struct layer_packages *layers = arena_zalloc(s->arena, MAX(image.layers.n, (size_t)1) * sizeof *layers);
    if (!layers)
        return err_set(e, ERR_POISON, 0, "image %.*s has %zu layers, too many to assemble", SLICE_FMT(digest),
                       image.layers.n);
    got = load_layers(s, digest, &image, layers, &final, e);
    if (got <= 0)
        return got;
    if (assemble_image(&image, layers, image.layers.n, s->arena, &inv, e))
        return -1;
    inv.parser_version = parser_version();
    inv.parts = MAX(inv.parts, 1);
    if (emit_if_new(s, &inv, e))
        return -1;
    /* The parsed layers may only go once the inventory is safely out; those of an image that waits for a retry stay. */
    return final && (step_flush(s, e) || drop_parsed(s, digest, e)) ? -1 : 0;
}
