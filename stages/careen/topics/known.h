/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h: what is known of the vulnerabilities of some findings (exploits, scores, title), for the commands that show
 * findings: their ids are named, then the topic vulnerabilities is read once, and of it no more than these is kept. In
 * the caller's arena, which bounds it. One thread.
 */
#ifndef CAREEN_CAREEN_TOPICS_KNOWN_H
#define CAREEN_CAREEN_TOPICS_KNOWN_H

#include "careen/topics/reader.h"

struct known {
    struct arena *arena;
    slice_vec ids;               /* sorted once they are read */
    struct vulnerability *of_id; /* of ids[i]; without an id: nobody knows it */
};

/* id stays the caller's and outlives k; again for each that is wanted. False when the arena is full. */
bool known_want(struct known *k, struct slice id);
/* Once, after all are named. */
int known_read(struct known *k, struct reader *r, struct err *e);
/* Of one that was named; without an id: nobody knows it. NULL: it was not named. */
const struct vulnerability *known_of(const struct known *k, struct slice id);

#endif
