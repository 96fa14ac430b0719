/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_split.h: cuts one large JSON text into its elements without holding it: the elements of a top-level array, the
 * members of a top-level object, the elements of one array (or object) that is a member of the top-level object, or the
 * members of all objects that are its members (JSON_SPLIT_ALL).
 * Each is given as raw text for reading_json; the text around them is checked only as far as brackets and quotes.
 */
#ifndef CAREEN_FEEDS_JSON_SPLIT_H
#define CAREEN_FEEDS_JSON_SPLIT_H

#include "feeds/fetch/unpack.h"

enum json_split_kind {
    SPLIT_END,     /* the text ended as it should */
    SPLIT_FIELD,   /* a member of the top-level object beside the list */
    SPLIT_ELEMENT, /* an element of the list; key is its name when the list is an object */
    SPLIT_TOO_BIG, /* an element over FEED_DOCUMENT_MAX; text is its beginning */
};

struct json_split {
    struct unpack *unpack;
    const char *list; /* name of the member that is the list; NULL: the top level is the list */
    const uint8_t *p;
    size_t n;
    uint64_t at;
    int depth;          /* 0 before, 1 in the top level, 2 in the member that is the list */
    uint8_t closing[3]; /* closing bracket of each depth */
    bool first[3];
    bool done;
    struct buf key, text;
    struct buf outer; /* JSON_SPLIT_ALL: the quoted name of the member whose members come now */
};

#define JSON_SPLIT_ALL "*" /* for `list`: {"a": {"x": …, "y": …}, "b": {"z": …}} gives x, y and z */

void json_split_init(struct json_split *s, struct unpack *u, const char *list);
void json_split_done(struct json_split *s);
/* Key and text are valid until the next call. ERR_POISON: malformed or cut, with the byte. */
int json_split_next(struct json_split *s, enum json_split_kind *ret_kind, struct slice *ret_key, struct slice *ret_text,
                    struct err *e);
/* With JSON_SPLIT_ALL: the name of the member that the present element is in. */
struct slice json_split_outer(const struct json_split *s);

#endif
