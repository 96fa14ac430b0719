/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading.h: what the formats share: the state of one feed_parse, and functions that give the sink what was read.
 *
 * A format opens its container (unpack.h), splits it into documents (unpack_entry, formats/elements.h, csv.h) and for
 * each one calls reading_document, then reading_advisory and reading_vulnerability, or reading_skip.
 */
#ifndef CAREEN_FEEDS_READING_H
#define CAREEN_FEEDS_READING_H

#include "feeds/feed.h"
#include "io/archive/unpack.h"

#include "io/text/json_tree.h"

#define INDEX_NAMES_MAX    1000       /* feeds that one index names */
#define LIST_DOCUMENTS_MAX 60000      /* documents of which one feed consists */
#define DOCUMENT_MISSING   "missing/" /* folder in a tar of documents: those that the server lacks (documents.h) */

struct feed_reading {
    const struct feed *feed;
    struct byte_source source;
    const struct feed_sink *sink;
    struct arena *arena; /* of the current document */
    struct feed_stats stats;
    char first_skip[160]; /* id and reason of the first skipped document, for the refusal's text */
    uint64_t *names;      /* hashes of the names that were given, malloc'd */
    size_t names_cap;
};

/* Starts the next document: counts it, and resets the arena. */
void reading_document(struct feed_reading *r);
/* Give a record to the sink, after setting the feed's name and sorting the lists. */
int reading_advisory(struct feed_reading *r, struct advisory *a, struct err *e);
int reading_vulnerability(struct feed_reading *r, struct vulnerability *v, struct err *e);
/*
 * Keeps the newest date of the feed. Dates of advisories and vulnerabilities are passed by the functions above. 0: no
 * date.
 */
void reading_date(struct feed_reading *r, int64_t wall_ms);
/* Gives a name to the sink, each once. ERR_POISON when there are more than INDEX_NAMES_MAX. */
int reading_name(struct feed_reading *r, struct slice name, struct err *e);
/* Counts a document that breaks the format. 0, or what the sink returned. */
int reading_skip(struct feed_reading *r, struct slice id, const char *reason, struct err *e);

/* A vulnerability of which nothing is known. */
struct vulnerability vulnerability_unknown(struct slice id);

/*
 * Counts something that was left out of a document whose rest was read. Unlike a skipped document it does not count
 * against the feed. 0, or what the sink returned.
 */
int reading_left_out(struct feed_reading *r, struct slice id, const char *reason, struct err *e);
/*
 * A version without the blanks at its ends and beside punctuation ("0: 1.20.10-1.cm2"). A blank between letters or
 * digits stays, since nobody knows what was meant by it. A slice of s or in the arena.
 */
struct slice reading_version(struct arena *arena, struct slice s);

/* Whether s may be part of a key: 1..max bytes of text, without commas, control characters and blanks at its ends. */
bool reading_is_name(struct slice s, size_t max);
bool reading_is_cve(struct slice s); /* CVE-year-number */
/* Whether the description of a CVE says that its number was withdrawn. */
bool reading_is_rejected(struct slice description);
/* The beginning of s, of at most max bytes, cut between characters. */
struct slice reading_cut(struct slice s, size_t max);

/* Reads one document by json_tree_read; its size is bounded by the unpacking. */
int reading_json(struct slice text, json_t **ret_json, struct err *e);
/* RFC 3339 or a date; 0 when absent or malformed. */
int64_t reading_member_time(const json_t *object, const char *key);

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

/* Reads a file of lines, each of which is a document; empty ones are skipped. `line` must not call reading_document. */
typedef int (*reading_line)(struct feed_reading *r, struct slice line, struct err *e);
int reading_lines(struct feed_reading *r, uint64_t max, reading_line line, struct err *e);

#endif
