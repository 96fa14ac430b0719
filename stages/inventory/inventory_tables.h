/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_tables.h: tables and kinds of work of the inventory stage, for inventory_*.c only. */
#ifndef CAREEN_INVENTORY_INVENTORY_TABLES_H
#define CAREEN_INVENTORY_INVENTORY_TABLES_H

#include "inventory/inventory_stage.h"
#include "io/digest.h"
#include "io/sandbox/sandbox.h"
#include "stage/metrics.h"

enum {
    TABLE_WANTS,  /* layer digest, hash of registry/repository@image -> image digest */
    TABLE_PULLS,  /* layer digest -> the receipt as it came */
    TABLE_CHUNKS, /* layer digest, chunk u32 -> bytes */
    TABLE_SENT,   /* layer digest, image digest -> identity u64 of what was sent */
    TABLE_IMAGES, /* image digest, hash of registry/repository -> the record as it came */
    TABLE_PARSED, /* the record's key -> the record as it came */
    TABLE_OUT,    /* image digest -> hash of the published inventory, number of its parts u32 */
    TABLE_ASKED,  /* which build asked last: reask.h */
};
enum { WORK_PARSE, WORK_ASSEMBLE };

struct inventory_process {
    struct sandbox *sandbox;
};

/* ---- parts (inventory_parts.c) ---- */

/* The bytes of packages in one part; it leaves room for the key, the framing and the other fields. */
#define PART_BYTES (TOPIC_RECORD_MAX - ((size_t)512 << 10))
/* About how many bytes a package takes in a record. */
size_t inventory_package_bytes(const struct package *p);
/* Emits a parsed layer to its image, in as many parts as it needs. */
int inventory_send_layer_packages(struct step *s, const struct layer_packages *whole, struct err *e);
/* All parts of a layer joined. 1: complete, 0: some are missing. */
int inventory_load_layer_packages(struct step *s, struct slice image, struct slice layer, struct layer_packages *ret,
                                  struct err *e);

int inventory_assemble_settle(struct step *s, struct slice image_digest, struct err *e);

#endif
