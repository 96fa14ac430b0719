/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_forms.h: one JSON text read in every form that there is (pulled from memory, with and without an arena, from a
 * stream in pieces of any size, and as a tree), each written down in the same way so that they can be compared:
 * strings as <bytes>, whole numbers in decimal, others with all their digits.
 */
#ifndef CAREEN_TESTS_UNIT_IO_JSON_FORMS_H
#define CAREEN_TESTS_UNIT_IO_JSON_FORMS_H

#include "io/text/json.h"
#include "io/text/json_tree.h"

/* Gives the rest in pieces of `size` bytes, each in memory that is overwritten by the next. */
struct json_pieces {
    struct slice rest;
    size_t size;
    struct buf piece;
    bool fails; /* instead of ending */
};

static inline int json_pieces_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    struct json_pieces *s = arg;
    size_t n = MIN(s->size, s->rest.n);
    if (!n && s->fails)
        return err_set(e, ERR_RETRY, 0, "the line is down");
    buf_done(&s->piece);
    s->piece = BUF_INIT(SIZE_MAX / 2);
    buf_add(&s->piece, s->rest.p, n);
    s->rest = slice_from(s->rest, n);
    *ret_p = s->piece.p;
    *ret_n = n;
    return 0;
}

static inline void json_write_scalar(struct buf *out, struct slice s)
{
    int64_t whole;
    char text[JSON_NUMBER_MAX + 1];
    snprintf(text, sizeof text, "%.*s", SLICE_FMT(s));
    if (slice_parse_i64(s, &whole))
        buf_addf(out, "%lld", (long long)whole);
    else if (strchr("tfn", text[0]))
        buf_add_slice(out, s);
    else
        buf_addf(out, "%.17g", strtod(text, NULL));
}

static inline void json_write_pulled(struct json_pull *p, struct buf *out)
{
    struct slice key;
    switch (json_pull_kind(p)) {
    case JSON_PULL_OBJECT:
        buf_add_byte(out, '{');
        if (json_pull_object(p))
            while (json_pull_key(p, &key)) {
                buf_addf(out, "<%.*s>", SLICE_FMT(key));
                json_write_pulled(p, out);
            }
        buf_add_byte(out, '}');
        break;
    case JSON_PULL_ARRAY:
        buf_add_byte(out, '[');
        if (json_pull_array(p))
            while (json_pull_item(p)) {
                json_write_pulled(p, out);
                buf_add_byte(out, ',');
            }
        buf_add_byte(out, ']');
        break;
    case JSON_PULL_STRING:
        key = json_pull_string(p);
        buf_addf(out, "<%.*s>", SLICE_FMT(key));
        break;
    case JSON_PULL_NUMBER:
    case JSON_PULL_WORD:
        json_write_scalar(out, json_pull_scalar(p));
        break;
    case JSON_PULL_NOTHING:
        json_pull_skip(p);
        break;
    }
}

static inline void json_write_tree(const json_t *v, struct buf *out)
{
    if (json_is_object(v)) {
        const char *key;
        json_t *member;
        buf_add_byte(out, '{');
        json_object_foreach((json_t *)(uintptr_t)v, key, member)
        {
            buf_addf(out, "<%s>", key);
            json_write_tree(member, out);
        }
        buf_add_byte(out, '}');
    } else if (json_is_array(v)) {
        buf_add_byte(out, '[');
        for (size_t i = 0; i < json_array_size(v); i++) {
            json_write_tree(json_array_get(v, i), out);
            buf_add_byte(out, ',');
        }
        buf_add_byte(out, ']');
    } else if (json_is_string(v)) {
        buf_addf(out, "<%s>", json_string_value(v));
    } else if (json_is_integer(v)) {
        buf_addf(out, "%lld", (long long)json_integer_value(v));
    } else if (json_is_real(v)) {
        buf_addf(out, "%.17g", json_real_value(v));
    } else {
        buf_add_str(out, json_is_null(v) ? "null" : json_is_true(v) ? "true" : "false");
    }
}

enum json_form { JSON_FORM_SKIP, JSON_FORM_TEXT, JSON_FORM_ARENA, JSON_FORM_TREE, JSON_FORM_STREAM };

/*
 * Reads text in one form; JSON_FORM_STREAM and what is above it: from a stream in pieces of form - JSON_FORM_STREAM + 1
 * bytes. What it says, or why it can't be read, is in out (a skipped text says nothing). 0 or -1, as the reader.
 */
static inline int json_read_form(struct slice text, size_t form, struct buf *out, struct err *e)
{
    struct json_pull p;
    struct arena arena = ARENA_INIT(text.n + 4096);
    struct json_pieces pieces = {.rest = text, .size = form - JSON_FORM_STREAM + 1};
    json_t *root = NULL;
    int rc;
    if (form == JSON_FORM_TREE) {
        rc = json_tree_read_value(text, text.n, SIZE_MAX, &root, e);
        if (!rc)
            json_write_tree(root, out);
        json_decref(root);
        return rc;
    }
    if (form < JSON_FORM_STREAM)
        json_pull_text(&p, text, form == JSON_FORM_ARENA ? &arena : NULL);
    else
        json_pull_stream(&p, (struct byte_source){.read = json_pieces_read, .arg = &pieces});
    if (form == JSON_FORM_SKIP)
        json_pull_skip(&p);
    else
        json_write_pulled(&p, out);
    rc = json_pull_end(&p, e);
    json_pull_done(&p);
    buf_done(&pieces.piece);
    arena_done(&arena);
    return rc;
}

#endif
