/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eol.h: until when a system is maintained: the last day on which its publisher gives security updates to everybody,
 * contracts apart. The table and where its dates come from are eol.c; systems that state their own end (os-release's
 * SUPPORT_END) and are not in the table are believed. Pure, no clock: whoever asks knows what day it is.
 * Any thread. Dates are static or the caller's own.
 */
#ifndef CAREEN_MODEL_DISTRO_EOL_H
#define CAREEN_MODEL_DISTRO_EOL_H

#include "model/records.h"

/* "2022-06-30"; SLICE_NONE: not known. By the system's own row, else by that of the ecosystem whose packages it has. */
struct slice eol_date(const struct os_info *os);
bool eol_is_date(struct slice s); /* four digits, two, two, with dashes */
/* Whether that day is over; false when it is no date. */
bool eol_past(struct slice end_of_life, int64_t now_ms);
/*
 * "Debian GNU/Linux 9 (stretch) is past its end of life since 2022-06-30; nobody tells of new vulnerabilities in it";
 * SLICE_NONE: it is not, or not known.
 */
struct slice eol_sentence(const struct os_info *os, int64_t now_ms, struct arena *arena);

#endif
