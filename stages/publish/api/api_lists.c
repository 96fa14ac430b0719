/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/api/api.h"

int api_images(struct api_answer *a, struct err *e)
{
    struct store_iter it;
    struct slice key, value, last = SLICE_NONE;
    int got;
    uint64_t n = 0;
    jsonw_object(&a->w);
    jsonw_key_array(&a->w, "images");
    store_iter_init(&it, a->txn, a->p->tables[VIEW_IMAGES], SLICE_NONE, slice_of(a->from, a->from_n));
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct image im = {0};
        if (a->from_n && slice_eq(key, slice_of(a->from, a->from_n)))
            continue;
        if (n++ == a->limit)
            break;
        last = arena_slice(&a->arena, key);
        if (codec_decode(a->p->api_codec, TOPIC_IMAGES, value, &a->arena, &im, e)) {
            got = -1;
            break;
        }
        api_record(a, TOPIC_IMAGES, &im);
    }
    store_iter_done(&it);
    jsonw_end(&a->w);
    api_page_end(a, got == 1 ? last : SLICE_NONE);
    jsonw_end(&a->w);
    return got < 0 ? -1 : 0;
}

/* Recommendations are computed anew by the pure step: every replica answers for every image. */
int api_recommendations(struct api_answer *a, struct err *e)
{
    struct store_iter it;
    struct slice key, value, last = SLICE_NONE;
    int got;
    uint64_t n = 0;
    jsonw_object(&a->w);
    jsonw_key_array(&a->w, "recommendations");
    store_iter_init(&it, a->txn, a->p->tables[VIEW_LATEST], SLICE_NONE, slice_of(a->from, a->from_n));
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct known_image k;
        recommendation_vec v = {0};
        if (a->from_n && slice_eq(key, slice_of(a->from, a->from_n)))
            continue;
        if (n >= a->limit)
            break;
        struct arena one = ARENA_INIT((size_t)256 << 20);
        last = arena_slice(&a->arena, key);
        if (api_join(a, key, &one, &k, e) || assess_recommendations(&k, &one, &v, e))
            got = -1;
        for (size_t i = 0; got == 1 && i < v.n; i++, n++)
            api_record(a, TOPIC_RECOMMENDATIONS, &v.v[i]);
        arena_done(&one);
        if (got < 0)
            break;
    }
    store_iter_done(&it);
    jsonw_end(&a->w);
    api_page_end(a, got == 1 ? last : SLICE_NONE);
    jsonw_end(&a->w);
    return got < 0 ? -1 : 0;
}

/* The table of docs/formats/reasons.md. */
int api_reasons(struct api_answer *a, struct err *e)
{
    (void)e;
    jsonw_object(&a->w);
    jsonw_key_array(&a->w, "reasons");
    for (int i = 0; i < REASON_MAX; i++) {
        const struct reason_kind *k = &reason_kinds[i];
        jsonw_object(&a->w);
        jsonw_pair_str(&a->w, "code", k->word);
        jsonw_pair_bool(&a->w, "hides", k->hides);
        jsonw_pair_str(&a->w, "means", k->means);
        jsonw_pair_or_null(&a->w, "does", slice_str(k->does));
        jsonw_end(&a->w);
    }
    jsonw_end(&a->w);
    jsonw_end(&a->w);
    return 0;
}
