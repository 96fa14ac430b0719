/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h: turns the evidence of one layer (model/evidence.h, not compressed) into what its files say, struct
 * layer_packages. Pure: the same bytes give the same record. It runs in a sandboxed child, since the bytes are foreign.
 *
 * The reader of a file is found by the file's path in the formats' rules (rules.h), so that it does not matter which
 * format kept it. What a file says becomes one struct parsed_file, in the order of the stream:
 *
 *  - a database: packages; a system file: facts (the keys of os-release, debian_version …);
 *  - a link at a wanted path: parser PARSER_SYMLINK or PARSER_HARDLINK, with "target" as its only fact. Assembly
 *    follows it.
 *
 * When something can't be read, the status is PULL_PARTIAL with a reason that names path and line; the rest is kept.
 */
#ifndef CAREEN_PACKAGES_PARSE_H
#define CAREEN_PACKAGES_PARSE_H

#include "base/err.h"
#include "model/records.h"

/*
 * The version of all parsers of this build together. It grows when a format's reads_version grows, and with every new
 * format. Results of another version are made again from the evidence.
 */
int parser_version(void);

#define PARSER_SYMLINK  "symlink"
#define PARSER_HARDLINK "hardlink"
#define FACT_TARGET     "target"
/* The path of another file in the same layer that was read together with this one, since only both make sense. */
#define FACT_READ_WITH "read-with"
/*
 * A folder or file, canonical, as the file's own layer spells it, that holds the code of the file's packages; there may
 * be up to FACT_CODE_IN_MAX of them (parse_add_fact). When later layers remove every one of them, the packages are gone
 * although what told of them stayed. Of a folder that is emptied file by file nobody learns, so the file without which
 * the package can't be loaded says more than its folder: "…/site-packages/requests/__init__.py". Without such a fact
 * the packages are there as long as their file.
 */
#define FACT_CODE_IN     "code-in"
#define FACT_CODE_IN_MAX 16
/* Facts of files that say from which products the image was built. */
#define FACT_CONTENT_SETS "content-sets" /* names separated by blanks */
#define FACT_CPE          "cpe"
/* What the origin of a package begins with whose identity is guessed: the SHA-1 of its file in hex follows. */
#define ORIGIN_SHA1 "sha1:"

/*
 * Which package a list of the same layer calls the owner of the file (owning.h): the format of the list, a blank, "list"
 * or "database", a blank, its name. A database names all that is installed, also what lower layers brought.
 */
#define FACT_OWNER      "owner"
#define OWNER_LIST      "list"
#define OWNER_DATABASE  "database"
#define FACT_OWNER_PATH "owner-path" /* the file's name in that list, where it is another */

/*
 * No file, but the names that lists of this layer have for files which it doesn't have (owning.h); its path is empty.
 * The first fact is the format and the kind of list as above, with the name OWNED_BY; the others have the name of a package
 * and hashes. OWNED_TOO_MANY instead of them: there were more than are kept.
 */
#define PARSER_OWNED   "owned"
#define OWNED_BY       ""
#define OWNED_TOO_MANY "?"

/*
 * For a file that is software which nothing judges and no package of its layer owns (software/parse_software.c). Its
 * facts: its kind (model/software.h); how many more files of that kind the layer has that are not named; "?" as its
 * owner when the layer's packages don't say what they own.
 */
#define PARSER_SOFTWARE     "software"
#define FACT_SOFTWARE_KIND  "software-kind"
#define FACT_SOFTWARE_MORE  "software-more"
#define FACT_SOFTWARE_OWNER "software-owner"
#define PARSER_SOFTWARE_MAX 1000 /* how many files of a kind are named in one layer */

/*
 * How many packages of a file, and of a layer, are listed: several times what any real one has. A list of wishes that goes
 * on without end must not take the others' place.
 */
#define PARSE_PACKAGES_OF_FILE  50000
#define PARSE_PACKAGES_OF_LAYER 200000

/* How many reasons a layer keeps; the last one then says how many more there were. */
#define PARSE_REASONS_MAX 40

/*
 * Fills everything but the digests; `final` is true, and all slices are copies in arena. ERR_POISON: it is not
 * evidence, or too much for the arena; the caller then records a failed layer with the error's text.
 */
int parse_layer(struct slice evidence, struct arena *arena, struct layer_packages *ret, struct err *e);
/* Whether some parser reads the file at this canonical path. */
bool parse_wants(struct slice path);

#endif
