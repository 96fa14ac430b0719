/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish_api.c: the read-only JSON API, docs/formats/api.md. Every answer is one read transaction of the whole tables;
 * lists are paged by limit and the opaque cursor "next" of the answer before.
 */
#include "publish/publish_stage.h"

#include "reports/finding_json.h"

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

static const char *const paged[] = {"limit", "cursor", NULL}, *const unpaged[] = {NULL};

/* What nobody knows is not passed over: false after having answered 400. */
static bool query_known(struct answer *a, const char *const *known)
{
    struct slice odd = httpd_query_unknown(a->q, known), path = slice_sub(a->q->path, 0, 100);
    if (!odd.p)
        return true;
    bool twice = false;
    for (size_t i = 0; known[i]; i++)
        twice |= slice_eq_str(odd, known[i]);
    odd = slice_sub(odd, 0, 100);
    if (twice)
        httpd_fail(a->r, 400, "%.*s is given twice", SLICE_FMT(odd));
    else if (known[0])
        httpd_fail(a->r, 400, "%.*s has no parameter \"%.*s\"; it has limit and cursor", SLICE_FMT(path),
                   SLICE_FMT(odd));
    else
        httpd_fail(a->r, 400, "%.*s takes no parameters, and \"%.*s\" is given", SLICE_FMT(path), SLICE_FMT(odd));
    return false;
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

static void tell_findings(struct answer *a, const struct known_image *k)
{
    struct err e = ERR_INIT;
    struct assessed_image view = {.image.digest = k->findings.image_digest,
                                  .status = k->findings.status,
                                  .reasons = k->findings.reasons,
                                  .ecosystem = k->findings.ecosystem,
                                  .judged = k->findings.packages,
                                  .findings = k->findings.findings,
                                  .known = k->knowledge,
                                  .policy = k->policy};
    assessed_image_count(&view);
    findings_json(&a->w, &view, NULL, &e);
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
    jsonw_key_array(&a->w, "images");
    for (size_t i = 0; i < k.images.n; i++)
        write_record(a, TOPIC_IMAGES, &k.images.v[i]);
    jsonw_end(&a->w);
    jsonw_key_array(&a->w, "workloads");
    for (size_t i = 0; i < k.workloads.n; i++)
        write_record(a, TOPIC_WORKLOADS, &k.workloads.v[i]);
    jsonw_end(&a->w);
    jsonw_key_array(&a->w, "recommendations");
    for (size_t i = 0; i < v.n; i++)
        write_record(a, TOPIC_RECOMMENDATIONS, &v.v[i]);
    jsonw_end(&a->w);
    jsonw_key(&a->w, "findings");
    if (k.has_findings)
        tell_findings(a, &k);
    else
        jsonw_null(&a->w);
    jsonw_end(&a->w);
    return 0;
}

/* How many digests a table's keys begin with: parts and places of one are one. */
static int count_digests(struct answer *a, int table, int64_t *ret_digests, int64_t *ret_rows, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    uint8_t last[STEP_KEY_MAX];
    size_t last_n = 0;
    int got;
    *ret_digests = *ret_rows = 0;
    store_iter_init(&it, a->txn, a->p->tables[table], SLICE_NONE, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct slice digest = slice_sub(key_head(key), 0, sizeof last);
        ++*ret_rows;
        if (*ret_digests && slice_eq(digest, slice_of(last, last_n)))
            continue;
        ++*ret_digests;
        memcpy(last, digest.p, digest.n);
        last_n = digest.n;
    }
    store_iter_done(&it);
    return got;
}

static int status(struct answer *a, struct err *e)
{
    int64_t images, places, inventories, findings, workloads, digests, rows;
    uint64_t vulnerabilities;
    if (count_digests(a, VIEW_IMAGES, &images, &places, e) ||
        count_digests(a, VIEW_INVENTORIES, &inventories, &rows, e) ||
        count_digests(a, VIEW_FINDINGS, &findings, &rows, e) ||
        count_digests(a, VIEW_WORKLOADS, &digests, &workloads, e) ||
        vuln_view_count(a->txn, a->p->tables, &vulnerabilities, e))
        return -1;
    jsonw_object(&a->w);
    jsonw_pair_str(&a->w, "version", CAREEN_VERSION);
    jsonw_pair_int(&a->w, "images", images);
    jsonw_pair_int(&a->w, "places", places);
    jsonw_pair_int(&a->w, "workloads", workloads);
    jsonw_pair_int(&a->w, "inventories", inventories);
    jsonw_pair_int(&a->w, "findings", findings);
    jsonw_pair_int(&a->w, "vulnerabilities", (int64_t)vulnerabilities);
    jsonw_end(&a->w);
    return 0;
}

static void serve(struct publish_process *p, const struct httpd_request *q, struct httpd_response *r,
                  const char *const *known, int (*fill)(struct answer *, struct err *))
{
    struct err e = ERR_INIT;
    struct answer a = {.p = p, .q = q, .r = r, .arena = ARENA_INIT((size_t)256 << 20)};
    if (!query_known(&a, known) || !page(&a))
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
    serve(arg, q, r, paged, list_images);
}

static void serve_image(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    serve(arg, q, r, unpaged, one_image);
}

static void serve_recommendations(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    serve(arg, q, r, paged, list_recommendations);
}

static void serve_status(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    serve(arg, q, r, unpaged, status);
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
