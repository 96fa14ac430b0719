/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h: evidence of one layer (model/evidence.h, not compressed) → what its files say: struct layer_packages.
 * Pure: the same bytes give the same record. Runs in a sandboxed child, since the bytes are a stranger's.
 *
 * Who reads a file is found by its path, in the formats' rules (rules.h), so that it does not matter which format kept
 * it. What a file says becomes one struct parsed_file, in the stream's order:
 *  - a database: packages; a system file: facts (os-release's keys, debian_version …);
 *  - a link at a wanted path: parser PARSER_SYMLINK or PARSER_HARDLINK with the one fact "target". Assembly follows it.
 *
 * Whatever could not be read makes status PULL_PARTIAL with a reason that names path and line; the rest is kept.
 */
#ifndef CAREEN_PACKAGES_PARSE_H
#define CAREEN_PACKAGES_PARSE_H

#include "base/err.h"
#include "model/records.h"

/*
 * Of all parsers of this build: it grows whenever the reads_version of a format does, and with every format. Results of
 * another version are parsed again from what was kept.
 */
int parser_version(void);

#define PARSER_SYMLINK  "symlink"
#define PARSER_HARDLINK "hardlink"
#define FACT_TARGET     "target"
/* Of a file whose meaning was read together with another's of the same layer: that one's path. */
#define FACT_READ_WITH "read-with"
/* Of files that say from which products the image was built. */
#define FACT_CONTENT_SETS "content-sets" /* names with a blank between */
#define FACT_CPE          "cpe"

/*
 * Of a file that is software which nothing judges and which no package of its layer owns (software/parse_software.c).
 * Facts: its kind (model/software.h); how many more of that kind the layer has which are not named; "?" for its owner where the
 * layer's packages don't tell what they own.
 */
#define PARSER_SOFTWARE     "software"
#define FACT_SOFTWARE_KIND  "kind"
#define FACT_SOFTWARE_MORE  "more"
#define FACT_SOFTWARE_OWNER "owner"
#define PARSER_SOFTWARE_MAX 1000 /* files of a kind and layer that are named */

/* Most reasons a layer keeps; the last one then says how many more there were. */
#define PARSE_REASONS_MAX 40

/*
 * Fills everything but the digests; final is true, all slices are copies in arena. ERR_POISON: not evidence at all, or
 * more than the arena may take; the caller then records a failed layer with the error's text.
 */
int parse_layer(struct slice evidence, struct arena *arena, struct layer_packages *ret, struct err *e);
/* True when some parser reads the file of this canonical path. */
bool parse_wants(struct slice path);
/* True when some parser wants the file of this canonical path. */
bool parse_wants(struct slice path);

#endif
