/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_registry.h: the two calls to a Confluent-compatible schema registry that the codec needs ("Schema Registry API
 * Reference" of Confluent Platform, paths /subjects/…/versions and /schemas/ids/…). A call blocks for at most 15 s;
 * answers over 1 MiB are refused; redirects are not followed. An id never changes its schema, so callers cache them.
 * The URL may hold user:password, which no error text repeats. One thread at a time.
 */
#ifndef CAREEN_BUS_CODEC_SCHEMA_REGISTRY_H
#define CAREEN_BUS_CODEC_SCHEMA_REGISTRY_H

#include "base/buf.h"
#include "base/err.h"

struct schema_registry;
int schema_registry_open(const char *url, struct schema_registry **ret_registry, struct err *e);
void schema_registry_close(struct schema_registry *r);

/*
 * Registers an Avro schema under a subject, or finds the same text there. ERR_RETRY: the registry is away or busy;
 * ERR_REFUSED: credentials; ERR_USAGE: the registry does not accept the schema, with its words.
 */
int schema_registry_register(struct schema_registry *r, const char *subject, struct slice text, uint32_t *ret_id,
                             struct err *e);
/* The schema's text, appended to out. ERR_NOT_FOUND: no such id; ERR_POISON: it is not a single Avro schema. */
int schema_registry_fetch(struct schema_registry *r, uint32_t id, struct buf *out, struct err *e);

#endif
