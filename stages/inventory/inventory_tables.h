/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_tables.h: tables and kinds of work of the inventory stage, for inventory_*.c only. */
#ifndef CAREEN_INVENTORY_TABLES_H
#define CAREEN_INVENTORY_TABLES_H

#include "inventory/inventory_stage.h"
#include "io/digest.h"
#include "io/sandbox.h"
#include "stage/metrics.h"

enum {
    TABLE_WANTS,  /* layer digest, hash of registry/repository@image -> image digest */
    TABLE_PULLS,  /* layer digest -> the receipt as it came */
    TABLE_CHUNKS, /* layer digest, chunk u32 -> bytes */
    TABLE_SENT,   /* layer digest, image digest -> identity u64 of what was sent */
    TABLE_IMAGES, /* image digest, hash of registry/repository -> the record as it came */
    TABLE_PARSED, /* image digest, layer digest -> the record as it came */
    TABLE_OUT,    /* image digest -> hash of the inventory that is out, parts u32 */
};
enum { WORK_PARSE, WORK_ASSEMBLE };

struct inventory_process {
    struct sandbox *sandbox;
};

int assemble_settle(struct step *s, struct slice image_digest, struct err *e);

#endif
