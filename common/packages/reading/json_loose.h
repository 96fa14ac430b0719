/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_loose.h: for documents of which few members count and the rest is not looked at (json_pull_raw), so that what is
 * malformed in it spoils nothing: manifests and lock files, whose members may be of any type. One thread.
 */
#ifndef CAREEN_PACKAGES_READING_JSON_LOOSE_H
#define CAREEN_PACKAGES_READING_JSON_LOOSE_H

#include "io/text/json.h"

/* A member's text that outlives the reading of the next; what is longer is nothing. */
#define JSON_TEXT_MAX 1024
struct json_text {
    uint8_t bytes[JSON_TEXT_MAX];
    size_t n;
};

static inline struct slice json_text_slice(const struct json_text *t)
{
    return slice_of(t->bytes, t->n);
}
void json_text_keep(struct json_text *to, struct slice s);
/* The value's text; nothing, having passed over it, where it is no string. */
void json_text_take(struct json_pull *p, struct json_text *to);

/* Enters an object (array). False, having passed over the value, when it is something else. */
bool json_loose_object(struct json_pull *p);
bool json_loose_array(struct json_pull *p);

#endif
