/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/assessed_image.h"

#include "model/distro/distro.h"

enum report_extent report_extent_of(enum inventory_status status, const struct os_info *os, const package_vec *packages)
{
    if (!packages->n)
        return status == INVENTORY_COMPLETE ? REPORT_JUDGED : REPORT_NOT_ASSESSED;
    switch (distro_judged(os, packages)) {
    case DISTRO_JUDGED:
        return REPORT_JUDGED;
    case DISTRO_NOBODYS:
        return REPORT_NOBODYS;
    default:
        return REPORT_NOT_ASSESSED;
    }
}

void assessed_image_count(struct assessed_image *a)
{
    a->counts = FINDING_COUNTS_INIT;
    for (size_t i = 0; i < a->findings.n; i++)
        finding_counts_add(&a->counts, &a->policy, &a->findings.v[i], &a->known[i]);
    if (!a->counts.findings && reasons_has(&a->reasons, REASON_NO_ADVISORIES))
        a->extent = REPORT_NOT_ASSESSED;
}

struct paired {
    struct finding finding;
    struct vulnerability known;
    size_t at;
};

static int paired_order(const void *a, const void *b)
{
    const struct paired *x = a, *y = b;
    int c = report_finding_by_severity(&x->finding, &y->finding);
    return c ? c : x->at < y->at ? -1 : x->at > y->at;
}

bool assessed_image_sort(struct assessed_image *a, struct arena *arena)
{
    size_t n = a->findings.n;
    if (!n)
        return true;
    struct paired *pairs = xcalloc(n, sizeof *pairs);
    struct finding *findings = arena_zalloc(arena, n * sizeof *findings);
    struct vulnerability *known = arena_zalloc(arena, n * sizeof *known);
    bool fits = findings && known;
    for (size_t i = 0; fits && i < n; i++)
        pairs[i] = (struct paired){a->findings.v[i], a->known[i], i};
    if (fits)
        qsort(pairs, n, sizeof *pairs, paired_order);
    for (size_t i = 0; fits && i < n; i++) {
        findings[i] = pairs[i].finding;
        known[i] = pairs[i].known;
    }
    free(pairs);
    if (fits) {
        a->findings = (finding_vec){findings, n, n};
        a->known = known;
    }
    return fits;
}

int report_finding_by_severity(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int c = finding_weight(y) - finding_weight(x);
    return c ? c : slice_cmp(x->vulnerability, y->vulnerability);
}
