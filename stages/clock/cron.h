/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cron.h: cron expressions in UTC: five fields (minute, hour, day of month, month, day of week), each *, a number, a
 * range or a list, perhaps with /step; or "@every 90s|15m|7h". When both day fields are restricted, one of them
 * suffices, as in cron(8).
 */
#ifndef CAREEN_CLOCK_CRON_H
#define CAREEN_CLOCK_CRON_H

#include "base/err.h"
#include "base/slice.h"

struct cron {
    int64_t every_ms; /* 0: the fields below count */
    uint64_t minutes;
    uint32_t hours, days, months, weekdays; /* bit n = value n */
    bool any_day, any_weekday;
};

int cron_parse(struct slice text, struct cron *ret_cron, struct err *e);
/* The first moment of the schedule that is later than after_ms; INT64_MAX if none within eight years (31 February). */
int64_t cron_next(const struct cron *c, int64_t after_ms);
/* The last moment that is <= now_ms, or 0 if none within eight years. */
int64_t cron_last(const struct cron *c, int64_t now_ms);

#endif
