/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/api/api.h"

#include "reports/report_format.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     1000

/* What a path can be asked with. */
enum api_takes { TAKES_NOTHING, TAKES_PAGE, TAKES_FORMAT, TAKES_MAX };

/* The names of those parameters; each list ends with NULL. */
static const char *const parameters[TAKES_MAX][3] = {[TAKES_PAGE] = {"limit", "cursor"}, [TAKES_FORMAT] = {"format"}};

struct api_route {
    const char *path; /* as httpd has it: one that ends in "/" stands for what is below it */
    const char *rest; /* what that is, for people; NULL: nothing */
    const char *help; /* what the answer is */
    enum api_takes takes;
    enum report_subject subject; /* where it takes a format: of what */
    api_fill fill;
};

static int list_routes(struct api_answer *a, struct err *e);

static const struct api_route table[] = {
    {.path = "/api", .help = "this list", .fill = list_routes},
    {.path = "/api/v1/status",
     .help = "how many images, places, workloads, inventories, findings and vulnerabilities are known",
     .fill = api_status},
    {.path = "/api/v1/images",
     .help = "the images of every registry, a page of them",
     .takes = TAKES_PAGE,
     .fill = api_images},
    {.path = "/api/v1/images/", .rest = "DIGEST", .help = "everything that is known of one image", .fill = api_image},
    {.path = "/api/v1/findings/",
     .rest = "DIGEST",
     .help = "the findings of one image, in a format of your choice",
     .takes = TAKES_FORMAT,
     .fill = api_findings,
     .subject = REPORT_FINDINGS},
    {.path = "/api/v1/packages/",
     .rest = "DIGEST",
     .help = "the packages of one image, in a format of your choice",
     .takes = TAKES_FORMAT,
     .fill = api_packages,
     .subject = REPORT_PACKAGES},
    {.path = "/api/v1/recommendations",
     .help = "what is to be done, image by image, a page of it",
     .takes = TAKES_PAGE,
     .fill = api_recommendations},
    {.path = "/api/v1/reasons", .help = "the codes of reasons and notes, and what each means", .fill = api_reasons},
};

static void list_formats(struct api_answer *a, enum report_subject subject)
{
    jsonw_key_array(&a->w, "formats");
    for (const struct report_format *const *f = report_formats; *f; f++)
        if ((*f)->write[subject]) {
            jsonw_object(&a->w);
            jsonw_pair_str(&a->w, "name", (*f)->name);
            jsonw_pair_str(&a->w, "media_type", (*f)->media_type);
            jsonw_end(&a->w);
        }
    jsonw_end(&a->w);
}

static int list_routes(struct api_answer *a, struct err *e)
{
    (void)e;
    jsonw_object(&a->w);
    jsonw_pair_str(&a->w, "version", CAREEN_VERSION);
    jsonw_key_array(&a->w, "paths");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct slice path = arena_printf(&a->arena, "%s%s", table[i].path, table[i].rest ? table[i].rest : "");
        jsonw_object(&a->w);
        jsonw_pair_str(&a->w, "method", "GET");
        jsonw_pair(&a->w, "path", path);
        jsonw_pair_str(&a->w, "help", table[i].help);
        jsonw_key_array(&a->w, "parameters");
        for (const char *const *name = parameters[table[i].takes]; *name; name++)
            jsonw_str(&a->w, slice_str(*name));
        jsonw_end(&a->w);
        if (table[i].takes == TAKES_FORMAT)
            list_formats(a, table[i].subject);
        jsonw_end(&a->w);
    }
    jsonw_end(&a->w);
    jsonw_end(&a->w);
    return 0;
}

/* ---- parameters ---- */

static void add_names(struct buf *out, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        buf_addf(out, "%s%s", !i ? "" : names[i + 1] ? ", " : " and ", names[i]);
}

/* Unknown parameters are not ignored: false after having answered 400. */
static bool query_known(struct api_answer *a, const char *const *known)
{
    struct slice odd = httpd_query_unknown(a->q, known), path = slice_sub(a->q->path, 0, 100);
    struct buf names ATTR_CLEANUP(buf_done) = BUF_INIT(1024);
    if (!odd.p)
        return true;
    bool twice = false;
    for (size_t i = 0; known[i]; i++)
        twice |= slice_eq_str(odd, known[i]);
    odd = slice_sub(odd, 0, 100);
    add_names(&names, known);
    if (twice)
        httpd_fail(a->r, 400, "%.*s is given twice", SLICE_FMT(odd));
    else if (known[0])
        httpd_fail(a->r, 400, "%.*s has no parameter \"%.*s\"; it has %s", SLICE_FMT(path), SLICE_FMT(odd),
                   buf_cstr(&names));
    else
        httpd_fail(a->r, 400, "%.*s takes no parameters, and \"%.*s\" is given", SLICE_FMT(path), SLICE_FMT(odd));
    return false;
}

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
static bool read_page(struct api_answer *a)
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

/* ---- for who answers ---- */

void api_page_end(struct api_answer *a, struct slice last_key)
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

void api_record(struct api_answer *a, enum topic t, const void *record)
{
    struct buf b = BUF_INIT(API_ANSWER_MAX);
    struct err e = ERR_INIT;
    if (codec_to_json(a->p->api_codec, t, record, &b, &e))
        jsonw_null(&a->w);
    else
        jsonw_raw(&a->w, buf_slice(&b));
    buf_done(&b);
}

int api_join(const struct api_answer *a, struct slice digest, struct arena *arena, struct known_image *ret,
             struct err *e)
{
    const struct publish_process *p = a->p;
    return join_image(&(struct join){a->txn, p->tables, p->partitions, p->policy}, p->api_codec, digest, arena, ret, e);
}

/* ---- serving ---- */

static const struct api_route *route_of(const struct httpd_request *q)
{
    struct slice path = slice_sub(q->path, 0, q->path.n - q->rest.n);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (slice_eq_str(path, table[i].path))
            return &table[i];
    BUG("no route is %.*s", SLICE_FMT(path));
}

static void serve(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    struct publish_process *p = arg;
    const struct api_route *route = route_of(q);
    struct err e = ERR_INIT;
    struct api_answer a = {.p = p, .q = q, .r = r, .arena = ARENA_INIT((size_t)256 << 20)};
    if (!query_known(&a, parameters[route->takes]) || (route->takes == TAKES_PAGE && !read_page(&a)))
        return;
    jsonw_init(&a.w, &r->body, 0);
    pthread_mutex_lock(&p->api_lock);
    if (store_begin(p->whole, false, &a.txn, &e) || route->fill(&a, &e)) {
        buf_clear(&r->body);
        httpd_fail(r, 500, "%s", e.text);
    }
    store_abort(a.txn);
    pthread_mutex_unlock(&p->api_lock);
    arena_done(&a.arena);
}

size_t publish_routes(struct runner *r, void *stage, struct httpd_route *to, size_t max)
{
    (void)r;
    ASSERT(max >= ARRAY_LEN(table));
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        to[i] = (struct httpd_route){"GET", table[i].path, serve, stage};
    return ARRAY_LEN(table);
}
