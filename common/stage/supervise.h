/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervise.h: the supervise function for stages that use a sandbox: it starts the nursery again when it ended, counts
 * that (careen_sandbox_restarts_total) and logs it. To be called on the runner's thread.
 */
#ifndef CAREEN_STAGE_SUPERVISE_H
#define CAREEN_STAGE_SUPERVISE_H

#include "io/sandbox/sandbox.h"

/* ERR_RETRY while there is no nursery; e says why. */
int supervise_sandbox(struct sandbox *s, struct err *e);

#endif
