/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h: what is known of the vulnerabilities of some findings (exploits, scores, title), for the commands that show
 * findings. First the ids are named, then the topic vulnerabilities is read once, and only records of these ids are
 * kept, in the caller's arena, which bounds it. One thread.
 */
#ifndef CAREEN_CAREEN_TOPICS_KNOWN_H
#define CAREEN_CAREEN_TOPICS_KNOWN_H

#include "careen/topics/reader.h"

struct known {
    struct arena *arena;
    slice_vec ids;               /* sorted by known_read */
    struct vulnerability *of_id; /* for ids[i]; without an id: nothing is known */
};

/* Names an id, which must stay valid as long as k. False: the arena is full. */
bool known_want(struct known *k, struct slice id);
/* Reads the topic; to be called once, after all ids were named. */
int known_read(struct known *k, struct reader *r, struct err *e);
/* What is known of an id; without an id in it: nothing. NULL: it was not named. */
const struct vulnerability *known_of(const struct known *k, struct slice id);

#endif
