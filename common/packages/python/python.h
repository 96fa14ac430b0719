/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python.h: what the files of this folder share. Evidence of the format is one entry a file, under the file's own path,
 * whose content is a list of facts (fact_list.h), by these names:
 *
 *     header    a line of METADATA or PKG-INFO that begins with a wanted field, as it stands
 *     wrong     why the file is not read to its end or not wholly; a sentence's half
 *     code      of RECORD and installed-files.txt: a folder or module that holds code, as spelt there, a folder with a
 *               slash behind it; none at all where there are more than PYTHON_CODE_MAX
 *     text      a small file as it is: direct_url.json, INSTALLER, an egg-link
 *     line      a line of pip's vendor.txt that has "==" in it, or of patchlevel.h that has a version
 *     member    of a zip: the path within it of the METADATA or PKG-INFO that the facts behind it are of
 *     frozen    of a program: what made it of Python's modules
 *     target    another name of a file: the path of the file with the content
 *
 * Pure; reducers run one file at a time, in one thread.
 */
#ifndef CAREEN_PACKAGES_PYTHON_PYTHON_H
#define CAREEN_PACKAGES_PYTHON_PYTHON_H

#include "packages/reading/fact_list.h"
#include "packages/reducer.h"

#define PYTHON_HEADER_MAX ((size_t)1 << 20)  /* bytes of a header that are looked at */
#define PYTHON_LINE_MAX   ((size_t)64 << 10) /* of one line */
#define PYTHON_FACTS_MAX  ((size_t)16 << 10)
#define PYTHON_CODE_MAX   16
#define PYTHON_SMALL_MAX  ((size_t)64 << 10)

extern const struct reducer python_header_reducer, python_record_reducer, python_lines_reducer, python_small_reducer,
    python_zip_reducer, python_frozen_reducer;

extern const struct package_format format_python;

struct parse;
struct evidence_entry;
void python_read(struct parse *p, const struct evidence_entry *entry);
void python_read_end(struct parse *p, struct slice whole);

#endif
