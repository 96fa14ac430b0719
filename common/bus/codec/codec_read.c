/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_read.c: a record out of bytes that one schema's writer made, by the plan that says which of its fields fills
 * which of ours. schema_check has passed the bytes: no length leaves them, and every index has what it names.
 */
#include "bus/codec/codec_plan.h"

struct reader {
    struct slice left;
    struct arena *arena;
    struct err *e;
};

static int full(const struct reader *r)
{
    return err_set(r->e, ERR_POISON, 0, "the record needs more than %zu bytes of memory", r->arena->max);
}

/* ---- bytes ---- */

static struct slice take(struct reader *r, size_t n)
{
    struct slice s = slice_sub(r->left, 0, n);
    r->left = slice_from(r->left, s.n);
    return s;
}

static int64_t take_long(struct reader *r)
{
    uint64_t v = 0;
    size_t n = 0;
    for (bool more = true; more && n < r->left.n && n < 10; n++) {
        v |= (uint64_t)(r->left.p[n] & 0x7F) << (7 * n);
        more = r->left.p[n] & 0x80;
    }
    r->left = slice_from(r->left, n);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static uint64_t take_little_endian(struct reader *r, size_t n)
{
    struct slice s = take(r, n);
    uint64_t v = 0;
    for (size_t i = s.n; i-- > 0;)
        v = v << 8 | s.p[i];
    return v;
}

/* How many items the next block of an array or map has; 0: there is none. The block's bytes are of no use here. */
static size_t take_block(struct reader *r)
{
    int64_t n = take_long(r);
    if (n >= 0)
        return (size_t)n;
    take_long(r);
    return (size_t)-n;
}

/* Recursion is bounded as in schema_check.c. */
static void skip(struct reader *r, const struct schema_node *node)
{
    switch (node->kind) {
    case SCHEMA_NULL:
        return;
    case SCHEMA_BOOLEAN:
    case SCHEMA_FLOAT:
    case SCHEMA_DOUBLE:
    case SCHEMA_FIXED:
        take(r, node->least);
        return;
    case SCHEMA_INT:
    case SCHEMA_LONG:
    case SCHEMA_ENUM:
        take_long(r);
        return;
    case SCHEMA_BYTES:
    case SCHEMA_STRING:
        take(r, (size_t)take_long(r));
        return;
    case SCHEMA_UNION:
        skip(r, node->children[take_long(r)]);
        return;
    case SCHEMA_ARRAY:
    case SCHEMA_MAP:
        for (size_t n; (n = take_block(r)) > 0;)
            for (; n; n--) {
                if (node->kind == SCHEMA_MAP)
                    take(r, (size_t)take_long(r));
                skip(r, node->children[0]);
            }
        return;
    case SCHEMA_RECORD:
        for (size_t i = 0; i < node->n; i++)
            skip(r, node->children[i]);
        return;
    case SCHEMA_KIND_MAX:
        break;
    }
    BUG("schema node of kind %d", (int)node->kind);
}

/* ---- values ---- */

/* A string or bytes, in place, or the name of an enumeration's symbol. */
static struct slice view_text(struct reader *r, const struct schema_node *node)
{
    int64_t n = take_long(r);
    return node->kind == SCHEMA_ENUM ? slice_str(node->names[n]) : take(r, (size_t)n);
}

static int read_text(struct reader *r, const struct schema_node *node, struct slice *ret_text)
{
    struct slice text = view_text(r, node);
    if (!text.n)
        return 0;
    *ret_text = arena_slice(r->arena, text);
    return ret_text->p ? 0 : full(r);
}

static int read_enum(struct reader *r, const struct schema_node *node, const struct codec_field *field, void *member)
{
    struct slice name = view_text(r, node);
    int32_t i = name_index(field->names, field->names_n, name);
    if (i < 0)
        return err_set(r->e, ERR_POISON, 0, "unknown name \"%.*s\"", (int)MIN(name.n, 64u),
                       name.n ? (const char *)name.p : "");
    memcpy(member, &i, sizeof i);
    return 0;
}

static int read_int(struct reader *r, int32_t *ret_v)
{
    int64_t wide = take_long(r);
    if (wide < INT32_MIN || wide > INT32_MAX)
        return err_set(r->e, ERR_POISON, 0, "%" PRId64 " is over 32 bits", wide);
    *ret_v = (int32_t)wide;
    return 0;
}

static double read_double(struct reader *r, const struct schema_node *node)
{
    uint64_t bits;
    uint32_t narrow;
    double v;
    float f;
    switch (node->kind) {
    case SCHEMA_DOUBLE:
        bits = take_little_endian(r, sizeof bits);
        memcpy(&v, &bits, sizeof v);
        return v;
    case SCHEMA_FLOAT:
        narrow = (uint32_t)take_little_endian(r, sizeof narrow);
        memcpy(&f, &narrow, sizeof f);
        return (double)f;
    default:
        return (double)take_long(r);
    }
}

static int read_record(struct reader *r, const struct codec_plan *plan, void *record);

/* Room for n items more; blocks of one item each must not cost more than their number. */
static int grow(struct reader *r, struct vec_any *list, size_t size, size_t n)
{
    if (n <= list->cap - list->n)
        return 0;
    size_t cap = MAX(list->n + n, list->n ? 2 * list->cap : 0);
    uint8_t *to = arena_zalloc(r->arena, cap * size);
    if (!to)
        return full(r);
    if (list->n)
        memcpy(to, list->v, list->n * size);
    list->v = to;
    list->cap = cap;
    return 0;
}

static int read_list(struct reader *r, const struct schema_node *node, const struct codec_plan_field *f, void *member)
{
    struct vec_any list = {NULL, 0, 0};
    size_t size = f->sub ? f->field->sub->size : sizeof(struct slice);
    for (size_t n; (n = take_block(r)) > 0;) {
        if (grow(r, &list, size, n))
            return -1;
        for (; n; n--, list.n++) {
            void *to = (uint8_t *)list.v + list.n * size;
            if (f->sub ? read_record(r, f->sub, to) : read_text(r, node->children[0], to))
                return err_wrap(r->e, "item %zu", list.n);
        }
    }
    memcpy(member, &list, sizeof list);
    return 0;
}

static int read_field(struct reader *r, const struct codec_plan_field *f, void *member)
{
    const struct schema_node *node = f->node;
    if (node->kind == SCHEMA_UNION)
        node = node->children[take_long(r)];
    if (node->kind == SCHEMA_NULL)
        return 0;
    switch (f->field->kind) {
    case FIELD_STRING:
    case FIELD_BYTES:
        return read_text(r, node, member);
    case FIELD_INT:
        return read_int(r, member);
    case FIELD_LONG:
    case FIELD_TIME:
        *(int64_t *)member = take_long(r);
        return 0;
    case FIELD_DOUBLE:
        *(double *)member = read_double(r, node);
        return 0;
    case FIELD_BOOL:
        *(bool *)member = take_little_endian(r, 1) != 0;
        return 0;
    case FIELD_ENUM:
        return read_enum(r, node, f->field, member);
    case FIELD_STRINGS:
    case FIELD_RECORDS:
        return read_list(r, node, f, member);
    case FIELD_RECORD:
        return read_record(r, f->sub, member);
    case FIELD_KIND_MAX:
        break;
    }
    BUG("field %s of kind %d", f->field->name, (int)f->field->kind);
}

static int read_record(struct reader *r, const struct codec_plan *plan, void *record)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct codec_plan_field *f = &plan->fields[i];
        if (!f->field)
            skip(r, f->node);
        else if (read_field(r, f, (uint8_t *)record + f->field->offset))
            return err_wrap(r->e, "%s", f->field->name);
    }
    return 0;
}

int codec_read(const struct codec_plan *plan, struct slice body, struct arena *arena, void *record, struct err *e)
{
    struct reader r = {.left = body, .arena = arena, .e = e};
    return read_record(&r, plan, record);
}
