/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/csaf/csaf_notes.h"

#define REFERENCES_MAX 64
#define SCORES_MAX     8

static void note_products(const struct csaf_notes *n, uint32_t *table, const slice_vec *products, size_t i)
{
    for (size_t k = 0; k < products->n || k == 0; k++) {
        uint32_t product = products->n ? csaf_number(n->d, products->v[k]) : 0;
        if ((product || !products->n) && !table[product])
            table[product] = (uint32_t)i + 1;
    }
}

bool csaf_notes_read(struct csaf_notes *n, const struct csaf_document *d, const struct csaf_vulnerability *v,
                     struct arena *arena)
{
    size_t size = (d->products.n + d->parts.n + 1) * sizeof(uint32_t);
    *n = (struct csaf_notes){.d = d, .v = v};
    uint32_t **tables[] = {&n->fix, &n->no_fix, &n->impact, &n->score};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (!(*tables[i] = arena_zalloc(arena, size)))
            return false;
    for (size_t i = 0; i < v->remediations.n; i++) {
        const struct csaf_note *note = &v->remediations.v[i];
        if (slice_eq_str(note->category, "vendor_fix"))
            note_products(n, n->fix, &note->products, i);
        else if (slice_eq_str(note->category, "no_fix_planned"))
            note_products(n, n->no_fix, &note->products, i);
    }
    for (size_t i = 0; i < v->threats.n; i++)
        if (slice_eq_str(v->threats.v[i].category, "impact"))
            note_products(n, n->impact, &v->threats.v[i].products, i);
    for (size_t i = 0; i < v->scores.n; i++)
        note_products(n, n->score, &v->scores.v[i].products, i);
    return true;
}

static uint32_t said(const uint32_t *table, uint32_t product)
{
    return table[product] ? table[product] : table[0];
}

struct slice csaf_erratum(const struct csaf_notes *n, uint32_t product)
{
    uint32_t at = said(n->fix, product);
    struct slice url = at ? n->v->remediations.v[at - 1].url : SLICE_NONE;
    ptrdiff_t end = MAX(slice_rfind(url, '/'), slice_rfind(url, '='));
    struct slice id = end < 0 ? SLICE_NONE : slice_from(url, (size_t)end + 1);
    return reading_is_name(id, 64) ? id : SLICE_NONE;
}

const struct csaf_note *csaf_no_fix(const struct csaf_notes *n, uint32_t product)
{
    uint32_t at = said(n->no_fix, product);
    return at ? &n->v->remediations.v[at - 1] : NULL;
}

static bool is_score(const struct csaf_score *s)
{
    return s->vector.n <= 256 && slice_is_text(s->vector) && reading_is_name(s->kind, 32);
}

static struct score score_of(const struct feed_reading *r, const struct csaf_score *s)
{
    return (struct score){slice_str(r->feed->name), s->kind, s->vector};
}

void csaf_rate(const struct feed_reading *r, const struct csaf_notes *n, struct advisory *a, uint32_t product)
{
    uint32_t impact = said(n->impact, product), score = said(n->score, product);
    if (impact && reading_is_name(n->v->threats.v[impact - 1].details, 32))
        a->severity = n->v->threats.v[impact - 1].details;
    if (!score || !is_score(&n->v->scores.v[score - 1]))
        return;
    struct score *to = VEC_ADD(r->arena, &a->scores);
    if (to)
        *to = score_of(r, &n->v->scores.v[score - 1]);
}

int csaf_tell_vulnerability(struct feed_reading *r, const struct csaf_document *d, const struct csaf_vulnerability *of,
                            struct err *e)
{
    struct vulnerability v = vulnerability_unknown(of->cve);
    v.summary = of->title.n ? of->title : d->title;
    v.details = of->description;
    v.published_ms = of->published_ms ? of->published_ms : d->published_ms;
    v.modified_ms = d->modified_ms;
    /* Some publishers' titles are the number again. */
    if (slice_eq(v.summary, of->cve))
        v.summary = SLICE_NONE;
    if (reading_is_name(of->cwe, 32))
        slice_vec_add(r->arena, &v.cwes, of->cwe);
    for (size_t i = 0; i < of->references.n && v.references.n < REFERENCES_MAX; i++)
        if (of->references.v[i].n <= 1024 && slice_is_text(of->references.v[i]))
            slice_vec_add(r->arena, &v.references, of->references.v[i]);
    for (size_t i = 0; i < of->scores.n && v.scores.n < SCORES_MAX; i++) {
        /* One that holds for some products stands there for each of them. */
        bool told = false;
        for (size_t k = 0; k < v.scores.n; k++)
            told |= slice_eq(v.scores.v[k].vector, of->scores.v[i].vector);
        struct score *to = !told && is_score(&of->scores.v[i]) ? VEC_ADD(r->arena, &v.scores) : NULL;
        if (to)
            *to = score_of(r, &of->scores.v[i]);
    }
    return reading_vulnerability(r, &v, e);
}

bool csaf_is_debug(struct slice package)
{
    return slice_ends(package, SLICE("-debuginfo")) || slice_ends(package, SLICE("-debugsource")) ||
           slice_find_slice(package, SLICE("-debuginfo-")) >= 0;
}

bool csaf_has_name(const slice_vec *sorted, struct slice name)
{
    size_t from = 0, to = sorted->n;
    while (from < to) {
        size_t at = from + (to - from) / 2;
        int c = slice_cmp(sorted->v[at], name);
        if (!c)
            return true;
        *(c < 0 ? &from : &to) = c < 0 ? at + 1 : at;
    }
    return false;
}
