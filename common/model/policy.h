/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h: which findings count, that is make an image unhealthy, and how findings are counted: one rule for scan, the
 * recommendations, the alerts, the API and every table (docs/decisions/0008). Pure, any thread.
 *
 * A finding counts if its severity is at least `unhealthy_from` or not known, and if everybody can have a fixed version
 * or `unhealthy_unfixed` is set. What does not count is listed and counted by severity all the same.
 */
#ifndef CAREEN_MODEL_POLICY_H
#define CAREEN_MODEL_POLICY_H

#include "model/records.h"

struct policy {
    enum severity unhealthy_from;
    bool unhealthy_unfixed; /* findings without a fixed version for everybody count too */
};
#define POLICY_DEFAULT ((struct policy){.unhealthy_from = SEVERITY_LOW, .unhealthy_unfixed = true})

extern const char *const policy_severities[]; /* what unhealthy_from may be, for option tables; ends with NULL */
/* from: a severity's name as the settings spell it, NULL: low. */
struct policy policy_of(const char *from, bool unfixed);

/* A newer version that everybody can have; what subscribers alone get is apart. */
bool finding_fixable(const struct finding *f);
bool finding_subscription(const struct finding *f);
/* The same of a verdict and a fixed version, for whoever has no finding. */
bool fix_for_everybody(enum verdict verdict, struct slice fixed_version);

bool policy_counts(const struct policy *p, enum severity severity, enum verdict verdict, struct slice fixed_version);

struct finding_counts {
    int32_t findings, severity[SEVERITY_MAX], counted, fixable, subscription, exploited, exploit_public;
    int32_t filtered; /* left out by who asked, and in none of the others; finding_counts_add leaves it alone */
    double top_epss;  /* negative: unknown; only of what finding_counts_add was given */
};
#define FINDING_COUNTS_INIT ((struct finding_counts){.top_epss = -1})
/* known: what is known of its vulnerability; NULL or without an id: nothing. */
void finding_counts_add(struct finding_counts *c, const struct policy *p, const struct finding *f,
                        const struct vulnerability *known);

#endif
