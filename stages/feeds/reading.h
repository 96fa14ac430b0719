/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading.h: what the formats share: the state of one feed_parse and the ways to hand on what was read.
 *
 * A format opens its container (unpack.h), splits it into documents (unpack_entry, formats/elements.h, csv.h) and for each
 * one calls reading_document, then reading_advisory and reading_vulnerability, or reading_skip.
 */
#ifndef CAREEN_FEEDS_READING_H
#define CAREEN_FEEDS_READING_H

#include "feeds/feed.h"
#include "io/archive/unpack.h"

#include "io/text/json_tree.h"

#define INDEX_NAMES_MAX    1000       /* feeds that one index names */
#define LIST_DOCUMENTS_MAX 60000      /* documents that one feed is made of */
#define DOCUMENT_MISSING   "missing/" /* in a tar made of documents: those that their server has not (documents.h) */

struct feed_reading {
    const struct feed *feed;
    struct byte_source source;
    const struct feed_sink *sink;
    struct arena *arena; /* of the present document */
    struct feed_stats stats;
    char first_skip[160]; /* id and reason of the first skipped document, for the refusal's text */
    uint64_t *names;      /* hashes of those that were given, malloc'd */
    size_t names_cap;
};

/* Starts the next document: drops what the arena held and counts it. */
void reading_document(struct feed_reading *r);
/* Give a record to the sink; the feed's name and the sorting of lists are put in here. */
int reading_advisory(struct feed_reading *r, struct advisory *a, struct err *e);
int reading_vulnerability(struct feed_reading *r, struct vulnerability *v, struct err *e);
/* A date that the feed has: the newest is kept. Of advisories and vulnerabilities it is called anyhow. 0 is none. */
void reading_date(struct feed_reading *r, int64_t wall_ms);
/* Gives a name to the sink, each once. ERR_POISON when there are more than INDEX_NAMES_MAX. */
int reading_name(struct feed_reading *r, struct slice name, struct err *e);
/* Counts a document that breaks the format. 0, or what the sink returned. */
int reading_skip(struct feed_reading *r, struct slice id, const char *reason, struct err *e);

/* A vulnerability in which nothing is known. */
struct vulnerability vulnerability_unknown(struct slice id);

/*
 * Counts something that was left out of a document of which the rest was read: unlike a skipped document it says
 * nothing against the feed. 0, or what the sink returned.
 */
int reading_left_out(struct feed_reading *r, struct slice id, const char *reason, struct err *e);
/*
 * A version as it was meant: without the blanks at its ends and beside its marks ("0: 1.20.10-1.cm2"). One between
 * letters or digits stays, since what was meant by it can't be known. A slice of s or in the arena.
 */
struct slice reading_version(struct arena *arena, struct slice s);

/* Something that may be part of a key: 1..max bytes, text without blanks at its ends, commas or controls. */
bool reading_is_name(struct slice s, size_t max);
bool reading_is_cve(struct slice s); /* CVE-year-number */
/* A CVE's description that says that its number was taken back. */
bool reading_is_rejected(struct slice description);
/* Cut at a whole UTF-8 character. */
struct slice reading_cut(struct slice s, size_t max);

/* One document, as json_tree_read gives it; its bytes are bounded by who unpacked them. */
int reading_json(struct slice text, json_t **ret_json, struct err *e);
/* RFC 3339 or a date; 0 when absent or malformed. */
int64_t json_member_time(const json_t *object, const char *key);

/*
 * A zip or tar of documents: calls document with each entry whose name ends with suffix, and its name without that. An
 * entry that is damaged or over FEED_DOCUMENT_MAX is skipped. document begins with reading_document.
 */
typedef int (*reading_entry)(struct feed_reading *r, struct slice name, struct slice text, struct err *e);
int reading_entries(struct feed_reading *r, enum unpack_kind kind, uint64_t max, const char *suffix,
                    reading_entry document, struct err *e);
/* The same with another maximum of a document's bytes. */
int reading_large_entries(struct feed_reading *r, enum unpack_kind kind, uint64_t max, size_t document_max,
                          const char *suffix, reading_entry document, struct err *e);

/* A file of lines, each a document; empty ones are passed over. `line` does not begin with reading_document. */
typedef int (*reading_line)(struct feed_reading *r, struct slice line, struct err *e);
int reading_lines(struct feed_reading *r, uint64_t max, reading_line line, struct err *e);

#endif
