/* SPDX-License-Identifier: Apache-2.0 */
#include "io/text/jsonin.h"

void cleanup_json(json_t **root)
{
    json_decref(*root);
}

/* An upper bound of the number of values: commas, colons and openings outside of strings. */
static size_t count_values(struct slice s)
{
    size_t n = 1;
    bool in_string = false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == ',' || c == '[' || c == '{') {
            n++;
        }
    }
    return n;
}

int jsonin_load(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e)
{
    json_error_t why;
    if (text.n > max_bytes)
        return err_set(e, ERR_POISON, 0, "JSON of %zu bytes; at most %zu are read", text.n, max_bytes);
    if (count_values(text) > max_values)
        return err_set(e, ERR_POISON, 0, "JSON of more than %zu values", max_values);
    json_t *root = json_loadb(text.p ? (const char *)text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return err_set(e, ERR_POISON, 0, "not JSON: line %d column %d: %s", why.line, why.column, why.text);
    *ret_root = root;
    return 0;
}

struct slice jsonin_string(const json_t *string)
{
    if (!json_is_string(string))
        return SLICE_NONE;
    return slice_of(json_string_value(string), json_string_length(string));
}

struct slice jsonin_view(const json_t *object, const char *key)
{
    return jsonin_string(json_object_get(object, key));
}

struct slice jsonin_slice(struct arena *a, const json_t *object, const char *key)
{
    return arena_slice(a, jsonin_view(object, key));
}

int64_t jsonin_int(const json_t *object, const char *key, int64_t absent)
{
    const json_t *v = json_object_get(object, key);
    return json_is_integer(v) ? (int64_t)json_integer_value(v) : absent;
}

const json_t *jsonin_object(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_object(v) ? v : NULL;
}

const json_t *jsonin_array(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_array(v) ? v : NULL;
}
