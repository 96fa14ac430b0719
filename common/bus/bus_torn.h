/* SPDX-License-Identifier: Apache-2.0 */
/* bus_torn.h: for bus.c alone: what a test build puts in front of a bus. */
#ifndef CAREEN_BUS_BUS_TORN_H
#define CAREEN_BUS_BUS_TORN_H

#include "bus/bus.h"

#ifdef CAREEN_CRASH_POINTS
/* A bus in front of inner, which it closes with itself, or inner if the environment does not ask for one. */
struct bus *bus_torn(struct bus *inner);
#else
static inline struct bus *bus_torn(struct bus *inner)
{
    return inner;
}
#endif

#endif
