/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assess.h: the pure step of publish that joins what is known of one image into recommendations. Outputs are a function
 * of the inputs alone; their slices point into the inputs or into the arena. Alerts are in alerts.h.
 */
#ifndef CAREEN_PUBLISH_ASSESS_H
#define CAREEN_PUBLISH_ASSESS_H

#include "base/err.h"
#include "publish/known_image.h"

/* The assessment keys of the recommendations that Careen follows. */
#define ASSESSMENT_REGISTRY_IMAGES    "33422d8f-ab1e-42be-bc9a-38685bb567b9"
#define ASSESSMENT_RUNNING_CONTAINERS "e9acaf48-d2cf-45a3-a6e7-3caa2ef769e0"

typedef VEC(struct recommendation) recommendation_vec;

/* The result that all places of an image have in common, and that scan reports too. */
struct image_state {
    enum assessment_code code;
    struct reasons reasons; /* sorted; `why` is among them */
    struct reason why;      /* what decided the code; absent where findings did, or that there are none: (un)healthy */
    struct finding_counts counts;
    bool ended; /* its system's end of life is past */
};
void assess_state(const struct known_image *k, struct arena *a, struct image_state *ret);

/* One for each repository that holds the image and one for each workload that runs it, sorted by resource id. */
int assess_recommendations(const struct known_image *k, struct arena *a, recommendation_vec *ret, struct err *e);

/*
 * registry/repository@digest and cluster/namespace/owner/container@digest: the resources of recommendations and alerts.
 */
struct slice assess_resource_of_image(const struct known_image *k, const struct image *im, struct arena *a);
struct slice assess_resource_of_workload(const struct known_image *k, const struct workload *w, struct arena *a);

#endif
