/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of one image: all of it as JSON, and what was found or is installed in any form that reports have. */
#include "publish/api/api.h"

#include "reports/finding_json.h"
#include "reports/report_format.h"

/* As careen findings tells it. */
static int view_of(struct api_answer *a, const struct known_image *k, struct assessed_image *ret, struct err *e)
{
    known_image_view(k, ret);
    if (!assessed_image_sort(ret, &a->arena))
        return err_set(e, ERR_FATAL, 0, "image %.*s has more findings than fit into memory", SLICE_FMT(k->digest));
    return 0;
}

/* 1; 0 after having answered 404: nothing is known of it, which holds for what can be no image's digest too; <0. */
static int find_image(struct api_answer *a, struct known_image *ret_image, struct err *e)
{
    struct slice digest = a->q->rest;
    if (digest.n && digest.n <= TOPIC_DIGEST_MAX) {
        if (api_join(a, digest, &a->arena, ret_image, e))
            return -1;
        if (ret_image->images.n || ret_image->workloads.n)
            return 1;
    }
    httpd_fail(a->r, 404, "no image %.*s is known", SLICE_FMT(slice_sub(digest, 0, 200)));
    return 0;
}

int api_image(struct api_answer *a, struct err *e)
{
    struct known_image k;
    struct assessed_image view;
    recommendation_vec v = {0};
    int found = find_image(a, &k, e);
    if (found <= 0)
        return found;
    if (assess_recommendations(&k, &a->arena, &v, e))
        return -1;
    jsonw_object(&a->w);
    jsonw_pair(&a->w, "digest", k.digest);
    jsonw_key_array(&a->w, "images");
    for (size_t i = 0; i < k.images.n; i++)
        api_record(a, TOPIC_IMAGES, &k.images.v[i]);
    jsonw_end(&a->w);
    jsonw_key_array(&a->w, "workloads");
    for (size_t i = 0; i < k.workloads.n; i++)
        api_record(a, TOPIC_WORKLOADS, &k.workloads.v[i]);
    jsonw_end(&a->w);
    jsonw_key_array(&a->w, "recommendations");
    for (size_t i = 0; i < v.n; i++)
        api_record(a, TOPIC_RECOMMENDATIONS, &v.v[i]);
    jsonw_end(&a->w);
    jsonw_key(&a->w, "findings");
    if (k.has_findings) {
        if (view_of(a, &k, &view, e))
            return -1;
        findings_json(&a->w, &view, NULL, e);
    } else {
        jsonw_null(&a->w);
    }
    jsonw_end(&a->w);
    return 0;
}

/* ---- as a report ---- */

/* By ?format=, else by Accept; NULL after having answered 400 or 406. */
static const struct report_format *format_asked(struct api_answer *a, enum report_subject subject)
{
    struct slice name = httpd_query(a->q, "format");
    const struct report_format *f =
        name.p ? report_format_by_name(subject, name) : report_format_accepted(subject, httpd_header(a->q, "Accept"));
    struct buf names ATTR_CLEANUP(buf_done) = BUF_INIT(1024);
    if (f)
        return f;
    report_format_names(subject, &names);
    if (name.p)
        httpd_fail(a->r, 400, "format: \"%.*s\" is not one of %s", SLICE_FMT(slice_sub(name, 0, 100)),
                   buf_cstr(&names));
    else
        httpd_fail(a->r, 406, "Accept takes none of what there is; format can be %s", buf_cstr(&names));
    return NULL;
}

static void add_headers(struct api_answer *a, const struct report_format *f, const struct assessed_image *v)
{
    static const char *const extents[] = {
        [REPORT_JUDGED] = "", [REPORT_NOBODYS] = "; not judged", [REPORT_NOT_ASSESSED] = "; not assessed"};
    struct slice digest = v->image.digest;
    slice_take_prefix(&digest, SLICE("sha256:"));
    a->r->content_type = f->media_type;
    httpd_header_set(a->r, "Content-Disposition", "inline; filename=\"%.*s.%s\"", SLICE_FMT(slice_sub(digest, 0, 12)),
                     f->extension);
    httpd_header_set(a->r, "Careen-Status", "%s%s", inventory_status_names[v->status], extents[v->extent]);
    httpd_header_set(a->r, "Vary", "Accept");
}

static int report(struct api_answer *a, enum report_subject subject, const struct known_image *k, struct err *e)
{
    static const struct text_terminal no_terminal;
    struct report_out out = {.buf = &a->r->body, .terminal = &no_terminal};
    struct assessed_image v;
    struct image_state state;
    const struct report_format *f = format_asked(a, subject);
    if (!f)
        return 0;
    if (view_of(a, k, &v, e))
        return -1;
    assess_state(k, &a->arena, &state);
    v.has_code = true;
    v.code = state.code;
    v.code_reason = state.why;
    if (report_write(f, subject, &v, &out, e))
        return -1;
    add_headers(a, f, &v);
    return 0;
}

int api_findings(struct api_answer *a, struct err *e)
{
    struct known_image k;
    int found = find_image(a, &k, e);
    if (found <= 0)
        return found;
    if (!k.has_findings) {
        httpd_fail(a->r, 404, "image %.*s is not assessed yet", SLICE_FMT(k.digest));
        return 0;
    }
    return report(a, REPORT_FINDINGS, &k, e);
}

int api_packages(struct api_answer *a, struct err *e)
{
    struct known_image k;
    int found = find_image(a, &k, e);
    if (found <= 0)
        return found;
    if (!k.has_inventory) {
        httpd_fail(a->r, 404, "image %.*s is not read yet", SLICE_FMT(k.digest));
        return 0;
    }
    return report(a, REPORT_PACKAGES, &k, e);
}
