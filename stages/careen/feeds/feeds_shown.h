/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_shown.h: an update of the advisory database that a person can watch. */
#ifndef CAREEN_CAREEN_FEEDS_FEEDS_SHOWN_H
#define CAREEN_CAREEN_FEEDS_FEEDS_SHOWN_H

#include "feeds/update.h"

/*
 * Runs the update with progress on standard error (quiet: failures only). Foreign bytes are read in children of its own
 * sandbox, so it must be called while there is no other thread. ERR_PARTIAL: some feeds could not be had; each was
 * reported.
 */
int feeds_update_shown(const char *name, struct feeds_update *u, bool quiet, struct err *e);

#endif
