/* SPDX-License-Identifier: Apache-2.0 */
/*
 * told.h: what was told of each image, as tables of a partition: a view of the topic alerts, which the process's own
 * alerts enter when they are written and again when they are read back. Runner's thread.
 */
#ifndef CAREEN_PUBLISH_TOLD_H
#define CAREEN_PUBLISH_TOLD_H

#include "publish/alerts.h"
#include "stage/stage.h"

/* The ids of the three tables, in this order. */
enum {
    TOLD_FINDINGS, /* digest, hash of the finding's identity -> told_encode */
    TOLD_PLACES,   /* digest, hash of the resource -> told_place_encode */
    TOLD_IMAGES,   /* digest -> base u32, flags u8, contents */
    TOLD_TABLES
};

/* Slices in the step's arena. */
int told_load(struct step *s, const store_table *tables, struct slice digest, struct told_image *ret, struct err *e);
/* An alert was told. 1 when that changed what is known to be told, 0 when it is older than that. */
int told_take(struct step *s, const store_table *tables, const struct alert *t, struct err *e);
/* The findings of the image were told once, what they were is not known. */
int told_known(struct step *s, const store_table *tables, struct slice digest, struct err *e);
/* After the alerts that assess_alerts gave were taken. */
int told_settled(struct step *s, const store_table *tables, const struct known_image *k,
                 const struct told_image *before, const struct told_after *after, struct err *e);

#endif
