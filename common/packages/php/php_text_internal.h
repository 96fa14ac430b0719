/* SPDX-License-Identifier: Apache-2.0 */
/* php_text_internal.h: the two forms that php_text.c reads: what stands next in each. */
#ifndef CAREEN_PACKAGES_PHP_PHP_TEXT_INTERNAL_H
#define CAREEN_PACKAGES_PHP_PHP_TEXT_INTERNAL_H

#include "packages/php/php_text.h"

enum php_token { PHP_TOKEN_BAD, PHP_TOKEN_ARRAY, PHP_TOKEN_SCALAR };

/*
 * Takes what stands next: of an array its beginning (*ret_closing ends it, *ret_members are in it), of a scalar all of
 * it, into to, which has PHP_TEXT_STRING_MAX bytes; *ret is SLICE_NONE where that is too long.
 */
enum php_token php_serial_take(struct php_text *p, uint8_t *to, struct slice *ret, uint64_t *ret_members);
enum php_token php_source_take(struct php_text *p, uint8_t *to, struct slice *ret, uint8_t *ret_closing);
/* Drops blanks and comments; the next byte, -1 at the end. */
int php_source_peek(struct php_text *p);

static inline enum php_token php_bad(struct php_text *p, const char *why)
{
    if (!p->bad)
        p->bad = why;
    return PHP_TOKEN_BAD;
}

#endif
