/* SPDX-License-Identifier: Apache-2.0 */
#include "base/jsonw.h"

#include "base/clock.h"

void jsonw_init(struct jsonw *w, struct buf *b, int indent)
{
    *w = (struct jsonw){.b = b, .indent = indent, .first = true};
}

static void newline(struct jsonw *w)
{
    if (!w->indent)
        return;
    buf_add_byte(w->b, '\n');
    for (int i = 0; i < w->depth * w->indent; i++)
        buf_add_byte(w->b, ' ');
}

static void before_value(struct jsonw *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (!w->first)
        buf_add_byte(w->b, ',');
    w->first = false;
    if (w->depth)
        newline(w);
}

static void open_level(struct jsonw *w, char open, char close)
{
    before_value(w);
    ASSERT(w->depth < (int)sizeof w->close);
    w->close[w->depth++] = close;
    w->first = true;
    buf_add_byte(w->b, (uint8_t)open);
}

void jsonw_object(struct jsonw *w)
{
    open_level(w, '{', '}');
}

void jsonw_array(struct jsonw *w)
{
    open_level(w, '[', ']');
}

void jsonw_end(struct jsonw *w)
{
    ASSERT(w->depth > 0);
    char close = w->close[--w->depth];
    if (!w->first)
        newline(w);
    buf_add_byte(w->b, (uint8_t)close);
    w->first = false;
}

static size_t utf8_run(struct slice s)
{
    size_t len = s.p[0] < 0x80 ? 1 : s.p[0] >= 0xF0 ? 4 : s.p[0] >= 0xE0 ? 3 : 2;
    return len <= s.n && (len == 1 || slice_is_text(slice_of(s.p, len))) ? len : 0;
}

static void quoted(struct jsonw *w, struct slice s)
{
    buf_add_byte(w->b, '"');
    while (s.n) {
        uint8_t c = s.p[0];
        size_t run = utf8_run(s);
        if (!run)
            buf_add_str(w->b, "\xEF\xBF\xBD"), run = 1;
        else if (c == '"' || c == '\\')
            buf_addf(w->b, "\\%c", c);
        else if (c == '\n')
            buf_add_str(w->b, "\\n");
        else if (c < 0x20 || c == 0x7F)
            buf_addf(w->b, "\\u%04x", c);
        else
            buf_add(w->b, s.p, run);
        s = slice_from(s, run);
    }
    buf_add_byte(w->b, '"');
}

void jsonw_key(struct jsonw *w, const char *key)
{
    before_value(w);
    quoted(w, slice_str(key));
    buf_add_str(w->b, w->indent ? ": " : ":");
    w->after_key = true;
}

void jsonw_str(struct jsonw *w, struct slice s)
{
    before_value(w);
    if (s.p)
        quoted(w, s);
    else
        buf_add_str(w->b, "null");
}

void jsonw_int(struct jsonw *w, int64_t v)
{
    before_value(w);
    buf_addf(w->b, "%" PRId64, v);
}

void jsonw_double(struct jsonw *w, double v, int decimals)
{
    before_value(w);
    buf_addf(w->b, "%.*f", decimals, v);
}

void jsonw_bool(struct jsonw *w, bool v)
{
    before_value(w);
    buf_add_str(w->b, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
    before_value(w);
    buf_add_str(w->b, "null");
}

void jsonw_raw(struct jsonw *w, struct slice json)
{
    before_value(w);
    buf_add_slice(w->b, json);
}

void jsonw_time(struct jsonw *w, int64_t wall_ms)
{
    char text[CLOCK_TEXT_MAX];
    if (wall_ms)
        jsonw_str(w, slice_str(clock_format(wall_ms, text)));
    else
        jsonw_null(w);
}

void jsonw_pair(struct jsonw *w, const char *key, struct slice s)
{
    jsonw_key(w, key);
    jsonw_str(w, s);
}

void jsonw_pair_str(struct jsonw *w, const char *key, const char *s)
{
    jsonw_pair(w, key, slice_str(s));
}

void jsonw_pair_int(struct jsonw *w, const char *key, int64_t v)
{
    jsonw_key(w, key);
    jsonw_int(w, v);
}

void jsonw_pair_bool(struct jsonw *w, const char *key, bool v)
{
    jsonw_key(w, key);
    jsonw_bool(w, v);
}

void jsonw_pair_or_null(struct jsonw *w, const char *key, struct slice s)
{
    jsonw_pair(w, key, s.n ? s : SLICE_NONE);
}

void jsonw_key_object(struct jsonw *w, const char *key)
{
    jsonw_key(w, key);
    jsonw_object(w);
}

void jsonw_key_array(struct jsonw *w, const char *key)
{
    jsonw_key(w, key);
    jsonw_array(w);
}

void jsonw_pair_texts(struct jsonw *w, const char *key, const struct slice *v, size_t n)
{
    jsonw_key_array(w, key);
    for (size_t i = 0; i < n; i++)
        jsonw_str(w, v[i]);
    jsonw_end(w);
}
