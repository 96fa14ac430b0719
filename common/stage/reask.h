/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reask.h: what a newer build reads otherwise. Kept state that fits is not replayed, so that after an upgrade nothing
 * would ask for work on the subjects that no input touches. A stage whose results depend on the build keeps which build
 * asked last in a table of each partition; another one asks for all subjects of a table again, once.
 *
 * Rows of the table: "identity" -> u64 of the build that asked for all of them; "cursor" -> u64 of the build that is
 * asking, then the last subject that it asked for. They change in the transaction that holds the work, so that a
 * process killed in between goes on behind the last portion. State without a row was written before there was one, or
 * is new.
 *
 * Threads: the runner's, in stage_def.idle.
 */
#ifndef CAREEN_STAGE_REASK_H
#define CAREEN_STAGE_REASK_H

#include "stage/stage.h"

struct reask {
    uint64_t identity;    /* of all in this build that the results depend on; any other value asks again */
    store_table asked;    /* the rows above; nothing else is in it */
    store_table subjects; /* its keys are the subjects */
    unsigned kind;        /* of work */
    unsigned priority;    /* behind what is new */
};

/* For idle: 1 a portion was asked for and there is more, 0 all were (then it costs one read), <0 failure. */
int reask(struct step *s, const struct reask *w, struct err *e);

#endif
