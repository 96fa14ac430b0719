/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_tree.h: YAML as a tree of the same values as JSON (json_tree.h), for small foreign documents that are held whole:
 * libyaml's events fill it. A scalar is its text, whatever YAML would make of it ("1.10" is no number, a date is its
 * digits), but null where it is empty, ~ or null without quotes.
 *
 * Refused are aliases (a few bytes can stand for gigabytes), tags, keys that are no words, a key given twice, a second
 * document, more than YAML_DEPTH levels and more values than asked for. Any thread.
 */
#ifndef CAREEN_IO_TEXT_YAML_TREE_H
#define CAREEN_IO_TEXT_YAML_TREE_H

#include "io/text/json_tree.h"

#define YAML_DEPTH 32

/*
 * The document's map or list; anything else is no document. ERR_POISON with the reason and its line. The caller drops the
 * reference.
 */
int yaml_tree_read(struct slice text, size_t max_bytes, size_t max_values, json_t **ret_root, struct err *e);

#endif
