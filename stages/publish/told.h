/* SPDX-License-Identifier: Apache-2.0 */
/*
 * told.h: what alerts have told of each image, in tables of a partition. The tables are a view of the topic alerts; the
 * process's own alerts enter them when they are written, and again when they are read back. For the runner's thread.
 */
#ifndef CAREEN_PUBLISH_TOLD_H
#define CAREEN_PUBLISH_TOLD_H

#include "publish/alerts.h"
#include "stage/stage.h"

/* The three tables, in the order in which their ids are passed. */
enum {
    TOLD_FINDINGS, /* digest, hash of the finding's identity -> told_encode */
    TOLD_PLACES,   /* digest, hash of the resource -> told_place_encode */
    TOLD_IMAGES,   /* digest -> base u32, flags u8, contents */
    TOLD_TABLES
};

/* Slices of *ret are in the step's arena. */
int told_load(struct step *s, const store_table *tables, struct slice digest, struct told_image *ret, struct err *e);
/* Takes an alert that was told. 1: it changed the tables; 0: it is older than what they hold. */
int told_take(struct step *s, const store_table *tables, const struct alert *t, struct err *e);
/* Notes that findings of the image were told before, although it is not known which. */
int told_known(struct step *s, const store_table *tables, struct slice digest, struct err *e);
/* To be called after the alerts of assess_alerts were taken; writes what `after` says. */
int told_settled(struct step *s, const store_table *tables, const struct known_image *k,
                 const struct told_image *before, const struct told_after *after, struct err *e);

#endif
