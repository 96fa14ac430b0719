/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.h: why something was not read or not judged, and what a person should know besides, each as a sentence with a
 * code. The sentence is for people and may change; the code is for programs: whatever decides something, decides by the
 * code and never by the sentence.
 *
 * Records, JSON and command lines hold a code as its word, "layer-broken". Words are for ever: one is never renamed,
 * never removed and never given another meaning, because old records hold it. A reason of a record from before there were
 * codes, or with a word of a later version, reads as REASON_UNSPECIFIED; the word itself is kept and handed on.
 *
 * The table with all words and meanings is in reason.c; docs/formats/reasons.md is that table for people, and a test holds
 * the two equal.
 *
 * Texts and words of a list belong to the arena that they were added with, or live for ever. Pure, any thread.
 */
#ifndef CAREEN_MODEL_REASON_H
#define CAREEN_MODEL_REASON_H

#include "base/arena.h"

enum reason_code {
    REASON_UNSPECIFIED,
    REASON_MORE, /* the last of a list that was cut: how many more there were */

    /* Of a layer: getting it and reading it. */
    REASON_LAYER_NOT_FETCHED,
    REASON_LAYER_REFUSED,
    REASON_LAYER_MISSING,
    REASON_LAYER_FOREIGN,
    REASON_LAYER_FORMAT,
    REASON_LAYER_BROKEN,
    REASON_LAYER_UNREAD,
    REASON_MEMBER_LEFT_OUT,
    REASON_FILE_CUT,
    REASON_EVIDENCE_FULL,
    REASON_EVIDENCE_BROKEN,
    REASON_READER_FAILED,

    /* Of package databases and the files beside them. */
    REASON_PACKAGE_LEFT_OUT,
    REASON_PACKAGE_HALF_INSTALLED,
    REASON_PACKAGE_CONTRADICTED,
    REASON_VERSION_INVALID,
    REASON_DATABASE_BROKEN,
    REASON_DATABASE_EMPTY,
    REASON_DATABASE_LOG,
    REASON_DATABASE_MISSING,
    REASON_LINK_UNRESOLVED,
    REASON_SYSTEM_FILE_BROKEN,
    REASON_PRODUCTS_UNKNOWN,
    REASON_TOO_MANY,
    REASON_ARCHIVE_UNREAD,

    /* Of the operating system, and whose advisories hold for it. */
    REASON_SYSTEM_UNKNOWN,
    REASON_RELEASE_UNKNOWN,
    REASON_NOBODY_PUBLISHES,
    REASON_SYSTEM_NOT_COVERED,
    REASON_NO_ADVISORIES,
    REASON_ECOSYSTEM_EMPTY,
    REASON_NO_SYSTEM,
    REASON_ADVISORIES_BORROWED,
    REASON_END_OF_LIFE,
    REASON_WINDOWS_BUILD_UNKNOWN,
    REASON_WINDOWS_BUILDS_DIFFER,
    REASON_UPDATES_UNCHECKED,

    /* Of packages and software that nothing is held against. */
    REASON_PACKAGES_NOT_JUDGED,
    REASON_OTHER_KIND,
    REASON_OTHER_VENDOR,
    REASON_OTHER_REPOSITORY,
    REASON_BUILT_LOCALLY,
    REASON_OWN_PACKAGE,
    REASON_VERSION_UNKNOWN,
    REASON_IDENTITY_GUESSED,
    REASON_NOT_LOADED,
    REASON_CONTENTS_UNKNOWN,
    REASON_SOFTWARE_NOT_JUDGED,
    REASON_SOFTWARE_OWNER_UNKNOWN,

    /* Of holding advisories against a package. */
    REASON_ADVISORY_NOT_APPLICABLE,
    REASON_VERSIONS_NOT_COMPARABLE,
    REASON_FIPS_BUILD,
    REASON_MODULE_UNKNOWN,
    REASON_UPDATES_UNKNOWN,
    REASON_SOURCE_UNKNOWN,
    REASON_PACKAGE_TOO_LARGE,
    REASON_JUDGING_FAILED,

    /* Of an image as a whole. */
    REASON_NOT_AN_IMAGE,
    REASON_IMAGE_FORMAT,
    REASON_IMAGE_BROKEN,
    REASON_IMAGE_MISSING,
    REASON_INDEX_NOT_READ,

    /* Of where an image stands and runs, and how far the work on it is. */
    REASON_WAITS_FOR_LAYERS,
    REASON_WAITS_FOR_MATCH,
    REASON_NOT_WATCHED,
    REASON_REPOSITORY_NOT_WATCHED,
    REASON_PLATFORM_ASSUMED,

    /* Of the advisory database. */
    REASON_FEEDS_OLD,
    REASON_FEEDS_STILL,

    /* Of an SBOM. */
    REASON_SBOM_VERSION,
    REASON_SBOM_EMPTY,
    REASON_COMPONENTS_LEFT_OUT,
    REASON_MAX
};

struct reason_kind {
    const char *word;  /* as records and JSON have it */
    bool hides;        /* something may be vulnerable that nobody was told of; else it is good to know and no more */
    const char *means; /* a sentence */
    const char *does;  /* a sentence: what a person can do; NULL: nothing, or nothing need be done */
};
extern const struct reason_kind reason_kinds[REASON_MAX];

/* The code of a word; REASON_UNSPECIFIED of one that this version does not know, and of none. */
enum reason_code reason_of_word(struct slice word);
/* The word of a code; it lives for ever. */
struct slice reason_word(enum reason_code code);

/* One sentence with its code. Both absent: there is none. code is a word, or empty in records of older versions. */
struct reason {
    struct slice text, code;
};
#define REASON_NONE ((struct reason){SLICE_NONE, SLICE_NONE})
struct reason reason_make(enum reason_code code, struct slice text);
enum reason_code reason_code(struct reason r);

/*
 * A list of them. The two vectors are the record's fields "reasons" and "reason_codes" (or "notes" and "note_codes"): one
 * code a text, in the same order. Records of older versions have texts alone, so read codes by reasons_at only.
 */
struct reasons {
    slice_vec texts;
    slice_vec codes;
};

/* False, and nothing added, past the arena's maximum. The text and word are not copied. */
bool reasons_add(struct arena *a, struct reasons *list, enum reason_code code, struct slice text);
ATTR_PRINTF(4, 5)
bool reasons_addf(struct arena *a, struct reasons *list, enum reason_code code, const char *fmt, ...);
bool reasons_add_one(struct arena *a, struct reasons *list, struct reason one);
bool reasons_add_all(struct arena *a, struct reasons *to, const struct reasons *from);
/* The same with texts and words copied into a. */
bool reasons_copy_all(struct arena *a, struct reasons *to, const struct reasons *from);

/* i < list->texts.n. The word is "unspecified" where the record has none. */
struct reason reasons_at(const struct reasons *list, size_t i);
bool reasons_has(const struct reasons *list, enum reason_code code);
/* The text of the first with that code; SLICE_NONE: there is none. */
struct slice reasons_text(const struct reasons *list, enum reason_code code);
bool reasons_has_text(const struct reasons *list, struct slice text);

/* Sorts by text, bytewise, and drops repeats of a text; of these the one with a code stays. */
void reasons_sort(struct reasons *list);
/*
 * Of more than max keeps max - 1, and a last one with REASON_MORE: more, or where that is absent "and N more reasons".
 * False past the arena's maximum.
 */
bool reasons_cap(struct arena *a, struct reasons *list, size_t max, struct slice more);

#endif
