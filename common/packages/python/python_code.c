/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/python/python_code.h"

void python_code_begin(struct python_code *c)
{
    c->n = 0;
    c->many = false;
}

struct slice python_code_at(const struct python_code *c, size_t i)
{
    return slice_of(c->at[i].text, c->at[i].n);
}

/* A quoted path holds a comma or a quote; one with a quote is nobody's module. */
static struct slice path_of(struct slice line)
{
    struct slice path = SLICE_NONE;
    slice_take_prefix(&line, SLICE("../")); /* installed-files.txt counts from the egg-info folder */
    slice_take_token(&line, slice_take_prefix(&line, SLICE("\"")) ? '"' : ',', &path);
    return path;
}

static bool is_metadata(struct slice folder)
{
    return slice_ends(folder, SLICE(".dist-info")) || slice_ends(folder, SLICE(".egg-info"));
}

static bool is_code(struct slice path)
{
    struct slice rest = path, first = SLICE_NONE;
    slice_take_token(&rest, '/', &first);
    return first.n && !slice_eq_str(first, "..") && !slice_eq_str(first, ".") && !slice_eq_str(first, "__pycache__") &&
           !is_metadata(first) && !slice_starts(path, SLICE("/"));
}

/* The folder, with its slash, in which both lie; empty when that is the folder of packages itself. */
static size_t common(struct slice a, struct slice b)
{
    size_t n = 0;
    for (size_t i = 0; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
        if (a.p[i] == '/')
            n = i + 1;
    return n;
}

void python_code_add(struct python_code *c, struct slice line)
{
    struct slice path = path_of(line), folder = slice_sub(path, 0, (size_t)(slice_rfind(path, '/') + 1));
    if (c->many || !is_code(path))
        return;
    for (size_t i = 0; folder.n && i < c->n; i++) {
        size_t n = common(python_code_at(c, i), folder);
        if (n) {
            c->at[i].n = n;
            return;
        }
    }
    /* A file beside packages counts as it is. */
    struct slice what = folder.n ? folder : path;
    if (c->n == PYTHON_CODE_MAX || what.n > PYTHON_CODE_PATH) {
        c->many = true;
        return;
    }
    memcpy(c->at[c->n].text, what.p, what.n);
    c->at[c->n++].n = what.n;
}
