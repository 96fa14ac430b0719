/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_lock.h: one careen up a state folder. Two would share the partitions between the stages of two configurations.
 * The kernel's lock (flock) on STATE/up.lock, which no child inherits, so that it is free when its process is gone,
 * however it went. Stages that are started by hand don't ask for it. One thread.
 */
#ifndef CAREEN_CAREEN_UP_STATE_LOCK_H
#define CAREEN_CAREEN_UP_STATE_LOCK_H

#include "base/err.h"

/*
 * *ret_fd holds the lock until it is closed; -1 and success: there is no such folder yet, so nobody has it. Another
 * has it: ERR_FATAL, with its process id where that can be read.
 */
int state_lock(const char *state, int *ret_fd, struct err *e);

#endif
