/* SPDX-License-Identifier: Apache-2.0 */
/* known_image.h: an image with findings, for the tests of publish's pure steps. */
#ifndef CAREEN_TESTS_UNIT_KNOWN_IMAGE_H
#define CAREEN_TESTS_UNIT_KNOWN_IMAGE_H

#include "publish/alerts.h"

static struct arena arena = ARENA_INIT((size_t)64 << 20);

static inline struct known_image known_new(void)
{
    struct known_image k = {
        .digest = SLICE("sha256:1"), .has_inventory = true, .has_findings = true, .policy = POLICY_DEFAULT};
    struct image *im = VEC_ADD(&arena, &k.images);
    im->registry = SLICE("r.example");
    im->repository = SLICE("team/app");
    slice_vec_add(&arena, &im->tags, SLICE("v1"));
    k.findings.ecosystem = SLICE("Debian:12");
    k.findings.packages = 3;
    k.knowledge = arena_zalloc(&arena, 100 * sizeof *k.knowledge);
    return k;
}

static inline struct finding *finding_add(struct known_image *k, const char *vulnerability, enum severity severity,
                                          const char *fixed)
{
    struct finding *f = VEC_ADD(&arena, &k->findings.findings);
    f->vulnerability = slice_str(vulnerability);
    f->type = PKG_DPKG;
    f->package = SLICE("openssl");
    f->version = SLICE("1.0-1");
    f->severity = severity;
    f->fixed_version = slice_str(fixed);
    return f;
}

#endif
