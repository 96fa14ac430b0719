/* SPDX-License-Identifier: Apache-2.0 */
/* JSON for programs. The fields and what they mean are docs/formats/scan.md and docs/formats/fields.md. */
#include "base/jsonw.h"
#include "model/purl.h"
#include "model/software.h"
#include "reports/finding_json.h"
#include "reports/report_format.h"

#define FORMAT 1

/* ---- the image ---- */

static void write_image(struct jsonw *w, const struct assessed_image *a)
{
    const struct image *image = &a->image;
    jsonw_key_object(w, "image");
    jsonw_pair(w, "reference", a->reference);
    jsonw_pair_or_null(w, "digest", image->digest.n ? image->digest : a->inventory.image_digest);
    jsonw_pair_or_null(w, "os", image->os);
    jsonw_pair_or_null(w, "architecture", image->architecture);
    jsonw_pair_or_null(w, "variant", image->variant);
    jsonw_key(w, "created");
    jsonw_time(w, image->created_ms);
    jsonw_key_array(w, "layers");
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
    jsonw_key_object(w, "os");
    jsonw_pair_or_null(w, "id", os->id);
    jsonw_pair_or_null(w, "version", os->version_id);
    jsonw_pair_or_null(w, "codename", os->codename);
    jsonw_pair_or_null(w, "name", os->name);
    jsonw_pair_or_null(w, "ecosystem", os->ecosystem);
    jsonw_pair_texts(w, "products", os->products.v, os->products.n);
    jsonw_pair_or_null(w, "end_of_life", os->end_of_life);
    jsonw_end(w);
}

