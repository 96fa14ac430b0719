/* SPDX-License-Identifier: Apache-2.0 */
/*
 * software.h: the kinds of software that are seen in images and SBOMs and that nothing here judges: packages of
 * languages, programs that no package brought, package databases of other systems. The one table of them: what tells a
 * kind (paths of files, or the content of programs), what people call it, and its types of package URLs.
 *
 * A kind that is read one day leaves the table, and what its files say becomes packages. Until then whoever sees
 * one counts it (struct unread in records.h), so that "complete" never passes over it in silence.
 *
 * Pure, any thread; rows are static.
 */
#ifndef CAREEN_MODEL_SOFTWARE_H
#define CAREEN_MODEL_SOFTWARE_H

#include "model/records.h"

struct software_kind {
    const char *id;         /* as records and JSON name it */
    const char *one, *many; /* "Java archive", "Java archives" */
    /*
     * Which files are one: patterns over the last parts of a path, "vendor/?/x.json" with a star for the
     * question mark; with a slash in front over the whole of it. A part may have one star, any text. NULL: none, its
     * content tells.
     */
    const char *const *paths;
    const char *const *purls; /* types of package URLs; NULL: none */
};

/* Ids of the kinds that the content of a program tells. */
#define SOFTWARE_GO      "go"
#define SOFTWARE_RUST    "rust"
#define SOFTWARE_PROGRAM "program" /* any other */

const struct software_kind *software_by_id(struct slice id);
/* The kind of a file by its canonical path, NULL: of none. What is below a store that is read otherwise is of none. */
const struct software_kind *software_of_path(struct slice path);
/* The kind of components with this type of package URL, NULL: of none. */
const struct software_kind *software_of_purl(struct slice type);
/* False where programs don't count: what Nix and Guix built, and ostree's second names. */
bool software_counts(struct slice path);

/* Adds n of a kind, with an example (absent: none); kinds are kept sorted by id, and the first examples by their bytes.
 */
#define UNREAD_EXAMPLES_MAX 3
void unread_add(struct arena *arena, unread_vec *v, struct slice kind, int64_t n, struct slice example);
/*
 * "3 Java archives, at least 1200 Node.js packages"; with examples "3 Java archives (app/a.jar, app/b.jar …), …". Those
 * that come first in the table come first. SLICE_NONE when there are none.
 */
struct slice unread_text(const unread_vec *v, bool examples, struct arena *arena);
/* A row as text for forms without a field for it, "java 3", "nodejs 1200+", and an example, "java app/a.jar"; and back.
 */
struct slice unread_pack(const struct unread *u, struct arena *arena);
struct slice unread_pack_example(const struct unread *u, size_t i, struct arena *arena);
void unread_unpack(struct arena *arena, unread_vec *v, struct slice text);
void unread_unpack_example(struct arena *arena, unread_vec *v, struct slice text);

#endif
