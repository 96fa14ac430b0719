/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slice.h: a view of bytes, the one string type of parsers. Passed by value; owns nothing; valid as long as what it
 * points into. {NULL, 0} is "absent", {non-NULL, 0} is "empty". Bytes are not NUL-terminated.
 *
 * The slice_take_* readers consume from the front and fail closed: on failure the slice is unchanged.
 */
#ifndef CAREEN_BASE_SLICE_H
#define CAREEN_BASE_SLICE_H

#include "base/base.h"

struct slice {
    const uint8_t *p;
    size_t n;
};

#define SLICE(literal) ((struct slice){(const uint8_t *)("" literal ""), sizeof(literal) - 1})
#define SLICE_NONE     ((struct slice){NULL, 0})
/* For printf("%.*s", SLICE_FMT(s)): cut at INT_MAX. */
#define SLICE_FMT(s) (int)MIN((s).n, (size_t)INT_MAX), (const char *)((s).p ? (s).p : (const uint8_t *)"")

static inline struct slice slice_of(const void *p, size_t n)
{
    return (struct slice){(const uint8_t *)p, n};
}

/* NULL gives SLICE_NONE. */
static inline struct slice slice_str(const char *s)
{
    return s ? slice_of(s, strlen(s)) : SLICE_NONE;
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_eq_str(struct slice a, const char *s)
{
    return slice_eq(a, slice_str(s));
}

bool slice_eq_nocase(struct slice a, struct slice b); /* ASCII only */
int slice_cmp(struct slice a, struct slice b);        /* bytewise; the shorter of equal prefixes is less */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
/* Offset of the first byte c (or sub), or -1. */
ptrdiff_t slice_find(struct slice s, uint8_t c);
ptrdiff_t slice_rfind(struct slice s, uint8_t c);
ptrdiff_t slice_find_slice(struct slice s, struct slice sub);
struct slice slice_from(struct slice s, size_t off);          /* off past the end gives empty */
struct slice slice_sub(struct slice s, size_t off, size_t n); /* clamped */
struct slice slice_trim(struct slice s);                      /* ASCII blanks, tabs, CR, LF */

/* Takes everything before the first c into *ret_head and drops c. Without a c takes all. False when s is empty. */
bool slice_take_token(struct slice *s, uint8_t c, struct slice *ret_head);
/* A line without its LF or CR LF; false at the end. */
bool slice_take_line(struct slice *s, struct slice *ret_line);
/* Drops prefix if it is there. */
bool slice_take_prefix(struct slice *s, struct slice prefix);
/* The whole slice as a number; false if empty, not all digits, or out of range. */
bool slice_parse_u64(struct slice s, uint64_t *ret_v);
bool slice_parse_i64(struct slice s, int64_t *ret_v);
bool slice_parse_hex(struct slice s, uint64_t *ret_v);
bool slice_parse_double(struct slice s, double *ret_v); /* decimal with optional fraction and exponent, no inf/nan */

/* A malloc'd NUL-terminated copy; bytes after an embedded NUL are invisible to C readers. */
char *slice_dup(struct slice s);
/*
 * The character at the front of a slice that is not empty. True: well-formed UTF-8 (RFC 3629: no overlong forms, no
 * surrogates) of *ret_len bytes. False: not UTF-8, and *ret_len bytes (1 … 3: the longest good beginning of a sequence,
 * Unicode 15 table 3-7) are to be replaced by one U+FFFD. ret_c may be NULL.
 */
bool slice_utf8(struct slice s, uint32_t *ret_c, size_t *ret_len);
/* True when every byte is printable ASCII or valid UTF-8 without control characters. */
bool slice_is_text(struct slice s);

#endif
