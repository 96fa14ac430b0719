/* SPDX-License-Identifier: Apache-2.0 */
/* rhythm.h: whether a feed stands still, without the table of feeds. Pure; any thread. */
#ifndef CAREEN_FEEDS_FETCH_RHYTHM_H
#define CAREEN_FEEDS_FETCH_RHYTHM_H

#include "base/slice.h"

/*
 * True when newest_ms is older than that many days. False when days or newest_ms is 0, since then nobody can say, and
 * for a system past its end of life. whose: the system, as model/distro/eol.h names it; absent: none.
 */
bool rhythm_stands_still(unsigned days, struct slice whose, int64_t newest_ms, int64_t now_ms);

#endif
