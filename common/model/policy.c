/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"

const char *const policy_severities[] = {"negligible", "low", "medium", "high", "critical", NULL};

struct policy policy_of(const char *from, bool unfixed)
{
    int severity = name_index(severity_names, SEVERITY_MAX, slice_str(from));
    return (struct policy){.unhealthy_from = severity < 0 ? POLICY_DEFAULT.unhealthy_from : (enum severity)severity,
                           .unhealthy_unfixed = unfixed};
}

bool policy_fix_for_everybody(enum verdict verdict, struct slice fixed_version)
{
    return fixed_version.n && verdict != VERDICT_NEEDS_SUBSCRIPTION;
}

bool finding_fixable(const struct finding *f)
{
    return policy_fix_for_everybody(f->verdict, f->fixed_version);
}

bool finding_subscription(const struct finding *f)
{
    return f->verdict == VERDICT_NEEDS_SUBSCRIPTION;
}

bool policy_counts(const struct policy *p, enum severity severity, enum verdict verdict, struct slice fixed_version)
{
    /* A severity that nobody published may be any. */
    bool bad = severity == SEVERITY_UNKNOWN || severity >= p->unhealthy_from;
    return bad && (p->unhealthy_unfixed || policy_fix_for_everybody(verdict, fixed_version));
}

void finding_counts_add(struct finding_counts *c, const struct policy *p, const struct finding *f,
                        const struct vulnerability *known)
{
    c->findings++;
    c->severity[f->severity]++;
    c->counted += policy_counts(p, f->severity, f->verdict, f->fixed_version);
    c->fixable += finding_fixable(f);
    c->subscription += finding_subscription(f);
    if (!known || !known->id.n)
        return;
    c->exploited += known->kev;
    c->exploit_public += known->exploits.n > 0;
    if (known->epss > c->top_epss)
        c->top_epss = known->epss;
}
