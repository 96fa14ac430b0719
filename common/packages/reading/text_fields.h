/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_fields.h: what the small text forms of several ecosystems share: documents of "Name: value" lines, tables of TOML
 * as package managers write them, and names that end in a version. Pure, any thread; results are slices of the text.
 */
#ifndef CAREEN_PACKAGES_READING_TEXT_FIELDS_H
#define CAREEN_PACKAGES_READING_TEXT_FIELDS_H

#include "base/slice.h"

/* The next line, which CR, LF or both end; false at the text's end. */
bool text_take_line(struct slice *text, struct slice *ret_line);
/*
 * The trimmed value of the first line "Name: value" of that name, in whatever case; lines that begin with a blank go on
 * with the one before and are passed over. Absent where no line has it.
 */
struct slice text_field(struct slice text, const char *name);

/*
 * A line of TOML: a table's name without its brackets ("[deps]", "[[deps.JSON]]"), or a key and its value. Of values only
 * basic and literal strings on one line without escapes are given; others are absent, as is what stands in arrays and
 * strings of several lines. False at the end.
 */
struct toml_line {
    struct slice table; /* of a header; else absent */
    struct slice key, value;
};
bool toml_take_line(struct slice *text, struct toml_line *ret);

/*
 * Splits "lager-3.9.2-1" before the first, or with `last` before the last hyphen that a digit follows. False: it has
 * none, or nothing stands before it.
 */
bool name_split_version(struct slice s, bool last, struct slice *ret_name, struct slice *ret_version);

#endif
