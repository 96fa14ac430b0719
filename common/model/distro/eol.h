/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eol.h: until when a system is maintained: the last day on which its publisher gives security updates to everybody,
 * not only to customers with a contract. The table, and where its dates come from, is eol.c. A system that is not in
 * the table but states its own end (SUPPORT_END in os-release) is believed. Pure: the caller says what day it is. Any
 * thread. Dates are static, or slices of the caller's data.
 */
#ifndef CAREEN_MODEL_DISTRO_EOL_H
#define CAREEN_MODEL_DISTRO_EOL_H

#include "model/records.h"

/* "2022-06-30"; SLICE_NONE: not known. From the system's own row, else from the row of its packages' ecosystem. */
struct slice eol_date(const struct os_info *os);
bool eol_is_date(struct slice s); /* whether s has the form 2022-06-30 */
/* Whether that day is over; false when end_of_life is not a date. */
bool eol_past(struct slice end_of_life, int64_t now_ms);
/*
 * "Debian GNU/Linux 9 (stretch) is past its end of life since 2022-06-30; nobody tells of new vulnerabilities in it";
 * SLICE_NONE when it is not past, or not known.
 */
struct slice eol_sentence(const struct os_info *os, int64_t now_ms, struct arena *arena);

#endif
