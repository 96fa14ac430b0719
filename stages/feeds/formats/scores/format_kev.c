/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_kev.c: CISA's catalogue of known exploited vulnerabilities, JSON (its schema is published beside it):
 * {"catalogVersion", "count", "vulnerabilities": [{"cveID", "vulnerabilityName", "dateAdded", "dueDate", …}]}.
 * `count` must be the number of elements: a cut or edited catalogue is refused.
 */
#include "base/clock.h"
#include "feeds/formats/elements.h"
#include "feeds/formats/formats.h"

#define KEV_MAX        ((uint64_t)256 << 20)
#define REFERENCES_MAX 32

/* notes: links among words, separated by blanks and semicolons. */
static void kev_references(struct feed_reading *r, struct slice notes, slice_vec *references)
{
    struct slice word;
    while (references->n < REFERENCES_MAX && slice_take_token(&notes, ' ', &word)) {
        while (word.n && (word.p[word.n - 1] == ';' || word.p[word.n - 1] == ','))
            word.n--;
        if (slice_starts(word, SLICE("https://")) || slice_starts(word, SLICE("http://")))
            slice_vec_add(r->arena, references, word);
    }
}

static int kev_element(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    (void)arg;
    const json_t *json = x->json;
    struct vulnerability v = vulnerability_unknown(json_tree_view(json, "cveID"));
    int rc;
    if (!reading_is_cve(v.id)) {
        rc = reading_skip(r, reading_cut(v.id, 64), "an entry without a CVE id", e);
    } else {
        v.kev = true;
        v.kev_ransomware = slice_eq_nocase(json_tree_view(json, "knownRansomwareCampaignUse"), SLICE("Known"));
        v.kev_added = reading_cut(json_tree_view(json, "dateAdded"), 32);
        v.kev_due = reading_cut(json_tree_view(json, "dueDate"), 32);
        v.summary = json_tree_view(json, "vulnerabilityName");
        v.details = json_tree_view(json, "shortDescription");
        v.published_ms = reading_member_time(json, "dateAdded");
        kev_references(r, json_tree_view(json, "notes"), &v.references);
        const json_t *cwes = json_object_get(json, "cwes");
        for (size_t i = 0; i < json_array_size(cwes) && i < REFERENCES_MAX; i++) {
            const char *cwe = json_string_value(json_array_get(cwes, i));
            if (cwe && reading_is_name(slice_str(cwe), 32))
                slice_vec_add(r->arena, &v.cwes, slice_str(cwe));
        }
        rc = reading_vulnerability(r, &v, e);
    }
    return rc;
}

/* A quoted date. */
static void kev_released(struct feed_reading *r, struct slice text)
{
    int64_t at;
    if (text.n > 2 && clock_parse(slice_sub(text, 1, text.n - 2), &at))
        reading_date(r, at);
}

/* *arg: how many entries the catalogue says it has. */
static int kev_field(struct feed_reading *r, void *arg, struct slice key, struct slice text, struct err *e)
{
    (void)e;
    if (slice_eq_str(key, "count"))
        slice_parse_u64(text, arg);
    else if (slice_eq_str(key, "dateReleased"))
        kev_released(r, text);
    return 0;
}

int format_kev(struct feed_reading *r, struct err *e)
{
    uint64_t count = UINT64_MAX;
    const struct elements want = {
        .max = KEV_MAX, .list = "vulnerabilities", .arg = &count, .element = kev_element, .field = kev_field};
    int rc = elements_read(r, &want, e);
    if (rc == 0 && count != UINT64_MAX && count != r->stats.documents)
        rc = err_set(e, ERR_POISON, 0, "the catalogue says %" PRIu64 " entries but has %" PRIu64, count,
                     r->stats.documents);
    return rc;
}
