/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_auth.h: who we are for a registry. Internal to registry*.c and their tests.
 *
 * Sources of credentials, the first that has an entry wins: the options; the file named in them; $REGISTRY_AUTH_FILE;
 * $XDG_RUNTIME_DIR/containers/auth.json; $DOCKER_CONFIG/config.json; ~/.docker/config.json;
 * ~/.config/containers/auth.json. In a file the key that names the repository closest wins ("host/team/app",
 * "host/team", "host", "https://host/v1/": containers-auth.json(5) and Docker's config.json); of two that name it alike
 * credHelpers go before auths; an entry without a login leaves it to the next; then credsStore. Helpers speak the
 * protocol of docker-credential-*: the host (or the key with its namespace) on stdin of "get", JSON on stdout.
 */
#ifndef CAREEN_IO_OCI_REGISTRY_AUTH_H
#define CAREEN_IO_OCI_REGISTRY_AUTH_H

#include "base/buf.h"
#include "base/err.h"
#include "io/http/http.h"

/* ---- credentials ---- */
struct credentials {
    char *username, *secret; /* NULL: nobody */
    bool identity_token;     /* secret is an OAuth2 refresh token */
    bool bearer;             /* secret is a token for the registry itself */
};
/* Credentials younger than this are not looked for again. */
#define CREDENTIALS_FRESH_MS 30000
void credentials_done(struct credentials *c);
/* repository: whose login is wanted, "" for the registry's own. Finds none: 0 with username NULL. ERR_USAGE: a file or
 * helper that is there and can't be used. */
int credentials_find(const char *host, struct slice repository, const char *auth_file, struct credentials *ret,
                     struct err *e);
/* One config.json's text; helpers are run. 1 when there is an entry, 0 when not. */
int credentials_from_json(struct slice json, const char *host, struct slice repository, struct credentials *ret,
                          struct err *e);
/* Runs docker-credential-<name> get. 1, or 0 when the helper knows nothing of the host. At most 30 s and 64 KiB. */
int credentials_from_helper(struct slice name, const char *host, struct credentials *ret, struct err *e);
/* The same; what it said less than CREDENTIALS_FRESH_MS ago is taken again. Any thread. */
int credentials_from_kept_helper(struct slice name, const char *host, struct credentials *ret, struct err *e);
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
enum link_found {
    LINK_NONE, /* links, if any, but none to a next page */
    LINK_NEXT,
    LINK_UNREADABLE, /* it says nothing of the end */
};
/*
 * The target of rel="next", a view into header. A link without any rel is taken for it, as every other client does, and
 * so is a target that stands there without its angle brackets.
 */
enum link_found link_next(struct slice header, struct slice *ret_target);

#endif
