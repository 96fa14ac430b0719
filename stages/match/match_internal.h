/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match_internal.h: the match stage's tables, and the functions that its files share.
 *
 * Tables of a partition (ik: the image_key of a digest; integers in keys are big-endian):
 *   images        ik, hash128(registry/repository)        -> times of push and pull
 *   workloads     ik, hash128(cluster/…)                  -> running containers
 *   inventories   ik, u16 part                            -> status, ecosystem, layers, spots, (package id, spot) pairs
 *   image-ids     ik -> u32;  image-keys  u32 -> ik       numbers of the images with an inventory, never used again
 *   packages      u32 -> package row;  package-ids  hash128(row, probe) -> u32
 *   names         hash64(ecosystem, name), u32 package -> ""      packages that an advisory may be about, and
 *                 match_vulnerability_hash(id), u32 package -> "" packages with findings whose severity is, or may be,
 *                                                                 the vulnerability's own
 *   postings      u32 package, u32 chunk -> which of 2048 images hold it (sorted u16s, or a 256-byte bitmap)
 *   verdicts      u32 package -> findings without layer, and reasons
 *   out           ik, u16 part -> hash128 of the published record (zeros: none), position at which it was written
 *   meta          applied vector, counters, the rescan in progress
 * A package without postings is removed, with its names and verdict.
 *
 * Tables of the process: those of advisory_view.h (with nothing but the scores of vulnerabilities), and
 *   changes       u32 lane, u64 offset, u8 n -> hash64 as in names   in the order of a topic's partition
 *   change-names  u32 lane, hash64 -> u64 offset, u8 n: where that name's latest change stands
 * A lane is a partition of the advisories topic, or with VULNERABILITY_LANE one of the vulnerabilities topic.
 */
#ifndef CAREEN_MATCH_MATCH_INTERNAL_H
#define CAREEN_MATCH_MATCH_INTERNAL_H

#include "base/hash.h"
#include "match/judge/judge.h"
#include "match/match.h"
#include "stage/metrics.h"

enum {
    T_IMAGES,
    T_WORKLOADS,
    T_INVENTORIES,
    T_IMAGE_IDS,
    T_IMAGE_KEYS,
    T_PACKAGES,
    T_PACKAGE_IDS,
    T_NAMES,
    T_POSTINGS,
    T_VERDICTS,
    T_OUT,
    T_META,
    T_TABLES
};
#define VULNERABILITY_LANE 0x80000000u
/*
 * Hundreds of thousands of vulnerabilities have scores, and few packages wait for any. So vulnerabilities share this
 * many names, under which changes are noted; a package that waits for another vulnerability of the same name is judged
 * once more for nothing.
 */
#define VULNERABILITY_NAMES 65536u

enum { W_CHANGES = ADVISORY_VIEW_TABLES, W_CHANGE_NAMES, W_TABLES };

/* Kinds of work in the order in which the runner drains them: when a rescan's portion starts, the others are empty. */
enum { WORK_CHANGE, WORK_IMAGE, WORK_RESCAN, WORKS };

/*
 * A settle that has judged so much leaves the rest to the next; a kernel with 4000 advisories takes some 5 MB and 10
 * ms.
 */
#define JUDGE_BUDGET ((size_t)24 << 20)

struct match_state {
    struct match_config config;
    struct arena scratch; /* one package's judging at a time */
    size_t spent;         /* what judging has taken of it since the settle began: measures time without a clock */
};

typedef VEC(uint32_t) u32_vec;

/* ---- keys (match_keys.c) ---- */

#define IMAGE_KEY_MAX 256
struct image_key {
    uint8_t b[IMAGE_KEY_MAX];
    size_t n; /* length of ik; the functions that append to it put more behind */
};
/* Makes ik of the digest, everything before the key's first comma. ERR_POISON when that is empty or too long. */
int match_image_key_of(struct slice record_key, struct image_key *ret_key, struct err *e);
/* The digest as text again; SLICE_NONE when the arena is full. */
struct slice match_image_digest(struct slice ik, struct arena *arena);
static inline struct slice image_key_slice(const struct image_key *k)
{
    return slice_of(k->b, k->n);
}
struct slice match_image_key_part(struct image_key *k, unsigned part); /* ik, u16 */
struct slice match_image_key_more(struct image_key *k,
                                  struct slice record_key); /* ik, hash128 of what follows the comma */
uint64_t match_name_hash(struct slice ecosystem, struct slice name, struct arena *arena);
uint64_t match_vulnerability_hash(struct slice id, struct arena *arena); /* one of VULNERABILITY_NAMES */
int match_meta_get_u64(struct step *s, const char *name, uint64_t *ret_v, struct err *e); /* 1, 0 absent */
int match_meta_put_u64(struct step *s, const char *name, uint64_t v, struct err *e);

/* ---- packages (intern.c) ---- */

/*
 * The number of a package's row, which holds everything that judging sees of it. Where the package is, and how that is
 * known, is not in it: forty copies in an image are one row, which is judged once. context comes from judge_context. A
 * row without type and name stands for its whole ecosystem.
 */
int match_package_intern(struct step *s, struct slice context, const struct package *p, uint32_t *ret_id,
                         struct err *e);
int match_package_get(struct step *s, uint32_t id, struct slice *ret_context, struct package *ret_p,
                      struct err *e); /* 1, 0 */
int match_package_forget_if_unused(struct step *s, uint32_t id, struct err *e);

