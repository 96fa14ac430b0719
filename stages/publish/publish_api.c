/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish_api.c: the read-only JSON API, docs/formats/api.md. Every answer is one read transaction of the whole tables;
 * lists are paged by limit and the opaque cursor "next" of the answer before.
 */
#include "publish/publish_stage.h"

#include "base/jsonw.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     1000
#define ANSWER_MAX   ((size_t)64 << 20)

struct answer {
    struct publish_process *p;
    const struct httpd_request *q;
    struct httpd_response *r;
    struct store_txn *txn;
    struct arena arena;
    struct jsonw w;
    uint64_t limit;
    uint8_t from[STEP_KEY_MAX];
    size_t from_n;
};

static bool hex_decode(struct slice hex, uint8_t *to, size_t max, size_t *ret_n)
{
    if (hex.n % 2 || hex.n / 2 > max)
        return false;
    for (size_t i = 0; i < hex.n / 2; i++) {
        uint64_t v;
        if (!slice_parse_hex(slice_sub(hex, i * 2, 2), &v))
            return false;
        to[i] = (uint8_t)v;
    }
    *ret_n = hex.n / 2;
    return true;
}

/* Reads limit and cursor; false after having answered 400. */
static bool page(struct answer *a)
{
    struct slice limit = httpd_query(a->q, "limit"), cursor = httpd_query(a->q, "cursor");
    a->limit = PAGE_DEFAULT;
    if (limit.p && (!slice_parse_u64(limit, &a->limit) || !a->limit || a->limit > PAGE_MAX)) {
        httpd_fail(a->r, 400, "limit: a number from 1 to %d", PAGE_MAX);
        return false;
    }
    if (cursor.p && !hex_decode(cursor, a->from, sizeof a->from - 1, &a->from_n)) {
        httpd_fail(a->r, 400, "cursor: take it from \"next\" of the answer before");
        return false;
    }
    return true;
}

static void page_end(struct answer *a, struct slice last_key)
{
    jsonw_key(&a->w, "next");
    if (!last_key.p) {
        jsonw_null(&a->w);
        return;
    }
    struct buf b = BUF_INIT(STEP_KEY_MAX * 2 + 2);
    for (size_t i = 0; i < last_key.n; i++)
        buf_addf(&b, "%02x", last_key.p[i]);
    jsonw_str(&a->w, buf_slice(&b));
    buf_done(&b);
}

static void write_record(struct answer *a, enum topic t, const void *record)
{
    struct buf b = BUF_INIT(ANSWER_MAX);
    struct err e = ERR_INIT;
    if (codec_to_json(a->p->api_codec, t, record, &b, &e))
        jsonw_null(&a->w);
    else
        jsonw_raw(&a->w, buf_slice(&b));
    buf_done(&b);
}

static int failed(struct answer *a, struct err *e)
{
    buf_clear(&a->r->body);
    httpd_fail(a->r, 500, "%s", e->text);
    return -1;
}

static int list_images(struct answer *a, struct err *e)
{
    struct store_iter it;
    struct slice key, value, last = SLICE_NONE;
    int got;
    uint64_t n = 0;
    jsonw_object(&a->w);
    jsonw_key(&a->w, "images");
    jsonw_array(&a->w);
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
        write_record(a, TOPIC_IMAGES, &im);
    }
    store_iter_done(&it);
    jsonw_end(&a->w);
    page_end(a, got == 1 ? last : SLICE_NONE);
    jsonw_end(&a->w);
    return got < 0 ? -1 : 0;
}

/* Recommendations are computed anew by the pure step: every replica answers for every image. */
static int list_recommendations(struct answer *a, struct err *e)
{
    struct store_iter it;
    struct slice key, value, last = SLICE_NONE;
    int got;
    uint64_t n = 0;
    jsonw_object(&a->w);
    jsonw_key(&a->w, "recommendations");
    jsonw_array(&a->w);
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
        if (view_load(&(struct view){a->txn, a->p->tables, a->p->partitions, a->p->policy}, a->p->api_codec, key, &one,
                      &k, e) ||
            assess_recommendations(&k, &one, &v, e))
            got = -1;
        for (size_t i = 0; got == 1 && i < v.n; i++, n++)
            write_record(a, TOPIC_RECOMMENDATIONS, &v.v[i]);
        arena_done(&one);
        if (got < 0)
            break;
    }
    store_iter_done(&it);
    jsonw_end(&a->w);
    page_end(a, got == 1 ? last : SLICE_NONE);
    jsonw_end(&a->w);
    return got < 0 ? -1 : 0;
}

