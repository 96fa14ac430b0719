/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crashpoint.h: named places where a test build can be made to die by SIGKILL. In a build with
 * -DCAREEN_CRASH_POINTS=ON, CAREEN_CRASH_AT=name[:n] in the environment kills the process when it passes that point for
 * the n-th time (default 1). If CAREEN_CRASH_ONCE names a file, it is created before dying, and where it exists nothing
 * is killed, so that the restarted process goes on. In other builds crash_point() compiles to nothing. CONTRIBUTING says
 * where the test of a new one stands.
 */
#ifndef CAREEN_BASE_CRASHPOINT_H
#define CAREEN_BASE_CRASHPOINT_H

#ifdef CAREEN_CRASH_POINTS
void crash_point(const char *name);
#else
#define crash_point(name) ((void)0)
#endif

#endif
