/* SPDX-License-Identifier: Apache-2.0 */
#include "io/text/json_internal.h"

#include <inttypes.h>

static const char too_early[] = "it is cut";

static void bad(struct json_pull *p, const char *why)
{
    if (!p->bad)
        p->bad = why;
}

void json_pull_text(struct json_pull *p, struct slice text, struct arena *arena)
{
    *p = (struct json_pull){.text = text, .arena = arena};
    p->held = p->key = p->decoded = BUF_INIT(SIZE_MAX / 2);
}

void json_pull_stream(struct json_pull *p, struct byte_source source)
{
    json_pull_text(p, SLICE_NONE, NULL);
    p->source = source;
}

void json_pull_done(struct json_pull *p)
{
    buf_done(&p->held);
    buf_done(&p->key);
    buf_done(&p->decoded);
    json_keys_done(&p->keys);
}

/* ---- the text in memory ---- */

static uint64_t count_lines(const uint8_t *p, size_t n)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

/*
 * At the end of what is in memory: gets the next piece. What stands from *from on is kept in front of it, and *from and
 * p->at move along; NULL keeps nothing. False at the end of the text, which leaves everything as it was.
 */
static bool more(struct json_pull *p, size_t *from)
{
    if (!p->source.read || p->source_ended || p->bad)
        return false;
    size_t keep = from ? p->text.n - *from : 0, gone = p->text.n - keep;
    if (gone) {
        p->before += gone;
        p->lines_before += count_lines(p->text.p, gone);
        p->at -= gone;
    }
    /* The source's piece is gone once it is asked for the next. */
    if (keep && gone && p->text.p == p->held.p)
        memmove(p->held.p, p->held.p + gone, keep);
    else if (keep && p->text.p != p->held.p) {
        buf_clear(&p->held);
        buf_add(&p->held, p->text.p + gone, keep);
    }
    p->held.n = keep;
    p->text = buf_slice(&p->held);
    if (from)
        *from = 0;
    const uint8_t *piece = NULL;
    size_t n = 0;
    if (p->source.read(p->source.arg, &piece, &n, &p->source_error)) {
        bad(p, "it can't be read to its end");
        return false;
    }
    if (!n) {
        p->source_ended = true;
        return false;
    }
    if (!keep) {
        p->text = slice_of(piece, n);
        return true;
    }
    buf_add(&p->held, piece, n);
    p->text = buf_slice(&p->held);
    return true;
}

/* The next byte that is no blank, which stays; -1 at the end. */
static int peek(struct json_pull *p)
{
    do {
        while (p->at < p->text.n) {
            uint8_t c = p->text.p[p->at];
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
                return c;
            p->at++;
        }
    } while (more(p, NULL));
    return -1;
}

static bool take(struct json_pull *p, uint8_t c, const char *why)
{
    int next = p->bad ? -1 : peek(p);
    if (p->bad || next != c) {
        bad(p, next < 0 ? too_early : why);
        return false;
    }
    p->at++;
    return true;
}

/* ---- strings ---- */

/*
 * What stands between the quotes, from *ret_from to the byte before p->at; *ret_plain: it means what it says, byte for
 * byte. max bounds its bytes. The quote that opens it has been taken.
 */
static bool string_end(struct json_pull *p, size_t max, size_t *ret_from, bool *ret_plain)
{
    size_t from = p->at;
    bool plain = true;
    for (;;) {
        p->at += json_plain_length(slice_from(p->text, p->at));
        bool escape = p->at < p->text.n && p->text.p[p->at] == '\\';
        if (p->at - from > max) {
            bad(p, "a string is too long");
            return false;
        }
        /* An escape is looked at with the byte behind it. */
        if (p->at + escape >= p->text.n) {
            if (more(p, &from))
                continue;
            p->at = p->text.n;
            bad(p, "a string without an end");
            return false;
        }
        uint8_t c = p->text.p[p->at];
        p->at += 1 + escape;
        if (c == '"')
            break;
        plain = false;
    }
    *ret_from = from;
    *ret_plain = plain;
    return true;
}

/* Decodes raw, which is not plain, without an arena into b; only checks it when ret is NULL. False: it is nothing. */
static bool decode(struct json_pull *p, struct slice raw, struct buf *b, struct slice *ret)
{
    uint8_t *out = NULL;
    size_t n = 0, at = 0;
    if (ret && p->arena) {
        out = arena_alloc(p->arena, raw.n);
    } else if (ret) {
        buf_clear(b);
        out = buf_reserve(b, raw.n);
    }
    if (ret && !out) {
        bad(p, "its strings take too much memory");
        return false;
    }
    const char *why = json_string_decode(raw, out, &n, &at);
    if (why && !(p->lets & JSON_PULL_BAD_STRINGS)) {
        p->at = (size_t)(raw.p - p->text.p) + at;
        bad(p, why);
    }
    if (ret)
        *ret = why ? SLICE_NONE : slice_of(out, n);
    return !why;
}

