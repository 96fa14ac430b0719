/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts.h: the pure step of publish that says what happened: the difference between what was told of an image and what
 * is. Two kinds of things are told: its findings (appeared, changed, resolved) and the places that use it (added,
 * gone).
 *
 *  - Findings belong to the image's digest: another repository of a known digest is one alert `added` with counts, and
 *    an image that leaves a place is one alert `gone`, not many that say "resolved".
 *  - Every place of an image with findings is told once, the first one too, so that what is told does not depend on
 *    which was seen first.
 *  - An alert's sequence is one more than that of the alert before about the same finding or place; its id is a hash of
 *    what it says and of the sequence. So whoever tells the same thing again, after whatever was lost, gives the same
 *    id, and what happens again gets another one. What was told is a function of the alerts read so far (told_take):
 *    the same whether this process wrote them, or reads them back.
 *  - Once an image has left its last place what was told of it is forgotten but for `base`, above which all sequences
 *    of its next life begin.
 *
 * Outputs are functions of the inputs alone; slices point into them or into the arena.
 */
#ifndef CAREEN_PUBLISH_ALERTS_H
#define CAREEN_PUBLISH_ALERTS_H

#include "base/buf.h"
#include "base/hash.h"
#include "publish/assess.h"

typedef VEC(struct alert) alert_vec;

/* What was last told of a finding. */
struct told {
    struct slice vulnerability, ns, package, version, architecture, location, fixed_version;
    struct slice ecosystem, parent;
    enum package_type type;
    enum severity severity;
    enum verdict verdict;
    bool known_exploited, exploit_public;
    bool there; /* false: it was told as resolved */
    int32_t sequence;
};
typedef VEC(struct told) told_vec;
/* -1, 0, 1 by vulnerability, type, namespace, package, version, architecture, location. */
int told_order(const struct told *a, const struct told *b);

/* What was last told of a place. */
struct told_place {
    struct slice resource;
    bool workload, there;
    int32_t sequence;
};
typedef VEC(struct told_place) told_place_vec;

/* What was told of an image. */
struct told_image {
    told_vec findings;     /* sorted by told_order */
    told_place_vec places; /* sorted by resource */
    int32_t base;
    bool known;              /* its findings, none perhaps, were told once: what is new came later */
    bool has_contents;       /* false: not known, the state was lost */
    struct hash128 contents; /* contents_hash of the inventory then */
};

/* Of what of an inventory findings depend on. */
struct hash128 contents_hash(const struct known_image *k);

/* What holds once the alerts are told. */
struct told_after {
    bool judged; /* its findings are known: what is now, is told */
    /*
     * Its places are told, or need not be: it is known to have no finding. What a layer that could not be read (yet)
     * may hold, is not: whoever told of the image before that, and whoever tells later, must tell the same places.
     */
    bool places_told;
    told_place_vec places;
    int32_t base; /* of its next life, should there be no place */
};
/*
 * Alerts to send, in order: places first, so that those of findings name only places that were told. at_ms: the time of
 * the record that caused them. An exempted finding is told as resolved; an image without findings yet, one of which
 * nothing could be read, or whose system the database has no advisories of (yet, or any more) tells nothing of findings
 * and takes none back; a partial inventory takes back what it can see.
 */
int assess_alerts(const struct known_image *k, const struct told_image *told, int64_t at_ms, struct arena *a,
                  alert_vec *ret_alerts, struct told_after *ret_after, struct err *e);

/* Adds to an alert "resolved", whose finding is no more, what is known of its vulnerability. */
void alert_know(struct alert *t, const struct vulnerability *known, struct arena *a);

/* The finding or the place of an alert, as it is after the alert. */
struct told told_of_alert(const struct alert *t);
struct told_place place_of_alert(const struct alert *t);
bool alert_of_place(enum alert_kind kind);

int told_encode(const struct told *t, struct buf *out);
bool told_decode(struct slice bytes, struct told *ret); /* slices point into bytes */
int told_place_encode(const struct told_place *t, struct buf *out);
bool told_place_decode(struct slice bytes, struct told_place *ret);

#endif
