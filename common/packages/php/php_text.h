/* SPDX-License-Identifier: Apache-2.0 */
/*
 * php_text.h: reads arrays that PHP wrote, without PHP: as source text, "<?php return array('a' => 1, …);", and as
 * serialize() has them, a:1:{s:1:"a";i:1;}. Nothing is evaluated. It walks from front to end, as io/text/json.h does:
 *
 *     php_text_source(&p, text);                     or php_text_serialized
 *     if (php_text_array(&p))
 *         while (php_text_key(&p, &key))             of a list the keys are absent
 *             if (slice_eq_str(key, "name")) name = php_text_string(&p);
 *             else php_text_skip(&p);
 *
 * Every key must be answered by one call that takes its value. A string is valid until the next one; one behind
 * __DIR__ is what was joined to that. The first thing that is not understood sets bad, and then every call gives nothing.
 * Bounds: PHP_TEXT_DEPTH levels, and PHP_TEXT_STRING_MAX bytes of a string that is wanted. One thread.
 */
#ifndef CAREEN_PACKAGES_PHP_PHP_TEXT_H
#define CAREEN_PACKAGES_PHP_PHP_TEXT_H

#include "base/slice.h"

#define PHP_TEXT_DEPTH      64
#define PHP_TEXT_STRING_MAX ((size_t)4096)

struct php_text {
    const char *bad; /* why it can't be read further; NULL: it can */
    struct slice rest;
    bool serialized;
    int depth;
    uint8_t closing[PHP_TEXT_DEPTH];
    uint64_t left[PHP_TEXT_DEPTH]; /* members, of what is serialized */
    uint8_t key[PHP_TEXT_STRING_MAX], string[PHP_TEXT_STRING_MAX];
};

void php_text_source(struct php_text *p, struct slice text);
void php_text_serialized(struct php_text *p, struct slice text);
/* Enters the array that stands next; false, having skipped it, where something else stands. */
bool php_text_array(struct php_text *p);
/* The next member's key; false at the array's end, which leaves it. */
bool php_text_key(struct php_text *p, struct slice *ret_key);
/* The string, or a number's or a word's characters; SLICE_NONE having skipped anything else, and what is too long. */
struct slice php_text_string(struct php_text *p);
void php_text_skip(struct php_text *p);

#endif
