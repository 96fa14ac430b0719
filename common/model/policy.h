/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h: which findings count, that is, make an image unhealthy, and how findings are counted: one rule for scan,
 * the recommendations, the alerts, the API and every table (docs/decisions/0008). Pure; any thread.
 *
 * A finding counts if its severity is at least `unhealthy_from` or unknown, and if there is a fixed version for
 * everybody or `unhealthy_unfixed` is set. Findings that don't count are listed and counted by severity all the same.
 * That a package is malicious counts whatever the setting is. Notices are no findings: they are listed behind them.
 */
#ifndef CAREEN_MODEL_POLICY_H
#define CAREEN_MODEL_POLICY_H

#include "model/records.h"

/*
 * Whether advisories are held against a package at all. Not where whoever found it says why not (package.not_judged): its
 * name or its group is a guess, it is the project's own, its distribution didn't build it. If only its version is not
 * known they are: one that speaks of all versions holds for any. How sure it is that the package is there decides
 * nothing: a declared or guessed one that its reader let pass is judged, and its findings say so (docs/decisions/0018).
 */
bool policy_held_against(const struct package *p);
/*
 * Whether a package's distribution answers for it: its files are of a package of the distribution, whose own advisories
 * judge that. Then its ecosystem's advisories are held against it only on request. Not on a system that nobody
 * publishes advisories for.
 */
bool policy_owned(const struct package *p, const struct os_info *os);

struct policy {
    enum severity unhealthy_from;
    bool unhealthy_unfixed; /* findings without a fixed version for everybody count too */
};
#define POLICY_DEFAULT ((struct policy){.unhealthy_from = SEVERITY_LOW, .unhealthy_unfixed = true})

/* The values that unhealthy_from may have, for option tables; NULL-terminated. */
extern const char *const policy_severities[];
/* from: the name of a severity as the settings spell it; NULL: low. */
struct policy policy_of(const char *from, bool unfixed);

/* There is a fixed version for everybody; finding_subscription: there is one for subscribers only. */
bool finding_fixable(const struct finding *f);
bool finding_subscription(const struct finding *f);
/* The same for a verdict and a fixed version, where there is no finding. */
bool policy_fix_for_everybody(enum verdict verdict, struct slice fixed_version);

/* A malicious package always counts, a notice never does. */
bool policy_counts(const struct policy *p, enum advisory_kind kind, enum severity severity, enum verdict verdict,
                   struct slice fixed_version);
bool finding_counted(const struct policy *p, const struct finding *f);
/* By how much a finding goes before others wherever they are listed: malicious packages, severities, notices. */
int finding_weight(const struct finding *f);

struct finding_counts {
    int32_t findings, severity[SEVERITY_MAX], counted, fixable, subscription, exploited, exploit_public;
    int32_t malicious; /* of the findings, critical ones */
    int32_t notices;   /* in no other number: nothing is vulnerable by them */
    int32_t filtered;  /* those that the request left out, in no other number; finding_counts_add does not change it */
    double top_epss;   /* the highest among those that finding_counts_add was given; negative: unknown */
};
#define FINDING_COUNTS_INIT ((struct finding_counts){.top_epss = -1})
/* Counts one finding. known: what is known of its vulnerability; NULL, or without an id: nothing. */
void finding_counts_add(struct finding_counts *c, const struct policy *p, const struct finding *f,
                        const struct vulnerability *known);

#endif
