/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/php/php_text_internal.h"

void php_text_serialized(struct php_text *p, struct slice text)
{
    p->bad = NULL;
    p->rest = text;
    p->serialized = true;
    p->depth = 0;
}

void php_text_source(struct php_text *p, struct slice text)
{
    p->bad = NULL;
    p->rest = text;
    p->serialized = false;
    p->depth = 0;
    slice_take_prefix(&p->rest, SLICE("\xef\xbb\xbf"));
    if (!slice_take_prefix(&p->rest, SLICE("<?php")) || php_source_peek(p) < 0 ||
        !slice_take_prefix(&p->rest, SLICE("return")))
        php_bad(p, "it does not return an array");
}

/* Takes what stands next. Of an array its beginning, which is entered. */
static enum php_token take(struct php_text *p, uint8_t *to, struct slice *ret)
{
    uint8_t closing = '}';
    uint64_t members = 0;
    *ret = SLICE_NONE;
    if (p->bad)
        return PHP_TOKEN_BAD;
    enum php_token t = p->serialized ? php_serial_take(p, to, ret, &members) : php_source_take(p, to, ret, &closing);
    if (t != PHP_TOKEN_ARRAY)
        return t;
    if (p->depth == PHP_TEXT_DEPTH)
        return php_bad(p, "it nests too deep");
    p->closing[p->depth] = closing;
    p->left[p->depth++] = members;
    return t;
}

/* At the end of what is open: leaves it. */
static bool at_end(struct php_text *p)
{
    int d = p->depth - 1;
    if (p->serialized ? p->left[d] > 0 : php_source_peek(p) != p->closing[d])
        return false;
    if (p->serialized && !slice_starts(p->rest, SLICE("}")))
        php_bad(p, "an array does not end where it should");
    p->rest = slice_from(p->rest, 1);
    p->depth--;
    /* The comma behind it belongs to the array around it. */
    return true;
}

/* In source text: behind a value a comma, or the end of what is open. */
static void after_value(struct php_text *p)
{
    if (p->serialized || p->bad || !p->depth)
        return;
    int c = php_source_peek(p);
    if (c == ',')
        p->rest = slice_from(p->rest, 1);
    else if (c != p->closing[p->depth - 1])
        php_bad(p, "a comma or the end of an array was expected");
}

bool php_text_array(struct php_text *p)
{
    struct slice s;
    if (take(p, p->string, &s) == PHP_TOKEN_ARRAY)
        return true;
    after_value(p);
    return false;
}

bool php_text_key(struct php_text *p, struct slice *ret_key)
{
    *ret_key = SLICE_NONE;
    if (p->bad || !p->depth)
        return false;
    if (at_end(p)) {
        after_value(p);
        return false;
    }
    if (p->serialized) {
        p->left[p->depth - 1]--;
        return take(p, p->key, ret_key) == PHP_TOKEN_SCALAR || php_bad(p, "a key was expected") != PHP_TOKEN_BAD;
    }
    /* 'key' => value, or a value alone: then what was taken as the key is given back. */
    struct slice before = p->rest;
    int depth = p->depth;
    enum php_token t = take(p, p->key, ret_key);
    if (t == PHP_TOKEN_BAD)
        return false;
    if (t == PHP_TOKEN_SCALAR && php_source_peek(p) == '=' && slice_take_prefix(&p->rest, SLICE("=>")))
        return true;
    p->rest = before;
    p->depth = depth;
    *ret_key = SLICE_NONE;
    return true;
}

/* Leaves what is open, down to that many levels. */
static void skip_open(struct php_text *p, int depth)
{
    struct slice s;
    while (!p->bad && p->depth > depth)
        if (php_text_key(p, &s) && take(p, p->string, &s) == PHP_TOKEN_SCALAR)
            after_value(p);
}

struct slice php_text_string(struct php_text *p)
{
    struct slice s;
    if (take(p, p->string, &s) == PHP_TOKEN_ARRAY) {
        skip_open(p, p->depth - 1);
        return SLICE_NONE;
    }
    after_value(p);
    return p->bad ? SLICE_NONE : s;
}

void php_text_skip(struct php_text *p)
{
    php_text_string(p);
}
