/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_auth.h: credentials and tokens for a registry. Internal to registry*.c and their tests.
 *
 * Credentials come from the first of these that has an entry:
 *
 *     1. the options                                5. $DOCKER_CONFIG/config.json
 *     2. the file that the options name             6. ~/.docker/config.json
 *     3. $REGISTRY_AUTH_FILE                        7. ~/.config/containers/auth.json
 *     4. $XDG_RUNTIME_DIR/containers/auth.json
 *
 * Within a file the key that names the repository most closely wins ("host/team/app", "host/team", "host",
 * "https://host/v1/": containers-auth.json(5) and Docker's config.json). Where two are equally close, credHelpers go
 * before auths. An entry without a login leaves the choice to the next one; credsStore comes last. Helpers speak the
 * protocol of docker-credential-*: they read the host (or the key with its namespace) from stdin of "get" and write
 * JSON to stdout.
 */
#ifndef CAREEN_IO_OCI_REGISTRY_AUTH_H
#define CAREEN_IO_OCI_REGISTRY_AUTH_H

#include "base/buf.h"
#include "base/err.h"
#include "io/http/http.h"

/* ---- credentials ---- */
struct credentials {
    char *username, *secret; /* NULL: there are no credentials */
    bool identity_token;     /* secret is an OAuth2 refresh token */
    bool bearer;             /* secret is a token for the registry itself */
};
/* Credentials that are younger than this are used again without looking for them. */
#define CREDENTIALS_FRESH_MS 30000
void credentials_done(struct credentials *c);
/*
 * repository: whose login is wanted, "" for the registry itself. When there is none: 0, with username NULL. ERR_USAGE:
 * there is a file or helper, and it can't be used.
 */
int credentials_find(const char *host, struct slice repository, const char *auth_file, struct credentials *ret,
                     struct err *e);
/* Looks in the text of one config.json and runs helpers that it names. 1: there is an entry, 0: there is none. */
int credentials_from_json(struct slice json, const char *host, struct slice repository, struct credentials *ret,
                          struct err *e);
/* Runs docker-credential-<name> get, for at most 30 s and 64 KiB. 1: found, 0: the helper does not know the host. */
int credentials_from_helper(struct slice name, const char *host, struct credentials *ret, struct err *e);
/* The same, but an answer younger than CREDENTIALS_FRESH_MS is used again. Any thread. */
int credentials_from_kept_helper(struct slice name, const char *host, struct credentials *ret, struct err *e);
/* "Basic <base64>"; malloc'd. */
char *credentials_basic(const struct credentials *c);

/* ---- challenges: WWW-Authenticate, RFC 9110 11.6.1 ---- */
struct challenge {
    char scheme[32];
    char realm[1024], service[512], scope[1024], error[128];
};
/*
 * Reads the challenges in one header's value and returns how many there are, at most max. The first malformed one ends
 * the list.
 */
size_t registry_challenge_parse(struct slice header, struct challenge *list, size_t max);

/* ---- tokens ---- */
struct registry_token {
    char *token;
    int64_t expires_mono_ms;
};
/* Asks the challenge's realm for a token; its URL is held to the rules of http_request.named_by. */
int registry_token_fetch(struct http_client *c, const struct http_origin *registry, const struct challenge *ch,
                         const char *scope, const struct credentials *who, struct registry_token *ret, struct err *e);
/* Reads the body of a token server's answer. */
int registry_token_parse(struct slice body, int64_t now_mono_ms, struct registry_token *ret, struct err *e);

/* ---- Link, RFC 8288 ---- */
enum link_found {
    LINK_NONE,       /* there is no link to a next page */
    LINK_NEXT,       /* there is one */
    LINK_UNREADABLE, /* the header can't be read, so that nobody knows whether there is a next page */
};
/*
 * Finds the target of rel="next", a view into header. A link without any rel is taken for it, as every other client
 * does, and so is a target without angle brackets.
 */
enum link_found registry_link_next(struct slice header, struct slice *ret_target);

#endif
