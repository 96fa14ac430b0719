/* SPDX-License-Identifier: Apache-2.0 */
/*
 * told_state.h: what alerts have told of an image: the state of each finding and place after the last alert about it, how
 * such a state follows from an alert, and how it is stored (told.h has the tables). Pure; slices point into what was given.
 */
#ifndef CAREEN_PUBLISH_TOLD_STATE_H
#define CAREEN_PUBLISH_TOLD_STATE_H

#include "base/buf.h"
#include "base/hash.h"
#include "publish/known_image.h"

/* The state of a finding after the last alert about it. */
struct told {
    struct slice vulnerability, ns, package, version, architecture, location, fixed_version;
    struct slice ecosystem, parent;
    enum package_type type;
    enum severity severity;
    enum verdict verdict;
    bool known_exploited, exploit_public;
    bool malicious; /* the package is; of an alert as its id says */
    bool there;     /* false: the last alert said `resolved` */
    int32_t sequence;
};
typedef VEC(struct told) told_vec;
/* Orders by vulnerability, type, namespace, package, version, architecture, location: -1, 0 or 1. */
int told_order(const struct told *a, const struct told *b);

/* The state of a place after the last alert about it. */
struct told_place {
    struct slice resource;
    bool workload, there;
    int32_t sequence;
};
typedef VEC(struct told_place) told_place_vec;

/* What alerts have told of an image. */
struct told_image {
    told_vec findings;     /* sorted by told_order */
    told_place_vec places; /* sorted by resource */
    int32_t base;
    bool known;              /* its findings, perhaps none, were told before: a new one appeared later */
    bool has_contents;       /* false: contents is unknown, since the state was lost */
    struct hash128 contents; /* told_contents_hash of the inventory at that time */
};

/* A hash of everything in an inventory that findings depend on. */
struct hash128 told_contents_hash(const struct known_image *k);

/* The state of an alert's finding, or of its place, after the alert. */
struct told told_of_alert(const struct alert *t);
struct told_place told_place_of_alert(const struct alert *t);
bool told_alert_of_place(enum alert_kind kind);

int told_encode(const struct told *t, struct buf *out);
bool told_decode(struct slice bytes, struct told *ret); /* slices point into bytes */
int told_place_encode(const struct told_place *t, struct buf *out);
bool told_place_decode(struct slice bytes, struct told_place *ret);

#endif
