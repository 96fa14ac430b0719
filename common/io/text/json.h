/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h: the one reader of JSON (RFC 8259), whoever wrote it. This is its pull form: it walks a text from front to end
 * without building a tree, in memory or from a stream of any length. json_tree.h builds trees with it.
 *
 *     json_pull_text(&p, text, &arena);
 *     json_pull_object(&p);
 *     while (json_pull_key(&p, &key))
 *         if (slice_eq_str(key, "name")) name = json_pull_string(&p);
 *         else json_pull_skip(&p);
 *     rc = json_pull_end(&p, &e);
 *     json_pull_done(&p);
 *
 * Every key and every item must be answered by exactly one call that takes its value. The caller says what it expects
 * and gets "nothing" where something else stands, which is skipped. The first malformed byte sets `bad`, and from then
 * on every call gives nothing; json_pull_end tells the reason and the place.
 *
 * What is malformed does not depend on which calls read it, and it is the same for trees:
 *  - more than JSON_DEPTH levels; a string over JSON_STRING_MAX, a key over JSON_KEY_MAX or a number over
 *    JSON_NUMBER_MAX bytes; an integer that is no int64_t, or another number that is no double;
 *  - a key that stands twice in one object, as it reads without its escapes: readers disagree about what that means.
 *    For this the hashes of the keys of all open objects are kept, at most JSON_KEYS_MAX. Files whose one reader takes
 *    the last of two, as JavaScript's and PHP's do, are read with JSON_PULL_REPEATED_KEYS;
 *  - NUL, plain or escaped, since strings go to readers that end there; half a surrogate pair; bytes that are not UTF-8.
 * Only json_pull_raw looks at less.
 *
 * Time is linear in the text. One thread at a time.
 */
#ifndef CAREEN_IO_TEXT_JSON_H
#define CAREEN_IO_TEXT_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/byte_source.h"

#define JSON_DEPTH      256
#define JSON_STRING_MAX ((size_t)16 << 20) /* bytes between the quotes */
#define JSON_KEY_MAX    ((size_t)64 << 10)
#define JSON_NUMBER_MAX 1024
#define JSON_KEYS_MAX   ((size_t)1 << 20)

/* What json_pull_text and json_pull_stream let pass beside the grammar; set p->lets by hand after them. */
enum json_pull_lets {
    JSON_PULL_LAST_COMMA = 1,   /* a comma before a closing bracket; some publishers write it */
    JSON_PULL_BAD_STRINGS = 2,  /* a string whose characters are malformed is nothing; the text around it is read on */
    JSON_PULL_REPEATED_KEYS = 4 /* a key that stands twice in one object is given twice, and no keys are remembered */
};

/* What stands next, by its first byte. */
enum json_pull_kind {
    JSON_PULL_NOTHING, /* the end, a closing bracket, or what is no value */
    JSON_PULL_OBJECT,
    JSON_PULL_ARRAY,
    JSON_PULL_STRING,
    JSON_PULL_NUMBER,
    JSON_PULL_WORD /* true, false or null */
};

struct json_keys { /* json_keys.c */
    uint64_t *hashes;
    size_t n, cap;
    uint32_t *table; /* places in hashes, plus one */
    size_t table_size;
    size_t from[JSON_DEPTH]; /* where each level's begin */
    bool tabled[JSON_DEPTH]; /* whether they are in the table */
};

struct json_pull {
    const char *bad; /* why the text is malformed; NULL: it isn't so far */
    unsigned lets;   /* enum json_pull_lets */
    /* The rest is json.c's. */
    struct slice text; /* what of it is in memory; a stream moves on */
    size_t at;
    uint64_t before, lines_before; /* bytes and line ends of a stream that have gone by */
    struct arena *arena;
    struct byte_source source; /* .read is NULL for a text in memory */
    bool source_ended;
    struct err source_error;
    struct buf held, key, decoded;
    int depth;
    uint8_t closing[JSON_DEPTH];
    bool first[JSON_DEPTH];
    struct json_keys keys;
};

/*
 * A text in memory. Strings without escapes are slices of it; others are decoded into the arena, or without an arena
 * (NULL) into p, where they are valid until the next call, a key until the next key.
 */
void json_pull_text(struct json_pull *p, struct slice text, struct arena *arena);
/* A stream: what is given is valid as without an arena. Memory: a piece, and the longest token that spans two. */
void json_pull_stream(struct json_pull *p, struct byte_source source);
void json_pull_done(struct json_pull *p);

enum json_pull_kind json_pull_kind(struct json_pull *p);
/* Enters an object (array). False, having skipped the value, when it is something else. */
bool json_pull_object(struct json_pull *p);
bool json_pull_array(struct json_pull *p);
/* The next member or item; false at the end, which leaves the object (array). */
bool json_pull_key(struct json_pull *p, struct slice *ret_key);
bool json_pull_item(struct json_pull *p);
/* The string, or SLICE_NONE having skipped what is no string. */
struct slice json_pull_string(struct json_pull *p);
/* A number's or a word's characters, which are sound; SLICE_NONE having skipped anything else. */
struct slice json_pull_scalar(struct json_pull *p);
void json_pull_skip(struct json_pull *p);
/*
 * The value as it is written, for a reader of its own: only its brackets and quotes were looked at, so that one
 * malformed element spoils none of its neighbours. It may nest JSON_DEPTH levels by itself. SLICE_NONE having passed
 * over it when it is longer than max bytes.
 */
struct slice json_pull_raw(struct json_pull *p, size_t max);
/* After the last value: ERR_POISON with the place when anything was malformed or follows; or the source's error. */
int json_pull_end(struct json_pull *p, struct err *e);

#endif
