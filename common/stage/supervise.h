/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervise.h: what a stage's descriptor gives as supervise when its helper is a sandbox: the nursery is started again,
 * counted (careen_sandbox_restarts_total) and logged. On the runner's thread.
 */
#ifndef CAREEN_STAGE_SUPERVISE_H
#define CAREEN_STAGE_SUPERVISE_H

#include "io/sandbox/sandbox.h"

/* ERR_RETRY while there is no nursery; e tells why. */
int supervise_sandbox(struct sandbox *s, struct err *e);

#endif
