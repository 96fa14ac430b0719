/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jsonin.h: reading foreign JSON with jansson, bounded in bytes and in values (a value costs about 100 bytes of memory
 * however few bytes spell it). Objects with a key given twice are refused: readers disagree about what they mean.
 * The getters take what has the right type and give the absent value otherwise. Any thread.
 */
#ifndef CAREEN_IO_TEXT_JSONIN_H
#define CAREEN_IO_TEXT_JSONIN_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"

/* ERR_POISON with the place of the mistake. The caller drops the reference (json_decref, or cleanup_json). */
int jsonin_load(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e);
void cleanup_json(json_t **root);

/* Views into the tree, valid as long as the tree. */
struct slice jsonin_view(const json_t *object, const char *key);
struct slice jsonin_string(const json_t *string);
/* The same, copied. */
struct slice jsonin_slice(struct arena *a, const json_t *object, const char *key);
int64_t jsonin_int(const json_t *object, const char *key, int64_t absent);
/* NULL unless it is an object (array). */
const json_t *jsonin_object(const json_t *object, const char *key);
const json_t *jsonin_array(const json_t *object, const char *key);

#endif
