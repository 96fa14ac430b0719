/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/codec_value.h"

static int failed(struct err *e)
{
    return err_set(e, ERR_FATAL, 0, "avro-c: %s", avro_strerror());
}

struct getter {
    struct arena *arena;
    struct err *e;
};

static int full(struct getter *g)
{
    return err_set(g->e, ERR_POISON, 0, "the record needs more than %zu bytes of memory", g->arena->max);
}

static int view_text(struct getter *g, const avro_value_t *v, struct slice *ret_text)
{
    const void *bytes;
    const char *text;
    size_t n;
    int symbol;
    switch (avro_value_get_type(v)) {
    case AVRO_STRING:
        if (avro_value_get_string(v, &text, &n))
            return failed(g->e);
        *ret_text = slice_of(text, n ? n - 1 : 0);
        return 0;
    case AVRO_BYTES:
        if (avro_value_get_bytes(v, &bytes, &n))
            return failed(g->e);
        *ret_text = slice_of(bytes, n);
        return 0;
    default:
        if (avro_value_get_enum(v, &symbol))
            return failed(g->e);
        *ret_text = slice_str(avro_schema_enum_get(avro_value_get_schema(v), symbol));
        return 0;
    }
}

static int get_text(struct getter *g, const avro_value_t *v, struct slice *ret_text)
{
    struct slice text;
    if (view_text(g, v, &text))
        return -1;
    if (!text.n)
        return 0;
    *ret_text = arena_slice(g->arena, text);
    return ret_text->p ? 0 : full(g);
}

static int get_enum(struct getter *g, const avro_value_t *v, const struct codec_field *field, void *member)
{
    struct slice name;
    if (view_text(g, v, &name))
        return -1;
    int32_t i = name_index(field->names, field->names_n, name);
    if (i < 0)
        return err_set(g->e, ERR_POISON, 0, "unknown name \"%.*s\"", (int)MIN(name.n, 64u),
                       name.n ? (const char *)name.p : "");
    memcpy(member, &i, sizeof i);
    return 0;
}

static int get_long(struct getter *g, const avro_value_t *v, int64_t *ret_v)
{
    int32_t narrow;
    if (avro_value_get_type(v) == AVRO_INT64)
        return avro_value_get_long(v, ret_v) ? failed(g->e) : 0;
    if (avro_value_get_int(v, &narrow))
        return failed(g->e);
    *ret_v = narrow;
    return 0;
}

static int get_int(struct getter *g, const avro_value_t *v, int32_t *ret_v)
{
    int64_t wide;
    if (get_long(g, v, &wide))
        return -1;
    if (wide < INT32_MIN || wide > INT32_MAX)
        return err_set(g->e, ERR_POISON, 0, "%" PRId64 " is over 32 bits", wide);
    *ret_v = (int32_t)wide;
    return 0;
}

static int get_double(struct getter *g, const avro_value_t *v, double *ret_v)
{
    int64_t whole;
    float narrow;
    switch (avro_value_get_type(v)) {
    case AVRO_DOUBLE:
        return avro_value_get_double(v, ret_v) ? failed(g->e) : 0;
    case AVRO_FLOAT:
        if (avro_value_get_float(v, &narrow))
            return failed(g->e);
        *ret_v = (double)narrow;
        return 0;
    default:
        if (get_long(g, v, &whole))
            return -1;
        *ret_v = (double)whole;
        return 0;
    }
}

static int get_bool(struct getter *g, const avro_value_t *v, bool *ret_v)
{
    int b;
    if (avro_value_get_boolean(v, &b))
        return failed(g->e);
    *ret_v = b != 0;
    return 0;
}

static int get_record(struct getter *g, const avro_value_t *v, const struct codec_plan *plan, void *record);

static int get_list(struct getter *g, const avro_value_t *v, const struct codec_plan_field *f, void *member)
{
    struct vec_any list = {NULL, 0, 0};
    size_t n, size = f->sub ? f->field->sub->size : sizeof(struct slice);
    if (avro_value_get_size(v, &n))
        return failed(g->e);
    if (!n)
        return 0;
    /* n is at most SCHEMA_VALUES_MAX: the bytes were checked. */
    list.v = arena_zalloc(g->arena, n * size);
    if (!list.v)
        return full(g);
    list.n = list.cap = n;
    for (size_t i = 0; i < n; i++) {
        avro_value_t item;
        void *to = (uint8_t *)list.v + i * size;
        if (avro_value_get_by_index(v, i, &item, NULL))
            return failed(g->e);
        if (f->sub ? get_record(g, &item, f->sub, to) : get_text(g, &item, to))
            return err_wrap(g->e, "item %zu", i);
    }
    memcpy(member, &list, sizeof list);
    return 0;
}

static int get_field(struct getter *g, const avro_value_t *v, const struct codec_plan_field *f, void *member)
{
    avro_value_t branch;
    if (f->optional) {
        if (avro_value_get_current_branch(v, &branch))
            return failed(g->e);
        if (avro_value_get_type(&branch) == AVRO_NULL)
            return 0;
        v = &branch;
    }
    switch (f->field->kind) {
    case FIELD_STRING:
    case FIELD_BYTES:
        return get_text(g, v, member);
    case FIELD_INT:
        return get_int(g, v, member);
    case FIELD_LONG:
    case FIELD_TIME:
        return get_long(g, v, member);
    case FIELD_DOUBLE:
        return get_double(g, v, member);
    case FIELD_BOOL:
        return get_bool(g, v, member);
    case FIELD_ENUM:
        return get_enum(g, v, f->field, member);
    case FIELD_STRINGS:
    case FIELD_RECORDS:
        return get_list(g, v, f, member);
    case FIELD_RECORD:
        return get_record(g, v, f->sub, member);
    case FIELD_KIND_MAX:
        break;
    }
    BUG("field %s of kind %d", f->field->name, (int)f->field->kind);
}

static int get_record(struct getter *g, const avro_value_t *v, const struct codec_plan *plan, void *record)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct codec_plan_field *f = &plan->fields[i];
        avro_value_t child;
        if (!f->field)
            continue;
        if (avro_value_get_by_index(v, i, &child, NULL))
            return failed(g->e);
        if (get_field(g, &child, f, (uint8_t *)record + f->field->offset))
            return err_wrap(g->e, "%s", f->field->name);
    }
    return 0;
}

int codec_value_get(const avro_value_t *value, const struct codec_plan *plan, struct arena *arena, void *record,
                    struct err *e)
{
    struct getter g = {.arena = arena, .e = e};
    return get_record(&g, value, plan, record);
}
