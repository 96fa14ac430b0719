/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jsonw.h: writes JSON into a struct buf and takes care of commas, escapes and indentation. Strings are escaped as RFC
 * 8259 asks; bytes that are not UTF-8 become U+FFFD. Objects and arrays nest at most 32 deep. Check b->overflow at the
 * end.
 *
 *     jsonw_init(&w, &b, 2); jsonw_object(&w); jsonw_pair(&w, "name", s); jsonw_key(&w, "list"); jsonw_array(&w);
 *     jsonw_int(&w, 1); jsonw_end(&w); jsonw_end(&w);
 */
#ifndef CAREEN_BASE_JSONW_H
#define CAREEN_BASE_JSONW_H

#include "base/buf.h"

struct jsonw {
    struct buf *b;
    int indent, depth;
    bool first, after_key;
    char close[32];
};

void jsonw_init(struct jsonw *w, struct buf *b, int indent); /* indent 0: one line */
void jsonw_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_end(struct jsonw *w); /* closes the innermost object or array */
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_str(struct jsonw *w, struct slice s); /* SLICE_NONE writes null */
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_double(struct jsonw *w, double v, int decimals);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
void jsonw_raw(struct jsonw *w, struct slice json); /* must be one JSON value */
void jsonw_time(struct jsonw *w, int64_t wall_ms);  /* RFC 3339 string; 0 writes null */
void jsonw_pair(struct jsonw *w, const char *key, struct slice s);
void jsonw_pair_str(struct jsonw *w, const char *key, const char *s); /* NULL writes null */
/* Absent and empty are the same to a reader: null. */
void jsonw_pair_or_null(struct jsonw *w, const char *key, struct slice s);
void jsonw_pair_int(struct jsonw *w, const char *key, int64_t v);
void jsonw_pair_bool(struct jsonw *w, const char *key, bool v);
/* A key and the beginning of its value, which jsonw_end closes. */
void jsonw_key_object(struct jsonw *w, const char *key);
void jsonw_key_array(struct jsonw *w, const char *key);
/* A key and an array of n strings. */
void jsonw_pair_texts(struct jsonw *w, const char *key, const struct slice *v, size_t n);

#endif
