/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/elements.h"

#include "io/archive/unpack.h"
#include "io/text/json.h"

#define FIELD_MAX ((size_t)1 << 20)

struct cut {
    struct feed_reading *r;
    const struct elements *want;
    struct json_pull p;
    struct buf outer;
};

static int take_element(struct cut *c, struct slice key, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    struct slice name = key.n ? key : SLICE("(unreadable)");
    json_t *json ATTR_CLEANUP(cleanup_json) = NULL;
    reading_document(c->r);
    if (!text.p)
        return reading_skip(c->r, name, "too big", e);
    if (reading_json(text, &json, &why))
        return reading_skip(c->r, name, why.text, e);
    return c->want->element(c->r, c->want->arg, &(struct element){buf_slice(&c->outer), key, json}, e);
}

static int take_value(struct cut *c, bool listed, struct slice key, struct err *e)
{
    struct slice text = json_pull_raw(&c->p, listed ? FEED_DOCUMENT_MAX : FIELD_MAX);
    if (c->p.bad)
        return 0;
    if (listed)
        return take_element(c, key, text, e);
    return text.p && c->want->field ? c->want->field(c->r, c->want->arg, key, text, e) : 0;
}

/* Whether the top level's member of that name holds elements. */
static bool is_list(struct cut *c, bool member, struct slice key)
{
    enum json_pull_kind kind = json_pull_kind(&c->p);
    if (!c->want->list || !member)
        return false;
    if (strcmp(c->want->list, ELEMENTS_OF_ALL) == 0)
        return kind == JSON_PULL_OBJECT;
    return (kind == JSON_PULL_OBJECT || kind == JSON_PULL_ARRAY) && slice_eq_str(key, c->want->list);
}

static bool enter(struct cut *c, bool *ret_object)
{
    *ret_object = json_pull_kind(&c->p) == JSON_PULL_OBJECT;
    return *ret_object ? json_pull_object(&c->p) : json_pull_array(&c->p);
}

static bool next(struct cut *c, bool object, struct slice *ret_key)
{
    *ret_key = SLICE_NONE;
    return object ? json_pull_key(&c->p, ret_key) : json_pull_item(&c->p);
}

static int take_list(struct cut *c, struct slice name, struct err *e)
{
    bool object;
    struct slice key;
    int rc = 0;
    buf_clear(&c->outer);
    buf_add_slice(&c->outer, name);
    if (enter(c, &object))
        while (!rc && next(c, object, &key))
            rc = take_value(c, true, key, e);
    return rc;
}

static int take_top(struct cut *c, struct err *e)
{
    enum json_pull_kind kind = json_pull_kind(&c->p);
    bool object;
    struct slice key;
    int rc = 0;
    if (kind != JSON_PULL_NOTHING && kind != JSON_PULL_OBJECT && kind != JSON_PULL_ARRAY)
        return err_set(e, ERR_POISON, 0, "not JSON: neither an object nor an array");
    if (enter(c, &object))
        while (!rc && next(c, object, &key))
            rc = is_list(c, object, key) ? take_list(c, key, e) : take_value(c, !c->want->list, key, e);
    return rc ? rc : json_pull_end(&c->p, e);
}

int elements_read(struct feed_reading *r, const struct elements *want, struct err *e)
{
    struct unpack *u;
    if (unpack_open(r->source, UNPACK_FILE, want->max, &u, e))
        return -1;
    struct cut c = {.r = r, .want = want, .outer = BUF_INIT(JSON_KEY_MAX)};
    json_pull_stream(&c.p, unpack_source(u));
    int rc = take_top(&c, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    json_pull_done(&c.p);
    buf_done(&c.outer);
    unpack_close(u);
    return rc;
}
