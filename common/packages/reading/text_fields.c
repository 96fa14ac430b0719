/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/reading/text_fields.h"

bool text_take_line(struct slice *text, struct slice *ret_line)
{
    size_t n = 0;
    if (!text->n)
        return false;
    while (n < text->n && text->p[n] != '\r' && text->p[n] != '\n')
        n++;
    *ret_line = slice_sub(*text, 0, n);
    size_t end = n < text->n && text->p[n] == '\r' && n + 1 < text->n && text->p[n + 1] == '\n' ? 2 : 1;
    *text = slice_from(*text, n + end);
    return true;
}

struct slice text_field(struct slice text, const char *name)
{
    struct slice line, key, want = slice_str(name);
    while (slice_take_line(&text, &line)) {
        if (!line.n || line.p[0] == ' ' || line.p[0] == '\t' || slice_find(line, ':') < 0)
            continue;
        slice_take_token(&line, ':', &key);
        if (slice_eq_nocase(slice_trim(key), want))
            return slice_trim(line);
    }
    return SLICE_NONE;
}

static struct slice string_of(struct slice value)
{
    if (value.n < 2 || (value.p[0] != '"' && value.p[0] != '\''))
        return SLICE_NONE;
    struct slice rest = slice_from(value, 1);
    ptrdiff_t end = slice_find(rest, value.p[0]);
    struct slice inside = end < 0 ? SLICE_NONE : slice_sub(rest, 0, (size_t)end);
    return value.p[0] == '"' && slice_find(inside, '\\') >= 0 ? SLICE_NONE : inside;
}

bool toml_take_line(struct slice *text, struct toml_line *ret)
{
    struct slice line;
    while (slice_take_line(text, &line)) {
        line = slice_trim(line);
        *ret = (struct toml_line){SLICE_NONE, SLICE_NONE, SLICE_NONE};
        if (line.n > 2 && line.p[0] == '[') {
            slice_take_prefix(&line, SLICE("["));
            slice_take_prefix(&line, SLICE("["));
            ptrdiff_t end = slice_find(line, ']');
            ret->table = slice_trim(slice_sub(line, 0, end < 0 ? 0 : (size_t)end));
            if (ret->table.n)
                return true;
        } else if (line.n && line.p[0] != '#' && slice_find(line, '=') > 0) {
            slice_take_token(&line, '=', &ret->key);
            ret->key = slice_trim(ret->key);
            ret->value = string_of(slice_trim(line));
            return true;
        }
    }
    return false;
}

bool name_split_version(struct slice s, bool last, struct slice *ret_name, struct slice *ret_version)
{
    size_t at = 0;
    for (size_t i = 1; i + 1 < s.n && (last || !at); i++)
        if (s.p[i] == '-' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9')
            at = i;
    *ret_name = slice_sub(s, 0, at);
    *ret_version = slice_from(s, at + 1);
    return at > 0;
}
