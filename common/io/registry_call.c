/* SPDX-License-Identifier: Apache-2.0 */
#include "io/registry_call.h"

#include "base/clock.h"
#include "base/hash.h"
#include "io/jsonin.h"

/* ---- who we are ---- */

static int load_credentials(struct registry *r, struct err *e)
{
    if (r->who_known)
        return 0;
    if (r->o.username) {
        r->who.username = xstrdup(r->o.username);
        r->who.secret = xstrdup(r->o.password ? r->o.password : "");
    } else if (credentials_find(r->host, r->o.auth_file, &r->who, e)) {
        return err_wrap(e, "registry %s", r->host);
    }
    r->who_known = true;
    char *pair ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s:%s", r->who.username ? r->who.username : "", r->who.secret ? r->who.secret : "");
    free(r->identity);
    r->identity = xasprintf("%016" PRIx64, hash64(slice_str(pair)));
    return 0;
}

static char *token_key(const struct registry *r, const char *scope)
{
    return xasprintf("%s %s", r->identity, scope);
}

/* What to send before the registry asks; malloc'd or NULL. */
static char *authorization(struct registry *r, const char *scope)
{
    if (r->o.token)
        return xasprintf("Bearer %s", r->o.token);
    if (r->basic)
        return credentials_basic(&r->who);
    if (!r->who_known)
        return NULL;
    char *key ATTR_CLEANUP(cleanup_free) = token_key(r, scope);
    char *token ATTR_CLEANUP(cleanup_free) = gate_token(r->gate, key);
    return token ? xasprintf("Bearer %s", token) : NULL;
}

static bool find_challenge(const struct http_response *resp, const char *scheme, struct challenge *ret)
{
    enum { MOST = 8 };
    struct challenge *list = xcalloc(MOST, sizeof *list);
    bool found = false;
    for (size_t i = 0; i < MOST && !found; i++) {
        struct slice header = http_header(resp, "WWW-Authenticate", i);
        size_t n = challenge_parse(header, list, MOST);
        for (size_t k = 0; k < n && !found; k++) {
            found = slice_eq_nocase(slice_str(list[k].scheme), slice_str(scheme));
            if (found)
                *ret = list[k];
        }
    }
    free(list);
    return found;
}

/* After a 401: 0 when another try may do better. e holds the refusal and stays when there is nothing to try. */
static int answer_challenge(struct registry *r, const char *scope, struct err *e)
{
    struct challenge *ch ATTR_CLEANUP(cleanup_free) = xcalloc(1, sizeof *ch);
    struct registry_token token = {0};
    struct err why = ERR_INIT;
    if (r->o.token)
        return -1;
    if (load_credentials(r, &why)) {
        if (e)
            *e = why;
        return -1;
    }
    if (find_challenge(&r->r, "Bearer", ch) && ch->realm[0]) {
        const char *wanted = *scope ? scope : ch->scope;
        char *key ATTR_CLEANUP(cleanup_free) = token_key(r, scope);
        gate_token_drop(r->gate, key);
        struct http_origin origin = r->r.origin;
        if (token_fetch(r->client, &origin, ch, wanted, &r->who, &token, e))
            return err_wrap(e, "registry %s", r->host);
        gate_token_keep(r->gate, key, &token);
        return 0;
    }
    if (r->basic || !r->who.username || !find_challenge(&r->r, "Basic", ch))
        return -1;
    r->basic = true;
    return 0;
}

/* ---- errors ---- */

/* {"errors":[{"code":"…","message":"…"}]}: the specification's "Error Codes". */
static void append_detail(const struct http_response *resp, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    if (jsonin_load(buf_slice(&resp->body), 65536, 2000, &root, NULL))
        return;
    const json_t *first = json_array_get(jsonin_array(root, "errors"), 0);
    struct slice code = jsonin_view(first, "code"), message = jsonin_view(first, "message");
    if (!code.n || code.n > 60 || !slice_is_text(code))
        return;
    if (message.n > 160 || !slice_is_text(message))
        message = SLICE("");
    size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, " (%.*s%s%.*s)", SLICE_FMT(code), message.n ? ": " : "",
             SLICE_FMT(message));
}

static int explain(struct registry *r, struct err *e)
{
    if (!e)
        return -1;
    int status = r->r.status;
    /* Only of the registry's own refusal: the error may also be the token server's. */
    if (status >= 400 && e->code == status)
        append_detail(&r->r, e);
    if (e->code == HTTP_NO_TLS) {
        size_t n = strlen(e->text);
        snprintf(e->text + n, sizeof e->text - n, "; if plain HTTP is what it should speak, name it http://%s",
                 r->host);
    }
    if (status == 401 && e->code == status && !r->o.token) {
        size_t n = strlen(e->text);
        snprintf(e->text + n, sizeof e->text - n,
                 r->who.username ? "; the credentials for %s are not accepted" : "; there are no credentials for %s",
                 r->host);
    }
    return -1;
}