/* ---- postings (postings.c) ---- */

int posting_add(struct step *s, uint32_t package, uint32_t image, struct err *e);
int posting_remove(struct step *s, uint32_t package, uint32_t image, struct err *e);
/* Adds up to max images, from number `from` on, that hold the package, in rising order. */
int posting_list(struct step *s, uint32_t package, uint32_t from, size_t max, u32_vec *out, struct err *e);

/* ---- inventories (inventory_rows.c, inventory_apply.c) ---- */

#define INVENTORY_ROW_MAX   ((size_t)64 << 20)
#define INVENTORY_PARTS_MAX 1000

/* Where in its image a package is, and what says so: what its findings have beside the verdict. */
struct package_spot {
    uint32_t layer; /* place in the row's layers, from 1; 0: none */
    enum package_scope scope;
    enum package_certainty certainty;
    struct slice location, evidence, parent, why;
};
typedef VEC(struct package_spot) package_spot_vec;
struct package_ref {
    uint32_t package;
    uint32_t spot; /* place in the row's spots, from 1; 0: none, of rows that stand for an ecosystem */
};
typedef VEC(struct package_ref) package_ref_vec;
struct inventory_row {
    enum inventory_status status;
    unsigned parts;
    uint32_t unpublished; /* packages that belong to no ecosystem */
    struct slice ecosystem, os_name;
    struct reasons reasons;
    slice_vec layers;
    package_spot_vec spots; /* by location */
    package_ref_vec refs;   /* sorted */
};
typedef VEC(struct inventory_row) inventory_row_vec;
int inventory_row_encode(const struct inventory_row *r, struct buf *b, struct err *e);
/* Slices point into the row, arrays are in the arena. False: the row is damaged, or the arena full. */
bool inventory_row_decode(struct slice row, struct arena *a, struct inventory_row *r);
int match_apply_inventory(struct step *s, const struct bus_event *event, const void *record, struct err *e);
/* 1: every part is there, 0: not yet. *ret_any: there is at least one part. */
int match_inventory_load(struct step *s, struct image_key *k, inventory_row_vec *out, bool *ret_any, struct err *e);

/* ---- verdicts (verdict.c) ---- */

struct verdict_row {
    finding_vec findings; /* without the fields that come from the package */
    struct reasons reasons;
};
int verdict_encode(const finding_vec *findings, const struct reasons *reasons, struct buf *out);
bool verdict_decode(struct slice row, struct arena *arena, struct verdict_row *ret_v);
/* Judges a package and encodes the verdict; uses the scratch arena. */
int verdict_judge(struct step *s, uint32_t package, struct buf *out, struct err *e);
/* Judges a package unless it has a verdict. 1: judged now, 0: there was one. */
int verdict_ensure(struct step *s, uint32_t package, struct err *e);
int verdict_get(struct step *s, uint32_t package, struct slice *ret_row, struct err *e); /* 1, 0 */
/* Replaces the verdict, and the names of the vulnerabilities that it waits for. NULL: removes it. */
int verdict_put(struct step *s, uint32_t package, const struct buf *row, struct err *e);

/* ---- images (settle.c, match.c) ---- */

struct outcome {
    int parts; /* 0: nothing may be published */
    struct findings *v;
};
int match_settle_image(struct step *s, struct slice digest, struct err *e);
/*
 * What should be published of an image, from stored verdicts; writes nothing. 1: made; 0: it can't be said yet, because
 * a part of the inventory is missing or packages are not judged.
 */
int match_outcome_make(struct step *s, struct slice digest, struct outcome *ret_o, struct err *e);
/* Whether the outcome is what the table `out` says is published. 1: the same, 0: not. */
int match_outcome_same(struct step *s, struct slice digest, const struct outcome *o, struct err *e);
int match_apply_findings(struct step *s, const struct bus_event *event, const void *record, struct err *e);

int match_apply_image(struct step *s, const struct bus_event *event, const void *record, struct err *e);
int match_apply_workload(struct step *s, const struct bus_event *event, const void *record, struct err *e);
int match_image_in_window(struct step *s, const struct image_key *k, struct err *e); /* 1, 0 */
int match_image_in_catalogue(struct step *s, const struct image_key *k, struct err *e);
int match_ask_image(struct step *s, struct slice digest, unsigned priority, struct err *e);

/* ---- changes (changes.c) ---- */

int match_apply_advisory(struct step *s, const struct bus_event *event, const void *record, struct err *e);
int match_apply_vulnerability(struct step *s, const struct bus_event *event, const void *record, struct err *e);
int match_changes_idle(struct step *s, struct err *e);
int match_settle_change(struct step *s, struct slice subject, struct err *e);
/* To be called before a partition's first verdict: changes count from here on. */
int match_changes_begin(struct step *s, struct err *e);
/* 1: idle still has changes to take, 0: none. */
int match_changes_waiting(struct step *s, struct err *e);
/* Asks for work on every image that holds the package, from image number `from` on. */
int match_fan_out(struct step *s, uint32_t package, uint32_t from, struct err *e);

/* ---- rescan (rescan.c) ---- */

int match_apply_tick(struct step *s, const struct bus_event *event, const void *record, struct err *e);
int match_settle_rescan(struct step *s, struct slice subject, struct err *e);

extern struct metric match_judged, match_emitted, match_unchanged, match_changes, match_rescan_packages,
    match_rescan_images, match_rescan_differences, match_rescans;

#endif
