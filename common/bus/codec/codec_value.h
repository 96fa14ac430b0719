/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_value.h: structs into avro-c values and back, by the tables of codec_tables.h. For codec.c only.
 *
 * Reading goes by a plan: for one writer's schema and one table, which field of the writer fills which field of the
 * struct. It is made once a schema, so that no value costs a look-up by name.
 */
#ifndef CAREEN_BUS_CODEC_CODEC_VALUE_H
#define CAREEN_BUS_CODEC_CODEC_VALUE_H

#include <avro.h>

#include "bus/codec/codec_tables.h"
#include "bus/codec/schema.h"
#include "base/err.h"

struct codec_plan;
struct codec_plan_field {
    const struct codec_field *field; /* NULL: the writer has it, we have not */
    bool optional;                   /* a union with null */
    const struct codec_plan *sub;    /* of FIELD_RECORD and FIELD_RECORDS */
};
struct codec_plan {
    const struct codec_table *table;
    size_t n; /* fields of the writer */
    struct codec_plan_field *fields;
};

/* In the schema's arena. ERR_POISON names a field whose type can't be read as ours. */
int codec_plan_make(struct schema *s, const struct schema_node *node, const struct codec_table *table,
                    const struct codec_plan **ret_plan, struct err *e);
/* 0 when the schema has exactly the table's fields, in its order, with its types: the only one that we write. */
int codec_table_check(const struct codec_table *table, const struct schema_node *node, struct err *e);

/* Fills value, of the current schema. scratch holds one string at a time. */
int codec_value_set(avro_value_t *value, const struct codec_table *table, const void *record, struct buf *scratch,
                    struct err *e);
/* Fills record, which is zeroed, from a value of the plan's schema. */
int codec_value_get(const avro_value_t *value, const struct codec_plan *plan, struct arena *arena, void *record,
                    struct err *e);

/* Appends s to out with U+FFFD in the place of what is not UTF-8, as slice_utf8 counts it. */
void codec_add_utf8(struct buf *out, struct slice s);

#endif
