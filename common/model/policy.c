/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"

#include "model/ecosystem/ecosystem.h"

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

bool policy_held_against(const struct package *p)
{
    return !p->not_judged.text.n ||
           (reason_code(p->not_judged) == REASON_VERSION_UNKNOWN && p->certainty != CERTAINTY_GUESSED);
}

bool policy_owned(const struct package *p, const struct os_info *os)
{
    return p->owner.n && os->ecosystem.n && ecosystem_of_type(p->type)->advisories;
}

int finding_weight(const struct finding *f)
{
    return f->kind == ADVISORY_MALICIOUS ? SEVERITY_MAX : f->kind == ADVISORY_NOTICE ? -1 : (int)f->severity;
}

bool finding_counted(const struct policy *p, const struct finding *f)
{
    return policy_counts(p, f->kind, f->severity, f->verdict, f->fixed_version);
}

bool policy_counts(const struct policy *p, enum advisory_kind kind, enum severity severity, enum verdict verdict,
                   struct slice fixed_version)
{
    if (kind != ADVISORY_VULNERABILITY)
        return kind == ADVISORY_MALICIOUS;
    /* A severity that nobody published may be any. */
    bool bad = severity == SEVERITY_UNKNOWN || severity >= p->unhealthy_from;
    return bad && (p->unhealthy_unfixed || policy_fix_for_everybody(verdict, fixed_version));
}

void finding_counts_add(struct finding_counts *c, const struct policy *p, const struct finding *f,
                        const struct vulnerability *known)
{
    if (f->kind == ADVISORY_NOTICE) {
        c->notices++;
        return;
    }
    c->findings++;
    c->severity[f->severity]++;
    c->malicious += f->kind == ADVISORY_MALICIOUS;
    c->counted += finding_counted(p, f);
    c->fixable += finding_fixable(f);
    c->subscription += finding_subscription(f);
    if (!known || !known->id.n)
        return;
    c->exploited += known->kev;
    c->exploit_public += known->exploits.n > 0;
    if (known->epss > c->top_epss)
        c->top_epss = known->epss;
}
