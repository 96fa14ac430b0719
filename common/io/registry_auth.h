/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_auth.h: who we are for a registry. Internal to registry*.c and their tests.
 *
 * Sources of credentials, the first that has an entry wins: the options; the file named in them; $REGISTRY_AUTH_FILE;
 * $XDG_RUNTIME_DIR/containers/auth.json; $DOCKER_CONFIG/config.json; ~/.docker/config.json;
 * ~/.config/containers/auth.json. In a file: credHelpers of the host, then auths, then credsStore. Helpers speak the
 * protocol of docker-credential-*: the host on stdin of "get", JSON on stdout.
 */
#ifndef CAREEN_REGISTRY_AUTH_H
#define CAREEN_REGISTRY_AUTH_H

#include "base/buf.h"
#include "base/err.h"
#include "io/http.h"

/* ---- credentials ---- */
struct credentials {
    char *username, *secret; /* NULL: nobody */
    bool identity_token;     /* secret is an OAuth2 refresh token */
};
void credentials_done(struct credentials *c);
/* Finds none: 0 with username NULL. ERR_USAGE: a file or helper that is there and can't be used. */
int credentials_find(const char *host, const char *auth_file, struct credentials *ret, struct err *e);
/* One config.json's text; helpers are run. 1 when there is an entry, 0 when not. */
int credentials_from_json(struct slice json, const char *host, struct credentials *ret, struct err *e);
/* Runs docker-credential-<name> get. 1, or 0 when the helper knows nothing of the host. At most 30 s and 64 KiB. */
int credentials_from_helper(struct slice name, const char *host, struct credentials *ret, struct err *e);
/* "Basic <base64>"; malloc'd. */
char *credentials_basic(const struct credentials *c);

/* ---- challenges: WWW-Authenticate, RFC 9110 11.6.1 ---- */
struct challenge {
    char scheme[32];
    char realm[1024], service[512], scope[1024], error[128];
};
/* Of one header's value. Gives how many there are, at most max. What is malformed ends the list. */
size_t challenge_parse(struct slice header, struct challenge *list, size_t max);

/* ---- tokens ---- */
struct registry_token {
    char *token;
    int64_t expires_mono_ms;
};
/* Asks the challenge's realm, held to the rules of http_request.named_by. */
int token_fetch(struct http_client *c, const struct http_origin *registry, const struct challenge *ch,
                const char *scope, const struct credentials *who, struct registry_token *ret, struct err *e);
/* The body of a token server's answer. */
int token_parse(struct slice body, int64_t now_mono_ms, struct registry_token *ret, struct err *e);

/* ---- Link, RFC 8288 ---- */
/* The target of rel="next", a view into header. */
struct slice link_next(struct slice header);

#endif
