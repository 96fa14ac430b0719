/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/keep.h"

bool keep_scores(struct arena *a, const score_vec *from, score_vec *ret)
{
    *ret = (score_vec){0};
    for (size_t i = 0; i < from->n; i++) {
        struct score *to = VEC_ADD(a, ret);
        if (!to)
            return false;
        *to = (struct score){
            .source = arena_slice(a, from->v[i].source),
            .kind = arena_slice(a, from->v[i].kind),
            .vector = arena_slice(a, from->v[i].vector),
        };
    }
    return !a->overflow;
}

bool keep_list(struct arena *a, const slice_vec *from, slice_vec *ret)
{
    *ret = (slice_vec){0};
    for (size_t i = 0; i < from->n; i++)
        if (!slice_vec_add(a, ret, arena_slice(a, from->v[i])))
            return false;
    return !a->overflow;
}

bool keep_finding(struct arena *a, const struct finding *from, struct finding *ret)
{
    struct finding f = *from;
    struct slice *const texts[] = {
        &f.vulnerability,  &f.ecosystem,       &f.ns,       &f.package, &f.version, &f.architecture, &f.source_name,
        &f.source_version, &f.location,        &f.evidence, &f.parent,  &f.layer,   &f.rule,         &f.fixed_version,
        &f.fix_reference,  &f.severity_source, &f.why,      &f.owner};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = arena_slice(a, *texts[i]);
    if (!keep_list(a, &from->aliases, &f.aliases) || !keep_list(a, &from->symbols, &f.symbols))
        return false;
    f.sources = (source_ref_vec){0};
    for (size_t i = 0; i < from->sources.n; i++) {
        struct source_ref *to = VEC_ADD(a, &f.sources);
        if (!to)
            return false;
        to->feed = arena_slice(a, from->sources.v[i].feed);
        to->advisory = arena_slice(a, from->sources.v[i].advisory);
    }
    *ret = f;
    return keep_scores(a, &from->scores, &ret->scores);
}

bool keep_vulnerability(struct arena *a, const struct vulnerability *from, struct vulnerability *ret)
{
    struct vulnerability v = *from;
    struct slice *const texts[] = {&v.id, &v.feed, &v.summary, &v.kev_due, &v.kev_added};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = arena_slice(a, *texts[i]);
    v.details = SLICE_NONE;
    v.aliases = v.references = v.cwes = (slice_vec){0};
    v.exploits = (exploit_vec){0};
    if (!keep_scores(a, &from->scores, &v.scores))
        return false;
    for (size_t i = 0; i < from->references.n && !v.references.n; i++)
        if (slice_starts(from->references.v[i], SLICE("https://")) &&
            !slice_vec_add(a, &v.references, arena_slice(a, from->references.v[i])))
            return false;
    for (size_t i = 0; i < from->exploits.n; i++) {
        const struct exploit *x = &from->exploits.v[i];
        struct exploit *to = VEC_ADD(a, &v.exploits);
        if (!to)
            return false;
        *to = (struct exploit){.source = arena_slice(a, x->source),
                               .id = arena_slice(a, x->id),
                               .url = arena_slice(a, x->url),
                               .kind = arena_slice(a, x->kind),
                               .verified = x->verified};
    }
    *ret = v;
    return !a->overflow;
}
