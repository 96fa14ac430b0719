/* SPDX-License-Identifier: Apache-2.0 */
/* json_internal.h: what json.c is made of: the characters of strings and numbers, and the keys of open objects. */
#ifndef CAREEN_IO_TEXT_JSON_INTERNAL_H
#define CAREEN_IO_TEXT_JSON_INTERNAL_H

#include "io/text/json.h"

/* ---- json_token.c ---- */

/* The offset of the first byte that a string's end or meaning hangs on: a quote, a backslash, a control character, or
 * one that is not ASCII; s.n without any. */
size_t json_plain_length(struct slice s);
/*
 * Checks what stands between the quotes, and decodes it when out (raw.n bytes, which are enough) is not NULL. NULL when
 * it is sound; else the reason, and *ret_at is the offset in raw.
 */
const char *json_string_decode(struct slice raw, uint8_t *out, size_t *ret_n, size_t *ret_at);
/* NULL when s is a number that an int64_t or a double holds; else the reason. */
const char *json_number_check(struct slice s);

/* ---- json_keys.c ---- */

void json_keys_enter(struct json_keys *k, int level);
void json_keys_leave(struct json_keys *k, int level);
/* NULL, or why the key can't be taken: it stands there already, or there are too many. */
const char *json_keys_add(struct json_keys *k, int level, struct slice key);
void json_keys_done(struct json_keys *k);

#endif
