/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h: a client of the OCI distribution specification 1.1 (Docker Registry HTTP API v2), for reading.
 *
 *  - Authentication as the registry asks: none, Basic, Bearer tokens (kept by scope until shortly before they expire).
 *    Credentials are explicit, or come from Docker's and containers' files and credential helpers (registry_auth.h).
 *  - Manifests and blobs are checked against their digest. Blobs go on where a broken transfer ended.
 *  - All objects of one registry in a process share one gate: requests at once, requests a second, and the pause that
 *    the registry asked for with 429 or 503. A pause longer than two seconds is not slept but returned as ERR_RETRY
 *    with retry_after_ms, at once, for every request until it is over.
 *  - Plain HTTP only where it is asked for: plain_http, or http:// in front of the host.
 *
 * Errors: kinds of http.h; texts name the registry, what was asked for and what the registry said. Bytes that don't
 * have their digest are ERR_RETRY: the next answer may be right.
 *
 * Threads: a struct registry belongs to one thread at a time; open one a worker.
 */
#ifndef CAREEN_IO_OCI_REGISTRY_H
#define CAREEN_IO_OCI_REGISTRY_H

#include "base/buf.h"
#include "base/err.h"

struct registry_options {
    const char *host; /* "registry.example:5000", "docker.io", "http://127.0.0.1:5000" */
    bool plain_http;
    const char *ca_file;                               /* PEM; NULL: the system's */
    const char *username, *password;                   /* NULL: from the files */
    const char *token;                                 /* a ready bearer token; NULL: none */
    const char *auth_file;                             /* a config.json; NULL: the usual places; "": none */
    unsigned concurrent;                               /* requests at once in this process; 0: 8 */
    double per_second;                                 /* requests a second in this process; 0: no limit */
    unsigned attempts;                                 /* of a request that fails for a moment; 0: 3 */
    unsigned resumes;                                  /* of a blob, each with some progress; 0: 20 */
    int64_t connect_ms, low_speed_bytes, low_speed_ms; /* as in http.h */
    const _Atomic bool *stop;                          /* may be NULL; must outlive the object */
};

struct registry;
int registry_open(const struct registry_options *o, struct registry **ret_registry, struct err *e);
void registry_close(struct registry *r);
const char *registry_host(const struct registry *r); /* as in records: "docker.io", "host:5000" */

/* GET /v2/, with credentials if it asks for them. */
int registry_ping(struct registry *r, struct err *e);

/*
 * Each name once, as it comes, page by page; -1 of fn ends with fn's error. page: names a request, 0: 500. An item that
 * is no name (null, a number, one with a NUL, over 1 KiB) costs itself alone and is counted. ERR_POISON with the reason
 * when the list is not whole (a Link that can't be read) or does not end: pages that come again, hundreds of them
 * without a new name, more than the maxima below; what fn was given until then is true all the same. ret_listed, which
 * may be NULL, is filled in any case.
 */
#define REGISTRY_MAX_REPOSITORIES 1000000
#define REGISTRY_MAX_TAGS         250000 /* of one repository, and 16 MiB of them */
typedef int (*registry_name_fn)(void *arg, struct slice name, struct err *e);
struct registry_listed {
    size_t pages, names, left_out;
};
int registry_catalog(struct registry *r, unsigned page, registry_name_fn fn, void *arg,
                     struct registry_listed *ret_listed, struct err *e);
int registry_tags(struct registry *r, struct slice repository, unsigned page, registry_name_fn fn, void *arg,
                  struct registry_listed *ret_listed, struct err *e);

struct registry_manifest {
    struct buf body;      /* empty after registry_head */
    char digest[72];      /* sha256 of the body, computed; of registry_head as the registry says */
    char media_type[256]; /* Content-Type without parameters, "" when not said */
    int64_t size;         /* of the body; -1 when registry_head was not told */
};
void registry_manifest_done(struct registry_manifest *m);
/*
 * reference: a tag or a digest. At most 4 MiB. registry_head costs no pull where pulls are counted, but where HEAD is
 * refused (404 and 405 too: some answer so to HEAD alone) GET is asked and its answer counts.
 */
int registry_manifest(struct registry *r, struct slice repository, struct slice reference,
                      struct registry_manifest *ret_manifest, struct err *e);
int registry_head(struct registry *r, struct slice repository, struct slice reference,
                  struct registry_manifest *ret_manifest, struct err *e);

/*
 * Streams a blob into sink, in order, each byte once, whatever happens to connections. size: from the manifest, -1 when
 * unknown. The bytes are good only when 0 is returned. An error of sink ends it with that error.
 */
typedef int (*registry_sink)(void *arg, struct slice bytes, struct err *e);
int registry_blob(struct registry *r, struct slice repository, struct slice digest, int64_t size, registry_sink sink,
                  void *arg, struct err *e);
/* A small blob, checked, into out (its maximum is the limit). */
int registry_blob_small(struct registry *r, struct slice repository, struct slice digest, struct buf *out,
                        struct err *e);

#endif
