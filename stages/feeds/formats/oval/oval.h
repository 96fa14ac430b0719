/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval.h: keeps those parts of an OVAL file (oval.mitre.org, definitions schema 5) that decide about rpm packages, in
 * little memory.
 *
 * Definitions come first in a file. They refer by id to tests, which refer to objects (a package's name) and states
 * (its version), and all of these come later. So definitions are kept as bytes: their facts, and their criteria as a
 * tree of numbers of tests. Tests, objects and states are small rows. A file of 200 MB takes some 40 MB; a file that
 * needs more than OVAL_KEPT_MAX is refused. When everything was read, oval_leaf says what a test means.
 *
 * A test's meaning is read from its state. Its comment is used where a publisher says something only there (platforms,
 * modules, "is not affected"), or where the file lacks the test, its object or its state.
 */
#ifndef CAREEN_FEEDS_FORMATS_OVAL_OVAL_H
#define CAREEN_FEEDS_FORMATS_OVAL_OVAL_H

#include "feeds/reading.h"
#include "io/text/xml.h"

#define OVAL_KEPT_MAX     ((size_t)256 << 20)
#define OVAL_CRITERIA_MAX 200000 /* of one definition */

enum oval_operation {
    OVAL_NONE,
    OVAL_EQUALS,
    OVAL_LESS,
    OVAL_LESS_EQUAL,
    OVAL_GREATER,
    OVAL_GREATER_EQUAL,
    OVAL_PATTERN
};

struct oval_state {
    struct slice evr, version, architectures; /* architectures: "x86_64", "(aarch64|x86_64)" */
    enum oval_operation evr_operation, version_operation;
    bool signature, release;
};
struct oval_test {
    uint64_t object, state; /* ids' hashes; 0: none */
    struct slice comment;
    bool defined, text_file;
};
struct oval;
struct oval *oval_new(void);
void oval_free(struct oval *o);
/* The number of the test with that id, which is made when it is new. Negative: there are too many. */
int64_t oval_test_number(struct oval *o, struct slice id, struct slice comment);
/* Whether a criterion is about a signature, or about a build's flavour that the version shows too. */
bool oval_says_nothing(struct slice comment);
/* Takes an element of the file: a test that a criterion refers to, an object or a state. False: there are too many. */
bool oval_take(struct oval *o, const struct xml_node *n, struct arena *arena);

enum oval_leaf_kind {
    LEAF_BAD,
    LEAF_IGNORED,      /* oval_says_nothing, by its state */
    LEAF_PLATFORM,     /* name: as the publisher calls it */
    LEAF_ARCHITECTURE, /* architectures */
    LEAF_MODULE,       /* name: "nodejs:18" */
    LEAF_FIXED,        /* name is affected before evr */
    LEAF_LAST,         /* name is affected up to and including evr */
    LEAF_SINCE,        /* name is affected from evr on */
    LEAF_AFFECTED,     /* name is affected in all versions that are known */
    LEAF_NOT_AFFECTED,
};
struct oval_leaf {
    enum oval_leaf_kind kind;
    struct slice name, evr, architectures, comment;
};
void oval_leaf(const struct oval *o, uint64_t test, struct arena *arena, struct oval_leaf *ret_leaf);

/* ---- publishers ---- */

struct oval_publisher {
    const char *ecosystem; /* how the feed's ecosystem begins */
    const char *id_source; /* source of the reference that holds the id; NULL: the title's first word */
    enum name_kind names;
    /* "Oracle Linux 9" -> "Oracle Linux:9"; SLICE_NONE: the product is ignored. NULL: a file is about one release. */
    struct slice (*platform)(struct slice name, struct arena *arena);
};
/* NULL: the publisher is not known. */
const struct oval_publisher *oval_publisher(struct slice ecosystem);

/* ---- criteria as bytes: '&' or '|' … ')' for a node, 't' varint for a test ---- */

/* NULL, or why the criteria can't be kept. */
const char *oval_keep_criteria(struct oval *o, const struct xml_node *criteria, struct buf *out);

/* What must hold for a package's test to count. */
struct oval_context {
    bool platform_given;
    slice_vec platforms, architectures; /* empty architectures: any */
    struct slice module;
};
struct oval_walk {
    const struct oval *oval;
    struct arena *arena;
    void *arg;
    /* Gives the ecosystem of a platform's name; SLICE_NONE: the product is ignored. */
    struct slice (*platform)(void *arg, struct slice name, struct arena *arena);
    /* Is called for a package's test, with what must hold for it. A negative result ends the walk. */
    int (*package)(void *arg, const struct oval_context *c, const struct oval_leaf *leaf);
    char bad[160]; /* why a criterion can't be read */
};
/* 0; -1 with w->bad filled; or what `package` returned. */
int oval_walk(struct oval_walk *w, struct slice criteria);

#endif
