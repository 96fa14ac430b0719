/* SPDX-License-Identifier: Apache-2.0 */
/* schema_texts.h: the texts of schemas/ as they are in the repository, embedded at build time. */
#ifndef CAREEN_BUS_CODEC_SCHEMA_TEXTS_H
#define CAREEN_BUS_CODEC_SCHEMA_TEXTS_H

#include "base/base.h"

struct schema_text {
    const char *name; /* file name without its endings: "image" */
    int released;     /* 0: the current schema; 1: one of schemas/released, readable but no longer written */
    const char *text;
    size_t length;
};

extern const struct schema_text schema_texts[]; /* ends with a NULL name */

#endif
