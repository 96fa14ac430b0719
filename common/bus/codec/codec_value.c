/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/codec_value.h"

/* ---- text ---- */

void codec_add_utf8(struct buf *out, struct slice s)
{
    size_t from = 0, at = 0, len;
    while (at < s.n) {
        if (s.p[at] < 0x80) {
            at++;
            continue;
        }
        if (!slice_utf8(slice_from(s, at), NULL, &len)) {
            buf_add(out, s.p + from, at - from);
            buf_add_str(out, "\xEF\xBF\xBD");
            from = at + len;
        }
        at += len;
    }
    if (s.n)
        buf_add(out, s.p + from, s.n - from);
}

/* ---- writing ---- */

struct setter {
    struct buf *scratch;
    size_t values;
    struct err *e;
};

static int failed(struct err *e)
{
    return err_set(e, ERR_FATAL, 0, "avro-c: %s", avro_strerror());
}

/* avro-c wants text with its final NUL, which slices do not have. */
static int set_text(struct setter *s, avro_value_t *v, struct slice text)
{
    buf_clear(s->scratch);
    codec_add_utf8(s->scratch, text);
    if (buf_add_byte(s->scratch, 0))
        return err_set(s->e, ERR_POISON, 0, "text of %zu bytes is too long", text.n);
    return avro_value_set_string_len(v, (char *)s->scratch->p, s->scratch->n) ? failed(s->e) : 0;
}

static int set_enum(struct setter *s, avro_value_t *v, const struct codec_field *field, const void *member)
{
    int32_t i;
    memcpy(&i, member, sizeof i);
    if (i < 0 || i >= field->names_n)
        return err_set(s->e, ERR_POISON, 0, "value %d has no name", i);
    return set_text(s, v, slice_str(field->names[i]));
}

static int set_record(struct setter *s, avro_value_t *v, const struct codec_table *table, const void *record);

static int set_list(struct setter *s, avro_value_t *v, const struct codec_field *field, const void *member)
{
    struct vec_any list;
    memcpy(&list, member, sizeof list);
    size_t size = field->kind == FIELD_RECORDS ? field->sub->size : sizeof(struct slice);
    for (size_t i = 0; i < list.n; i++) {
        const uint8_t *from = (const uint8_t *)list.v + i * size;
        avro_value_t item;
        if (avro_value_append(v, &item, NULL))
            return failed(s->e);
        s->values++;
        int rc = field->kind == FIELD_RECORDS ? set_record(s, &item, field->sub, from)
                                              : set_text(s, &item, *(const struct slice *)(const void *)from);
        if (rc)
            return err_wrap(s->e, "item %zu", i);
        if (s->values > SCHEMA_VALUES_MAX)
            return err_set(s->e, ERR_POISON, 0, "more than %zu values in one record", SCHEMA_VALUES_MAX);
    }
    return 0;
}

static int set_number(struct setter *s, avro_value_t *v, enum field_kind kind, const void *member)
{
    int rc;
    if (kind == FIELD_INT) {
        rc = avro_value_set_int(v, *(const int32_t *)member);
    } else if (kind == FIELD_DOUBLE) {
        rc = avro_value_set_double(v, *(const double *)member);
    } else if (kind == FIELD_BOOL) {
        rc = avro_value_set_boolean(v, *(const bool *)member);
    } else {
        rc = avro_value_set_long(v, *(const int64_t *)member);
    }
    return rc ? failed(s->e) : 0;
}

static int set_field(struct setter *s, avro_value_t *v, const struct codec_field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_STRING:
        return set_text(s, v, *(const struct slice *)member);
    case FIELD_BYTES: {
        const struct slice *bytes = member;
        return avro_value_set_bytes(v, bytes->n ? (void *)(uintptr_t)bytes->p : (void *)(uintptr_t) "", bytes->n)
                   ? failed(s->e)
                   : 0;
    }
    case FIELD_ENUM:
        return set_enum(s, v, field, member);
    case FIELD_STRINGS:
    case FIELD_RECORDS:
        return set_list(s, v, field, member);
    case FIELD_RECORD:
        return set_record(s, v, field->sub, member);
    default:
        return set_number(s, v, field->kind, member);
    }
}

static int set_record(struct setter *s, avro_value_t *v, const struct codec_table *table, const void *record)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct codec_field *field = &table->fields[i];
        avro_value_t child;
        if (avro_value_get_by_index(v, i, &child, NULL))
            return failed(s->e);
        s->values++;
        if (set_field(s, &child, field, (const uint8_t *)record + field->offset))
            return err_wrap(s->e, "%s", field->name);
    }
    return 0;
}

int codec_value_set(avro_value_t *value, const struct codec_table *table, const void *record, struct buf *scratch,
                    struct err *e)
{
    struct setter s = {.scratch = scratch, .values = 1, .e = e};
    return set_record(&s, value, table, record);
}

/* ---- reading ---- */

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
