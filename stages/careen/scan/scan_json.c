/* SPDX-License-Identifier: Apache-2.0 */
/* The fields and what they mean are docs/formats/scan.md. */
#include "base/jsonw.h"
#include "careen/feeds/feeds_age.h"
#include "careen/scan/scan_print.h"
#include "reports/finding_json.h"
#include "model/purl.h"
#include "model/software.h"

#define FORMAT 1

/* Absent and empty are the same to a reader: null. */
static void pair(struct jsonw *w, const char *key, struct slice s)
{
    jsonw_pair(w, key, s.n ? s : SLICE_NONE);
}

static void texts(struct jsonw *w, const char *key, const slice_vec *v)
{
    jsonw_key(w, key);
    jsonw_array(w);
    for (size_t i = 0; i < v->n; i++)
        jsonw_str(w, v->v[i]);
    jsonw_end(w);
}

/* ---- the image ---- */

static void write_image(struct jsonw *w, const struct scan_print *s)
{
    const struct image *image = &s->gathered->image;
    struct slice digest = image->digest.n ? image->digest : s->gathered->inventory.image_digest;
    jsonw_key(w, "image");
    jsonw_object(w);
    jsonw_pair(w, "reference", s->reference);
    pair(w, "digest", digest);
    pair(w, "os", image->os);
    pair(w, "architecture", image->architecture);
    pair(w, "variant", image->variant);
    jsonw_key(w, "created");
    jsonw_time(w, image->created_ms);
    jsonw_key(w, "layers");
    jsonw_array(w);
    for (size_t i = 0; i < image->layers.n; i++) {
        jsonw_object(w);
        jsonw_pair(w, "digest", image->layers.v[i].digest);
        jsonw_pair_int(w, "size", image->layers.v[i].size);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_end(w);
}

static void write_os(struct jsonw *w, const struct os_info *os)
{
    jsonw_key(w, "os");
    jsonw_object(w);
    pair(w, "id", os->id);
    pair(w, "version", os->version_id);
    pair(w, "codename", os->codename);
    pair(w, "name", os->name);
    pair(w, "ecosystem", os->ecosystem);
    texts(w, "products", &os->products);
    pair(w, "end_of_life", os->end_of_life);
    jsonw_end(w);
}

static void write_unread(struct jsonw *w, const unread_vec *v)
{
    jsonw_key(w, "unread");
    jsonw_array(w);
    for (size_t i = 0; i < v->n; i++) {
        const struct unread *u = &v->v[i];
        const struct software_kind *k = software_by_id(u->kind);
        jsonw_object(w);
        jsonw_pair(w, "kind", u->kind);
        pair(w, "name", k ? slice_str(u->count == 1 ? k->one : k->many) : u->kind);
        jsonw_pair_int(w, "count", u->count);
        jsonw_pair_bool(w, "at_least", u->at_least);
        texts(w, "examples", &u->examples);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_head(struct jsonw *w, const struct scan_print *s, enum inventory_status status,
                       const slice_vec *reasons)
{
    jsonw_pair_int(w, "format", FORMAT);
    write_image(w, s);
    write_os(w, &s->gathered->inventory.os);
    jsonw_pair_str(w, "status", inventory_status_names[status]);
    texts(w, "reasons", reasons);
    texts(w, "notes", &s->gathered->inventory.notes);
    write_unread(w, &s->gathered->inventory.unread);
}

/* ---- packages ---- */

static void write_package(struct jsonw *w, const struct package *p)
{
    jsonw_object(w);
    jsonw_pair_str(w, "type", package_type_names[p->type]);
    jsonw_pair(w, "name", p->name);
    jsonw_pair(w, "version", p->version);
    pair(w, "architecture", p->architecture);
    jsonw_pair(w, "source_name", p->source_name.n ? p->source_name : p->name);
    jsonw_pair(w, "source_version", p->source_version.n ? p->source_version : p->version);
    pair(w, "module", purl_module(p->module));
    pair(w, "vendor", p->vendor);
    pair(w, "not_judged", p->not_judged);
    pair(w, "updates", p->updates);
    pair(w, "purl", p->purl);
    pair(w, "location", p->location);
    pair(w, "layer", p->layer);
    jsonw_end(w);
}

int packages_print_json(const struct scan_print *s, struct buf *out)
{
    const struct inventory *v = &s->gathered->inventory;
    struct jsonw w;
    jsonw_init(&w, out, 2);
    jsonw_object(&w);
    write_head(&w, s, v->status, &v->reasons);
    jsonw_key(&w, "packages");
    jsonw_array(&w);
    for (size_t i = 0; i < v->packages.n; i++)
        write_package(&w, &v->packages.v[i]);
    jsonw_end(&w);
    jsonw_end(&w);
    buf_add_byte(out, '\n');
    return out->overflow ? -1 : 0;
}

/* ---- findings ---- */

static void write_gate(struct jsonw *w, const struct scan_gate *g)
{
    jsonw_key(w, "gate");
    if (!g || (!g->fail_on && !g->fail_on_unknown)) {
        jsonw_null(w);
        return;
    }
    jsonw_object(w);
    pair(w, "fail_on", slice_str(g->fail_on));
    jsonw_pair_bool(w, "fail_on_unknown", g->fail_on_unknown);
    jsonw_pair_int(w, "reached", (int64_t)g->reached);
    jsonw_pair_int(w, "unknown", (int64_t)g->unknown);
    jsonw_pair_int(w, "filtered", (int64_t)g->filtered);
    jsonw_pair_bool(w, "failed", g->failed);
    jsonw_end(w);
}

static void write_feeds(struct jsonw *w, const feed_meta_vec *v, int64_t now_ms)
{
    jsonw_key(w, "feeds");
    jsonw_array(w);
    for (size_t i = 0; i < v->n; i++) {
        jsonw_object(w);
        jsonw_pair(w, "name", v->v[i].name);
        jsonw_key(w, "fetched");
        jsonw_time(w, v->v[i].fetched_ms);
        jsonw_key(w, "newest");
        jsonw_time(w, feed_meta_newest(&v->v[i]));
        jsonw_pair_bool(w, "stands_still", feed_meta_stands_still(&v->v[i], now_ms));
        jsonw_pair_int(w, "records", (int64_t)v->v[i].records);
        jsonw_end(w);
    }
    jsonw_end(w);
}

int scan_print_json(const struct scan_print *s, struct buf *out)
{
    const struct assessment *a = s->assessment;
    struct finding_counts counts = FINDING_COUNTS_INIT;
    struct jsonw w;
    for (size_t i = 0; i < a->findings.n; i++)
        finding_counts_add(&counts, &s->policy, &a->findings.v[i].finding, &a->findings.v[i].known);
    counts.filtered = (int32_t)a->filtered.n;
    jsonw_init(&w, out, 2);
    jsonw_object(&w);
    write_head(&w, s, a->status, &a->reasons);
    jsonw_pair_str(&w, "code", assessment_code_names[s->state.code]);
    pair(&w, "code_reason", s->state.code == ASSESSED_HEALTHY ? SLICE_NONE : s->state.why);
    size_t judged = 0;
    for (size_t i = 0; i < s->gathered->inventory.packages.n; i++)
        judged += !s->gathered->inventory.packages.v[i].not_judged.n;
    jsonw_pair_int(&w, "packages", (int64_t)judged);
    write_feeds(&w, &a->feeds, s->now_ms);
    finding_counts_json(&w, &counts);
    write_gate(&w, s->gate);
    jsonw_key(&w, "findings");
    jsonw_array(&w);
    for (size_t i = 0; i < a->findings.n; i++)
        finding_json(&w, &a->findings.v[i].finding, &a->findings.v[i].known, &s->policy);
    jsonw_end(&w);
    jsonw_end(&w);
    buf_add_byte(out, '\n');
    return out->overflow ? -1 : 0;
}
