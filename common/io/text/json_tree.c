/* SPDX-License-Identifier: Apache-2.0 */
#include "io/text/json_tree.h"

#include "io/text/json.h"

void cleanup_json(json_t **root)
{
    json_decref(*root);
}

/* A number, true, false or null, whose characters are sound. */
static json_t *scalar(struct slice s)
{
    char text[JSON_NUMBER_MAX + 1];
    int64_t whole;
    if (!s.n || s.p[0] == 'n')
        return json_null();
    if (s.p[0] == 't' || s.p[0] == 'f')
        return json_boolean(s.p[0] == 't');
    if (slice_parse_i64(s, &whole))
        return json_integer(whole);
    snprintf(text, sizeof text, "%.*s", SLICE_FMT(s));
    return json_real(strtod(text, NULL));
}

/* The next value: of an object or array only its beginning, which p enters. NULL when p is malformed there. */
static json_t *begin_value(struct json_pull *p)
{
    json_t *v = NULL;
    struct slice s;
    switch (json_pull_kind(p)) {
    case JSON_PULL_OBJECT:
        return json_pull_object(p) ? json_object() : NULL;
    case JSON_PULL_ARRAY:
        return json_pull_array(p) ? json_array() : NULL;
    case JSON_PULL_STRING:
        s = json_pull_string(p);
        return p->bad ? NULL : json_stringn_nocheck((const char *)s.p, s.n);
    case JSON_PULL_NUMBER:
    case JSON_PULL_WORD:
        s = json_pull_scalar(p);
        return p->bad ? NULL : scalar(s);
    case JSON_PULL_NOTHING:
        json_pull_skip(p); /* says what is wrong */
        break;
    }
    return v;
}

/* Values are hung into their parent as they begin, so that whatever ends this, the root has them all. */
static json_t *build(struct json_pull *p, size_t max_values)
{
    json_t *root = NULL, *open[JSON_DEPTH];
    size_t depth = 0, values = 0;
    do {
        json_t *parent = depth ? open[depth - 1] : NULL;
        struct slice key = SLICE_NONE;
        if (parent && !(json_is_object(parent) ? json_pull_key(p, &key) : json_pull_item(p))) {
            depth--;
            continue;
        }
        if (values++ == max_values)
            p->bad = "it has too many values";
        json_t *v = p->bad ? NULL : begin_value(p);
        if (!v) {
            p->bad = p->bad ? p->bad : "it takes too much memory";
            break;
        }
        if (!parent)
            root = v;
        else if (json_is_object(parent) ? json_object_setn_new_nocheck(parent, (const char *)key.p, key.n, v)
                                        : json_array_append_new(parent, v))
            p->bad = "it takes too much memory";
        if (json_is_object(v) || json_is_array(v))
            open[depth++] = v;
    } while (depth && !p->bad);
    return root;
}

int json_tree_read_value(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e)
{
    struct json_pull p;
    if (text.n > max_bytes)
        return err_set(e, ERR_POISON, 0, "JSON of %zu bytes; at most %zu are read", text.n, max_bytes);
    json_pull_text(&p, text, NULL);
    json_t *root = build(&p, max_values);
    int rc = json_pull_end(&p, e);
    json_pull_done(&p);
    if (rc)
        json_decref(root);
    else
        *ret_root = root;
    return rc;
}

int json_tree_read(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e)
{
    json_t *root;
    if (json_tree_read_value(text, max_bytes, max_values, &root, e))
        return -1;
    if (!json_is_object(root) && !json_is_array(root)) {
        json_decref(root);
        return err_set(e, ERR_POISON, 0, "not JSON: neither an object nor an array");
    }
    *ret_root = root;
    return 0;
}

struct slice json_tree_string(const json_t *string)
{
    if (!json_is_string(string))
        return SLICE_NONE;
    return slice_of(json_string_value(string), json_string_length(string));
}

struct slice json_tree_view(const json_t *object, const char *key)
{
    return json_tree_string(json_object_get(object, key));
}

struct slice json_tree_slice(struct arena *a, const json_t *object, const char *key)
{
    return arena_slice(a, json_tree_view(object, key));
}

int64_t json_tree_int(const json_t *object, const char *key, int64_t absent)
{
    const json_t *v = json_object_get(object, key);
    return json_is_integer(v) ? (int64_t)json_integer_value(v) : absent;
}

const json_t *json_tree_object(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_object(v) ? v : NULL;
}

const json_t *json_tree_array(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_array(v) ? v : NULL;
}
