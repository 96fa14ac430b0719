/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h: what the encodings of rows share (advisory_view.h and the match stage's): lists of slices, scores, times.
 * Writers append and leave overflow to the buffer. Readers return false when the bytes are short or malformed or the
 * arena is full, and never allocate more than the remaining bytes can fill.
 */
#ifndef CAREEN_ADVISORIES_ROWS_H
#define CAREEN_ADVISORIES_ROWS_H

#include "base/buf.h"
#include "model/records.h"

/* Front-coded: each string is the number of bytes that it shares with the one before, and the rest. */
void row_put_list(struct buf *b, const slice_vec *v);
bool row_take_list(struct slice *s, struct arena *a, slice_vec *ret_v);
void row_put_reasons(struct buf *b, const struct reasons *r);
bool row_take_reasons(struct slice *s, struct arena *a, struct reasons *ret_r);
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
