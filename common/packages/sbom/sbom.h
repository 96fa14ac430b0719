/* SPDX-License-Identifier: Apache-2.0 */
/* sbom.h: a bill of materials in JSON (sbom.c), for formats that find one within another file. */
#ifndef CAREEN_PACKAGES_SBOM_SBOM_H
#define CAREEN_PACKAGES_SBOM_SBOM_H

#include "packages/parse_internal.h"

extern const struct package_format format_sbom;

/* Adds the document's packages, as declared ones. */
void sbom_parse(struct parse *p, struct slice bytes, struct parsed_file *file);

#endif
