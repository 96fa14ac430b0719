/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h: pieces that the row encodings of match share: lists of slices, scores, times. Writers append and leave
 * overflow to the buffer; readers return false on short or malformed bytes or a full arena, and never allocate more
 * than the bytes that are left can fill.
 */
#ifndef CAREEN_ADVISORIES_ROWS_H
#define CAREEN_ADVISORIES_ROWS_H

#include "base/buf.h"
#include "model/records.h"

/* Front-coded: each string as (bytes shared with the one before, the rest). */
void row_put_list(struct buf *b, const slice_vec *v);
bool row_take_list(struct slice *s, struct arena *a, slice_vec *ret_v);
/* A CVSS 3 base vector in its canonical order takes four bytes. */
void row_put_scores(struct buf *b, const score_vec *v);
bool row_take_scores(struct slice *s, struct arena *a, score_vec *ret_v);
/* A CVE id takes about three bytes. */
void row_put_ids(struct buf *b, const slice_vec *v);
bool row_take_ids(struct slice *s, struct arena *a, slice_vec *ret_v);
/* One of the words that most rows repeat, or the beginning of it, takes a byte. */
void row_put_word(struct buf *b, struct slice word);
bool row_take_word(struct slice *s, struct arena *a, struct slice *ret_word);
/* Milliseconds; whole seconds take fewer bytes. */
void row_put_time(struct buf *b, int64_t ms);
bool row_take_time(struct slice *s, int64_t *ret_ms);

#endif
