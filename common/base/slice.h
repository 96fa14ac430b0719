/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slice.h: a view of bytes, the one string type of parsers. It is passed by value, owns nothing and is valid as long as
 * the memory that it points into. {NULL, 0} means "absent", {non-NULL, 0} means "empty". The bytes are not
 * NUL-terminated.
 *
 * The slice_take_* readers consume from the front; when one returns false, the slice is unchanged.
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
/* For printf("%.*s", SLICE_FMT(s)); a slice longer than INT_MAX is cut. */
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

/* ASCII, whatever the locale. */
static inline bool byte_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}
static inline uint8_t byte_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
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
bool slice_is_word_of(struct slice s, const char *words);     /* whether it is one of the words between blanks */
struct slice slice_trim(struct slice s);                      /* ASCII blanks, tabs, CR, LF */

/* Takes everything before the first c and drops the c itself; where there is no c, takes all. False when s is empty. */
bool slice_take_token(struct slice *s, uint8_t c, struct slice *ret_head);
/* Takes a line; *ret_line is without its LF or CR LF. False at the end. */
bool slice_take_line(struct slice *s, struct slice *ret_line);
/* Drops the prefix if s begins with it; otherwise false. */
bool slice_take_prefix(struct slice *s, struct slice prefix);
/* The whole slice as a number; false if empty, not all digits, or out of range. */
bool slice_parse_u64(struct slice s, uint64_t *ret_v);
bool slice_parse_i64(struct slice s, int64_t *ret_v);
bool slice_parse_hex(struct slice s, uint64_t *ret_v);
bool slice_parse_double(struct slice s, double *ret_v); /* decimal with optional fraction and exponent, no inf/nan */

/* A malloc'd NUL-terminated copy; bytes after an embedded NUL are invisible to C readers. */
char *slice_dup(struct slice s);
/*
 * Decodes the character at the front of s, which must not be empty. True: it is well-formed UTF-8 (RFC 3629: no
 * overlong forms, no surrogates) of *ret_len bytes. False: it is not UTF-8, and the first *ret_len bytes (1 … 3: the
 * longest valid beginning of a sequence, Unicode 15 table 3-7) should be replaced by one U+FFFD. ret_c may be NULL.
 */
bool slice_utf8(struct slice s, uint32_t *ret_c, size_t *ret_len);
/* True when every byte is printable ASCII or valid UTF-8 without control characters. */
bool slice_is_text(struct slice s);

/* What follows the last slash of a path, all of it where there is none; and what stands before that slash, or nothing. */
static inline struct slice slice_path_name(struct slice path)
{
    return slice_from(path, (size_t)(slice_rfind(path, '/') + 1));
}
static inline struct slice slice_path_folder(struct slice path)
{
    ptrdiff_t slash = slice_rfind(path, '/');
    return slice_sub(path, 0, slash < 0 ? 0 : (size_t)slash);
}

#endif
