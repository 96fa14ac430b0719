/* SPDX-License-Identifier: Apache-2.0 */
/* The fields and what they mean are docs/formats/fields.md. */
#include "reports/finding_json.h"

#include "model/severity/cvss.h"
#include "model/links.h"

const char *finding_kind_name(enum advisory_kind kind)
{
    return kind == ADVISORY_VULNERABILITY ? "vulnerability" : advisory_kind_names[kind];
}

bool finding_cvss_score(const struct score *s, const char **ret_version, int *ret_tenths)
{
    struct cvss c;
    if (!slice_starts(s->kind, SLICE("CVSS")) || cvss_read(s->vector, &c, NULL))
        return false;
    *ret_version = cvss_version_names[c.version] + strlen("CVSS:");
    *ret_tenths = c.score;
    return true;
}

static bool holds(const score_vec *v, const struct score *s)
{
    for (size_t i = 0; v && i < v->n; i++)
        if (slice_eq(v->v[i].source, s->source) && slice_eq(v->v[i].vector, s->vector))
            return true;
    return false;
}

/* Those that are not among `told`. */
static void write_scores(struct jsonw *w, const score_vec *v, const score_vec *told)
{
    for (size_t i = 0; i < v->n; i++) {
        const char *version;
        int tenths;
        if (!finding_cvss_score(&v->v[i], &version, &tenths) || holds(told, &v->v[i]))
            continue;
        jsonw_object(w);
        jsonw_pair_or_null(w, "source", v->v[i].source);
        jsonw_pair_str(w, "version", version);
        jsonw_key(w, "score");
        jsonw_double(w, tenths / 10.0, 1);
        jsonw_pair(w, "vector", v->v[i].vector);
        jsonw_end(w);
    }
}

static void write_number(struct jsonw *w, const char *key, double v)
{
    jsonw_key(w, key);
    if (v < 0)
        jsonw_null(w);
    else
        jsonw_double(w, v, 5);
}