static void write_unread(struct jsonw *w, const unread_vec *v)
{
    jsonw_key_array(w, "unread");
    for (size_t i = 0; i < v->n; i++) {
        const struct unread *u = &v->v[i];
        const struct software_kind *k = software_by_id(u->kind);
        jsonw_object(w);
        jsonw_pair(w, "kind", u->kind);
        jsonw_pair_or_null(w, "name", k ? slice_str(u->count == 1 ? k->one : k->many) : u->kind);
        jsonw_pair_int(w, "count", u->count);
        jsonw_pair_bool(w, "at_least", u->at_least);
        jsonw_pair_texts(w, "examples", u->examples.v, u->examples.n);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_head(struct jsonw *w, const struct assessed_image *a)
{
    jsonw_pair_int(w, "format", FORMAT);
    write_image(w, a);
    write_os(w, &a->inventory.os);
    jsonw_pair_str(w, "status", inventory_status_names[a->status]);
    finding_json_reasons(w, "reasons", "reason_codes", &a->reasons);
    finding_json_reasons(w, "notes", "note_codes", &a->inventory.notes);
    write_unread(w, &a->inventory.unread);
}

/* ---- packages ---- */

static void write_package(struct jsonw *w, const struct package *p)
{
    jsonw_object(w);
    jsonw_pair_str(w, "type", package_type_names[p->type]);
    jsonw_pair(w, "name", p->name);
    jsonw_pair_or_null(w, "namespace", p->ns);
    jsonw_pair(w, "version", p->version);
    jsonw_pair_or_null(w, "architecture", p->architecture);
    jsonw_pair(w, "source_name", p->source_name.n ? p->source_name : p->name);
    jsonw_pair(w, "source_version", p->source_version.n ? p->source_version : p->version);
    jsonw_pair_or_null(w, "module", purl_module(p->module));
    jsonw_pair_or_null(w, "vendor", p->vendor);
    jsonw_pair_or_null(w, "not_judged", p->not_judged.text);
    jsonw_pair_or_null(w, "not_judged_code", p->not_judged.code);
    jsonw_pair_or_null(w, "updates", p->updates);
    jsonw_pair_or_null(w, "purl", p->purl);
    jsonw_pair_or_null(w, "location", p->location);
    jsonw_pair_or_null(w, "layer", p->layer);
    jsonw_pair_or_null(w, "ecosystem", p->ecosystem);
    jsonw_pair_or_null(w, "parent", p->parent);
    jsonw_pair_or_null(w, "owner", p->owner);
    jsonw_pair_or_null(w, "scope", slice_str(package_scope_names[p->scope]));
    jsonw_pair_or_null(w, "certainty", slice_str(package_certainty_names[p->certainty]));
    jsonw_pair_or_null(w, "why", p->why);
    jsonw_pair_or_null(w, "origin", p->origin);
    jsonw_pair_or_null(w, "evidence", p->evidence);
    jsonw_end(w);
}

static int write_packages(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    struct jsonw w;
    jsonw_init(&w, out->buf, 2);
    jsonw_object(&w);
    write_head(&w, a);
    jsonw_key_array(&w, "packages");
    for (size_t i = 0; i < a->inventory.packages.n; i++) {
        write_package(&w, &a->inventory.packages.v[i]);
        if (report_out_row(out, e))
            return -1;
    }
    jsonw_end(&w);
    jsonw_end(&w);
    buf_add_byte(out->buf, '\n');
    return 0;
}

/* ---- a scan ---- */

static void write_gate(struct jsonw *w, const struct report_gate *g)
{
    jsonw_key(w, "gate");
    if (!g || (!g->fail_on && !g->fail_on_unknown)) {
        jsonw_null(w);
        return;
    }
    jsonw_object(w);
    jsonw_pair_str(w, "fail_on", g->fail_on);
    jsonw_pair_bool(w, "fail_on_unknown", g->fail_on_unknown);
    jsonw_pair_int(w, "reached", (int64_t)g->reached);
    jsonw_pair_int(w, "unknown", (int64_t)g->unknown);
    jsonw_pair_int(w, "filtered", (int64_t)g->filtered);
    jsonw_pair_bool(w, "failed", g->failed);
    jsonw_end(w);
}

static void write_feeds(struct jsonw *w, const report_feed_vec *v)
{
    jsonw_key_array(w, "feeds");
    for (size_t i = 0; i < v->n; i++) {
        jsonw_object(w);
        jsonw_pair(w, "name", v->v[i].name);
        jsonw_key(w, "fetched");
        jsonw_time(w, v->v[i].fetched_ms);
        jsonw_key(w, "newest");
        jsonw_time(w, v->v[i].newest_ms);
        jsonw_pair_bool(w, "stands_still", v->v[i].stands_still);
        jsonw_pair_int(w, "records", (int64_t)v->v[i].records);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static int write_scan(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    struct jsonw w;
    jsonw_init(&w, out->buf, 2);
    jsonw_object(&w);
    write_head(&w, a);
    jsonw_pair_str(&w, "code", assessment_code_names[a->code]);
    jsonw_pair_or_null(&w, "code_reason", a->code_reason.text);
    jsonw_pair_or_null(&w, "code_reason_code", a->code_reason.code);
    jsonw_pair_int(&w, "packages", a->judged);
    write_feeds(&w, &a->feeds);
    finding_counts_json(&w, &a->counts);
    write_gate(&w, a->gate);
    if (finding_list_json(&w, a, out, e))
        return -1;
    jsonw_end(&w);
    buf_add_byte(out->buf, '\n');
    return 0;
}

/* ---- what is known to be found ---- */

static int write_findings(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    struct jsonw w;
    jsonw_init(&w, out->buf, 0);
    if (findings_json(&w, a, out, e))
        return -1;
    buf_add_byte(out->buf, '\n');
    return 0;
}

const struct report_format report_format_json = {
    .name = "json",
    .media_type = "application/json",
    .extension = "json",
    .help = "for programs (docs/formats/)",
    .write = {[REPORT_PACKAGES] = write_packages, [REPORT_SCAN] = write_scan, [REPORT_FINDINGS] = write_findings},
};
