/* SPDX-License-Identifier: Apache-2.0 */
/* parse_internal.h: what parse.c provides for the formats' parse functions, each of which reads one file. */
#ifndef CAREEN_PACKAGES_PARSE_INTERNAL_H
#define CAREEN_PACKAGES_PARSE_INTERNAL_H

#include "packages/parse.h"
#include "model/evidence.h"
#include "packages/format.h"
#include "packages/owning.h"

struct json_pull;
struct layer_files;

/* What a format remembers of a layer from one file to the next. */
struct parse_state {
    const struct package_format *format;
    void *state;
};

struct parse {
    struct arena *arena;
    struct layer_packages *out;
    struct layer_files *files;           /* the other files of the layer: layer_files.h */
    struct slice path;                   /* of the current file */
    const struct package_format *format; /* that kept the last entry; NULL: none of this build */
    bool cut;                            /* the file was cut: the last thing in it may be incomplete */
    struct owning owning;                /* which files packages of the layer own */
    size_t reasons_of_file, reasons_left_out;
    size_t packages;   /* of the layer so far */
    struct slice over; /* the path of the last file of which packages were left out */
    VEC(struct parse_state) states;
    struct {             /* files that formats share, by the hashes of their paths */
        uint32_t *slots; /* open addressing: place in out->files + 1, 0 free */
        size_t n, cap;
    } shared;
};

/* The format's state of this layer, size bytes of zeros at first; NULL past the arena's maximum. */
void *parse_state(struct parse *p, const struct package_format *format, size_t size);
struct parsed_file *parse_add_file(struct parse *p, struct slice path, const char *parser);
/*
 * The same for a file of which several formats tell something: the one that was added by this function before, or that
 * has packages, which is known from read_owned on; else a new one. Of two files at one path the later replaces the other.
 */
struct parsed_file *parse_share_file(struct parse *p, struct slice path, const char *parser);

/* Makes the layer partial for this reason, in front of which the path is put. */
ATTR_PRINTF(3, 4) void parse_reason(struct parse *p, enum reason_code code, const char *fmt, ...);
/*
 * Adds a copy of a package, unless the file has PARSE_PACKAGES_OF_FILE or the layer PARSE_PACKAGES_OF_LAYER of them
 * already, which is a reason; its location is the file's path, or what the parser says of a place in it
 * ("app.war!/WEB-INF/lib/a.jar"). It has at least type, name and version; a version that nothing says is empty and not absent,
 * and not_judged is then REASON_VERSION_UNKNOWN. A source that is its own stays absent; where the file says of no package
 * which source it has, source_unknown is set.
 */
void parse_add_package(struct parse *p, struct parsed_file *file, const struct package *package);
/* Sets a fact; a later one of the same name replaces it. */
void parse_set_fact(struct parse *p, struct parsed_file *file, struct slice name, struct slice value);
/* Adds one beside those of the same name. */
void parse_add_fact(struct parse *p, struct parsed_file *file, struct slice name, struct slice value);
/* Ends the reading of a JSON text; where it is malformed that is a reason, and false. */
bool parse_json_end(struct parse *p, struct json_pull *json);
/* Whether s can be a name, version or architecture: text without blanks that is not empty. */
bool parse_is_token(struct slice s);

#endif
