/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_tree.h: JSON as a tree, for documents that are held whole: json.h's reader, with its grammar and its limits,
 * fills values of jansson's, whose own parser reads nothing that is foreign. A value costs about 100 bytes of memory
 * however few bytes spell it, so their number is bounded too.
 *
 * The first object of a process makes jansson ask the system for a seed of its hashes, which a sandboxed child can't:
 * the nurseries seed it before (sandbox_nursery.c).
 *
 * The getters take what has the right type and give the absent value otherwise. Any thread.
 */
#ifndef CAREEN_IO_TEXT_JSON_TREE_H
#define CAREEN_IO_TEXT_JSON_TREE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * The text's object or array; anything else is no document. ERR_POISON with the reason and its place. The caller drops
 * the reference (json_decref, or cleanup_json).
 */
int json_tree_read(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e);
/* The same; the text may be any value. */
int json_tree_read_value(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e);
void cleanup_json(json_t **root);

/* Views into the tree, valid as long as the tree. */
struct slice json_tree_view(const json_t *object, const char *key);
struct slice json_tree_string(const json_t *string);
/* The same, copied. */
struct slice json_tree_slice(struct arena *a, const json_t *object, const char *key);
int64_t json_tree_int(const json_t *object, const char *key, int64_t absent);
/* NULL unless it is an object (array). */
const json_t *json_tree_object(const json_t *object, const char *key);
const json_t *json_tree_array(const json_t *object, const char *key);

#endif