static void write_known(struct jsonw *w, const struct finding *f, const struct vulnerability *k)
{
    struct arena arena = ARENA_INIT(4096);
    jsonw_pair_or_null(w, "title", k->summary);
    jsonw_pair_or_null(w, "link", link_of_vulnerability(f->vulnerability, k, &arena));
    arena_done(&arena);
    jsonw_pair_bool(w, "known_exploited", k->kev);
    jsonw_pair_bool(w, "exploit_public", k->exploits.n > 0);
    jsonw_key_array(w, "cvss");
    write_scores(w, &f->scores, NULL);
    write_scores(w, &k->scores, &f->scores);
    jsonw_end(w);
    jsonw_key(w, "kev");
    if (k->kev) {
        jsonw_object(w);
        jsonw_pair_or_null(w, "added", k->kev_added);
        jsonw_pair_or_null(w, "due", k->kev_due);
        jsonw_pair_bool(w, "ransomware", k->kev_ransomware);
        jsonw_end(w);
    } else {
        jsonw_null(w);
    }
    write_number(w, "epss", k->id.n ? k->epss : -1);
    write_number(w, "epss_percentile", k->id.n ? k->epss_percentile : -1);
    jsonw_key_array(w, "exploits");
    for (size_t i = 0; i < k->exploits.n; i++) {
        const struct exploit *x = &k->exploits.v[i];
        jsonw_object(w);
        jsonw_pair_or_null(w, "source", x->source);
        jsonw_pair_or_null(w, "id", x->id);
        jsonw_pair_or_null(w, "kind", x->kind);
        jsonw_pair_or_null(w, "url", x->url);
        jsonw_pair_bool(w, "verified", x->verified);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_package(struct jsonw *w, const struct finding *f)
{
    jsonw_pair_str(w, "type", package_type_names[f->type]);
    jsonw_pair_or_null(w, "ecosystem", f->ecosystem);
    jsonw_pair_or_null(w, "namespace", f->ns);
    jsonw_pair(w, "package", f->package);
    jsonw_pair(w, "version", f->version);
    jsonw_pair_or_null(w, "architecture", f->architecture);
    jsonw_pair(w, "source_name", f->source_name.n ? f->source_name : f->package);
    jsonw_pair(w, "source_version", f->source_version.n ? f->source_version : f->version);
    jsonw_pair_or_null(w, "location", f->location);
    jsonw_pair_or_null(w, "layer", f->layer);
    jsonw_pair_or_null(w, "parent", f->parent);
    jsonw_pair_or_null(w, "owner", f->owner);
    jsonw_pair_or_null(w, "scope", slice_str(package_scope_names[f->scope]));
    jsonw_pair_or_null(w, "certainty", slice_str(package_certainty_names[f->certainty]));
    jsonw_pair_or_null(w, "why", f->why);
    jsonw_pair_or_null(w, "evidence", f->evidence);
}

void finding_json(struct jsonw *w, const struct finding *f, const struct vulnerability *known,
                  const struct policy *policy)
{
    static const struct vulnerability nothing = {.epss = -1, .epss_percentile = -1};
    jsonw_object(w);
    jsonw_pair(w, "vulnerability", f->vulnerability);
    jsonw_pair_texts(w, "aliases", f->aliases.v, f->aliases.n);
    jsonw_pair_str(w, "kind", finding_kind_name(f->kind));
    jsonw_pair_str(w, "severity", severity_names[f->severity]);
    jsonw_pair_or_null(w, "severity_source", f->severity_source);
    jsonw_pair_str(w, "verdict", verdict_names[f->verdict]);
    jsonw_pair_bool(w, "counted", finding_counted(policy, f));
    write_package(w, f);
    jsonw_pair_or_null(w, "fixed_version", f->fixed_version);
    jsonw_pair_or_null(w, "fix_reference", f->fix_reference);
    jsonw_pair(w, "rule", f->rule);
    jsonw_pair_texts(w, "symbols", f->symbols.v, f->symbols.n);
    jsonw_key_array(w, "sources");
    for (size_t i = 0; i < f->sources.n; i++) {
        jsonw_object(w);
        jsonw_pair(w, "feed", f->sources.v[i].feed);
        jsonw_pair(w, "advisory", f->sources.v[i].advisory);
        jsonw_end(w);
    }
    jsonw_end(w);
    write_known(w, f, known && known->id.n ? known : &nothing);
    jsonw_end(w);
}

void finding_counts_json(struct jsonw *w, const struct finding_counts *c)
{
    jsonw_key_object(w, "summary");
    jsonw_pair_int(w, "findings", c->findings);
    for (size_t i = SEVERITY_MAX; i-- > 0;)
        jsonw_pair_int(w, severity_names[i], c->severity[i]);
    jsonw_pair_int(w, "malicious", c->malicious);
    jsonw_pair_int(w, "notices", c->notices);
    jsonw_pair_int(w, "counted", c->counted);
    jsonw_pair_int(w, "fixable", c->fixable);
    jsonw_pair_int(w, "fixable_with_subscription", c->subscription);
    jsonw_pair_int(w, "known_exploited", c->exploited);
    jsonw_pair_int(w, "exploit_public", c->exploit_public);
    jsonw_pair_int(w, "filtered", c->filtered);
    jsonw_end(w);
}

void finding_json_reasons(struct jsonw *w, const char *name, const char *codes_name, const struct reasons *r)
{
    jsonw_key_array(w, name);
    for (size_t i = 0; i < r->texts.n; i++)
        jsonw_str(w, reasons_at(r, i).text);
    jsonw_end(w);
    jsonw_key_array(w, codes_name);
    for (size_t i = 0; i < r->texts.n; i++)
        jsonw_str(w, reasons_at(r, i).code);
    jsonw_end(w);
}

int finding_list_json(struct jsonw *w, const struct assessed_image *a, struct report_out *out, struct err *e)
{
    jsonw_key_array(w, "findings");
    for (size_t i = 0; i < a->findings.n; i++) {
        finding_json(w, &a->findings.v[i], &a->known[i], &a->policy);
        if (out && report_out_row(out, e))
            return -1;
    }
    jsonw_end(w);
    return 0;
}

int findings_json(struct jsonw *w, const struct assessed_image *a, struct report_out *out, struct err *e)
{
    jsonw_object(w);
    jsonw_pair(w, "image_digest", a->image.digest);
    jsonw_pair_or_null(w, "ecosystem", a->ecosystem);
    jsonw_pair_str(w, "status", inventory_status_names[a->status]);
    finding_json_reasons(w, "reasons", "reason_codes", &a->reasons);
    jsonw_pair_int(w, "packages", a->judged);
    finding_counts_json(w, &a->counts);
    if (finding_list_json(w, a, out, e))
        return -1;
    jsonw_end(w);
    return 0;
}
