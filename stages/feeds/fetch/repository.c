/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch/repository.h"

bool repository_is(const char *url)
{
    struct slice s = slice_str(url);
    return slice_ends(s, SLICE("/repodata/repomd.xml")) || slice_ends(s, SLICE("/mirror.list"));
}

/* Characters of a path that need no quoting, and no step upwards. */
static bool is_path(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !strchr("._-/+~", c))
            return false;
    }
    return s.n > 0 && s.n <= 500 && slice_find_slice(s, SLICE("..")) < 0;
}

struct slice repository_mirror(struct slice text)
{
    struct slice line = SLICE_NONE, rest;
    slice_take_line(&text, &line);
    line = slice_trim(line);
    while (slice_ends(line, SLICE("/")))
        line.n--;
    rest = line;
    if (!slice_take_prefix(&rest, SLICE("https://")) && !slice_take_prefix(&rest, SLICE("http://")))
        return SLICE_NONE;
    return is_path(rest) ? line : SLICE_NONE;
}

struct slice repository_location(struct slice text)
{
    static const char *const starts[] = {"<data type=\"updateinfo\"", "<data type='updateinfo'"};
    ptrdiff_t at = -1, end, href;
    for (size_t i = 0; i < ARRAY_LEN(starts) && at < 0; i++)
        at = slice_find_slice(text, slice_str(starts[i]));
    if (at < 0)
        return SLICE_NONE;
    text = slice_from(text, (size_t)at);
    if ((end = slice_find_slice(text, SLICE("</data>"))) < 0)
        return SLICE_NONE;
    text = slice_sub(text, 0, (size_t)end);
    if ((at = slice_find_slice(text, SLICE("<location"))) < 0)
        return SLICE_NONE;
    text = slice_from(text, (size_t)at);
    if ((href = slice_find_slice(text, SLICE("href="))) < 0)
        return SLICE_NONE;
    text = slice_from(text, (size_t)href + 5);
    uint8_t quote = text.n ? text.p[0] : 0;
    struct slice name = SLICE_NONE;
    text = slice_from(text, 1);
    if ((quote != '"' && quote != '\'') || !slice_take_token(&text, quote, &name))
        return SLICE_NONE;
    return is_path(name) && name.p[0] != '/' ? name : SLICE_NONE;
}

/* Takes url, gives what is asked for. */
static char *through(const char *url_base, char *url)
{
    char *other = feed_through(url_base, url);
    free(url);
    return other;
}

static int take_text(void *arg, struct slice bytes, struct err *e)
{
    struct buf *text = arg;
    return buf_add_slice(text, bytes) ? err_set(e, ERR_POISON, 0, "more than %zu bytes", REPOSITORY_TEXT_MAX) : 0;
}

/* origin: in, who named the URL (unknown: the table); out, who answered. */
static int fetch_text(const struct http_options *http, const char *url, struct http_origin *origin, struct buf *text,
                      struct err *e)
{
    struct http_client *c = http_client_new(http);
    struct http_response r = HTTP_RESPONSE_INIT(4096);
    struct http_request q = {.url = url, .named_by = origin->known ? origin : NULL, .on_data = take_text, .arg = text};
    buf_clear(text);
    int rc = http_fetch(c, &q, &r, e);
    *origin = r.origin;
    http_response_done(&r);
    http_client_free(c);
    return rc;
}

int repository_updateinfo(const struct http_options *http, const char *url, const char *url_base, char **ret_url,
                          struct err *e)
{
    struct buf text ATTR_CLEANUP(buf_done) = BUF_INIT(REPOSITORY_TEXT_MAX);
    struct http_origin origin = {.known = false};
    char *index ATTR_CLEANUP(cleanup_free) = through(url_base, xstrdup(url));
    if (slice_ends(slice_str(index), SLICE("/mirror.list"))) {
        if (fetch_text(http, index, &origin, &text, e))
            return -1;
        struct slice mirror = repository_mirror(buf_slice(&text));
        if (!mirror.n)
            return err_set(e, ERR_POISON, 0, "%s: its first line is no repository's address", index);
        free(index);
        index = through(url_base, xasprintf("%.*s/repodata/repomd.xml", SLICE_FMT(mirror)));
    }
    if (fetch_text(http, index, &origin, &text, e))
        return -1;
    struct slice location = repository_location(buf_slice(&text));
    if (!location.n)
        return err_set(e, ERR_POISON, 0, "%s: it names no updateinfo", index);
    size_t base = strlen(index) - strlen("repodata/repomd.xml");
    *ret_url = xasprintf("%.*s%.*s", (int)base, index, SLICE_FMT(location));
    return 0;
}
