/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_lock.h: makes sure that only one careen up uses a state folder: with two, partitions would be shared between
 * stages of two configurations. It is a lock of the kernel (flock) on STATE/up.lock that no child inherits, so that it
 * is free when its process ends, in whatever way. Stages that are started by hand don't take it. One thread.
 */
#ifndef CAREEN_CAREEN_UP_STATE_LOCK_H
#define CAREEN_CAREEN_UP_STATE_LOCK_H

#include "base/err.h"

/*
 * *ret_fd holds the lock until it is closed; it is -1 when there is no such folder yet, so that nobody can have it.
 * ERR_FATAL: another process has it; the text has its process id where that can be read.
 */
int state_lock(const char *state, int *ret_fd, struct err *e);

#endif
