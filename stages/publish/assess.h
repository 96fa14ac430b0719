/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assess.h: the pure step of publish that joins what is known of one image into recommendations. Outputs are a function
 * of the inputs alone; their slices point into the inputs or into the arena. Alerts are in alerts.h.
 */
#ifndef CAREEN_PUBLISH_ASSESS_H
#define CAREEN_PUBLISH_ASSESS_H

#include "base/buf.h"
#include "base/err.h"
#include "model/policy.h"

/* The assessment keys of the recommendations that Careen follows. */
#define ASSESSMENT_REGISTRY_IMAGES    "33422d8f-ab1e-42be-bc9a-38685bb567b9"
#define ASSESSMENT_RUNNING_CONTAINERS "e9acaf48-d2cf-45a3-a6e7-3caa2ef769e0"

typedef VEC(struct recommendation) recommendation_vec;

/* What is known of one image digest. */
struct known_image {
    struct slice digest;
    image_vec images; /* one for each repository that holds it; empty: it is gone from every registry */
    workload_vec workloads;
    bool has_inventory, has_findings;
    enum inventory_status inventory_status;
    slice_vec inventory_reasons, inventory_notes;
    struct os_info os;    /* of the inventory */
    unread_vec unread;    /* of the inventory */
    package_vec packages; /* of the inventory, sorted; alerts ask for them */
    struct findings findings;
    /* What is known of findings.findings[i].vulnerability, from all feeds; id absent: nothing. */
    struct vulnerability *knowledge;
    const bool *exempted; /* whether findings.findings[i] is exempted; NULL: none is */
    struct policy policy; /* which findings count */
    int64_t now_ms;       /* decides whether the system's end of life is past; 0: not known, it is not */
};

/* The result that all places of an image have in common, and that scan reports too. */
struct image_state {
    enum assessment_code code;
    slice_vec reasons; /* sorted; `why` is among them */
    struct slice why;  /* the reason that decided, or that stands for all; empty when there is none */
    struct finding_counts counts;
    bool ended; /* its system's end of life is past */
};
void assess_state(const struct known_image *k, struct arena *a, struct image_state *ret);

/* One for each repository that holds the image and one for each workload that runs it, sorted by resource id. */
int assess_recommendations(const struct known_image *k, struct arena *a, recommendation_vec *ret, struct err *e);

/*
 * registry/repository@digest and cluster/namespace/owner/container@digest: the resources of recommendations and alerts.
 */
struct slice resource_of_image(const struct known_image *k, const struct image *im, struct arena *a);
struct slice resource_of_workload(const struct known_image *k, const struct workload *w, struct arena *a);

#endif
