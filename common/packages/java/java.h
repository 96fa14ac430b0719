/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java.h: what the files of this folder share.
 *
 * Evidence of an archive with all that it holds is one entry under the archive's path, a fact list (fact_list.h): each
 * archive that counts, the outermost first, as "archive" with its path inside and then what it says itself:
 *
 *     sha1            of the archive's bytes, of those that hold no archives
 *     pom.properties  the folder below META-INF/maven ("org.slf4j/slf4j-api"), a line's end, the file without comments
 *     pom.xml         the same of a pom.xml beside which there are no properties: "groupId=…" and so on, a line each,
 *                     as it stands; of its parent "parent.groupId", "parent.version"; "property.NAME" that its version
 *                     names
 *     manifest        the main section's headers that may tell an identity, unfolded, "Name: value" lines
 *     packages        folders of its classes, four parts deep, by blanks
 *     sources         it has .java files and no classes
 */
#ifndef CAREEN_PACKAGES_JAVA_JAVA_H
#define CAREEN_PACKAGES_JAVA_JAVA_H

#include "base/buf.h"
#include "packages/reducer.h"

#define JAVA_ARCHIVE    "archive"
#define JAVA_SHA1       "sha1"
#define JAVA_PROPERTIES "pom.properties"
#define JAVA_POM        "pom.xml"
#define JAVA_MANIFEST   "manifest"
#define JAVA_PACKAGES   "packages"
#define JAVA_SOURCES    "sources"

extern const struct package_format format_java;
extern const struct reducer java_reducer;
void java_read(struct parse *p, const struct evidence_entry *entry);
void java_read_end(struct parse *p, struct slice whole);

/* Whether a file of this name is an archive of Java's, by its last dot and what follows. */
bool java_is_archive(struct slice name);
/* Whether files of such a name are hardly anything else: a .rar may be one of RAR's, a .kar a song. */
bool java_is_archive_surely(struct slice name);

/* java_files.c: what counts of a file, appended to out; false when nothing does. */
bool java_take_properties(struct slice text, struct buf *out);
bool java_take_pom(struct slice text, struct arena *arena, struct buf *out);
bool java_take_manifest(struct slice text, struct buf *out);

#endif
