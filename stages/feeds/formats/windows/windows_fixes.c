/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/windows/windows_fixes.h"

#include "base/clock.h"

#define FIXES_MAX     ((size_t)4 << 20)
#define SUPERSEDE_MAX ((size_t)1 << 20)
#define SLOTS         (2 * WINDOWS_FIXED_BY_MAX) /* a power of 2 */
#define CVE_NUMBERS   UINT64_C(1000000000)

static const char *const severities[] = {"Low", "Moderate", "Important", "Critical"};

void windows_fixes_done(struct windows_fixes *w)
{
    free(w->fixes);
    free(w->superseded);
    *w = (struct windows_fixes){0};
}

static int grow(void **v, size_t n, size_t *cap, size_t size, size_t max, const char *what, struct err *e)
{
    if (n < *cap)
        return 0;
    if (*cap >= max)
        return err_set(e, ERR_POISON, 0, "it has more than %zu %s", max, what);
    *cap = *cap ? *cap * 2 : 4096;
    *v = xrealloc(*v, *cap * size);
    return 0;
}

int windows_fixes_add(struct windows_fixes *w, const struct windows_fix *fix, struct err *e)
{
    if (w->fixes_n && memcmp(&w->fixes[w->fixes_n - 1], fix, sizeof *fix) == 0)
        return 0;
    if (grow((void **)&w->fixes, w->fixes_n, &w->fixes_cap, sizeof *w->fixes, FIXES_MAX, "fixes", e))
        return -1;
    w->fixes[w->fixes_n++] = *fix;
    return 0;
}

static int by_old(const void *a, const void *b)
{
    const struct windows_supersedence *x = a, *y = b;
    if (x->old != y->old)
        return x->old < y->old ? -1 : 1;
    return x->by < y->by ? -1 : x->by > y->by;
}

static size_t sort_superseded(struct windows_fixes *w)
{
    size_t n = 0;
    if (w->superseded_n)
        qsort(w->superseded, w->superseded_n, sizeof *w->superseded, by_old);
    for (size_t i = 0; i < w->superseded_n; i++)
        if (!n || by_old(&w->superseded[n - 1], &w->superseded[i]))
            w->superseded[n++] = w->superseded[i];
    return n;
}

int windows_fixes_supersede(struct windows_fixes *w, uint32_t by, uint32_t old, struct err *e)
{
    struct windows_supersedence *s = w->superseded;
    size_t n = w->superseded_n;
    /* The same few hundred are said again in every row. */
    if (by == old || (n && s[n - 1].by == by && s[n - 1].old == old))
        return 0;
    if (n == w->superseded_cap) {
        w->superseded_n = n = sort_superseded(w);
        if (n * 2 >= w->superseded_cap && grow((void **)&w->superseded, w->superseded_cap, &w->superseded_cap,
                                               sizeof *w->superseded, SUPERSEDE_MAX, "supersedences", e))
            return -1;
    }
    w->superseded[w->superseded_n++] = (struct windows_supersedence){by, old};
    return 0;
}

/* ---- words ---- */

bool windows_fix_cve(struct slice text, uint64_t *ret_cve)
{
    uint64_t year, number;
    struct slice advisory = text;
    /* Microsoft's own, ADV200011: no year. */
    if (slice_take_prefix(&advisory, SLICE("ADV")) && advisory.n == 6 && slice_parse_u64(advisory, &number)) {
        *ret_cve = number;
        return true;
    }
    if (!reading_is_cve(text) || text.n < 10 || !slice_parse_u64(slice_sub(text, 4, 4), &year) ||
        !slice_parse_u64(slice_from(text, 9), &number) || number >= CVE_NUMBERS)
        return false;
    *ret_cve = year * CVE_NUMBERS + number;
    return true;
}

bool windows_fix_kb(struct slice text, uint32_t *ret_kb)
{
    uint64_t kb;
    text = slice_trim(text);
    if (!slice_take_prefix(&text, SLICE("KB")))
        slice_take_prefix(&text, SLICE("kb"));
    if (text.n < 6 || text.n > 8 || !slice_parse_u64(text, &kb))
        return false;
    *ret_kb = (uint32_t)kb;
    return true;
}

uint8_t windows_fix_severity(struct slice word)
{
    for (size_t i = 0; i < ARRAY_LEN(severities); i++)
        if (slice_eq_nocase(word, slice_str(severities[i])))
            return (uint8_t)(i + 1);
    return 0;
}

/* ---- advisories ---- */

static int by_product(const void *a, const void *b)
{
    const struct windows_fix *x = a, *y = b;
    if (x->build != y->build)
        return x->build < y->build ? -1 : 1;
    if (x->core != y->core)
        return x->core < y->core ? -1 : 1;
    if (x->cve != y->cve)
        return x->cve < y->cve ? -1 : 1;
    return x->kb < y->kb ? -1 : x->kb > y->kb;
}

struct closure {
    uint32_t kbs[WINDOWS_FIXED_BY_MAX];
    uint16_t slots[SLOTS]; /* places in kbs, plus one */
    size_t n;
    bool full;
};

