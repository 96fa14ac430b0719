/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sorted.h: a file of records in the order of their keys, made of records that come in any order. A feed is kept in one
 * from the end of its reading to the end of its comparison with what is out, however large it is: what is in memory is
 * one buffer of SORTED_BUFFER bytes (or a record that is larger), never the feed and never all of its keys.
 *
 * Records are gathered in the buffer; when it is full they are sorted and written behind those that were written before,
 * as a run. sorted_finish merges the runs into the file, which has its name only when it is whole: so a process killed
 * anywhere leaves a complete file or none, and a file that a power cut left damaged is seen when it is read. Of several
 * records under one key the last one counts.
 *
 * File: for each record u32 bytes of the key, u32 bytes of the value, key, value; at the end a record with a key of no
 * bytes whose value is the number of records, u64. Numbers are the machine's: the file never leaves it.
 *
 * Lifetimes: what sorted_next gives is valid until the next call. One thread at a time.
 */
#ifndef CAREEN_FEEDS_PIPELINE_SORTED_H
#define CAREEN_FEEDS_PIPELINE_SORTED_H

#include "base/err.h"
#include "base/slice.h"

#define SORTED_KEY_MAX   500               /* bytes */
#define SORTED_VALUE_MAX ((size_t)9 << 20) /* bytes */
#define SORTED_BUFFER    ((size_t)4 << 20) /* bytes of records in memory while it is made; of all runs while they merge */

struct sorted;
/*
 * An empty one in the folder dir, which is made; what was in it before is gone. ERR_RETRY: another one is being made
 * there, by this process or another.
 */
int sorted_create(const char *dir, struct sorted **ret_sorted, struct err *e);
int sorted_put(struct sorted *s, struct slice key, struct slice value, struct err *e);
/* No more records: afterwards it can be read. *ret_records: different keys. ERR_FULL when the disk is. */
int sorted_finish(struct sorted *s, uint64_t *ret_records, struct err *e);
/* One that was finished, by this process or another before it. ERR_NOT_FOUND: there is none. */
int sorted_open(const char *dir, struct sorted **ret_sorted, struct err *e);
void sorted_close(struct sorted *s); /* NULL is legal; what was finished stays on disk */
void sorted_remove(const char *dir);

/* The next record to be read is the first one whose key is not before `from` (empty: the first of all). */
int sorted_seek(struct sorted *s, struct slice from, struct err *e);
/* 1 and a record, 0 at the end. ERR_NOT_FOUND: the file is damaged, so that it is as good as none. */
int sorted_next(struct sorted *s, struct slice *ret_key, struct slice *ret_value, struct err *e);

#endif
