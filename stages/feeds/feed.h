/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed.h: what a feed is, and the pure reader of feeds.
 *
 * A feed is one published file: a zip of OSV documents, the secdb of a release, CISA's list. feed_parse turns its bytes
 * into advisories (for match) and vulnerabilities (for publish), one at a time, and keeps none of them: its memory is
 * bounded by the largest single document (FEED_DOCUMENT_MAX), not by the feed. It uses no file, clock or network, so
 * that it can run in a sandboxed child on the child's input.
 *
 * A feed is taken as a whole or not at all. A document that breaks its format is given to the sink's `skipped` and
 * counted. The feed is refused, by ERR_POISON, when more than one document in a hundred is skipped, when there is no
 * document at all, when its container is cut or malformed, or when it has less than half of the records that it had the
 * last time (feed_check). The caller then keeps what it had. So nothing that the sink was given counts before
 * feed_parse returns 0.
 *
 * Feeds stand in the files of their publishers (table/publishers.h), formats in formats/formats.h.
 */
#ifndef CAREEN_FEEDS_FEED_H
#define CAREEN_FEEDS_FEED_H

#include "base/buf.h"
#include "base/byte_source.h"
#include "base/err.h"
#include "model/records.h"

#define FEED_DOCUMENT_MAX ((size_t)16 << 20) /* bytes of one document, unpacked */
#define FEED_VALUES_MAX   ((size_t)4 << 20)  /* JSON values of one document */
#define FEED_KEY_MAX      480                /* bytes of a record's key */
#define FEED_DETAILS_MAX  ((size_t)4096)     /* bytes of a description that are kept */
#define FEED_SUMMARY_MAX  ((size_t)512)

enum feed_kind {
    FEED_ADVISORIES,
    FEED_EXPLOITS,
    FEED_INDEX, /* its records are the names of other feeds (families.h) */
    FEED_LIST,  /* its records are the documents that another feed consists of (documents.h); never refreshed alone */
};
#define FEED_ADDRESSES_MAX 3

struct feed_reading;
struct feed_family;
struct feed {
    const char *name; /* the subject of its ticks and `feed` of its records: letters, digits, '-', '+' and '.' */
    enum feed_kind kind;
    const char *ecosystem; /* prefix that its advisories' ecosystems must have; NULL: any */
    const char *url;       /* where its publisher serves it; NULL: it comes from a feeds folder only */
    /* Further addresses, tried in this order when url does not answer, or answers with something else than the feed. */
    const char *also[FEED_ADDRESSES_MAX - 1];
    bool url_names_it; /* the files at these addresses hold the name of the feed's file beside them */
    const char *list;  /* it consists of the documents that this row of kind FEED_LIST names; url is their folder */
    const char *path;  /* its path in a feeds folder; with '*' in the file name: the last match in byte order */
    /*
     * It counts as standing still when its newest date is older than so many days: several times the longest pause of
     * its publisher. 0: nobody can say, or it has ended.
     */
    unsigned rhythm_days;
    const char
        *whose;   /* the system with whose end its rhythm ends, as model/distro/eol.h names it; NULL: its ecosystem */
    bool shipped; /* comes with the program: every other feed's word goes before it */
    const struct feed_family *family; /* whose member it is; NULL for a row */
    int (*parse)(struct feed_reading *r, struct err *e);
};

/* What its functions get is valid during the call. A negative return ends the parse with that error. */
struct feed_sink {
    void *arg;
    int64_t now_ms; /* later dates are publishers' mistakes and don't count as the newest; 0: all dates count */
    int (*advisory)(void *arg, const struct advisory *a, struct err *e);
    int (*vulnerability)(void *arg, const struct vulnerability *v, struct err *e);
    int (*skipped)(void *arg, struct slice id, const char *reason, struct err *e); /* may be NULL */
    int (*named)(void *arg, struct slice name, struct err *e); /* for FEED_INDEX and FEED_LIST, else NULL */
};

struct feed_stats {
    uint64_t documents; /* documents, rows or entries that were read, including skipped ones */
    uint64_t skipped;   /* those among them that break the format */
    uint64_t withdrawn;
    uint64_t containers; /* statements about container images as a whole, which are not used */
    uint64_t advisories, vulnerabilities;
    uint64_t bytes, unpacked_bytes;
    uint64_t left_out; /* parts of documents that were read else: each was told to `skipped` too */
    uint64_t names;    /* of FEED_INDEX and FEED_LIST */
    int64_t newest_ms; /* the newest date in it; 0: it has none */
};
#define FEED_IS_EMPTY 204 /* the code of ERR_POISON when a feed is refused because it has no document */

/*
 * Reads the whole source. The caller's arena is reset for every document. ERR_POISON: the feed is refused, and the text
 * says why; other errors come from the source or the sink.
 */
int feed_parse(const struct feed *f, struct byte_source source, const struct feed_sink *sink, struct arena *arena,
               struct feed_stats *ret_stats, struct err *e);
/*
 * The rule against shrinking: ERR_POISON when there are less than half as many records as before. previous 0: no rule.
 */
int feed_check(const struct feed *f, uint64_t records, uint64_t previous, struct err *e);

/*
 * Keys on the topics: "ecosystem,package,advisory" and "id,feed". Two feeds may tell of one advisory under one key:
 * pipeline/compare.h says which of them has it.
 */
int feed_advisory_key(const struct advisory *a, struct buf *out);
int feed_vulnerability_key(const struct vulnerability *v, struct buf *out);

#endif
