/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_torn.h: a bus for tests that loses part of a flush and then kills its process, as an outage of Kafka can. Only
 * builds with CAREEN_CRASH_POINTS have it, and only the environment switches it on (bus_torn.c says how). Internal:
 * bus.c wraps every bus that it opens in it.
 *
 * Ownership: the wrapper owns the bus behind it and closes both. Threads: those of the bus behind it.
 */
#ifndef CAREEN_BUS_BUS_TORN_H
#define CAREEN_BUS_BUS_TORN_H

#include "bus/bus.h"

#ifdef CAREEN_CRASH_POINTS
/* Wraps inner if the environment asks for it; otherwise returns inner itself. */
struct bus *bus_torn(struct bus *inner);
#else
static inline struct bus *bus_torn(struct bus *inner)
{
    return inner;
}
#endif

#endif
