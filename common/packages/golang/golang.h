/* SPDX-License-Identifier: Apache-2.0 */
/* golang.h: what the files of this folder give each other; the limits, for tests. */
#ifndef CAREEN_PACKAGES_GOLANG_GOLANG_H
#define CAREEN_PACKAGES_GOLANG_GOLANG_H

#include "packages/executable/executable.h"
#include "packages/parse_internal.h"

#define GOLANG_PARSER      "go-buildinfo"
#define GOLANG_MODULES_MAX ((size_t)4 << 20)  /* bytes of module information */
#define GOLANG_LINES_MAX   ((size_t)64 << 10) /* modules of one program */

/* Facts of the evidence. */
#define GOLANG_VERSION "go"      /* the toolchain's: "go1.22.5"; empty: hidden */
#define GOLANG_MODULES "modules" /* the lines, without what frames them; empty: none */
#define GOLANG_CUT     "cut"     /* there is more than is read, or it could not be found: what */

extern const struct package_format format_golang;
extern const struct executable_reader executable_reader_golang;

void golang_read(struct parse *p, const struct evidence_entry *entry);

/*
 * "go1.22rc1" to "1.22.0-rc.1", as advisories of the standard library spell it; what builders append is cut. SLICE_NONE:
 * it is of no release.
 */
struct slice golang_release(struct slice version, struct arena *arena);
/*
 * The version that -ldflags give to a variable of the program itself; SLICE_NONE: none, or more than one. main: the main
 * module's path, flags: the setting's text.
 */
struct slice golang_flags_version(struct slice flags, struct slice main);

#endif
