/* SPDX-License-Identifier: Apache-2.0 */
/* discover_state.c: the rows of a repository, and writing what was planned. */
#include "discover/discover_internal.h"

#include "base/hash.h"
#include "base/log.h"

struct metric discover_images = METRIC_COUNTER("careen_discover_images_total", "Image records written."),
              discover_gone = METRIC_COUNTER("careen_discover_images_gone_total", "Images that left their registry."),
              discover_walks =
                  METRIC_COUNTER("careen_discover_walks_total", "Registry catalogues walked to their end."),
              discover_failures =
                  METRIC_COUNTER("careen_discover_failures_total",
                                 "Requests to registries and clusters that failed and are tried again."),
              discover_events = METRIC_COUNTER("careen_discover_events_total", "Events taken from registries."),
              discover_left_out = METRIC_COUNTER("careen_discover_names_left_out_total",
                                                 "Names in registries' lists that can't be repositories or tags.");

#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  ((int64_t)3600 * 1000)

struct slice discover_full_name(struct arena *a, struct slice registry, struct slice repository)
{
    return arena_printf(a, "%.*s/%.*s", SLICE_FMT(registry), SLICE_FMT(repository));
}

const struct registry_settings *discover_registry_of(const struct discover_process *p, struct slice host)
{
    return registries_find(p->registries, host);
}

size_t discover_image_row_key(uint8_t *key, struct slice name, struct slice digest)
{
    struct hash128 h = hash128(name);
    size_t n = MIN(digest.n, (size_t)STEP_KEY_MAX - sizeof h.b);
    memcpy(key, h.b, sizeof h.b);
    if (n)
        memcpy(key + sizeof h.b, digest.p, n);
    return sizeof h.b + n;
}

int discover_known_images(struct step *s, struct slice name, struct arena *a, image_vec *ret, struct err *e)
{
    struct hash128 h = hash128(name);
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_IMAGES), hash128_slice(&h), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct image *im = VEC_ADD(a, ret);
        if (!im || codec_decode(runner_codec(s->runner), TOPIC_IMAGES, value, a, im, e)) {
            got = im ? -1 : err_set(e, ERR_POISON, 0, "%.*s has too many images", SLICE_FMT(name));
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

int discover_remember_name(struct step *s, struct slice registry, struct slice repository, struct err *e)
{
    struct hash128 h = hash128(discover_full_name(s->arena, registry, repository));
    struct buf b = BUF_INIT(4096);
    buf_add_slice(&b, registry);
    buf_add_byte(&b, 0);
    buf_add_slice(&b, repository);
    int rc = b.overflow ? err_set(e, ERR_POISON, 0, "a repository's name is over 4096 bytes")
                        : store_put(s->txn, STEP_TABLE(s, TABLE_NAMES), hash128_slice(&h), buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

static struct slice image_key(struct step *s, struct slice name, struct slice digest)
{
    return arena_printf(s->arena, "%.*s,%.*s", SLICE_FMT(digest), SLICE_FMT(name));
}

static struct slice layer_key(struct step *s, struct slice name, struct slice layer, struct slice image)
{
    return arena_printf(s->arena, "%.*s,%.*s@%.*s", SLICE_FMT(layer), SLICE_FMT(name), SLICE_FMT(image));
}

int discover_write_layers(struct step *s, struct slice name, const struct image *im, enum layer_priority priority,
                          struct err *e)
{
    for (size_t i = 0; i < im->layers.n; i++) {
        const struct layer_ref *l = &im->layers.v[i];
        struct layer record = {
            .digest = l->digest,
            .registry = im->registry,
            .repository = im->repository,
            .image_digest = im->digest,
            .media_type = l->media_type,
            .size = l->size,
            .urls = l->urls,
            .priority = priority,
            .index = (int32_t)i,
        };
        if (step_emit(s, TOPIC_LAYERS, layer_key(s, name, l->digest, im->digest), &record, e))
            return -1;
    }
    return 0;
}

int discover_delete_layers(struct step *s, struct slice name, const struct image *im, struct err *e)
{
    for (size_t i = 0; i < im->layers.n; i++)
        if (step_tombstone(s, TOPIC_LAYERS, layer_key(s, name, im->layers.v[i].digest, im->digest), e))
            return -1;
    return 0;
}

int discover_write_image(struct step *s, struct slice name, const struct image *im, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice row = slice_of(key, discover_image_row_key(key, name, im->digest));
    if (step_put_record(s, STEP_TABLE(s, TABLE_IMAGES), row, TOPIC_IMAGES, im, e))
        return -1;
    metric_add(&discover_images, 1);
    return step_emit(s, TOPIC_IMAGES, image_key(s, name, im->digest), im, e);
}

int discover_delete_image(struct step *s, struct slice name, const struct image *im, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice row = slice_of(key, discover_image_row_key(key, name, im->digest));
    if (step_tombstone(s, TOPIC_IMAGES, image_key(s, name, im->digest), e))
        return -1;
    metric_add(&discover_gone, 1);
    log_info("image is gone", LOG("repository", name), LOG("image", im->digest));
    if (store_del(s->txn, STEP_TABLE(s, TABLE_PULLED), row, e) < 0)
        return -1;
    return store_del(s->txn, STEP_TABLE(s, TABLE_IMAGES), row, e) < 0 ? -1 : 0;
}

static size_t failed_key(uint8_t *key, unsigned kind, struct slice subject)
{
    struct hash128 h = hash128(subject);
    key[0] = (uint8_t)kind;
    memcpy(key + 1, h.b, sizeof h.b);
    return 1 + sizeof h.b;
}

int discover_retry_later(struct step *s, unsigned kind, struct slice subject, unsigned priority, struct slice name,
                         const struct err *why, struct err *e)
{
    uint8_t key[32], v[4];
    struct slice k = slice_of(key, failed_key(key, kind, subject)), old;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_FAILED), k, &old, e);
    if (got < 0)
        return -1;
    uint32_t failures = got && old.n == 4 ? key_get_u32(old.p) : 0;
    int64_t delay = MIN((int64_t)RETRY_FIRST_MS << MIN(failures, 12u), RETRY_MOST_MS);
    key_u32(v, failures + 1);
    metric_add(&discover_failures, 1);
    log_warn("tried again later", LOG("subject", name), LOG_S("reason", why->text),
             LOG_I("delay_ms", MAX(delay, why->retry_after_ms)));
    if (store_put(s->txn, STEP_TABLE(s, TABLE_FAILED), k, slice_of(v, sizeof v), e))
        return -1;
    return step_work(s, kind, subject, priority, s->now_ms + MAX(delay, why->retry_after_ms), e);
}

bool discover_is_failing(struct step *s, unsigned kind, struct slice subject)
{
    uint8_t key[32];
    struct slice old;
    return store_get(s->txn, STEP_TABLE(s, TABLE_FAILED), slice_of(key, failed_key(key, kind, subject)), &old, NULL) ==
           1;
}

int discover_retry_clear(struct step *s, unsigned kind, struct slice subject, struct err *e)
{
    uint8_t key[32];
    return store_del(s->txn, STEP_TABLE(s, TABLE_FAILED), slice_of(key, failed_key(key, kind, subject)), e) < 0 ? -1
                                                                                                                : 0;
}
