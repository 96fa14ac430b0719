/* SPDX-License-Identifier: Apache-2.0 */
/*
 * software.h: the table of the kinds of software that are seen in images and SBOMs and that nothing here judges:
 * packages of languages, programs that no package brought, package databases of other systems. A row says what people
 * call the kind, and its types of package URLs. By which files a kind is recognised is said in
 * packages/software/software.c.
 *
 * A kind that is read one day has a package format of its own (packages/format.h), and its files become packages. Until
 * then it is counted wherever it is seen (struct unread in records.h), so that a result never passes over it in silence.
 *
 * Pure; any thread. Rows are static.
 */
#ifndef CAREEN_MODEL_SOFTWARE_H
#define CAREEN_MODEL_SOFTWARE_H

#include "model/records.h"

struct software_kind {
    const char *id;           /* its name in records and JSON */
    const char *one, *many;   /* "Java archive", "Java archives" */
    const char *const *purls; /* types of package URLs; NULL: none */
};

/* Ids of the kinds that are recognised by the content of a program. */
#define SOFTWARE_GO      "go"
#define SOFTWARE_RUST    "rust"
#define SOFTWARE_PROGRAM "program" /* any other */

const struct software_kind *software_by_id(struct slice id);
/* The kind of components with this type of package URL; NULL: none. */
const struct software_kind *software_of_purl(struct slice type);

/*
 * Adds n to a kind's count, with an example unless that is absent. Kinds are kept sorted by id; of the examples the
 * bytewise first UNREAD_EXAMPLES_MAX are kept.
 */
#define UNREAD_EXAMPLES_MAX 3
void unread_add(struct arena *arena, unread_vec *v, struct slice kind, int64_t n, struct slice example);
/*
 * The list in words, in the order of the table: "3 Java archives, at least 1200 Node.js packages"; with examples "3
 * Java archives (app/a.jar, app/b.jar …), …". SLICE_NONE when it is empty.
 */
struct slice unread_text(const unread_vec *v, bool examples, struct arena *arena);
/*
 * A count as text, for forms without a field for it: "java 3", "nodejs 1200+"; an example likewise: "java app/a.jar".
 * The functions below read them back.
 */
struct slice unread_pack(const struct unread *u, struct arena *arena);
struct slice unread_pack_example(const struct unread *u, size_t i, struct arena *arena);
void unread_unpack(struct arena *arena, unread_vec *v, struct slice text);
void unread_unpack_example(struct arena *arena, unread_vec *v, struct slice text);

#endif
