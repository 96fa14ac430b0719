/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/codec_plan.h"

#define BIT(kind) (1u << (kind))

/* Which Avro types can be read as which of our fields: the specification's promotions, and names from enumerations. */
static const unsigned readable[FIELD_KIND_MAX] = {
    [FIELD_STRING] = BIT(SCHEMA_STRING) | BIT(SCHEMA_BYTES) | BIT(SCHEMA_ENUM),
    [FIELD_BYTES] = BIT(SCHEMA_BYTES) | BIT(SCHEMA_STRING),
    [FIELD_INT] = BIT(SCHEMA_INT) | BIT(SCHEMA_LONG),
    [FIELD_LONG] = BIT(SCHEMA_INT) | BIT(SCHEMA_LONG),
    [FIELD_TIME] = BIT(SCHEMA_INT) | BIT(SCHEMA_LONG),
    [FIELD_DOUBLE] = BIT(SCHEMA_DOUBLE) | BIT(SCHEMA_FLOAT) | BIT(SCHEMA_INT) | BIT(SCHEMA_LONG),
    [FIELD_BOOL] = BIT(SCHEMA_BOOLEAN),
    [FIELD_ENUM] = BIT(SCHEMA_STRING) | BIT(SCHEMA_ENUM),
    [FIELD_STRINGS] = BIT(SCHEMA_ARRAY),
    [FIELD_RECORDS] = BIT(SCHEMA_ARRAY),
    [FIELD_RECORD] = BIT(SCHEMA_RECORD),
};

static const enum schema_kind written[FIELD_KIND_MAX] = {
    [FIELD_STRING] = SCHEMA_STRING, [FIELD_BYTES] = SCHEMA_BYTES,   [FIELD_INT] = SCHEMA_INT,
    [FIELD_LONG] = SCHEMA_LONG,     [FIELD_TIME] = SCHEMA_LONG,     [FIELD_DOUBLE] = SCHEMA_DOUBLE,
    [FIELD_BOOL] = SCHEMA_BOOLEAN,  [FIELD_ENUM] = SCHEMA_STRING,   [FIELD_STRINGS] = SCHEMA_ARRAY,
    [FIELD_RECORDS] = SCHEMA_ARRAY, [FIELD_RECORD] = SCHEMA_RECORD,
};

/* A union of null and one other type is read as that type, null as absent. */
static const struct schema_node *unwrap(const struct schema_node *node)
{
    const struct schema_node *other = NULL;
    if (node->kind != SCHEMA_UNION)
        return node;
    for (size_t i = 0; i < node->n; i++) {
        if (node->children[i]->kind == SCHEMA_NULL)
            continue;
        if (other)
            return node;
        other = node->children[i];
    }
    return other ? other : node;
}

static const struct codec_field *find_field(const struct codec_table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++)
        if (!strcmp(table->fields[i].name, name))
            return &table->fields[i];
    return NULL;
}

static int plan_field(struct schema *s, const struct schema_node *node, struct codec_plan_field *to, struct err *e)
{
    const struct codec_field *field = to->field;
    node = unwrap(node);
    if (!(readable[field->kind] & BIT(node->kind)))
        return err_set(e, ERR_POISON, 0, "field %s: %s can't be read", field->name, schema_kind_names[node->kind]);
    if (node->kind == SCHEMA_ARRAY) {
        node = node->children[0];
        enum schema_kind wanted = field->kind == FIELD_STRINGS ? SCHEMA_STRING : SCHEMA_RECORD;
        if (node->kind != wanted)
            return err_set(e, ERR_POISON, 0, "field %s: list of %s can't be read", field->name,
                           schema_kind_names[node->kind]);
    }
    if (field->sub && codec_plan_make(s, node, field->sub, &to->sub, e))
        return err_wrap(e, "field %s", field->name);
    return 0;
}

int codec_plan_make(struct schema *s, const struct schema_node *node, const struct codec_table *table,
                    const struct codec_plan **ret_plan, struct err *e)
{
    if (node->kind != SCHEMA_RECORD)
        return err_set(e, ERR_POISON, 0, "%s instead of a record", schema_kind_names[node->kind]);
    struct codec_plan *plan = arena_zalloc(&s->arena, sizeof *plan);
    struct codec_plan_field *fields = plan ? arena_zalloc(&s->arena, MAX(node->n, 1u) * sizeof *fields) : NULL;
    if (!fields)
        return err_set(e, ERR_POISON, 0, "schema too large");
    *plan = (struct codec_plan){.table = table, .n = node->n, .fields = fields};
    for (size_t i = 0; i < node->n; i++) {
        fields[i].field = find_field(table, node->names[i]);
        fields[i].node = node->children[i];
        if (fields[i].field && plan_field(s, node->children[i], &fields[i], e))
            return -1;
    }
    *ret_plan = plan;
    return 0;
}

int codec_table_check(const struct codec_table *table, const struct schema_node *node, struct err *e)
{
    if (node->kind != SCHEMA_RECORD || node->n != table->n)
        return err_set(e, ERR_FATAL, 0, "record %s: %zu fields in the schema, %zu in the table", table->name,
                       node->kind == SCHEMA_RECORD ? node->n : 0, table->n);
    for (size_t i = 0; i < table->n; i++) {
        const struct codec_field *field = &table->fields[i];
        const struct schema_node *child = node->children[i];
        if (strcmp(field->name, node->names[i]))
            return err_set(e, ERR_FATAL, 0, "record %s: field %zu is %s in the schema, %s in the table", table->name, i,
                           node->names[i], field->name);
        if (child->kind != written[field->kind])
            return err_set(e, ERR_FATAL, 0, "record %s: field %s is %s in the schema", table->name, field->name,
                           schema_kind_names[child->kind]);
        if (child->kind == SCHEMA_ARRAY)
            child = child->children[0];
        if (field->kind == FIELD_STRINGS && child->kind != SCHEMA_STRING)
            return err_set(e, ERR_FATAL, 0, "record %s: field %s is not a list of strings in the schema", table->name,
                           field->name);
        if (field->sub && codec_table_check(field->sub, child, e))
            return -1;
    }
    return 0;
}
