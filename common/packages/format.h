/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h: one package format. Everything that the rest of Careen knows of it stands in its struct package_format:
 * which files of a layer are its evidence, how they are kept, who reads them, whether they name the paths of packages,
 * and what kind of packages they list. A format is a folder beside this file which exports that one constant, and a
 * line in the table of formats.c. The collector, the path index, the parse driver, ownership and the version of all
 * parsers ask the table.
 *
 * Adding a format adds its evidence to every layer that is pulled from then on. Of the layers that were pulled before,
 * those are pulled again whose path index may hold a file that one of its rules wants (formats_grew).
 *
 * All of it is constant and may be used by any thread.
 */
#ifndef CAREEN_PACKAGES_FORMAT_H
#define CAREEN_PACKAGES_FORMAT_H

#include "base/slice.h"
#include "model/records.h"

struct evidence_entry;
struct owners;
struct package_format;
struct parse;
struct reducer;

/*
 * Adds to *file what the bytes say. Problems are reported by parse_reason; there are no other failures. See
 * parse_internal.h.
 */
typedef void parse_fn(struct parse *p, struct slice bytes, struct parsed_file *file);
/*
 * Calls owners_give for every path that a package owns according to these bytes of the file at path, and stops when
 * that returns something else than 0. Returns what the last call returned, or 0. See owners.h.
 */
typedef int owns_fn(struct owners *o, struct slice path, struct slice bytes);

/*
 * Which files are kept, and how. The first rule whose path fits a file applies to it, in the order of the table of
 * formats and of each format's rules. To a file that no path fits every rule applies whose content fits it, since a
 * program may tell several formats something.
 *
 * A path is a pattern of the parts between slashes. A part may hold one star, which stands for at least one byte of any
 * text within the part. The forms (the star is written as STAR here, since a star and a slash would end this comment):
 *
 *     var/lib/dpkg/status            one file
 *     var/lib/dpkg/info/STAR.list    names of a shape in a folder, which has at most RULE_FOLDER_MAX bytes
 *     var/db/pkg/STAR/STAR/PF        at most RULE_STARS_MAX parts from the first star to the name
 *     STARSTAR/node_modules/STAR/package.json    the last parts of a path at any depth
 *
 * Paths are compared as they stand in the layer, without a slash in front; links to folders are followed later, when
 * the layers are put together.
 */
struct package_rule {
    const char *path;
    /* Instead of path: how the content begins, RULE_MAGIC_MIN to RULE_MAGIC_MAX bytes, none of them NUL. */
    const char *magic;

    /*
     * Bytes that are kept of a file. A longer one is cut and the layer is partial. With a max of more than KEEP_LARGE a
     * file that is longer than that is kept while it comes, without being held: when the layer ends in the middle of
     * it, zeros stand for the rest. That is for formats whose readers notice it. 0 without names and reducer: the path
     * alone is kept, of a file or a link, and the content is empty.
     */
    uint32_t max;
    /*
     * The pattern's last part is a star, and the paths of all that is directly in the folder are kept without their
     * content: folders too, and those that the layer has only something below of.
     */
    bool names;
    /* Turns the file into evidence while it streams by; NULL: the file is kept as it is. */
    const struct reducer *reducer;
    const char *kind; /* for the reducer: what the rule found, where that differs from rule to rule */

    const char *parser; /* its name in records: "dpkg-status"; NULL: nobody reads the file by itself */
    parse_fn *parse;
    owns_fn *owns; /* NULL: the file names no paths of packages */
};
#define RULE_FOLDER_MAX 63
#define RULE_STARS_MAX  3
#define RULE_MAGIC_MIN  2
#define RULE_MAGIC_MAX  8

#define KEEP_SMALL ((uint32_t)1 << 20)
/* The child's memory is bounded by this: a file is held until it is whole, so that a cut layer cuts no entry. */
#define KEEP_LARGE    ((uint32_t)48 << 20)
#define KEEP_STREAMED ((uint32_t)256 << 20)

/* What a format's files say. */
enum format_tells {
    TELLS_PACKAGES, /* what is installed */
    TELLS_SYSTEM,   /* which system this is */
    TELLS_PRODUCTS, /* from which of its vendor's products the system was built */
    TELLS_SOFTWARE, /* that there is software which nobody reads yet */
};

struct package_format {
    const char *name; /* as receipts and evidence name it, so that it never changes */
    /*
     * The version of what its rules and reducers keep of a layer. When it is raised, layers that may have such files
     * are pulled again.
     */
    int32_t keeps_version;
    /* The version of what its parsers give. When it is raised, the evidence of every layer is parsed again. */
    int32_t reads_version;
    enum format_tells tells;
    /* The type of its packages; model/ecosystem says whose advisories judge them. PKG_UNKNOWN: it has none. */
    enum package_type type;
    const struct package_rule *rules; /* the last one has neither path nor magic */
    /* Folders, NULL behind the last, below which its rules for any depth and by content find nothing. NULL: none. */
    const char *const *not_below;
    /*
     * For evidence that a reducer made under paths of its own choice: reads an entry that names this format as its
     * collector, whatever the path. NULL: entries are read by the rule that wants their path.
     */
    void (*read)(struct parse *p, const struct evidence_entry *entry);
    /* Behind the layer's last entry; whole is the evidence from its magic on. NULL: nothing is left to do. */
    void (*read_end)(struct parse *p, struct slice whole);
    /* After every format's read_end: whose the files are that were asked for is known now (owning.h). NULL likewise. */
    void (*read_owned)(struct parse *p);
};

extern const struct package_format *const package_formats[]; /* ends with NULL */
/* NULL: this build has none of that name. */
const struct package_format *format_by_name(struct slice name);

/* Whether a format of list is newer than the receipt and the receipt's layer may hold something for it. */
bool formats_grew(const struct package_format *const *list, const struct pull *receipt);
/* A hash of the formats' names and of the versions of what they keep. A receipt of another identity may be too old. */
uint64_t formats_identity(const struct package_format *const *list);

#endif
