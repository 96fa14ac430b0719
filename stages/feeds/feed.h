/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed.h: what a feed is, and the pure reader of feeds.
 *
 * A feed is one published file: a zip of OSV documents, a release's secdb, CISA's list. feed_parse turns its bytes into
 * advisories (for match) and vulnerabilities (for publish), one at a time, and keeps nothing of them: memory is bounded
 * by the largest single document (FEED_DOCUMENT_MAX), not by the feed. It touches no file, clock or network, so that it
 * can run in a sandboxed child over the child's input.
 *
 * A feed's answer is all or nothing: a document that breaks its format is given to the sink's `skipped` and counted,
 * and more than one in a hundred of those, no documents at all, a cut or malformed container, or a feed that lost more
 * than half of its records against the last time (feed_check) refuses the feed with ERR_POISON. The caller then keeps
 * what it had. So whatever the sink was given before must not count until feed_parse returned 0.
 *
 * Feeds stand in the files of their publishers (table/publishers.h), formats in formats/formats.h.
 */
#ifndef CAREEN_FEEDS_FEED_H
#define CAREEN_FEEDS_FEED_H

#include "base/buf.h"
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
    FEED_LIST,  /* its records are the documents that another feed is made of (documents.h); not refreshed by itself */
};
#define FEED_ADDRESSES_MAX 3

struct feed_reading;
struct feed_family;
struct feed {
    const char *name; /* subject of its ticks, `feed` of its records: letters, digits, '-', '+' and '.' */
    enum feed_kind kind;
    const char *ecosystem; /* prefix that its advisories' ecosystems must have; NULL: it has none */
    const char *url;       /* where its publisher serves it; NULL: only from a feeds folder */
    /* Where it is asked for, in this order, when it can't be had at url or what is there is no such feed. */
    const char *also[FEED_ADDRESSES_MAX - 1];
    bool url_names_it; /* the files at url and also hold the name of the feed's file beside them */
    const char *list;  /* it is made of the documents that this row of kind FEED_LIST names; url: the folder of them */
    const char *path;  /* below a feeds folder; '*' in the file name: the last match in byte order */
    /*
     * It stands still when its newest date is older than so many days: a quiet publisher's longest pause, several times
     * over. 0: nobody can say, or it has ended.
     */
    unsigned rhythm_days;
    const char
        *whose;   /* the system with whose end its rhythm ends, as model/distro/eol.h names it; NULL: its ecosystem */
    bool shipped; /* comes with the program: every other feed's word goes before it */
    const struct feed_family *family; /* whose member it is; NULL for a row */
    int (*parse)(struct feed_reading *r, struct err *e);
};

/* Bytes in order: *ret_n == 0 at the end; the piece is valid until the next call. */
struct feed_source {
    int (*read)(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e);
    void *arg;
};
struct feed_bytes {
    struct slice left;
};
struct feed_source feed_source_bytes(struct feed_bytes *m); /* gives m->left once */
struct feed_file {
    int fd; /* the caller's; read from where it stands */
    uint64_t bytes;
    uint8_t buffer[65536];
};
struct feed_source feed_source_file(struct feed_file *f);

/* What the sink gets is valid during the call. A negative return ends the parse with that error. */
struct feed_sink {
    void *arg;
    int64_t now_ms; /* later dates are slips of a publisher's pen, not its newest; 0: all dates count */
    int (*advisory)(void *arg, const struct advisory *a, struct err *e);
    int (*vulnerability)(void *arg, const struct vulnerability *v, struct err *e);
    int (*skipped)(void *arg, struct slice id, const char *reason, struct err *e); /* may be NULL */
    int (*named)(void *arg, struct slice name, struct err *e); /* of FEED_INDEX and FEED_LIST; NULL: others only */
};

struct feed_stats {
    uint64_t documents; /* documents, rows or entries that were read, skipped ones included */
    uint64_t skipped;   /* of these, those that break the format */
    uint64_t withdrawn;
    uint64_t containers; /* statements about container images, which are not judged as a whole */
    uint64_t advisories, vulnerabilities;
    uint64_t bytes, unpacked_bytes;
    uint64_t left_out; /* parts of documents that were read else: each was told to `skipped` too */
    uint64_t names;    /* of FEED_INDEX and FEED_LIST */
    int64_t newest_ms; /* the newest date in it, 0 when it has none */
};
#define FEED_IS_EMPTY 204 /* code of the ERR_POISON by which a feed without a single document is refused */

/*
 * Reads the whole source. arena is the caller's and reset for every document. ERR_POISON: the feed is refused, with the
 * reason; anything else comes from the source or the sink.
 */
int feed_parse(const struct feed *f, struct feed_source source, const struct feed_sink *sink, struct arena *arena,
               struct feed_stats *ret_stats, struct err *e);
/* The rule against shrinking: ERR_POISON when records < half of the previous ones. previous 0: the first time. */
int feed_check(const struct feed *f, uint64_t records, uint64_t previous, struct err *e);

/*
 * Keys on the topics: "ecosystem,package,advisory" and "id,feed". Two feeds may tell of one advisory under one key:
 * pipeline/compare.h says which of them has it.
 */
int feed_advisory_key(const struct advisory *a, struct buf *out);
int feed_vulnerability_key(const struct vulnerability *v, struct buf *out);

#endif
