/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf.h: reads one document of the Common Security Advisory Framework 2.0 (docs.oasis-open.org/csaf/csaf/v2.0),
 * advisory or VEX. It knows the standard and no publisher: what a product id or a CPE means to Red Hat, SUSE or
 * openEuler is in the files of their formats.
 *
 * A document is read in one pass, without a tree of its text. The results are slices of the text or in the arena; a
 * product takes about 80 bytes. There are documents (about kernels) of nearly CSAF_DOCUMENT_MAX bytes with a few
 * hundred thousand products. Pure.
 */
#ifndef CAREEN_FEEDS_FORMATS_CSAF_CSAF_H
#define CAREEN_FEEDS_FORMATS_CSAF_CSAF_H

#include "model/records.h"

#include "base/err.h"

#define CSAF_DOCUMENT_MAX ((size_t)64 << 20)

/* A product of the tree with a name of its own: a platform (cpe), a package (purl), the end of a branch. */
struct csaf_product {
    struct slice id, name, cpe, purl;
};
/* "The package `reference` as a part of `parent`"; both are ids of products or of other parts. */
struct csaf_part {
    struct slice id, name, reference, parent;
};

enum csaf_status {
    CSAF_FIXED,
    CSAF_FIRST_FIXED,
    CSAF_AFFECTED, /* known_affected */
    CSAF_FIRST_AFFECTED,
    CSAF_LAST_AFFECTED,
    CSAF_NOT_AFFECTED, /* known_not_affected */
    CSAF_UNDER_INVESTIGATION,
    CSAF_RECOMMENDED,
    CSAF_STATUS_MAX
};
/* A remediation, a threat or a flag; `category` says which kind ("vendor_fix", "impact", a flag's label). */
struct csaf_note {
    struct slice category, details, url;
    slice_vec products; /* product ids; empty: all products */
};
typedef VEC(struct csaf_note) csaf_note_vec;
struct csaf_score {
    struct slice kind, vector; /* "CVSS:2.0", "CVSS:3.1" */
    slice_vec products;
};
struct csaf_vulnerability {
    struct slice cve, title, description, cwe;
    int64_t published_ms; /* release_date, else discovery_date */
    slice_vec status[CSAF_STATUS_MAX];
    csaf_note_vec remediations, threats;
    VEC(struct csaf_score) scores;
    slice_vec references; /* urls */
};
struct csaf_document {
    struct slice id, title, category, publisher, tracking_status, severity; /* severity: aggregate_severity */
    int64_t published_ms, modified_ms;
    VEC(struct csaf_product) products;
    VEC(struct csaf_part) parts;
    VEC(struct csaf_vulnerability) vulnerabilities;
    uint32_t *index; /* by hash of the id: products from 1 on, then parts; 0 is free */
    size_t index_size;
};

/* ERR_POISON: not JSON, not CSAF, or too much for the arena. */
int csaf_read(struct slice text, struct arena *arena, struct csaf_document *ret, struct err *e);

/* A number from 1 to products.n + parts.n for an id of the tree, for tables by product; 0 for other ids. */
uint32_t csaf_number(const struct csaf_document *d, struct slice id);

/* What a product id in a statement means. */
struct csaf_place {
    const struct csaf_product *package;  /* the innermost reference; the product itself when it is no part */
    const struct csaf_product *platform; /* the outermost parent; NULL when the id is no part */
    struct slice between;                /* reference of the part in between ("nodejs:18:…"); absent without one */
};
/* False when the id, or one that it leads to, is not in the tree. */
bool csaf_place(const struct csaf_document *d, struct slice id, struct csaf_place *ret);

#endif
