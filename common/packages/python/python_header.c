/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/python/python_header.h"

#include "packages/python/python.h"

static bool is_field(struct slice line, const char *field)
{
    struct slice name = slice_sub(line, 0, (size_t)MAX(slice_find(line, ':'), 0));
    return slice_eq_nocase(slice_trim(name), slice_str(field));
}

bool python_header_take(struct python_header *h, struct slice line, bool cut, struct buf *facts)
{
    h->bytes += line.n + 1;
    if (!h->lines++)
        slice_take_prefix(&line, SLICE("\xef\xbb\xbf"));
    if (!line.n)
        return false;
    if (h->bytes > PYTHON_HEADER_MAX) {
        fact_list_add(facts, "wrong", SLICE("its header is too long"));
        return false;
    }
    if (line.p[0] == ' ' || line.p[0] == '\t' || !(is_field(line, "Name") || is_field(line, "Version")))
        return true;
    if (cut)
        fact_list_add(facts, "wrong", SLICE("a line of its header is too long"));
    else
        fact_list_add(facts, "header", line);
    return true;
}

struct slice python_header_get(struct slice facts, const char *field)
{
    struct slice name, line, key;
    while (fact_list_take(&facts, &name, &line)) {
        if (slice_eq_str(name, "wrong") || slice_eq_str(name, "member"))
            break;
        if (!slice_eq_str(name, "header") || !slice_take_token(&line, ':', &key))
            continue;
        if (slice_eq_nocase(slice_trim(key), slice_str(field)))
            return slice_trim(line);
    }
    return SLICE_NONE;
}
