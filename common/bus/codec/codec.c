/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/codec.h"

#include "bus/codec/codec_plan.h"
#include "bus/codec/schema_registry.h"

#define SCHEMAS_MAX 1024
#define IDS_MAX     1024

/* One writer's schema. */
struct codec_schema {
    struct schema *schema;
    struct slice text;             /* as registered: the original .avsc; only of embedded schemas */
    const struct codec_plan *plan; /* for the topic's table; NULL until the first decode */
};

struct codec_id {
    uint32_t id;
    struct codec_schema *schema;
};

struct codec {
    struct codec_schema *schemas[SCHEMAS_MAX];
    size_t n;
    struct codec_schema *current[TOPIC_MAX];
    struct schema_registry *registry;
    struct codec_id ids[IDS_MAX]; /* known to the registry */
    size_t ids_n;
    uint32_t own_id[TOPIC_MAX]; /* what current[] is called there */
    bool has_own_id[TOPIC_MAX];
};

/* ---- schemas ---- */

static const char *last_name(const char *full)
{
    const char *dot = strrchr(full, '.');
    return dot ? dot + 1 : full;
}

static struct codec_schema *by_fingerprint(const struct codec *c, uint64_t fingerprint)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->schemas[i]->schema->fingerprint == fingerprint)
            return c->schemas[i];
    return NULL;
}

/* Takes a schema over, or gives the one that is there already with the same canonical form. */
static int add_schema(struct codec *c, struct slice text, struct codec_schema **ret_schema, struct err *e)
{
    struct schema *schema = NULL;
    if (schema_parse(text, &schema, e))
        return -1;
    struct codec_schema *known = by_fingerprint(c, schema->fingerprint);
    if (known || c->n == SCHEMAS_MAX || schema->root->kind != SCHEMA_RECORD) {
        int rc = known ? 0
                       : err_set(e, ERR_POISON, 0, "%s",
                                 c->n == SCHEMAS_MAX ? "too many schemas" : "the schema is not a record");
        schema_free(schema);
        if (known)
            *ret_schema = known;
        return rc;
    }
    struct codec_schema *s = xcalloc(1, sizeof *s);
    s->schema = schema;
    c->schemas[c->n++] = s;
    *ret_schema = s;
    return 0;
}

static int add_texts(struct codec *c, const struct schema_text *texts, struct err *e)
{
    for (const struct schema_text *text = texts; text->name; text++) {
        struct codec_schema *s = NULL;
        if (add_schema(c, slice_of(text->text, text->length), &s, e))
            return err_wrap(e, "schemas/%s%s.avsc", text->released ? "released/" : "", text->name);
        for (int t = 0; t < TOPIC_MAX && !text->released; t++)
            if (!strcmp(topics[t].schema, text->name)) {
                c->current[t] = s;
                s->text = slice_of(text->text, text->length);
            }
    }
    return 0;
}

static int check_current(struct codec *c, struct err *e)
{
    for (int t = 0; t < TOPIC_MAX; t++) {
        if (!c->current[t])
            return err_set(e, ERR_FATAL, 0, "topic %s: no schemas/%s.avsc", topics[t].name, topics[t].schema);
        if (strcmp(last_name(c->current[t]->schema->root->name), codec_tables[t]->name))
            return err_set(e, ERR_FATAL, 0, "schemas/%s.avsc defines %s", topics[t].schema,
                           c->current[t]->schema->root->name);
        if (codec_table_check(codec_tables[t], c->current[t]->schema->root, e))
            return err_wrap(e, "schemas/%s.avsc", topics[t].schema);
        ASSERT(codec_tables[t]->size <= CODEC_RECORD_SIZE_MAX);
    }
    return 0;
}

static void schema_done(struct codec_schema *s)
{
    schema_free(s->schema);
    free(s);
}

int codec_open_with(const char *registry_url, const struct schema_text *more, struct codec **ret_codec, struct err *e)
{
    struct codec *c = xcalloc(1, sizeof *c);
    if (add_texts(c, schema_texts, e) || (more && add_texts(c, more, e)) || check_current(c, e) ||
        (registry_url && schema_registry_open(registry_url, &c->registry, e))) {
        codec_close(c);
        return -1;
    }
    *ret_codec = c;
    return 0;
}

int codec_open(const char *registry_url, struct codec **ret_codec, struct err *e)
{
    return codec_open_with(registry_url, NULL, ret_codec, e);
}

void codec_close(struct codec *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++)
        schema_done(c->schemas[i]);
    schema_registry_close(c->registry);
    free(c);
}

size_t codec_record_size(enum topic t)
{
    return codec_tables[t]->size;
}

int codec_fingerprint(struct slice schema_json, uint64_t *ret_fingerprint, struct err *e)
{
    struct schema *s = NULL;
    if (schema_parse(schema_json, &s, e))
        return -1;
    *ret_fingerprint = s->fingerprint;
    schema_free(s);
    return 0;
}

/* ---- framing ---- */

static void remember_id(struct codec *c, uint32_t id, struct codec_schema *s)
{
    if (c->ids_n < IDS_MAX)
        c->ids[c->ids_n++] = (struct codec_id){id, s};
}

