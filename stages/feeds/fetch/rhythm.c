/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch/rhythm.h"

#include "base/clock.h"
#include "model/distro/eol.h"

static bool has_ended(struct slice whose, int64_t now_ms)
{
    char today[CLOCK_TEXT_MAX];
    struct os_info os = {.ecosystem = whose};
    struct slice end = os.ecosystem.n ? eol_date(&os) : SLICE_NONE;
    return eol_is_date(end) && slice_cmp(end, slice_sub(slice_str(clock_format(now_ms, today)), 0, 10)) < 0;
}

bool rhythm_stands_still(unsigned days, struct slice whose, int64_t newest_ms, int64_t now_ms)
{
    int64_t rhythm = (int64_t)days * INT64_C(86400000);
    return rhythm && newest_ms && now_ms - newest_ms > rhythm && !has_ended(whose, now_ms);
}
