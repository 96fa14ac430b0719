/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_pull.h: walks one JSON text (RFC 8259; a comma before a closing bracket is let pass, since openEuler's documents
 * have it) from front to end without building a tree, for documents of tens of megabytes of which a part is wanted.
 * Strings without escapes are slices of the text, others are decoded into the arena; both live as long as their owner.
 * The caller says what it expects and gets "nothing" where something else stands, which is skipped; the first malformed
 * byte sets `bad`, and from then on every call gives nothing.
 *
 *     json_pull_object(&p);
 *     while (json_pull_key(&p, &key))
 *         if (slice_eq_str(key, "name")) name = json_pull_string(&p);
 *         else json_pull_skip(&p);
 *
 * Every key and every item must be answered by exactly one call that takes its value. At most JSON_PULL_DEPTH levels;
 * linear in the text, also of strings (escapes cost their decoded length). A key given twice is given twice.
 */
#ifndef CAREEN_IO_TEXT_JSON_PULL_H
#define CAREEN_IO_TEXT_JSON_PULL_H

#include "base/arena.h"
#include "base/err.h"

#define JSON_PULL_DEPTH 64

struct json_pull {
    struct slice text;
    struct arena *arena;
    size_t at;
    int depth;
    uint8_t closing[JSON_PULL_DEPTH];
    bool first[JSON_PULL_DEPTH];
    const char *bad; /* why the text is malformed */
    /* Set by the caller after json_pull_init: a string with a control character, or with an escape that is none or is
     * NUL, is nothing, and the text around it goes on. */
    bool forgiving;
};

void json_pull_init(struct json_pull *p, struct slice text, struct arena *arena);
/* Enters an object (array). False, having skipped the value, when it is something else. */
bool json_pull_object(struct json_pull *p);
bool json_pull_array(struct json_pull *p);
/* The next member or item; false at the end, which leaves the object (array). */
bool json_pull_key(struct json_pull *p, struct slice *ret_key);
bool json_pull_item(struct json_pull *p);
/* The string, or SLICE_NONE having skipped what is no string. */
struct slice json_pull_string(struct json_pull *p);
void json_pull_skip(struct json_pull *p);
/* After the last value: ERR_POISON with the byte when anything was malformed or stands behind it. */
int json_pull_end(struct json_pull *p, struct err *e);

#endif