static void closure_add(struct closure *c, uint32_t kb)
{
    size_t i = kb * UINT32_C(2654435761) % SLOTS;
    for (; c->slots[i]; i = (i + 1) % SLOTS)
        if (c->kbs[c->slots[i] - 1] == kb)
            return;
    if (c->n == WINDOWS_FIXED_BY_MAX) {
        c->full = true;
        return;
    }
    c->kbs[c->n++] = kb;
    c->slots[i] = (uint16_t)c->n;
}

/* Adds what supersedes what is there, and so on: each update is looked at once. Why it was cut, or NULL. */
static const char *closure_complete(struct closure *c, struct windows_fixes *w)
{
    const struct windows_supersedence *s = w->superseded;
    size_t n = w->superseded_n, named = c->n;
    for (size_t i = 0; i < c->n; i++) {
        size_t low = 0, high = n;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (s[middle].old < c->kbs[i])
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < n && s[low].old == c->kbs[i]; low++) {
            if (w->steps >= WINDOWS_STEPS_MAX) {
                c->n = named;
                return "updates supersede others so often that it is not followed to the end";
            }
            w->steps++;
            closure_add(c, s[low].by);
        }
    }
    return c->full ? "too many updates fix it; some are left out" : NULL;
}

static uint32_t fixed_ubr(const struct windows_fix *f)
{
    return f->ubr ? f->ubr : f->kb ? windows_build_of_update(f->build, f->kb) : 0;
}

static int64_t date_ms(uint32_t date, struct arena *a)
{
    int64_t ms = 0;
    if (date)
        clock_parse(arena_printf(a, "%04u-%02u-%02u", date / 10000, date / 100 % 100, date % 100), &ms);
    return ms;
}

/* For several statements about one product and CVE. */
static int emit_one(struct windows_fixes *w, const struct windows_fix *v, size_t n, struct feed_reading *r,
                    const char *prefix, enum name_kind names, struct err *e)
{
    const struct windows_release *release = windows_release_of(v->build);
    struct closure c = {.n = 0};
    uint32_t ubr = 0, reference = 0, date = 0, severity = 0;
    reading_document(r);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = fixed_ubr(&v[i]);
        if (v[i].kb)
            closure_add(&c, v[i].kb);
        if (at && (!ubr || at < ubr)) {
            ubr = at;
            reference = v[i].kb;
        }
        date = v[i].date && (!date || v[i].date < date) ? v[i].date : date;
        severity = MAX(severity, v[i].severity);
    }
    if (!reference)
        reference = v[0].kb ? v[0].kb : v[n - 1].kb;
    const char *cut = closure_complete(&c, w);
    unsigned year = (unsigned)(v->cve / CVE_NUMBERS), number = (unsigned)(v->cve % CVE_NUMBERS);
    struct slice cve =
        year ? arena_printf(r->arena, "CVE-%04u-%04u", year, number) : arena_printf(r->arena, "ADV%06u", number);
    struct advisory a = {.ecosystem = arena_printf(r->arena, WINDOWS_ECOSYSTEM ":10.0.%u", release->build),
                         .package = names == NAME_SOURCE ? slice_str(release->product)
                                                         : windows_product(release, v->core, r->arena),
                         .id = year ? arena_printf(r->arena, "%s%.*s", prefix, SLICE_FMT(cve)) : cve,
                         .name_kind = names,
                         .verdict = VERDICT_AFFECTED,
                         .severity = severity ? slice_str(severities[severity - 1]) : SLICE_NONE,
                         .published_ms = date_ms(date, r->arena)};
    if (cut && reading_skip(r, cve, cut, e))
        return -1;
    if (year)
        slice_vec_add(r->arena, &a.cves, cve);
    if (reference)
        a.fix_reference = arena_printf(r->arena, "KB%u", reference);
    for (size_t i = 0; i < c.n; i++)
        slice_vec_add(r->arena, &a.fixed_by, arena_printf(r->arena, "KB%u", c.kbs[i]));
    slice_vec_sort(&a.fixed_by);
    /* Neither a build nor an update: all builds. */
    struct version_range *range = ubr || !c.n ? VEC_ADD(r->arena, &a.ranges) : NULL;
    if (range)
        range->introduced = arena_printf(r->arena, "10.0.%u.0", release->build);
    if (range && ubr)
        range->fixed = arena_printf(r->arena, "10.0.%u.%u", release->build, ubr);
    return r->arena->overflow ? err_set(e, ERR_POISON, 0, "%.*s takes too much memory", SLICE_FMT(cve))
                              : reading_advisory(r, &a, e);
}

int windows_fixes_emit(struct windows_fixes *w, struct feed_reading *r, const char *prefix, enum name_kind names,
                       struct err *e)
{
    uint64_t documents = r->stats.documents;
    int rc = 0;
    w->superseded_n = sort_superseded(w);
    if (w->fixes_n)
        qsort(w->fixes, w->fixes_n, sizeof *w->fixes, by_product);
    for (size_t from = 0, to; from < w->fixes_n && !rc; from = to) {
        const struct windows_fix *f = &w->fixes[from];
        for (to = from + 1; to < w->fixes_n && w->fixes[to].build == f->build && w->fixes[to].core == f->core &&
                            w->fixes[to].cve == f->cve;)
            to++;
        rc = emit_one(w, f, to - from, r, prefix, names, e);
    }
    /* The documents are the feed's rows, which were counted when they were read. */
    r->stats.documents = documents;
    return rc;
}
