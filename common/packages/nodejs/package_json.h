/* SPDX-License-Identifier: Apache-2.0 */
/*
 * package_json.h: what counts of a package.json, as facts (fact_list.h). It is read as Node and npm read it: the last of
 * two equal keys holds, and what stands in other places may be malformed. A name or version of another type than text is
 * told as it is written. Pure.
 */
#ifndef CAREEN_PACKAGES_NODEJS_PACKAGE_JSON_H
#define CAREEN_PACKAGES_NODEJS_PACKAGE_JSON_H

#include "base/buf.h"

#define PACKAGE_JSON_MAX ((uint32_t)8 << 20) /* bytes that are read */

#define FACT_NAME     "name"
#define FACT_VERSION  "version"
#define FACT_RESOLVED "resolved" /* where npm up to 6 had it from */
#define FACT_BUNDLES  "bundles"  /* a package that it brings along, "*": all that it needs; may come several times */
#define FACT_EDITOR   "editor"   /* it extends VS Code: the versions that it wants, or "" */
#define FACT_UNITY    "unity"    /* it is a package of Unity's manager */

#define PACKAGE_JSON_FACTS_MAX ((size_t)32 << 10)

/*
 * Adds to facts what the text says. NULL, or why it could not be read to its end; what came before is there. more: there
 * was more of the file than this.
 */
const char *package_json_read(struct slice text, bool more, struct buf *facts);

#endif
