/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reask.h: after an upgrade, asks again for work whose results depend on the build. State that fits the new build is
 * not replayed, so that nothing else would ask for work on subjects that no input touches. Each partition keeps in a
 * table which build asked last; a build with another identity asks for all subjects once more.
 *
 * Rows of that table:
 *
 *     "identity"  u64: the build that has asked for all subjects
 *     "cursor"    u64: the build that is asking, then the last subject that it asked for
 *
 * They change in the transaction that holds the work, so that a process which is killed in between continues behind the
 * last portion. State without a row is new, or older than this table.
 *
 * Threads: the runner's, in stage_def.idle.
 */
#ifndef CAREEN_STAGE_REASK_H
#define CAREEN_STAGE_REASK_H

#include "stage/stage.h"

struct reask {
    uint64_t identity;    /* of everything in this build that the results depend on; a new value asks again */
    store_table asked;    /* holds the rows above and nothing else */
    store_table subjects; /* its keys are the subjects */
    unsigned kind;        /* the kind of work to ask for */
    unsigned priority;    /* its priority, behind new work */
};

/* To be called in idle. 1: asked for a portion, and there are more; 0: all were asked for (one read); <0: failure. */
int reask(struct step *s, const struct reask *w, struct err *e);

#endif
