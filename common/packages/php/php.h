/* SPDX-License-Identifier: Apache-2.0 */
/*
 * php.h: what the files of this folder give to php.c, where the format stands. Evidence are lists of facts (fact_list.h)
 * under the paths of the files that they were made of. Each package begins with FACT_PACKAGE; what follows is its own.
 */
#ifndef CAREEN_PACKAGES_PHP_PHP_H
#define CAREEN_PACKAGES_PHP_PHP_H

#include "packages/reading/fact_list.h"
#include "packages/parse_internal.h"

extern const struct package_format format_php;

#define FACT_PACKAGE   "package"   /* "vendor/name"; of PEAR the name alone */
#define FACT_VERSION   "version"   /* as its author writes it: "v4.4.7", "dev-main" */
#define FACT_REFERENCE "reference" /* commit */
#define FACT_SOURCE    "source"    /* "git https://…" */
#define FACT_DIST      "dist"      /* "path ../lib", where it is no archive of a registry */
#define FACT_DEV       "dev"       /* it is there for development */
#define FACT_DEV_NAME  "dev-name"  /* behind all packages: the name of one that is there for development */
#define FACT_CHANNEL   "channel"   /* of PEAR: "pecl.php.net" */

#define FACT_MEMBER "member" /* of an archive: what follows was told by this file in it */

#define PHP_FACTS_MAX ((size_t)4 << 20)

/*
 * Each adds to facts what a file says; NULL, or why it could not be read to its end, what came before being there. The
 * first is Composer's vendor/composer/installed.json of both versions, or a composer.lock; the second its installed.php;
 * the third an entry of PEAR's registry.
 */
const char *composer_json_reduce(struct slice text, struct buf *facts);
const char *composer_php_reduce(struct slice text, struct buf *facts);
const char *pear_reduce(struct slice text, struct buf *facts);

/* Composer's lists within PHP's archives (phar.c). */
struct reducer;
extern const struct reducer phar_reducer;

/* What became of that. */
void composer_read(struct parse *p, struct parsed_file *file, struct slice facts, enum package_certainty certainty);
void phar_read(struct parse *p, struct parsed_file *file, struct slice facts);
void pear_read(struct parse *p, struct parsed_file *file, struct slice facts);
/* php_version.c: the runtime, by its header. */
void php_read_header(struct parse *p, struct parsed_file *file, struct slice bytes);

#endif
