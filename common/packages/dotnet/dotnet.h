/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dotnet.h: what the files of this folder give each other; the limits, for tests.
 *
 * A library of a deps.json counts as installed when one of the assemblies that it claims is there: beside the file, or in
 * the bundle that has both. Which assemblies a layer has, programs of PE tell while they stream by, so all of a
 * layer's files are kept in the state until its end.
 */
#ifndef CAREEN_PACKAGES_DOTNET_DOTNET_H
#define CAREEN_PACKAGES_DOTNET_DOTNET_H

#include "packages/executable/executable.h"
#include "packages/parse_internal.h"

#define DOTNET_DEPS_PARSER     "dotnet-deps"
#define DOTNET_BUNDLE_PARSER   "dotnet-bundle"
#define DOTNET_ASSEMBLY_PARSER "dotnet-assembly"
#define DOTNET_DEPS_MAX        ((size_t)8 << 20) /* bytes of a deps.json */
#define DOTNET_HEADER_MAX      ((size_t)4 << 20) /* bytes of a bundle's list of files */
#define DOTNET_FILES_MAX       ((size_t)64 << 10)

/* Facts of the evidence. */
#define DOTNET_DEPS     "deps"     /* of a bundle: its deps.json */
#define DOTNET_HEADER   "header"   /* of a bundle: the list of its files, as it stands */
#define DOTNET_PROBLEM  "problem"  /* of a bundle: what could not be read */
#define DOTNET_NATIVE   "native"   /* a program that was compiled ahead of time */
#define DOTNET_ASSEMBLY "assembly" /* managed code: OriginalFilename of its version resource, or nothing */
#define DOTNET_VERSION  "version"  /* ProductVersion, or nothing */

extern const struct package_format format_dotnet;
extern const struct executable_reader executable_reader_dotnet;

/* The list of a bundle's files, one after the other; false: it is malformed, or of a form that is not known. */
struct dotnet_bundle {
    struct slice rest;
    uint64_t major, files, deps_at, deps_size;
};
bool dotnet_bundle_open(struct slice header, struct dotnet_bundle *ret);
bool dotnet_bundle_next(struct dotnet_bundle *b, struct slice *ret_path);

void dotnet_read(struct parse *p, const struct evidence_entry *entry);
void dotnet_read_end(struct parse *p, struct slice whole);

#endif