/* ---- the call ---- */

static int fetch(struct registry *r, const struct registry_call *c, const char *url, struct err *e)
{
    char *auth ATTR_CLEANUP(cleanup_free) = authorization(r, c->scope);
    struct http_request q = {.method = c->method,
                             .url = url,
                             .authorization = auth,
                             .headers = c->headers,
                             .range_from = c->range_from,
                             .on_start = c->on_start,
                             .on_data = c->on_data,
                             .arg = c->arg};
    int64_t longest = c->longest_wait_ms ? c->longest_wait_ms : GATE_LONGEST_WAIT_MS;
    r->r.status = 0;
    if (gate_enter(r->gate, longest, r->o.stop, e))
        return err_wrap(e, "registry %s", r->host);
    int rc = http_fetch(r->client, &q, &r->r, e);
    gate_leave(r->gate);
    if (r->r.status == 429 || r->r.status == 503) {
        int64_t wait = gate_pause(r->gate, e ? e->retry_after_ms : 0);
        if (e)
            e->retry_after_ms = wait;
    } else if (rc == 0) {
        gate_success(r->gate);
    }
    return rc;
}

int registry_call_once(struct registry *r, const struct registry_call *c, struct err *e)
{
    struct err own = ERR_INIT;
    if (!e)
        e = &own; /* decisions below read it */
    char *url ATTR_CLEANUP(cleanup_free) = c->url[0] == '/' ? xasprintf("%s%s", r->base, c->url) : xstrdup(c->url);
    int rc = fetch(r, c, url, e);
    /* Only the registry's own 401: one from where a redirect led to asks for another server's credentials. */
    struct http_url here;
    if (rc && r->r.status == 401 && !http_url_parse(r->r.url, &here, NULL) && http_url_same(&here, &r->r.origin.url)) {
        struct err asked = *e;
        if (answer_challenge(r, c->scope, &asked) == 0)
            rc = fetch(r, c, url, e);
        else
            *e = asked;
    }
    return rc ? explain(r, e) : 0;
}

bool registry_backoff(struct registry *r, unsigned n, int64_t longest_ms, const struct err *e)
{
    int64_t wait = INT64_C(200) << MIN(n, 6u);
    int64_t until, now = clock_mono_ms();
    wait = wait / 2 + (int64_t)(hash64(slice_of(&now, sizeof now)) % (uint64_t)(wait / 2 + 1));
    if (e->kind != ERR_RETRY || e->retry_after_ms > longest_ms)
        return false;
    until = now + MAX(wait, e->retry_after_ms);
    while ((now = clock_mono_ms()) < until) {
        if (r->o.stop && *r->o.stop)
            return false;
        clock_sleep_ms(MIN(until - now, 100));
    }
    return true;
}

int registry_call(struct registry *r, const struct registry_call *c, struct err *e)
{
    struct err own = ERR_INIT;
    if (!e)
        e = &own;
    for (unsigned n = 1;; n++) {
        if (registry_call_once(r, c, e) == 0)
            return 0;
        if (n >= r->o.attempts || !registry_backoff(r, n, GATE_LONGEST_WAIT_MS, e))
            return -1;
    }
}

int registry_path(struct slice repository, const char *what, struct slice last, char **ret_path, char **ret_scope,
                  struct err *e)
{
    bool ok = repository.n > 0 && repository.n <= 255 && repository.p[0] != '/';
    for (size_t i = 0; i < repository.n && ok; i++) {
        uint8_t c = repository.p[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || memchr("/._-", c, 4);
        /* "a/../b" would be another path once a URL parser has looked at it. */
        ok = ok && !(c == '/' && (i + 1 == repository.n || repository.p[i + 1] == '.' || repository.p[i + 1] == '/'));
    }
    ok = ok && repository.p[0] != '.';
    for (size_t i = 0; i < last.n && ok; i++) {
        uint8_t c = last.p[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c == '.' && i) ||
             memchr("_-:", c, 3);
    }
    if (!ok || last.n > 200)
        return err_set(e, ERR_USAGE, 0, "\"%.*s\" with \"%.*s\" names nothing in a registry",
                       (int)MIN(repository.n, (size_t)100), (const char *)(repository.p ? repository.p : last.p),
                       (int)MIN(last.n, (size_t)100), (const char *)(last.p ? last.p : (const uint8_t *)""));
    *ret_path = xasprintf("/v2/%.*s%s%.*s", SLICE_FMT(repository), what, SLICE_FMT(last));
    *ret_scope = xasprintf("repository:%.*s:pull", SLICE_FMT(repository));
    return 0;
}