static int one_image(struct answer *a, struct err *e)
{
    struct known_image k;
    recommendation_vec v = {0};
    if (view_load(&(struct view){a->txn, a->p->tables, a->p->partitions, a->p->policy}, a->p->api_codec, a->q->rest,
                  &a->arena, &k, e) ||
        assess_recommendations(&k, &a->arena, &v, e))
        return -1;
    if (!k.images.n && !k.workloads.n) {
        httpd_fail(a->r, 404, "no image %.*s is known", SLICE_FMT(a->q->rest));
        return 0;
    }
    jsonw_object(&a->w);
    jsonw_pair(&a->w, "digest", k.digest);
    jsonw_key(&a->w, "images");
    jsonw_array(&a->w);
    for (size_t i = 0; i < k.images.n; i++)
        write_record(a, TOPIC_IMAGES, &k.images.v[i]);
    jsonw_end(&a->w);
    jsonw_key(&a->w, "workloads");
    jsonw_array(&a->w);
    for (size_t i = 0; i < k.workloads.n; i++)
        write_record(a, TOPIC_WORKLOADS, &k.workloads.v[i]);
    jsonw_end(&a->w);
    jsonw_key(&a->w, "recommendations");
    jsonw_array(&a->w);
    for (size_t i = 0; i < v.n; i++)
        write_record(a, TOPIC_RECOMMENDATIONS, &v.v[i]);
    jsonw_end(&a->w);
    jsonw_key(&a->w, "findings");
    if (k.has_findings)
        write_record(a, TOPIC_FINDINGS, &k.findings);
    else
        jsonw_null(&a->w);
    jsonw_end(&a->w);
    return 0;
}

static int status(struct answer *a, struct err *e)
{
    static const struct {
        const char *name;
        int table;
    } counted[] = {{"images", VIEW_IMAGES},
                   {"workloads", VIEW_WORKLOADS},
                   {"inventories", VIEW_INVENTORIES},
                   {"findings", VIEW_FINDINGS}};
    jsonw_object(&a->w);
    jsonw_pair_str(&a->w, "version", CAREEN_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(counted); i++) {
        uint64_t n;
        if (store_count(a->txn, a->p->tables[counted[i].table], &n, e))
            return -1;
        jsonw_pair_int(&a->w, counted[i].name, (int64_t)n);
    }
    uint64_t vulnerabilities;
    if (vuln_view_count(a->txn, a->p->tables, &vulnerabilities, e))
        return -1;
    jsonw_pair_int(&a->w, "vulnerabilities", (int64_t)vulnerabilities);
    jsonw_end(&a->w);
    return 0;
}

static void serve(struct publish_process *p, const struct httpd_request *q, struct httpd_response *r,
                  int (*fill)(struct answer *, struct err *))
{
    struct err e = ERR_INIT;
    struct answer a = {.p = p, .q = q, .r = r, .arena = ARENA_INIT((size_t)256 << 20)};
    if (!page(&a))
        return;
    jsonw_init(&a.w, &r->body, 0);
    pthread_mutex_lock(&p->api_lock);
    if (store_begin(p->whole, false, &a.txn, &e) || fill(&a, &e))
        failed(&a, &e);
    store_abort(a.txn);
    pthread_mutex_unlock(&p->api_lock);
    arena_done(&a.arena);
}

static void serve_images(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    serve(arg, q, r, list_images);
}

static void serve_image(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    serve(arg, q, r, one_image);
}

static void serve_recommendations(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    serve(arg, q, r, list_recommendations);
}

static void serve_status(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    serve(arg, q, r, status);
}

size_t publish_routes(struct runner *r, void *stage, struct httpd_route *to, size_t max)
{
    const struct httpd_route routes[] = {
        {"GET", "/api/v1/status", serve_status, stage},
        {"GET", "/api/v1/images", serve_images, stage},
        {"GET", "/api/v1/images/", serve_image, stage},
        {"GET", "/api/v1/recommendations", serve_recommendations, stage},
    };
    (void)r;
    ASSERT(max >= ARRAY_LEN(routes));
    memcpy(to, routes, sizeof routes);
    return ARRAY_LEN(routes);
}
