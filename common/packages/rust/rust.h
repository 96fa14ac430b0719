/* SPDX-License-Identifier: Apache-2.0 */
/* rust.h: what the files of this folder give each other; the limits, for tests. */
#ifndef CAREEN_PACKAGES_RUST_RUST_H
#define CAREEN_PACKAGES_RUST_RUST_H

#include "packages/executable/executable.h"
#include "packages/parse_internal.h"

#define RUST_AUDIT_PARSER  "rust-audit"
#define RUST_TRACES_PARSER "rust-paths"
#define RUST_AUDIT_MAX     ((size_t)8 << 20) /* bytes of JSON */
#define RUST_CRATES_MAX    4096              /* of traces in one program */

/* Facts of the evidence. */
#define RUST_AUDIT "audit" /* the JSON that cargo-auditable left */
#define RUST_LOOSE "loose" /* it was found without a section that says so: the file has no table of sections */
#define RUST_CRATE "crate" /* "index.crates.io-1949cf8c6b5b557f/serde-1.0.188", each once */
#define RUST_RUSTC "rustc" /* the compiler: "1.76.0", or the hash of its sources */

extern const struct package_format format_rust;
extern const struct executable_reader executable_reader_rust;

void rust_read(struct parse *p, const struct evidence_entry *entry);

#endif
