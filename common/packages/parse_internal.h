/* SPDX-License-Identifier: Apache-2.0 */
/* parse_internal.h: what parse.c gives to the formats' parse functions, each of which reads one file. */
#ifndef CAREEN_PACKAGES_PARSE_INTERNAL_H
#define CAREEN_PACKAGES_PARSE_INTERNAL_H

#include "packages/parse.h"
#include "model/evidence.h"
#include "packages/format.h"

struct layer_files;

/* What a format remembers of a layer from one file to the next. */
struct parse_state {
    const struct package_format *format;
    void *state;
};

struct parse {
    struct arena *arena;
    struct layer_packages *out;
    struct layer_files *files; /* of the same layer: layer_files.h */
    struct slice path;         /* of the file at hand */
    bool cut;                  /* it ends before its end: what is last in it may be half */
    size_t reasons_of_file, reasons_left_out;
    VEC(struct parse_state) states;
};

/* The format's state of this layer, size bytes of zeros at first; NULL past the arena's maximum. */
void *parse_state(struct parse *p, const struct package_format *format, size_t size);
struct parsed_file *parse_add_file(struct parse *p, struct slice path, const char *parser);

/* The layer becomes partial, for this reason; the path is put in front. */
ATTR_PRINTF(3, 4) void parse_reason(struct parse *p, enum reason_code code, const char *fmt, ...);
/* Adds a package whose slices are copied; location is the path at hand. */
void parse_add_package(struct parse *p, struct parsed_file *file, const struct package *package);
/* Sets a fact: the last one of a name holds. */
void parse_set_fact(struct parse *p, struct parsed_file *file, struct slice name, struct slice value);
/* A name, version or architecture: some text without blanks. */
bool parse_is_token(struct slice s);

#endif
