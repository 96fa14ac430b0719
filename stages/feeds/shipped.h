/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shipped.h: the demo's advisories (shipped/demo.json), embedded: true ones, of a few Debian packages. The facts are
 * Debian's (security-tracker.debian.org), the words our own.
 */
#ifndef CAREEN_FEEDS_SHIPPED_H
#define CAREEN_FEEDS_SHIPPED_H

#include "base/slice.h"

extern const unsigned char shipped_demo_json[];
extern const size_t shipped_demo_json_n;
static inline struct slice shipped_demo(void)
{
    return slice_of(shipped_demo_json, shipped_demo_json_n);
}

#endif
