/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crashpoint.h: named places where a test build dies by SIGKILL. With -DCAREEN_CRASH_POINTS=ON the environment's
 * CAREEN_CRASH_AT=name[:n] kills the process at the n-th passage (1 by default) of that point, once per
 * CAREEN_CRASH_ONCE file (created before dying, so that the restarted process goes on). Otherwise it is nothing.
 */
#ifndef CAREEN_BASE_CRASHPOINT_H
#define CAREEN_BASE_CRASHPOINT_H

#ifdef CAREEN_CRASH_POINTS
void crash_point(const char *name);
#else
#define crash_point(name) ((void)0)
#endif

#endif
