/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/scan/scan_view.h"

#include "careen/feeds/feeds_age.h"

void scan_view_packages(const struct gathered *g, struct slice reference, int64_t now_ms, struct assessed_image *ret)
{
    *ret = (struct assessed_image){
        .reference = reference,
        .image = g->image,
        .inventory = g->inventory,
        .packages = g->inventory.packages.n,
        .status = g->inventory.status,
        .reasons = g->inventory.reasons,
        .ecosystem = g->inventory.os.ecosystem,
        .counts = FINDING_COUNTS_INIT,
        .now_ms = now_ms,
    };
    for (size_t i = 0; i < g->inventory.packages.n; i++)
        ret->judged += policy_held_against(&g->inventory.packages.v[i]);
}

static bool add_feeds(const feed_meta_vec *feeds, int64_t now_ms, struct arena *arena, report_feed_vec *to)
{
    for (size_t i = 0; i < feeds->n; i++) {
        const struct feed_meta *m = &feeds->v[i];
        struct report_feed *f = VEC_ADD(arena, to);
        if (!f)
            return false;
        *f = (struct report_feed){.name = m->name,
                                  .fetched_ms = m->fetched_ms,
                                  .newest_ms = feed_meta_newest(m),
                                  .stands_still = feed_meta_stands_still(m, now_ms),
                                  .records = m->records};
    }
    return true;
}

bool scan_view_assess(struct assessed_image *v, const struct assessment *a, const struct policy *policy,
                      const struct image_state *state, struct arena *arena)
{
    if (!add_feeds(&a->feeds, v->now_ms, arena, &v->feeds))
        return false;
    v->status = a->status;
    v->reasons = a->reasons;
    v->extent = a->extent;
    v->policy = *policy;
    v->findings = a->findings;
    v->known = a->known;
    for (size_t i = 0; i < a->findings.n; i++)
        finding_counts_add(&v->counts, policy, &a->findings.v[i], &a->known[i]);
    v->counts.filtered = (int32_t)a->filtered.n;
    v->has_code = true;
    v->code = state->code;
    v->code_reason = state->why;
    return true;
}
