/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_tables.h: the fields of every record of model/records.h as tables, which encoding, decoding and JSON all walk.
 * A new field is a line in the struct, a line in its table and a line in its .avsc, in the last two at the same place:
 * codec_open compares these and refuses to start when they differ. Names are those of the schema. There a member that
 * ends in _ms ends in _at, because the schema's logical type gives the unit; at_ms is called at.
 */
#ifndef CAREEN_BUS_CODEC_CODEC_TABLES_H
#define CAREEN_BUS_CODEC_CODEC_TABLES_H

#include "bus/topics.h"
#include "model/records.h"

enum field_kind {
    FIELD_STRING,  /* struct slice of text; made valid UTF-8 when written */
    FIELD_BYTES,   /* struct slice */
    FIELD_INT,     /* int32_t */
    FIELD_LONG,    /* int64_t */
    FIELD_TIME,    /* int64_t, milliseconds since 1970 UTC: logical type timestamp-millis */
    FIELD_DOUBLE,  /* double */
    FIELD_BOOL,    /* bool */
    FIELD_ENUM,    /* an enumeration, by its name: Avro string */
    FIELD_STRINGS, /* slice_vec */
    FIELD_RECORDS, /* VEC of a struct */
    FIELD_RECORD,  /* a struct in place */
    FIELD_KIND_MAX
};

struct codec_table;
struct codec_field {
    const char *name; /* in the schema and in JSON */
    enum field_kind kind;
    int names_n; /* FIELD_ENUM */
    size_t offset;
    const char *const *names;      /* FIELD_ENUM: index = value */
    const struct codec_table *sub; /* FIELD_RECORDS, FIELD_RECORD */
};

struct codec_table {
    const char *name; /* of the Avro record */
    size_t size;      /* of the struct */
    size_t n;
    const struct codec_field *fields;
};

extern const struct codec_table *const codec_tables[TOPIC_MAX];

/* The layout of every VEC, whatever its elements. */
struct vec_any {
    void *v;
    size_t n, cap;
};

#endif
