/* SPDX-License-Identifier: Apache-2.0 */
/* rhythm.h: whether a feed stands still, by what is known of it alone: for who has no table of feeds. Pure, any thread.
 */
#ifndef CAREEN_FEEDS_FETCH_RHYTHM_H
#define CAREEN_FEEDS_FETCH_RHYTHM_H

#include "base/slice.h"

/*
 * True when newest_ms is older than that many days. days 0 or newest_ms 0: nobody can say. Never of a system whose end
 * has passed; whose: the system, as model/distro/eol.h names it, absent: of none.
 */
bool rhythm_stands_still(unsigned days, struct slice whose, int64_t newest_ms, int64_t now_ms);

#endif
