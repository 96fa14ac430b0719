/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h: brings a feed's file here: from one of its addresses (conditional requests) or from a feeds folder. Only
 * bytes are moved and digested here, nothing in them is looked at; of an rpm repository's index only where its
 * updateinfo is (repository.h), and the lists of documents are read by their readers (documents.h).
 *
 * What was read last is remembered (struct feed_memory) by the caller, together with the records that came of it, so
 * that "not modified" is never believed for records that are not there. A file is the same when its time and size are,
 * or when its digest is.
 */
#ifndef CAREEN_FEEDS_FETCH_FETCH_H
#define CAREEN_FEEDS_FETCH_FETCH_H

#include "base/hash.h"
#include "feeds/feed.h"
#include "io/http/http.h"
#include "io/sandbox/sandbox.h"

#define FEED_FETCH_MAX ((uint64_t)2 << 30) /* bytes of a feed's file */

struct feed_memory {
    uint32_t reader; /* FEED_READER_VERSION that read it; another one makes the rest void */
    char source[512], etag[256], last_modified[64];
    struct hash128 digest;
    uint64_t size, records;
    int64_t mtime_ms;   /* of a local file */
    int64_t fetched_ms; /* when it last was confirmed or read whole */
    uint32_t failures;  /* in a row since then */
    uint64_t skipped;   /* documents that were left out; 0 in what an older program wrote */
    int64_t newest_ms;  /* the newest date inside; 0 when it has none, or an older program wrote this */
    int64_t changed_ms; /* since when its bytes are these, as far as one can know; 0: never read */
};
int feed_memory_encode(const struct feed_memory *m, struct buf *out);
/* False leaves *ret_m zeroed: nothing is remembered. */
bool feed_memory_decode(struct slice bytes, struct feed_memory *ret_m);

struct fetch {
    const char *feeds_dir; /* NULL: from the publisher */
    const char *work_dir;  /* for downloads; made when missing */
    const char *url_base;  /* in place of "https://host" of every URL: a mirror; NULL */
    const struct http_options *http;
    struct sandbox *sandbox; /* lists of documents are read in its children; NULL: here. See feed_read */
    size_t sandbox_main;
    void (*progress)(void *arg, uint64_t bytes, int64_t total); /* total -1: unknown; may be NULL */
    void *arg;
};

enum fetch_outcome {
    FETCH_NEW,       /* *ret_path is to be read; *ret_memory is to be remembered once its records are in */
    FETCH_UNCHANGED, /* *ret_memory is the old one with a new fetched_ms */
    FETCH_ABSENT,    /* the feeds folder has no such file, or the feed has no publisher's address */
};

unsigned feed_addresses(const struct feed *f); /* how many it has */
/*
 * Asks at the address of that number (0: its first; a feeds folder has one). ret_path: malloc'd; a download (inside
 * work_dir) is the caller's to unlink. ERR_RETRY and others as http.h says; ERR_POISON when it is over FEED_FETCH_MAX.
 */
int feed_fetch(const struct fetch *how, const struct feed *f, unsigned address, const struct feed_memory *old,
               enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e);

/* A URL with url_base in place of its "https://host"; itself when url_base is NULL. The caller's. */
char *feed_through(const char *url_base, const char *url);

/* ---- for documents.c ---- */

/* Of a URL, what is asked for instead when there is a mirror; the caller's. */
char *fetch_through(const struct fetch *how, const char *url);
/* Whether what is remembered came from there and was read by this version of the readers. */
bool feed_memory_is_of(const struct feed_memory *m, const char *source);
/* One file, whole, to path. Kinds as http.h; ERR_POISON over max. */
int fetch_file(const struct fetch *how, struct http_client *c, const char *url, const char *const *headers,
               uint64_t max, const char *path, struct err *e);

#endif
