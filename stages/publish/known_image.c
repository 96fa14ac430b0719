/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/known_image.h"

void known_image_view(const struct known_image *k, struct assessed_image *ret)
{
    *ret = (struct assessed_image){
        .reference = k->digest,
        .inventory = {.image_digest = k->digest,
                      .status = k->inventory_status,
                      .reasons = k->inventory_reasons,
                      .notes = k->inventory_notes,
                      .unread = k->unread,
                      .os = k->os,
                      .layers = k->layers,
                      .packages = k->packages},
        .packages = k->packages.n,
        .status = k->has_findings ? k->findings.status : k->inventory_status,
        .reasons = k->has_findings ? k->findings.reasons : k->inventory_reasons,
        .extent = report_extent_of(k->inventory_status, &k->os, &k->packages),
        .ecosystem = k->findings.ecosystem,
        .judged = k->findings.packages,
        .findings = k->findings.findings,
        .known = k->knowledge,
        .policy = k->policy,
        .now_ms = k->now_ms,
    };
    if (k->images.n)
        ret->image = k->images.v[0];
    ret->image.digest = k->digest;
    assessed_image_count(ret);
}
