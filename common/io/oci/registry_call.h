/* SPDX-License-Identifier: Apache-2.0 */
/* registry_call.h: one authenticated request to a registry. Internal to registry*.c. */
#ifndef CAREEN_IO_OCI_REGISTRY_CALL_H
#define CAREEN_IO_OCI_REGISTRY_CALL_H

#include "io/http/http.h"
#include "io/oci/registry.h"
#include "io/oci/registry_gate.h"

/* Lists are the longest answers that are held whole. */
#define REGISTRY_ANSWER_MAX ((size_t)16 << 20)

/* Who we are for a repository ("" for the registry itself). */
struct login {
    char *repository;
    struct credentials who;
    char *identity; /* part of the key of kept tokens */
    int64_t read_ms;
};

#define LOGINS_MAX 16
struct registry {
    struct registry_options o; /* strings are copies */
    char *host;                /* as in records */
    char *base;                /* "https://registry-1.docker.io" */
    struct http_client *client;
    struct gate *gate;
    struct login logins[LOGINS_MAX]; /* those found so far; the oldest makes room */
    size_t logins_n;
    bool basic;             /* the registry wants Basic */
    bool no_head;           /* manifests are asked for by GET alone */
    struct http_response r; /* of the latest call */
};
void logins_free(struct registry *r);

struct registry_call {
    const char *method;
    const char *url;         /* absolute on this registry, or a path that begins with "/" */
    struct slice repository; /* whose login to use; "": the registry's own */
    const char *scope;       /* "repository:name:pull", "registry:catalog:*", "" */
    const char *const *headers;
    int64_t range_from;
    int (*on_start)(void *arg, const struct http_response *r, struct err *e);
    int (*on_data)(void *arg, struct slice bytes, struct err *e);
    void *arg;
    int64_t longest_wait_ms; /* for the registry's pause; 0: GATE_LONGEST_WAIT_MS */
};

/* Once: waits at the gate, authenticates, asks. The answer is in r->r. */
int registry_call_once(struct registry *r, const struct registry_call *c, struct err *e);
/* With retries of what fails for a moment. Not for calls with on_data. */
int registry_call(struct registry *r, const struct registry_call *c, struct err *e);
/* Sleeps before attempt number n (1 = the second), for a failure that *e tells. False: waiting is not worth it. */
bool registry_backoff(struct registry *r, unsigned n, int64_t longest_ms, const struct err *e);

/* "repository:<name>:pull" and "/v2/<name><rest>"; ERR_USAGE when the name can't be one. malloc'd. */
int registry_path(struct slice repository, const char *what, struct slice last, char **ret_path, char **ret_scope,
                  struct err *e);

#endif
