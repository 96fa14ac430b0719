/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h: a client of the OCI distribution specification 1.1 (Docker Registry HTTP API v2), for reading.
 *
 *  - Authentication as the registry asks for it: none, Basic, or Bearer tokens (kept by scope until shortly before they
 *    expire). Credentials are given, or come from Docker's and containers' files and credential helpers
 *    (registry_auth.h).
 *  - Manifests and blobs are checked against their digests. A broken transfer of a blob is resumed where it ended.
 *  - All objects of one registry in a process share one gate: requests at once, requests a second, and the pause that
 *    the registry asked for with 429 or 503. During a pause longer than two seconds every request returns ERR_RETRY
 *    with retry_after_ms at once instead of waiting.
 *  - Plain HTTP is used only where it is asked for: by plain_http, or by http:// in front of the host.
 *
 * Errors have the kinds of http.h; their texts name the registry, what was asked for and what the registry said. Bytes
 * that don't match their digest are ERR_RETRY: the next answer may be right.
 *
 * Threads: a struct registry belongs to one thread at a time; every worker opens its own.
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
    unsigned attempts;                                 /* for a request that fails with ERR_RETRY; 0: 3 */
    unsigned resumes;                                  /* of a blob's transfer, each with some progress; 0: 20 */
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
 * Lists the repositories, or the tags of one: calls fn for each name, once, as the pages come. When fn returns -1, the
 * listing ends with fn's error. page: how many names to ask for at once, 0: 500. An item that is no name (null, a
 * number, one with a NUL or over 1 KiB) is left out and counted. ERR_POISON, with the reason, when the list is not
 * complete (a Link that can't be read) or does not end: pages that repeat, hundreds of pages without a new name, more
 * names than the maxima below. The names that fn was given until then are valid all the same. ret_listed may be NULL
 * and is filled in any case.
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
    char digest[72];      /* computed from the body; after registry_head, what the registry says */
    char media_type[256]; /* Content-Type without parameters; "" when the registry gives none */
    int64_t size;         /* of the body; -1: registry_head was not told */
};
void registry_manifest_done(struct registry_manifest *m);
/*
 * Fetches a manifest of at most 4 MiB. reference is a tag or a digest. registry_head sends HEAD, which registries that
 * limit pulls do not count; where HEAD is refused (also with 404 or 405, which some registries answer to HEAD alone) it
 * sends GET.
 */
int registry_manifest(struct registry *r, struct slice repository, struct slice reference,
                      struct registry_manifest *ret_manifest, struct err *e);
int registry_head(struct registry *r, struct slice repository, struct slice reference,
                  struct registry_manifest *ret_manifest, struct err *e);

/*
 * Streams a blob into sink, in order and every byte once, whatever happens to connections. size: from the manifest, -1
 * when unknown. The bytes are verified only when 0 is returned. An error of sink ends the transfer with that error.
 */
typedef int (*registry_sink)(void *arg, struct slice bytes, struct err *e);
int registry_blob(struct registry *r, struct slice repository, struct slice digest, int64_t size, registry_sink sink,
                  void *arg, struct err *e);
/* Reads a small blob, checked against its digest, into out, whose maximum is the limit. */
int registry_blob_small(struct registry *r, struct slice repository, struct slice digest, struct buf *out,
                        struct err *e);

#endif
