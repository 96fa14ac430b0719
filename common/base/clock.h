/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h: time. A wall time is milliseconds since 1970 in UTC; durations are measured in milliseconds of the monotonic
 * clock.
 */
#ifndef CAREEN_BASE_CLOCK_H
#define CAREEN_BASE_CLOCK_H

#include "base/slice.h"

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
void clock_sleep_ms(int64_t ms);
#define CLOCK_TEXT_MAX 32
/* RFC 3339 in UTC with milliseconds; text must hold CLOCK_TEXT_MAX bytes; returns text. */
char *clock_format(int64_t wall_ms, char *text);
/* Reads RFC 3339 (any offset, fraction optional) or a bare date; false when s is neither. */
bool clock_parse(struct slice s, int64_t *ret_wall_ms);

#endif
