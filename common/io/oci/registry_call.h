/* SPDX-License-Identifier: Apache-2.0 */
/* registry_call.h: one authenticated request to a registry. Internal to registry*.c. */
#ifndef CAREEN_IO_OCI_REGISTRY_CALL_H
#define CAREEN_IO_OCI_REGISTRY_CALL_H

#include "io/http/http.h"
#include "io/oci/registry.h"
#include "io/oci/registry_gate.h"

/* The longest answer that is held in memory as a whole: a page of a list. */
#define REGISTRY_ANSWER_MAX ((size_t)16 << 20)

/* The credentials for a repository ("" for the registry itself). */
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
    struct login logins[LOGINS_MAX]; /* those found so far; a new one replaces the oldest when there is no room */
    size_t logins_n;
    bool basic;             /* the registry wants Basic */
    bool no_head;           /* the registry refuses HEAD: manifests are asked for by GET */
    struct http_response r; /* of the latest call */
};
void registry_logins_free(struct registry *r);

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

/* One attempt: waits at the gate, authenticates, asks. The answer is in r->r. */
int registry_call_once(struct registry *r, const struct registry_call *c, struct err *e);
/* The same with new attempts after ERR_RETRY. Not for calls with on_data. */
int registry_call(struct registry *r, const struct registry_call *c, struct err *e);
/*
 * Sleeps after failure *e before attempt n (1: the second). False: it would take longer than longest_ms, or is of no
 * use.
 */
bool registry_backoff(struct registry *r, unsigned n, int64_t longest_ms, const struct err *e);

/* Makes the path "/v2/<name>…" and the scope "repository:<name>:pull", both malloc'd. ERR_USAGE: this is no name. */
int registry_path(struct slice repository, const char *what, struct slice last, char **ret_path, char **ret_scope,
                  struct err *e);

#endif
