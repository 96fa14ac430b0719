/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locks.h: what the files of this folder share: kinds of lock files, and evidence of them as facts (fact_list.h): "line",
 * a line that may say a name, a version or a section, as it stands; of JSON "section", "name", "version" instead; and
 * "wrong", why it is not read to its end.
 */
#ifndef CAREEN_PACKAGES_LOCKS_LOCKS_H
#define CAREEN_PACKAGES_LOCKS_LOCKS_H

#include "packages/format.h"

#define LOCK_GEMFILE      "gemfile"
#define LOCK_TOML         "toml" /* of Poetry, uv, PDM */
#define LOCK_PIPFILE      "pipfile"
#define LOCK_REQUIREMENTS "requirements"

extern const struct package_format format_locks;

struct parse;
struct evidence_entry;
void locks_read(struct parse *p, const struct evidence_entry *entry);

#endif
