/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/wordpress/wordpress_header.h"

#include "packages/reading/text_fields.h"

static struct slice without_drawing(struct slice line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] && strchr(" \t", line.p[n]))
        n++;
    line = slice_from(line, n);
    slice_take_prefix(&line, SLICE("<?php"));
    for (n = 0; n < line.n && line.p[n] && strchr(" \t/*#@", line.p[n]);)
        n++;
    return slice_from(line, n);
}

struct slice wordpress_field(struct slice text, const char *field)
{
    struct slice line, want = slice_str(field);
    text = slice_sub(text, 0, WORDPRESS_HEADER_MAX);
    slice_take_prefix(&text, SLICE("\xef\xbb\xbf"));
    while (text_take_line(&text, &line)) {
        line = without_drawing(line);
        if (line.n <= want.n || line.p[want.n] != ':' || !slice_eq_nocase(slice_sub(line, 0, want.n), want))
            continue;
        line = slice_from(line, want.n + 1);
        static const char *const ends[] = {"*/", "?>"};
        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
            ptrdiff_t end = slice_find_slice(line, slice_str(ends[i]));
            line = end < 0 ? line : slice_sub(line, 0, (size_t)end);
        }
        return slice_trim(line);
    }
    return SLICE_NONE;
}

struct slice wordpress_version(struct slice text)
{
    struct slice line;
    while (text_take_line(&text, &line)) {
        line = slice_trim(line);
        if (!slice_take_prefix(&line, SLICE("$wp_version")))
            continue;
        line = slice_trim(line);
        if (!slice_take_prefix(&line, SLICE("=")))
            continue;
        line = slice_trim(line);
        if (line.n < 3 || (line.p[0] != '\'' && line.p[0] != '"'))
            continue;
        ptrdiff_t end = slice_find(slice_from(line, 1), line.p[0]);
        if (end > 0)
            return slice_sub(line, 1, (size_t)end);
    }
    return SLICE_NONE;
}
