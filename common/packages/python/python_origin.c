/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/python/python_origin.h"

#include "io/text/json.h"
#include "packages/reading/fact_list.h"

#define URL_MAX 2048

struct direct {
    struct slice url, vcs, commit;
    bool folder, editable;
};

static void read_inner(struct json_pull *json, struct direct *d)
{
    struct slice key;
    while (json_pull_key(json, &key)) {
        if (slice_eq_str(key, "vcs"))
            d->vcs = json_pull_string(json);
        else if (slice_eq_str(key, "commit_id"))
            d->commit = json_pull_string(json);
        else if (slice_eq_str(key, "editable"))
            d->editable = slice_eq_str(json_pull_scalar(json), "true");
        else
            json_pull_skip(json);
    }
}

static int read_direct(struct parse *p, struct slice text, struct direct *d, struct err *e)
{
    struct json_pull json;
    struct slice key;
    json_pull_text(&json, text, p->arena);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        bool folder = slice_eq_str(key, "dir_info");
        if (slice_eq_str(key, "url"))
            d->url = json_pull_string(&json);
        else if ((folder || slice_eq_str(key, "vcs_info")) && json_pull_object(&json))
            read_inner(&json, d);
        else if (!folder && !slice_eq_str(key, "vcs_info"))
            json_pull_skip(&json);
        d->folder |= folder;
    }
    int r = json_pull_end(&json, e);
    json_pull_done(&json);
    return r;
}

/* "https://user:secret@host/x" without what stands before the host: installers leave it out, not all of them always. */
static struct slice without_user(struct parse *p, struct slice url)
{
    ptrdiff_t scheme = slice_find_slice(url, SLICE("://"));
    struct slice rest = scheme < 0 ? SLICE_NONE : slice_from(url, (size_t)scheme + 3), left = rest, host = SLICE_NONE;
    slice_take_token(&left, '/', &host);
    ptrdiff_t at = slice_rfind(host, '@');
    if (at < 0)
        return url;
    return arena_printf(p->arena, "%.*s://%.*s", (int)scheme, (const char *)url.p,
                        SLICE_FMT(slice_from(rest, (size_t)at + 1)));
}

static bool is_name(struct slice s)
{
    return parse_is_token(s) && s.n <= 128;
}

void python_origin(struct parse *p, struct slice path, struct slice facts, struct slice installer,
                   struct package *package)
{
    struct direct d = {.folder = false};
    struct err e = ERR_INIT;
    struct slice text = fact_list_get(facts, "text");
    if (!text.p)
        return;
    if (read_direct(p, text, &d, &e)) {
        struct slice of = p->path;
        p->path = path;
        parse_reason(p, REASON_DATABASE_BROKEN, "%s", e.text);
        p->path = of;
        return;
    }
    if (!d.url.n || d.url.n > URL_MAX || !slice_is_text(d.url))
        return;
    d.url = without_user(p, d.url);
    package->origin = d.url;
    if (is_name(d.vcs))
        package->origin = is_name(d.commit) ? arena_printf(p->arena, "%.*s+%.*s@%.*s", SLICE_FMT(d.vcs),
                                                           SLICE_FMT(d.url), SLICE_FMT(d.commit))
                                            : arena_printf(p->arena, "%.*s+%.*s", SLICE_FMT(d.vcs), SLICE_FMT(d.url));
    /* conda builds every package from a folder of its builder's, and says so. */
    if (!d.folder || slice_eq_str(slice_trim(fact_list_get(installer, "text")), "conda"))
        return;
    package->why = d.editable ? SLICE("editable installation") : SLICE("installed from a folder");
    package->not_judged = reason_make(REASON_OWN_PACKAGE, SLICE("it is a project of the image, not a release"));
}
