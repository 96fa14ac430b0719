/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h: gets a feed's file, from one of its addresses (by conditional requests) or from a feeds folder. Bytes are
 * moved and digested here, but not read; except that an rpm repository's index says where its updateinfo is
 * (repository.h), and lists of documents are read by their own readers (documents.h).
 *
 * The caller remembers what was read last (struct feed_memory) together with the records that came of it, so that "not
 * modified" is never believed for records that are not there. A file counts as the same when its time and size, or its
 * digest, are the same.
 */
#ifndef CAREEN_FEEDS_FETCH_FETCH_H
#define CAREEN_FEEDS_FETCH_FETCH_H

#include "base/hash.h"
#include "feeds/feed.h"
#include "io/http/http.h"
#include "io/sandbox/sandbox.h"

#define FEED_FETCH_MAX ((uint64_t)2 << 30) /* bytes of a feed's file */

struct feed_memory {
    uint32_t reader; /* the FEED_READER_VERSION that read it; with another one the rest is void */
    char source[512], etag[256], last_modified[64];
    struct hash128 digest;
    uint64_t size, records;
    int64_t mtime_ms;   /* of a local file */
    int64_t fetched_ms; /* when it was last read to its end, or found unchanged */
    uint32_t failures;  /* in a row since then */
    uint64_t skipped;   /* documents that were left out; 0 when an older program wrote this */
    int64_t newest_ms;  /* the newest date inside; 0: it has none, or an older program wrote this */
    int64_t changed_ms; /* since when its bytes have been the same, as far as is known; 0: never read */
};
int feed_memory_encode(const struct feed_memory *m, struct buf *out);
/* False: the bytes can't be read, and *ret_m is zeroed as if nothing were remembered. */
bool feed_memory_decode(struct slice bytes, struct feed_memory *ret_m);

struct fetch {
    const char *feeds_dir; /* NULL: from the publisher */
    const char *work_dir;  /* for downloads; made when missing */
    const char *url_base;  /* a mirror: stands in place of "https://host" in every URL; NULL: none */
    const struct http_options *http;
    struct sandbox *sandbox; /* lists of documents are read in its children; NULL: here. See feed_read */
    size_t sandbox_main;
    void (*progress)(void *arg, uint64_t bytes, int64_t total); /* total -1: unknown; may be NULL */
    void *arg;
};

enum fetch_outcome {
    FETCH_NEW,       /* read *ret_path, and remember *ret_memory once its records are in */
    FETCH_UNCHANGED, /* *ret_memory is the old one, with a new fetched_ms */
    FETCH_ABSENT,    /* the feeds folder has no such file, or the feed has no publisher's address */
};

unsigned feed_addresses(const struct feed *f); /* how many addresses it has */
/*
 * Fetches from the address with that number, from 0; a feeds folder counts as one address. *ret_path is malloc'd; a
 * download, which lies in work_dir, is the caller's to unlink. Errors as in http.h; ERR_POISON: it is larger than
 * FEED_FETCH_MAX.
 */
int feed_fetch(const struct fetch *how, const struct feed *f, unsigned address, const struct feed_memory *old,
               enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e);

/* A URL with url_base in place of its "https://host"; unchanged when url_base is NULL. malloc'd. */
char *feed_through(const char *url_base, const char *url);

/* ---- for documents.c ---- */

/* The URL to ask for, which is the mirror's if there is one; malloc'd. */
char *fetch_through(const struct fetch *how, const char *url);
/* Whether the memory is of a file from that source, read by this version of the readers. */
bool feed_memory_is_of(const struct feed_memory *m, const char *source);
/* Fetches one whole file to path. Errors as in http.h; ERR_POISON: it is larger than max. */
int fetch_file(const struct fetch *how, struct http_client *c, const char *url, const char *const *headers,
               uint64_t max, const char *path, struct err *e);

#endif
