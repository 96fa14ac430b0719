/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/json_split.h"

#define KEY_MAX   1024
#define FIELD_MAX ((size_t)1 << 20)
#define DEPTH_MAX 64

void json_split_init(struct json_split *s, struct unpack *u, const char *list)
{
    *s = (struct json_split){.unpack = u,
                             .list = list,
                             .key = BUF_INIT(KEY_MAX),
                             .outer = BUF_INIT(KEY_MAX),
                             .text = BUF_INIT(FEED_DOCUMENT_MAX)};
}

void json_split_done(struct json_split *s)
{
    buf_done(&s->key);
    buf_done(&s->outer);
    buf_done(&s->text);
}

/* 1 and the byte without taking it, 0 at the end, <0. */
static int peek(struct json_split *s, uint8_t *ret_c, struct err *e)
{
    if (s->n == 0) {
        if (unpack_piece(s->unpack, &s->p, &s->n, e))
            return -1;
        if (s->n == 0)
            return 0;
    }
    *ret_c = *s->p;
    return 1;
}

static void take(struct json_split *s)
{
    s->p++;
    s->n--;
    s->at++;
}

static int malformed(const struct json_split *s, const char *what, struct err *e)
{
    return err_set(e, ERR_POISON, 0, "malformed JSON at byte %" PRIu64 ": %s", s->at, what);
}

/* The next byte that is not white space, not taken. The end is an error. */
static int peek_token(struct json_split *s, uint8_t *ret_c, struct err *e)
{
    for (;;) {
        int rc = peek(s, ret_c, e);
        if (rc < 0)
            return -1;
        if (rc == 0)
            return err_set(e, ERR_POISON, 0, "the JSON is cut at byte %" PRIu64, s->at);
        if (*ret_c != ' ' && *ret_c != '\t' && *ret_c != '\n' && *ret_c != '\r')
            return 0;
        take(s);
    }
}

/* A string with its quotes goes into out; escapes stay as they are. */
static int copy_string(struct json_split *s, struct buf *out, struct err *e)
{
    bool escaped = false;
    for (uint64_t i = 0;; i++) {
        uint8_t c;
        int rc = peek(s, &c, e);
        if (rc <= 0)
            return rc < 0 ? -1 : err_set(e, ERR_POISON, 0, "the JSON is cut inside a string at byte %" PRIu64, s->at);
        take(s);
        buf_add_byte(out, c);
        if (i == 0)
            continue;
        if (escaped)
            escaped = false;
        else if (c == '\\')
            escaped = true;
        else if (c == '"')
            return 0;
    }
}

/* One value of any kind goes into out; past out's maximum it is passed over. */
static int copy_value(struct json_split *s, struct buf *out, struct err *e)
{
    uint8_t closing[DEPTH_MAX];
    int depth = 0;
    bool scalar = false;
    for (;;) {
        uint8_t c;
        int rc = peek(s, &c, e);
        if (rc < 0)
            return -1;
        if (rc == 0)
            return err_set(e, ERR_POISON, 0, "the JSON is cut at byte %" PRIu64, s->at);
        if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t'))
            return scalar ? 0 : malformed(s, "a value is missing", e);
        if (c == '"') {
            if (copy_string(s, out, e))
                return -1;
        } else {
            take(s);
            buf_add_byte(out, c);
        }
        if (c == '{' || c == '[') {
            if (depth == DEPTH_MAX)
                return malformed(s, "nested too deep", e);
            closing[depth++] = c == '{' ? '}' : ']';
        } else if (c == '}' || c == ']') {
            if (closing[--depth] != c)
                return malformed(s, "brackets don't pair", e);
        } else if (c != '"') {
            scalar = true;
            continue;
        }
        if (depth == 0)
            return 0;
    }
}

static int enter(struct json_split *s, uint8_t c, struct err *e)
{
    if (c != '{' && c != '[')
        return malformed(s, "an object or array is expected", e);
    take(s);
    s->depth++;
    s->closing[s->depth] = c == '{' ? '}' : ']';
    s->first[s->depth] = true;
    return 0;
}

/* At the end of the innermost level or behind its comma: 1 there is another element, 0 the level was left. */
static int next_or_leave(struct json_split *s, struct err *e)
{
    uint8_t c;
    if (peek_token(s, &c, e))
        return -1;
    if (c == s->closing[s->depth]) {
        take(s);
        s->depth--;
        return 0;
    }
    if (!s->first[s->depth]) {
        if (c != ',')
            return malformed(s, "a comma is expected", e);
        take(s);
        if (peek_token(s, &c, e))
            return -1;
    }
    s->first[s->depth] = false;
    return 1;
}

/* The element's name, when the level is an object. s->key then holds it without quotes. */
static int read_key(struct json_split *s, struct err *e)
{
    buf_clear(&s->key);
    if (s->closing[s->depth] != '}')
        return 0;
    uint8_t c;
    if (peek_token(s, &c, e))
        return -1;
    if (c != '"')
        return malformed(s, "a member's name is expected", e);
    if (copy_string(s, &s->key, e) || peek_token(s, &c, e))
        return -1;
    if (s->key.overflow)
        return malformed(s, "a member's name is too long", e);
    if (c != ':')
        return malformed(s, "a colon is expected", e);
    take(s);
    return 0;
}

static struct slice unquoted(const struct buf *b)
{
    struct slice k = buf_slice(b);
    return k.n >= 2 ? slice_sub(k, 1, k.n - 2) : k;
}

struct slice json_split_outer(const struct json_split *s)
{
    return unquoted(&s->outer);
}

/* Whether the member that was just named is a list whose elements are wanted. */
static bool is_list(const struct json_split *s, uint8_t c)
{
    if (!s->list || s->depth == 2)
        return false;
    if (strcmp(s->list, JSON_SPLIT_ALL) == 0)
        return c == '{' && s->closing[1] == '}';
    return (c == '[' || c == '{') && slice_eq_str(unquoted(&s->key), s->list);
}

static int read_end(struct json_split *s, struct err *e)
{
    uint8_t c;
    int rc;
    while ((rc = peek(s, &c, e)) == 1) {
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return malformed(s, "something follows the end", e);
        take(s);
    }
    s->done = true;
    return rc;
}

int json_split_next(struct json_split *s, enum json_split_kind *ret_kind, struct slice *ret_key, struct slice *ret_text,
                    struct err *e)
{
    uint8_t c;
    if (s->depth == 0 && !s->done && (peek_token(s, &c, e) || enter(s, c, e)))
        return -1;
    while (!s->done) {
        int more = next_or_leave(s, e);
        if (more < 0)
            return -1;
        if (!more) {
            if (s->depth == 0 && read_end(s, e))
                return -1;
            continue;
        }
        if (read_key(s, e) || peek_token(s, &c, e))
            return -1;
        bool in_list = s->depth == 2 || !s->list;
        if (is_list(s, c)) {
            buf_clear(&s->outer);
            buf_add(&s->outer, s->key.p, s->key.n);
            if (enter(s, c, e))
                return -1;
            continue;
        }
        buf_clear(&s->text);
        s->text.max = in_list ? FEED_DOCUMENT_MAX : FIELD_MAX;
        if (copy_value(s, &s->text, e))
            return -1;
        if (!in_list && s->text.overflow)
            continue;
        *ret_kind = !in_list ? SPLIT_FIELD : s->text.overflow ? SPLIT_TOO_BIG : SPLIT_ELEMENT;
        *ret_key = unquoted(&s->key);
        *ret_text = buf_slice(&s->text);
        return 0;
    }
    *ret_kind = SPLIT_END;
    return 0;
}
