/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec.h: turns records (model/records.h) into Avro and back, by tables of fields (codec_tables.c). It writes the
 * current schemas of schemas/ and reads every schema ever released, by the fields' names; fields that the writer did
 * not have are zero. Framing: Avro single object (C3 01, fingerprint) by default, Confluent's (00, id) when a schema
 * registry is given, and then both are read. Not thread-safe, since it learns schemas while it reads: a codec belongs to
 * one thread.
 *
 * Hostile bytes: there is a size limit before decoding, every length is checked against what is left (schema_check)
 * before anything is read, names of enumerations are checked, and what recurses is as deep as the schema, at most 16
 * levels. A failure is ERR_POISON and names the schema and the field.
 */
#ifndef CAREEN_BUS_CODEC_CODEC_H
#define CAREEN_BUS_CODEC_CODEC_H

#include "base/buf.h"
#include "base/err.h"
#include "bus/codec/schema_texts.h"
#include "bus/topics.h"
#include "model/records.h"

struct codec;

/*
 * registry_url NULL: single-object framing. Otherwise schemas are registered there as <topic>-value at the first write.
 */
int codec_open(const char *registry_url, struct codec **ret_codec, struct err *e);
/* The same, and reads the schemas in `more` (up to a NULL name) as if they were in schemas/released. For tests. */
int codec_open_with(const char *registry_url, const struct schema_text *more, struct codec **ret_codec, struct err *e);
void codec_close(struct codec *c);

/*
 * Appends the encoding to out. record points to the struct of that topic (struct image for TOPIC_IMAGES …). Equal
 * records have equal encodings.
 */
int codec_encode(struct codec *c, enum topic t, const void *record, struct buf *out, struct err *e);
/* Zeroes and fills *ret_record; its slices and arrays are copies in arena. */
int codec_decode(struct codec *c, enum topic t, struct slice value, struct arena *arena, void *ret_record,
                 struct err *e);
/*
 * Writes a record as one line of JSON, for people and for careen tail: names as in the schema, times as RFC 3339
 * strings (null: unknown), enumerations as names, bytes as base64 or, over 1 KiB, as {"omitted_bytes": n}.
 */
int codec_to_json(struct codec *c, enum topic t, const void *record, struct buf *out, struct err *e);
size_t codec_record_size(enum topic t);      /* sizeof the struct */
#define CODEC_RECORD_SIZE_MAX ((size_t)1024) /* no record's struct is larger */
/* CRC-64-AVRO of the Parsing Canonical Form of a schema; the error says what is wrong with the text. */
int codec_fingerprint(struct slice schema_json, uint64_t *ret_fingerprint, struct err *e);

#endif
