/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h: an Avro schema as a tree, its Parsing Canonical Form, its fingerprint, and the check that foreign bytes pass
 * before anything reads them. From the Avro 1.11 specification: "Parsing Canonical Form for Schemas", "Schema Fingerprints", "Binary Encoding".
 *
 * These are refused, by ERR_POISON that names the place: recursive schemas, more than 16 levels, more than 4096 nodes
 * (a shared type counts at every use), arrays whose items take no bytes, invalid names. A schema belongs to whoever
 * parsed it; its strings live in its arena.
 */
#ifndef CAREEN_BUS_CODEC_SCHEMA_H
#define CAREEN_BUS_CODEC_SCHEMA_H

#include "base/buf.h"
#include "base/arena.h"
#include "base/err.h"

enum schema_kind {
    SCHEMA_NULL,
    SCHEMA_BOOLEAN,
    SCHEMA_INT,
    SCHEMA_LONG,
    SCHEMA_FLOAT,
    SCHEMA_DOUBLE,
    SCHEMA_BYTES,
    SCHEMA_STRING, /* the last primitive */
    SCHEMA_RECORD,
    SCHEMA_ENUM,
    SCHEMA_ARRAY,
    SCHEMA_MAP,
    SCHEMA_UNION,
    SCHEMA_FIXED,
    SCHEMA_KIND_MAX
};

struct schema_node {
    enum schema_kind kind;
    const char *name;              /* full name of records, enumerations and fixed; NULL for others */
    size_t n;                      /* record: fields, enumeration: symbols, union: branches, array and map: 1 */
    const char **names;            /* of fields or symbols */
    struct schema_node **children; /* of fields, branches, items or values; a named type may be shared */
    size_t size;                   /* fixed: bytes */
    size_t least;                  /* how many bytes a value has at least */
    size_t weight;                 /* nodes of the tree, counting a shared type at every use */
    bool open;                     /* it is being parsed: a reference to it is recursion */
};

struct schema {
    struct schema_node *root;
    struct slice canonical; /* Parsing Canonical Form */
    uint64_t fingerprint;   /* CRC-64-AVRO of it */
    struct arena arena;
};

int schema_parse(struct slice json, struct schema **ret_schema, struct err *e);
void schema_free(struct schema *s);
extern const char *const schema_kind_names[SCHEMA_KIND_MAX];

/*
 * 0 when value is exactly one encoded value of the schema: every length lies within the bytes, every number in its
 * range, every index is valid, and nothing is left over. There may be at most SCHEMA_VALUES_MAX single values, which
 * bounds what decoding takes beside the arena's maximum.
 */
int schema_check(const struct schema *s, struct slice value, struct err *e);
#define SCHEMA_VALUES_MAX ((size_t)4 << 20)

#endif