static int own_id(struct codec *c, enum topic t, uint32_t *ret_id, struct err *e)
{
    if (!c->has_own_id[t]) {
        char *subject ATTR_CLEANUP(cleanup_free) = xasprintf("%s-value", topics[t].name);
        if (schema_registry_register(c->registry, subject, c->current[t]->text, &c->own_id[t], e))
            return -1;
        c->has_own_id[t] = true;
        remember_id(c, c->own_id[t], c->current[t]);
    }
    *ret_id = c->own_id[t];
    return 0;
}

static int add_frame(struct codec *c, enum topic t, struct buf *out, struct err *e)
{
    uint32_t id = 0;
    if (!c->registry) {
        buf_add(out, "\xC3\x01", 2);
        buf_add_u64(out, c->current[t]->schema->fingerprint);
        return 0;
    }
    if (own_id(c, t, &id, e))
        return -1;
    const uint8_t head[] = {0, (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};
    buf_add(out, head, sizeof head);
    return 0;
}

static int schema_of_id(struct codec *c, uint32_t id, struct codec_schema **ret_schema, struct err *e)
{
    for (size_t i = 0; i < c->ids_n; i++)
        if (c->ids[i].id == id) {
            *ret_schema = c->ids[i].schema;
            return 0;
        }
    if (!c->registry)
        return err_set(e, ERR_POISON, 0,
                       "written with schema id %" PRIu32 " of a schema registry, whose address is not given: "
                       "--schema-registry",
                       id);
    struct buf text = BUF_INIT((size_t)1 << 20);
    int rc = schema_registry_fetch(c->registry, id, &text, e);
    if (!rc)
        rc = add_schema(c, buf_slice(&text), ret_schema, e);
    if (rc && e && e->kind == ERR_NOT_FOUND)
        e->kind = ERR_POISON;
    if (rc)
        err_wrap(e, "schema id %" PRIu32, id);
    else
        remember_id(c, id, *ret_schema);
    buf_done(&text);
    return rc;
}

/* Finds the writer's schema and leaves the body in *value. */
static int take_frame(struct codec *c, struct slice *value, struct codec_schema **ret_schema, struct err *e)
{
    uint64_t fingerprint;
    if (slice_take_prefix(value, SLICE("\xC3\x01"))) {
        if (!slice_take_u64(value, &fingerprint))
            return err_set(e, ERR_POISON, 0, "the schema fingerprint is cut short");
        *ret_schema = by_fingerprint(c, fingerprint);
        return *ret_schema
                   ? 0
                   : err_set(e, ERR_POISON, 0, "unknown schema fingerprint %016" PRIx64 ": written by a newer version?",
                             fingerprint);
    }
    if (value->n < 5 || value->p[0] != 0)
        return err_set(e, ERR_POISON, 0, "not an Avro record: neither single object (C3 01) nor registry (00) framing");
    const uint8_t *p = value->p;
    uint32_t id = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
    *value = slice_from(*value, 5);
    return schema_of_id(c, id, ret_schema, e);
}

/* ---- records ---- */

int codec_encode(struct codec *c, enum topic t, const void *record, struct buf *out, struct err *e)
{
    size_t before = out->n;
    int rc = add_frame(c, t, out, e);
    if (!rc)
        rc = codec_write(codec_tables[t], record, out, e);
    if (!rc && out->n - before > TOPIC_RECORD_MAX)
        rc =
            err_set(e, ERR_POISON, 0, "%zu bytes, more than a record may have: %zu", out->n - before, TOPIC_RECORD_MAX);
    if (!rc)
        return 0;
    out->n = before;
    return err_wrap(e, "%s", topics[t].name);
}

static int find_plan(struct codec_schema *s, enum topic t, struct err *e)
{
    const char *name = last_name(s->schema->root->name);
    if (strcmp(name, codec_tables[t]->name))
        return err_set(e, ERR_POISON, 0, "the record is a %.64s, not a %s", name, codec_tables[t]->name);
    return s->plan ? 0 : codec_plan_make(s->schema, s->schema->root, codec_tables[t], &s->plan, e);
}

static int decode_body(struct codec_schema *s, enum topic t, struct slice body, struct arena *arena, void *ret_record,
                       struct err *e)
{
    _Alignas(16) uint8_t record[CODEC_RECORD_SIZE_MAX] = {0};
    if (find_plan(s, t, e) || schema_check(s->schema, body, e) || codec_read(s->plan, body, arena, record, e))
        return -1;
    memcpy(ret_record, record, codec_tables[t]->size);
    return 0;
}

int codec_decode(struct codec *c, enum topic t, struct slice value, struct arena *arena, void *ret_record,
                 struct err *e)
{
    struct codec_schema *s = NULL;
    if (value.n > TOPIC_RECORD_MAX) {
        err_set(e, ERR_POISON, 0, "%zu bytes, more than a record may have: %zu", value.n, TOPIC_RECORD_MAX);
        return err_wrap(e, "%s", topics[t].name);
    }
    if (take_frame(c, &value, &s, e) || decode_body(s, t, value, arena, ret_record, e))
        return err_wrap(e, "%s", topics[t].name);
    return 0;
}
