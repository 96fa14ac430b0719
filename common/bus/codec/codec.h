/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec.h: records (model/records.h) to Avro and back, by tables of fields (codec_tables.c), with avro-c underneath.
 * Writes the current schema of schemas/; reads every schema ever released, by the fields' names, with absent fields
 * zero. Framing: Avro single object (C3 01, fingerprint) by default, Confluent's (00, id) when a registry is set;
 * reading takes both. Not thread-safe (avro-c is not): one thread a process uses it.
 *
 * Hostile bytes: a size limit before decoding, every length checked against what is left, enum names checked,
 * no recursion; failure is ERR_POISON and names schema and field.
 *
 * Caveat: close it before the process ends if a leak checker looks: avro-c keeps pointers at unaligned places.
 */
#ifndef CAREEN_BUS_CODEC_CODEC_H
#define CAREEN_BUS_CODEC_CODEC_H

#include "base/buf.h"
#include "base/err.h"
#include "bus/codec/schema_texts.h"
#include "bus/topics.h"
#include "model/records.h"

struct codec;

/* registry_url NULL: single-object framing. With one: schemas are registered there as <topic>-value on first write. */
int codec_open(const char *registry_url, struct codec **ret_codec, struct err *e);
/* The same, and reads these schemas too, as if they were in schemas/released: for tests. Ends with a NULL name. */
int codec_open_with(const char *registry_url, const struct schema_text *more, struct codec **ret_codec, struct err *e);
void codec_close(struct codec *c);

/*
 * record points to the struct of that topic (struct image for TOPIC_IMAGES …). The encoding is a pure function of the
 * record. out is appended to.
 */
int codec_encode(struct codec *c, enum topic t, const void *record, struct buf *out, struct err *e);
/* ret_record: zeroed and filled, its slices and arrays in arena (copied). */
int codec_decode(struct codec *c, enum topic t, struct slice value, struct arena *arena, void *ret_record,
                 struct err *e);
/*
 * The same record as JSON on one line, for people and for careen tail: names as in the schema, times as RFC 3339
 * strings (null: unknown), enumerations as names, bytes as base64, or {"omitted_bytes": n} when over 1 KiB.
 */
int codec_to_json(struct codec *c, enum topic t, const void *record, struct buf *out, struct err *e);
size_t codec_record_size(enum topic t);      /* sizeof the struct */
#define CODEC_RECORD_SIZE_MAX ((size_t)1024) /* no record's struct is larger */
/* CRC-64-AVRO of the Parsing Canonical Form of a schema text; the error names what is not a schema. */
int codec_fingerprint(struct slice schema_json, uint64_t *ret_fingerprint, struct err *e);

#endif
