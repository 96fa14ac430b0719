/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assess.h: the pure step of publish: what is known of one image, joined into recommendations and alerts. Outputs are a
 * function of the inputs alone; slices point into them or into the arena.
 */
#ifndef CAREEN_ASSESS_H
#define CAREEN_ASSESS_H

#include "base/buf.h"
#include "base/err.h"
#include "model/records.h"

/* The assessment keys of the recommendations that Careen follows. */
#define ASSESSMENT_REGISTRY_IMAGES    "33422d8f-ab1e-42be-bc9a-38685bb567b9"
#define ASSESSMENT_RUNNING_CONTAINERS "e9acaf48-d2cf-45a3-a6e7-3caa2ef769e0"

typedef VEC(struct image) image_vec;
typedef VEC(struct workload) workload_vec;
typedef VEC(struct recommendation) recommendation_vec;
typedef VEC(struct alert) alert_vec;

/* What is known of one image digest. */
struct known_image {
    struct slice digest;
    image_vec images; /* one a repository that holds it; empty: it is gone from every registry */
    workload_vec workloads;
    bool has_inventory, has_findings;
    enum inventory_status inventory_status;
    slice_vec inventory_reasons, inventory_notes;
    struct os_info os; /* of the inventory */
    struct findings findings;
    /* Exploit knowledge of findings.findings[i].vulnerability, merged over the feeds; id absent: nobody knows it. */
    struct vulnerability *knowledge;
    const bool *exempted; /* of findings.findings[i]; NULL: none */
};

/* One for each repository that holds the image and one for each workload that runs it, sorted by resource id. */
int assess_recommendations(const struct known_image *k, struct arena *a, recommendation_vec *ret, struct err *e);

/* What was last told of a finding: what alerts are the difference to. */
struct told {
    struct slice vulnerability, package, version, architecture, location, fixed_version;
    enum package_type type;
    enum severity severity;
    enum verdict verdict;
    bool known_exploited;
    const struct vulnerability *knowledge; /* of the present finding; not kept */
};
typedef VEC(struct told) told_vec;

/*
 * The difference between what was told (sorted by told_order) and what is: alerts to send, and what is told after
 * them. cause: in words, why now. at_ms: the time of the record that caused it. A finding that is exempted is told as
 * resolved; an image without findings yet tells nothing.
 */
int assess_alerts(const struct known_image *k, const told_vec *told, struct slice cause, int64_t at_ms, struct arena *a,
                  alert_vec *ret_alerts, told_vec *ret_told, struct err *e);
/* -1, 0, 1 by vulnerability, type, package, version, architecture, location. */
int told_order(const struct told *a, const struct told *b);

int told_encode(const struct told *t, struct buf *out);
bool told_decode(struct slice bytes, struct told *ret); /* slices point into bytes */

#endif
