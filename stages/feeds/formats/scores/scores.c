/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/scores/scores.h"

#include "model/severity/cvss.h"

static enum cvss_version version_of(struct slice vector)
{
    struct cvss c;
    return vector.n > 256 || !slice_is_text(vector) || cvss_read(vector, &c, NULL) ? CVSS_NONE : c.version;
}

/* 4.0 counts otherwise than 3.x; of the others the newer one says the same better. */
static bool replaces(enum cvss_version newer, enum cvss_version older)
{
    return newer > older && newer != CVSS_4_0;
}

void scores_add(struct feed_reading *r, score_vec *scores, struct slice source, struct slice vector)
{
    enum cvss_version version = version_of(vector);
    if (version == CVSS_NONE)
        return;
    struct score one = {.source = source, .kind = slice_str(cvss_version_names[version]), .vector = vector};
    for (size_t i = 0; i < scores->n; i++) {
        struct score *s = &scores->v[i];
        enum cvss_version there = version_of(s->vector);
        if (!slice_eq(s->source, source) || there == CVSS_NONE)
            continue;
        if (slice_eq(s->vector, vector) || replaces(there, version))
            return;
        if (replaces(version, there)) {
            *s = one;
            return;
        }
    }
    struct score *to = scores->n < SCORES_MAX ? VEC_ADD(r->arena, scores) : NULL;
    if (to)
        *to = one;
}

void scores_add_ssvc(struct feed_reading *r, score_vec *scores, struct slice source, const json_t *content)
{
    static const char *const points[] = {"Exploitation", "Automatable", "Technical Impact"};
    const json_t *options = json_object_get(content, "options");
    struct slice text = SLICE_NONE;
    for (size_t p = 0; p < ARRAY_LEN(points); p++)
        for (size_t i = 0; i < json_array_size(options) && i < 16; i++) {
            struct slice word = json_tree_view(json_array_get(options, i), points[p]);
            if (!reading_is_name(word, 32))
                continue;
            text = text.n ? arena_printf(r->arena, "%.*s/%s:%.*s", SLICE_FMT(text), points[p], SLICE_FMT(word))
                          : arena_printf(r->arena, "%s:%.*s", points[p], SLICE_FMT(word));
            break;
        }
    struct score *to = text.n && scores->n < SCORES_MAX ? VEC_ADD(r->arena, scores) : NULL;
    if (to)
        *to = (struct score){.source = source, .kind = SLICE("SSVC"), .vector = text};
}

void scores_add_cwe(struct feed_reading *r, slice_vec *cwes, struct slice cwe)
{
    struct slice number = cwe;
    uint64_t n;
    if (cwes->n >= SCORES_CWES_MAX || !slice_take_prefix(&number, SLICE("CWE-")) || number.n > 6 ||
        !slice_parse_u64(number, &n))
        return;
    for (size_t i = 0; i < cwes->n; i++)
        if (slice_eq(cwes->v[i], cwe))
            return;
    slice_vec_add(r->arena, cwes, cwe);
}

int scores_emit(struct feed_reading *r, struct slice cve, const score_vec *scores, const slice_vec *cwes, struct err *e)
{
    struct vulnerability v = vulnerability_unknown(cve);
    v.scores = *scores;
    v.cwes = *cwes;
    if (r->arena->overflow)
        return reading_skip(r, cve, "too much for the memory of one document", e);
    return scores->n || cwes->n ? reading_vulnerability(r, &v, e) : 0;
}
