/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h: everything that publish knows, in the process's whole tables. The steps of its partitions read them, and the
 * API does, on any thread with a read transaction of its own. Values are the records as they came.
 */
#ifndef CAREEN_PUBLISH_VIEW_H
#define CAREEN_PUBLISH_VIEW_H

#include "advisories/advisory_view.h"
#include "stage/stage.h"

enum {
    /* the first three are those of advisory_view.h, of which only the vulnerabilities are used */
    VIEW_IMAGES = ADVISORY_VIEW_TABLES, /* digest, hash of registry/repository -> image */
    VIEW_WORKLOADS,                     /* digest, hash of cluster/… -> workload */
    VIEW_INVENTORIES,                   /* digest[, hash of part] -> inventory */
    VIEW_FINDINGS,                      /* digest[, hash of part] -> findings */
    VIEW_BY_VULNERABILITY,              /* hash64 of the id, digest -> "" */
    VIEW_CHANGES,                       /* partition u32, seq u64 -> time i64, digest */
    VIEW_LATEST,                        /* digest -> seq u64 of its row in changes */
    VIEW_ENDS,                          /* last day of its system's maintenance, digest -> "" */
    VIEW_STATE,                         /* "seq", "epoch", "day": the time of the newest tick */
    VIEW_TABLES
};
extern const char *const view_tables[VIEW_TABLES];

int view_apply_image(struct step *s, const struct bus_event *ev, const void *record, struct err *e);
int view_apply_workload(struct step *s, const struct bus_event *ev, const void *record, struct err *e);
int view_apply_inventory(struct step *s, const struct bus_event *ev, const void *record, struct err *e);
int view_apply_findings(struct step *s, const struct bus_event *ev, const void *record, struct err *e);
int view_apply_vulnerability(struct step *s, const struct bus_event *ev, const void *record, struct err *e);
/*
 * Sets what day it is: the day of the last tick in partition 0, in the order of the log (every partition gets every
 * tick). So a replay gives the same answer, and a clock that was wrong is right again with its next tick.
 */
int view_apply_tick(struct step *s, const struct bus_event *ev, const void *record, struct err *e);

/*
 * A number of this life of the tables: when it is another one, sequence numbers began anew. 0 before the first change.
 */
int view_epoch(struct store_txn *t, const store_table *tables, uint64_t *ret_epoch, struct err *e);
/*
 * The time by which the image is judged: the day of the newest tick. Until a tick was read, when something about the image
 * changed last; 0: not known.
 */
int view_now(struct store_txn *t, const store_table *tables, uint32_t partitions, struct slice digest, int64_t *ret_ms,
             struct err *e);

#endif
