/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known_image.h: what is known of one image digest, joined over topics (join.h) or filled by a scan. The input of the pure
 * steps: recommendations (assess.h), alerts (alerts.h), reports (reports/report_format.h).
 */
#ifndef CAREEN_PUBLISH_KNOWN_IMAGE_H
#define CAREEN_PUBLISH_KNOWN_IMAGE_H

#include "model/policy.h"
#include "reports/assessed_image.h"

struct known_image {
    struct slice digest;
    image_vec images; /* one for each repository that holds it; empty: it is gone from every registry */
    workload_vec workloads;
    bool has_inventory, has_findings;
    enum inventory_status inventory_status;
    struct reasons inventory_reasons, inventory_notes;
    struct os_info os;    /* of the inventory */
    unread_vec unread;    /* of the inventory */
    package_vec packages; /* of the inventory, sorted; alerts ask for them */
    slice_vec layers;     /* of the inventory, base first */
    struct findings findings;
    /* What is known of findings.findings[i].vulnerability, from all feeds; id absent: nothing. */
    struct vulnerability *knowledge;
    const bool *exempted; /* whether findings.findings[i] is exempted; NULL: none is */
    struct policy policy; /* which findings count */
    int64_t now_ms;       /* decides whether the system's end of life is past; 0: not known, it is not */
};

/*
 * The same as reports tell it, without what the pure step makes of it (has_code). Points into k, so that k must outlive
 * it; what was found is empty where nothing is (has_findings).
 */
void known_image_view(const struct known_image *k, struct assessed_image *ret);

#endif
