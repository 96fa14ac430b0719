/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts.h: the pure step of publish that says what happened: the difference between what alerts have told of an image
 * and what is true now. Alerts tell of two kinds of things: the image's findings (appeared, changed, resolved) and the
 * places that use it (added, gone).
 *
 *  - Findings belong to the image's digest. Another repository with a known digest is one alert `added` with counts,
 *    and an image that leaves a place is one alert `gone`, not many `resolved` ones.
 *  - Every place of an image with findings is told once, including the first, so that the alerts don't depend on which
 *    place was seen first.
 *  - An alert's sequence is one more than that of the previous alert about the same finding or place, and its id is a
 *    hash of its content and its sequence. So whoever tells the same thing again, whatever was lost, gives the same id,
 *    while something that happens a second time gets a new one. What was told is a function of the alerts read so far
 *    (told_take), no matter whether this process wrote them or reads them back.
 *  - When an image has left its last place, everything that was told of it is forgotten except `base`; the sequences of
 *    its next life begin above that.
 *
 * Outputs are functions of the inputs alone; their slices point into the inputs or into the arena.
 */
#ifndef CAREEN_PUBLISH_ALERTS_H
#define CAREEN_PUBLISH_ALERTS_H

#include "publish/assess.h"
#include "publish/told_state.h"

typedef VEC(struct alert) alert_vec;

/* What is true after the alerts were told. */
struct told_after {
    bool judged; /* its findings are known, and all of them are told */
    /*
     * Its places are told, or need not be because it is known to have no finding. That is not known while a layer could
     * not be read: whoever tells of the image before that layer is read, or after, must tell the same places.
     */
    bool places_told;
    told_place_vec places;
    int32_t base; /* for its next life, when no place is left */
};
/*
 * The alerts to send, in order: places first, so that alerts about findings name only places that were told. at_ms: the
 * time of the record that caused them. An exempted finding is told as resolved. Nothing is said about findings, and
 * none is taken back, for an image that has no findings record yet, of which nothing could be read, or for whose system
 * the database has no advisories (yet, or any more). A partial inventory takes back only what it can see.
 */
int assess_alerts(const struct known_image *k, const struct told_image *told, int64_t at_ms, struct arena *a,
                  alert_vec *ret_alerts, struct told_after *ret_after, struct err *e);

/* Adds what is known of the vulnerability to an alert `resolved`, whose finding no longer exists. */
void alert_know(struct alert *t, const struct vulnerability *known, struct arena *a);

#endif
