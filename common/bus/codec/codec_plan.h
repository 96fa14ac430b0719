/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_plan.h: turns structs into Avro's binary encoding (codec_write.c) and back (codec_read.c), by the tables of
 * codec_tables.h. For codec.c only.
 *
 * Reading follows a plan: for one writer's schema and one table it says which field of the writer fills which field of
 * the struct. It is made once for each schema, so that no value costs a look-up by name.
 */
#ifndef CAREEN_BUS_CODEC_CODEC_PLAN_H
#define CAREEN_BUS_CODEC_CODEC_PLAN_H

#include "bus/codec/codec_tables.h"
#include "bus/codec/schema.h"
#include "base/err.h"

struct codec_plan;
struct codec_plan_field {
    const struct codec_field *field; /* NULL: only the writer has this field */
    const struct schema_node *node;  /* of the writer's field */
    const struct codec_plan *sub;    /* of FIELD_RECORD and FIELD_RECORDS */
};
struct codec_plan {
    const struct codec_table *table;
    size_t n; /* number of the writer's fields */
    struct codec_plan_field *fields;
};

/* The plan lies in the schema's arena. ERR_POISON names a field whose type can't be read as the table's. */
int codec_plan_make(struct schema *s, const struct schema_node *node, const struct codec_table *table,
                    const struct codec_plan **ret_plan, struct err *e);
/* 0 when the schema has exactly the table's fields, in its order, with its types, as a schema that is written must. */
int codec_table_check(const struct codec_table *table, const struct schema_node *node, struct err *e);

/*
 * Appends a record in the current schema, text with U+FFFD in place of bytes that are not UTF-8 (slice_utf8). On failure
 * a part of it stands in out.
 */
int codec_write(const struct codec_table *table, const void *record, struct buf *out, struct err *e);
/* Fills a zeroed record from bytes that schema_check has passed for the plan's schema. ERR_POISON names the field. */
int codec_read(const struct codec_plan *plan, struct slice body, struct arena *arena, void *record, struct err *e);

#endif
