/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statements.h: makes records from what one notice of an rpm distribution says of packages. A notice may name a package
 * with several versions, for different architectures, modules or builds. Since a record's key is ecosystem, package and
 * id, the id then gets a part behind '#': "ELSA-2022-4803#aarch64", "ELSA-2023-12342#virt:ol". Versions that nothing
 * distinguishes (a package in two of SUSE's modules) are united: affected before the later one. Equal versions become
 * one record for all of their architectures.
 */
#ifndef CAREEN_FEEDS_FORMATS_STATEMENTS_H
#define CAREEN_FEEDS_FORMATS_STATEMENTS_H

#include "feeds/reading.h"

struct statement {
    struct slice ecosystem, package, module;
    struct slice flavour;       /* version_rpm_flavour of the fix */
    struct slice architectures; /* statement_architectures; absent: all */
    struct version_range range;
};
typedef VEC(struct statement) statement_vec;

struct slice statement_architectures(struct arena *arena, const slice_vec *v);
/*
 * Sorts the statements and gives their records to the sink. facts: what all records of the notice share, such as its
 * id. Returns 0, or what the sink returned.
 */
int statements_tell(struct feed_reading *r, const struct advisory *facts, statement_vec *v, struct err *e);

#endif
