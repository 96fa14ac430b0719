/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch/index.h"

#include "feeds/table/families.h"

#define INDEX_BYTES_MAX   ((uint64_t)4 << 30) /* the list of all files of an archive is long */
#define INDEX_JSON_MAX    ((size_t)8 << 20)
#define INDEX_LINE_MAX    ((size_t)64 << 10)
#define INDEX_NESTING_MAX 16

int index_word(struct feed_reading *r, struct slice word, struct err *e)
{
    char name[96];
    if (r->feed->kind == FEED_LIST)
        return reading_name(r, word, e);
    for (size_t i = 0; feed_index_entry(r->feed, word, i, name, sizeof name); i++)
        if (reading_name(r, slice_str(name), e))
            return -1;
    return 0;
}

bool index_is_document_path(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !strchr("._-/+", c))
            return false;
    }
    return s.n && s.n <= 200 && s.p[0] != '/' && s.p[0] != '.' && slice_find_slice(s, SLICE("..")) < 0 &&
           slice_find_slice(s, SLICE("//")) < 0 && s.p[s.n - 1] != '/';
}

/* ---- lines ---- */

/* Lines over INDEX_LINE_MAX (a page without line ends) come in pieces that overlap by OVERLAP, so that no link is lost.
 */
#define OVERLAP ((size_t)1024)

int index_lines(struct feed_reading *r, index_line_reader read, struct err *e)
{
    struct unpack *u;
    struct buf line = BUF_INIT(INDEX_LINE_MAX);
    const uint8_t *p = NULL;
    size_t n = 0;
    if (unpack_open(r->source, UNPACK_FILE, INDEX_BYTES_MAX, &u, e))
        return -1;
    int rc = 0;
    while (!rc && !(rc = unpack_piece(u, &p, &n, e)) && n)
        for (size_t i = 0; i < n && !rc; i++) {
            if (p[i] != '\n')
                buf_add_byte(&line, p[i]);
            if (p[i] != '\n' && line.n < INDEX_LINE_MAX)
                continue;
            rc = read(r, buf_slice(&line), e);
            size_t keep = p[i] == '\n' ? 0 : OVERLAP;
            memmove(line.p, line.p + line.n - keep, keep);
            line.n = keep;
        }
    if (!rc && line.n)
        rc = read(r, buf_slice(&line), e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    buf_done(&line);
    unpack_close(u);
    return rc;
}

/* "v3.24" of "/v3.24/", "./v3.24" and "https://host/v3.24/?C=M": the last part of what a link points to. */
static struct slice last_part(struct slice link)
{
    static const uint8_t ends[] = {'?', '#'};
    for (size_t i = 0; i < sizeof ends; i++)
        if (slice_find(link, ends[i]) >= 0)
            link.n = (size_t)slice_find(link, ends[i]);
    while (link.n && link.p[link.n - 1] == '/')
        link.n--;
    return slice_path_name(link);
}

/* Passes to behind the next "href=", whatever its case; false when there is none. */
static bool take_href(struct slice *left)
{
    struct slice href = SLICE("href=");
    for (size_t i = 0; i + href.n <= left->n; i++)
        if ((left->p[i] == 'h' || left->p[i] == 'H') && slice_eq_nocase(slice_sub(*left, i, href.n), href)) {
            *left = slice_from(*left, i + href.n);
            return true;
        }
    return false;
}

static int index_line(struct feed_reading *r, struct slice line, struct err *e)
{
    struct slice left = line, path;
    while (take_href(&left)) {
        uint8_t quote = left.n && (left.p[0] == '"' || left.p[0] == '\'') ? left.p[0] : '>';
        if (quote != '>')
            left = slice_from(left, 1);
        ptrdiff_t end = slice_find(left, quote);
        if (end < 0)
            break;
        reading_document(r);
        if (index_word(r, last_part(slice_trim(slice_sub(left, 0, (size_t)end))), e))
            return -1;
        left = slice_from(left, (size_t)end);
    }
    if (left.p != line.p)
        return 0;
    /* "mtime TAB f TAB size TAB path" */
    for (path = line; slice_find(path, '\t') >= 0;)
        path = slice_from(path, (size_t)slice_find(path, '\t') + 1);
    path = slice_trim(path);
    if (path.p == line.p || !path.n)
        return 0;
    reading_document(r);
    return slice_find(path, '/') >= 0 ? index_word(r, path, e) : 0;
}

int index_links(struct feed_reading *r, struct err *e)
{
    return index_lines(r, index_line, e);
}

/* ---- JSON ---- */

int index_json(struct feed_reading *r, json_t **ret_json, struct err *e)
{
    struct unpack *u;
    struct buf text = BUF_INIT(INDEX_JSON_MAX);
    const uint8_t *p = NULL;
    size_t n = 0;
    if (unpack_open(r->source, UNPACK_FILE, INDEX_JSON_MAX, &u, e))
        return -1;
    int rc;
    while ((rc = unpack_piece(u, &p, &n, e)) == 0 && n && !rc)
        if (buf_add(&text, p, n))
            rc = err_set(e, ERR_POISON, 0, "more than %zu bytes", INDEX_JSON_MAX);
    r->stats.unpacked_bytes = unpack_bytes(u);
    unpack_close(u);
    if (!rc && !text.n)
        rc = err_set(e, ERR_POISON, FEED_IS_EMPTY, "the index is empty");
    if (!rc)
        rc = reading_json(buf_slice(&text), ret_json, e);
    buf_done(&text);
    return rc;
}

/* Every string under this key, wherever it stands: alone or in a list. */
static int strings_under(struct feed_reading *r, const json_t *json, const char *key, bool under, int depth,
                         struct err *e)
{
    const char *name;
    json_t *value;
    size_t i;
    if (depth > INDEX_NESTING_MAX)
        return 0;
    if (json_is_string(json) && under) {
        reading_document(r);
        return index_word(r, slice_of(json_string_value(json), json_string_length(json)), e);
    }
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        if (strings_under(r, value, key, strcmp(name, key) == 0, depth + 1, e))
            return -1;
    }
    json_array_foreach(json, i, value)
    {
        if (strings_under(r, value, key, under, depth + 1, e))
            return -1;
    }
    return 0;
}

int index_strings(struct feed_reading *r, const char *key, struct err *e)
{
    json_t *json;
    if (index_json(r, &json, e))
        return -1;
    int rc = strings_under(r, json, key, false, 0, e);
    json_decref(json);
    return rc;
}
