/* SPDX-License-Identifier: Apache-2.0 */
/* parse_program.h: packages of what program.c kept. */
#ifndef CAREEN_PACKAGES_PROGRAM_PARSE_PROGRAM_H
#define CAREEN_PACKAGES_PROGRAM_PARSE_PROGRAM_H

#include "packages/parse_internal.h"

/* Names of the facts of a file. */
#define PROGRAM_FACT_PRODUCT "product"
#define PROGRAM_FACT_VERSION "version"
#define PROGRAM_FACT_SEVERAL "several" /* it says other versions too */

extern const struct package_format format_program;

void program_read(struct parse *p, const struct evidence_entry *entry);
void program_read_end(struct parse *p, struct slice whole);

#endif