/* A string of at most max bytes, SLICE_NONE when it is none; ret NULL: it is checked and passed over. b as above. */
static bool string(struct json_pull *p, size_t max, struct buf *b, struct slice *ret)
{
    size_t from;
    bool plain;
    if (ret)
        *ret = SLICE_NONE;
    if (!take(p, '"', "a string was expected") || !string_end(p, max, &from, &plain))
        return false;
    struct slice raw = slice_sub(p->text, from, p->at - 1 - from);
    if (!plain)
        return decode(p, raw, b, ret);
    if (ret)
        *ret = raw;
    return true;
}

struct slice json_pull_string(struct json_pull *p)
{
    struct slice s = SLICE_NONE;
    if (json_pull_kind(p) == JSON_PULL_STRING)
        string(p, JSON_STRING_MAX, &p->decoded, &s);
    else
        json_pull_skip(p);
    return p->bad ? SLICE_NONE : s;
}

/* ---- numbers, true, false and null ---- */

static bool is_of_scalar(uint8_t c, bool word)
{
    if (word)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static struct slice scalar(struct json_pull *p, bool word)
{
    size_t from = p->at;
    do {
        while (p->at < p->text.n && is_of_scalar(p->text.p[p->at], word))
            p->at++;
        if (p->at - from > JSON_NUMBER_MAX) {
            bad(p, "a number is too long");
            return SLICE_NONE;
        }
    } while (p->at == p->text.n && more(p, &from));
    struct slice s = slice_sub(p->text, from, p->at - from);
    const char *why = word ? "a value was expected" : json_number_check(s);
    if (word && (slice_eq_str(s, "true") || slice_eq_str(s, "false") || slice_eq_str(s, "null")))
        why = NULL;
    if (why) {
        p->at = from;
        bad(p, why);
    }
    return p->bad ? SLICE_NONE : s;
}

enum json_pull_kind json_pull_kind(struct json_pull *p)
{
    int c = p->bad ? -1 : peek(p);
    if (c == '{')
        return JSON_PULL_OBJECT;
    if (c == '[')
        return JSON_PULL_ARRAY;
    if (c == '"')
        return JSON_PULL_STRING;
    if (c == '-' || (c >= '0' && c <= '9'))
        return JSON_PULL_NUMBER;
    return c == 't' || c == 'f' || c == 'n' ? JSON_PULL_WORD : JSON_PULL_NOTHING;
}

struct slice json_pull_scalar(struct json_pull *p)
{
    enum json_pull_kind kind = json_pull_kind(p);
    if (kind == JSON_PULL_NUMBER || kind == JSON_PULL_WORD)
        return scalar(p, kind == JSON_PULL_WORD);
    json_pull_skip(p);
    return SLICE_NONE;
}

/* ---- objects and arrays ---- */

static bool enter(struct json_pull *p, uint8_t open, uint8_t close)
{
    if (p->bad || peek(p) != open) {
        json_pull_skip(p);
        return false;
    }
    if (p->depth == JSON_DEPTH) {
        bad(p, "it nests too deep");
        return false;
    }
    p->at++;
    json_keys_enter(&p->keys, p->depth);
    p->closing[p->depth] = close;
    p->first[p->depth++] = true;
    return true;
}

bool json_pull_object(struct json_pull *p)
{
    return enter(p, '{', '}');
}

bool json_pull_array(struct json_pull *p)
{
    return enter(p, '[', ']');
}

static bool leave(struct json_pull *p)
{
    p->at++;
    json_keys_leave(&p->keys, --p->depth);
    return false;
}

/* The comma before what comes next; false at the closing bracket, which is taken. */
static bool next(struct json_pull *p)
{
    if (p->bad || !p->depth)
        return false;
    int d = p->depth - 1;
    if (peek(p) == p->closing[d])
        return leave(p);
    if (!p->first[d] && !take(p, ',', "a comma or a closing bracket was expected"))
        return false;
    if (!p->first[d] && (p->lets & JSON_PULL_LAST_COMMA) && peek(p) == p->closing[d])
        return leave(p);
    p->first[d] = false;
    return !p->bad;
}

bool json_pull_key(struct json_pull *p, struct slice *ret_key)
{
    *ret_key = SLICE_NONE;
    if (!next(p))
        return false;
    struct slice key;
    if (string(p, JSON_KEY_MAX, &p->key, &key) && !(p->lets & JSON_PULL_REPEATED_KEYS)) {
        const char *why = json_keys_add(&p->keys, p->depth - 1, key);
        if (why)
            bad(p, why);
    }
    /* In a stream the key may be a part of the piece, which taking the colon may replace. */
    if (p->source.read && key.p && key.p != p->key.p) {
        buf_clear(&p->key);
        buf_add_slice(&p->key, key);
        key = buf_slice(&p->key);
    }
    if (!take(p, ':', "a colon was expected"))
        return false;
    *ret_key = key;
    return true;
}

bool json_pull_item(struct json_pull *p)
{
    return next(p);
}

void json_pull_skip(struct json_pull *p)
{
    int outside = p->depth;
    do {
        switch (json_pull_kind(p)) {
        case JSON_PULL_OBJECT:
            json_pull_object(p);
            break;
        case JSON_PULL_ARRAY:
            json_pull_array(p);
            break;
        case JSON_PULL_STRING:
            string(p, JSON_STRING_MAX, NULL, NULL);
            break;
        case JSON_PULL_NUMBER:
            scalar(p, false);
            break;
        case JSON_PULL_WORD:
            scalar(p, true);
            break;
        case JSON_PULL_NOTHING:
            bad(p, peek(p) < 0 ? too_early : "a value was expected");
            break;
        }
        /* Up to the next value of what was entered here. */
        struct slice key;
        while (!p->bad && p->depth > outside &&
               !(p->closing[p->depth - 1] == '}' ? json_pull_key(p, &key) : json_pull_item(p)))
            ;
    } while (!p->bad && p->depth > outside);
}

/* ---- values as they are written ---- */

struct raw {
    uint8_t closing[JSON_DEPTH];
    int depth;
    bool quoted, escaped, ended;
};

/* Passes over one byte, or over a string's plain ones. */
static void raw_step(struct json_pull *p, struct raw *r)
{
    uint8_t c = p->text.p[p->at];
    if (r->quoted) {
        p->at += r->escaped ? 1 : MAX(json_plain_length(slice_from(p->text, p->at)), 1u);
        r->quoted = r->escaped || c != '"';
        r->escaped = !r->escaped && c == '\\';
        r->ended = !r->quoted && !r->depth;
        return;
    }
    /* What ends a number or a word is not a part of it. */
    if (!r->depth && strchr(",]} \t\r\n", c) && c) {
        r->ended = true;
        return;
    }
    if (c == '{' || c == '[') {
        if (r->depth == JSON_DEPTH) {
            bad(p, "it nests too deep");
            return;
        }
        r->closing[r->depth++] = c == '{' ? '}' : ']';
    } else if (c == '}' || c == ']') {
        if (r->closing[--r->depth] != c) {
            bad(p, "brackets don't pair");
            return;
        }
        r->ended = !r->depth;
    }
    r->quoted = c == '"';
    p->at++;
}

struct slice json_pull_raw(struct json_pull *p, size_t max)
{
    struct raw r = {.depth = 0};
    int c = p->bad ? -1 : peek(p);
    if (c < 0 || strchr(",:]}", c)) {
        bad(p, c < 0 ? too_early : "a value was expected");
        return SLICE_NONE;
    }
    size_t from = p->at;
    bool fits = true;
    while (!p->bad && !r.ended) {
        if (p->at < p->text.n) {
            raw_step(p, &r);
            continue;
        }
        fits &= p->at - from <= max;
        if (!more(p, fits ? &from : NULL))
            bad(p, too_early);
    }
    fits &= p->at - from <= max;
    return p->bad || !fits ? SLICE_NONE : slice_sub(p->text, from, p->at - from);
}

int json_pull_end(struct json_pull *p, struct err *e)
{
    if (!p->bad && peek(p) >= 0)
        bad(p, "something stands behind its end");
    if (!p->bad && p->depth)
        bad(p, too_early);
    if (!p->bad)
        return 0;
    if (p->source_error.kind != ERR_NONE) {
        if (e)
            *e = p->source_error;
        return -1;
    }
    return err_set(e, ERR_POISON, 0, "not JSON: %s, at byte %" PRIu64 ", line %" PRIu64, p->bad, p->before + p->at,
                   p->lines_before + count_lines(p->text.p, p->at) + 1);
}
