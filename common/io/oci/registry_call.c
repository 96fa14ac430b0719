/* SPDX-License-Identifier: Apache-2.0 */
#include "io/oci/registry_call.h"

#include "base/clock.h"
#include "base/hash.h"
#include "io/text/json_tree.h"

/* How often a 401 is answered: with the challenge's scope, then with ours beside it. */
#define ROUNDS 2

/* ---- who we are ---- */

static void login_done(struct login *l)
{
    free(l->repository);
    credentials_done(&l->who);
    free(l->identity);
    *l = (struct login){0};
}

void registry_logins_free(struct registry *r)
{
    for (size_t i = 0; i < r->logins_n; i++)
        login_done(&r->logins[i]);
    r->logins_n = 0;
}

/* Configured credentials are used for every repository. */
static struct slice login_name(const struct registry *r, struct slice repository)
{
    return r->o.username ? SLICE("") : repository;
}

static struct login *login_known(struct registry *r, struct slice repository)
{
    for (size_t i = 0; i < r->logins_n; i++)
        if (slice_eq_str(login_name(r, repository), r->logins[i].repository))
            return &r->logins[i];
    return NULL;
}

static int login_read(struct registry *r, struct slice repository, struct login *ret, struct err *e)
{
    struct login l = {.read_ms = clock_mono_ms()};
    if (r->o.username) {
        l.who.username = xstrdup(r->o.username);
        l.who.secret = xstrdup(r->o.password ? r->o.password : "");
    } else if (credentials_find(r->host, repository, r->o.auth_file, &l.who, e)) {
        return err_wrap(e, "registry %s", r->host);
    }
    char *pair ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s:%s", l.who.username ? l.who.username : "", l.who.secret ? l.who.secret : "");
    l.identity = xasprintf("%016" PRIx64, hash64(slice_str(pair)));
    l.repository = slice_dup(login_name(r, repository));
    *ret = l;
    return 0;
}

static struct login *login_get(struct registry *r, struct slice repository, struct err *e)
{
    struct login *l = login_known(r, repository), found;
    if (l)
        return l;
    if (login_read(r, repository, &found, e))
        return NULL;
    if (r->logins_n < LOGINS_MAX) {
        l = &r->logins[r->logins_n++];
    } else {
        l = &r->logins[0];
        for (size_t i = 1; i < LOGINS_MAX; i++)
            if (r->logins[i].read_ms < l->read_ms)
                l = &r->logins[i];
        login_done(l);
    }
    *l = found;
    return l;
}

/* Files are written anew and helpers' passwords end (Amazon's after 12 hours): whether there is another login now. */
static bool login_renew(struct registry *r, struct login *l)
{
    struct login now;
    if (r->o.username || clock_mono_ms() - l->read_ms < CREDENTIALS_FRESH_MS ||
        login_read(r, slice_str(l->repository), &now, NULL))
        return false;
    bool other = !slice_eq_str(slice_str(now.identity), l->identity);
    login_done(l);
    *l = now;
    return other;
}

static char *token_key(const struct login *l, const char *scope)
{
    return xasprintf("%s %s", l->identity, scope);
}

/* The authorization to send before the registry asks for one; malloc'd or NULL. */
static char *authorization(struct registry *r, const struct registry_call *c)
{
    if (r->o.token)
        return xasprintf("Bearer %s", r->o.token);
    /* Where the registry has asked for no password yet, no helper is run. */
    struct login *l = r->basic ? login_get(r, c->repository, NULL) : login_known(r, c->repository);
    if (!l)
        return NULL;
    if (l->who.bearer)
        return xasprintf("Bearer %s", l->who.secret);
    if (r->basic && l->who.username)
        return credentials_basic(&l->who);
    char *key ATTR_CLEANUP(cleanup_free) = token_key(l, c->scope);
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
        size_t n = registry_challenge_parse(header, list, MOST);
        for (size_t k = 0; k < n && !found; k++) {
            found = slice_eq_nocase(slice_str(list[k].scheme), slice_str(scheme));
            if (found)
                *ret = list[k];
        }
    }
    free(list);
    return found;
}

static bool has_scope(struct slice scopes, struct slice wanted)
{
    struct slice one;
    while (slice_take_token(&scopes, ' ', &one))
        if (slice_eq(one, wanted))
            return true;
    return false;
}

/* The answers to one request's refusals. */
struct dance {
    unsigned round;
    char *asked; /* scope of the latest token */
};

/*
 * What to ask the token server for. The challenge's own scope is what the registry will look for: behind a proxy its
 * names differ from ours. Where that did not do, or there is none: ours beside it.
 */
static char *wanted_scope(const struct challenge *ch, const char *ours, unsigned round)
{
    bool both = *ours && ch->scope[0] && round && !has_scope(slice_str(ch->scope), slice_str(ours));
    return both ? xasprintf("%s %s", ours, ch->scope) : xstrdup(ch->scope[0] ? ch->scope : ours);
}

/* 1 when there is nothing to ask for that was not asked for. */
static int get_token(struct registry *r, struct login *l, const struct challenge *ch, const char *scope,
                     struct dance *d, struct err *e)
{
    struct registry_token token = {0};
    char *wanted ATTR_CLEANUP(cleanup_free) = wanted_scope(ch, scope, d->round);
    char *key ATTR_CLEANUP(cleanup_free) = token_key(l, scope);
    struct http_origin origin = r->r.origin;
    if (d->asked && slice_eq_str(slice_str(wanted), d->asked))
        return 1;
    free(d->asked);
    d->asked = xstrdup(wanted);
    gate_token_drop(r->gate, key);
    int rc = registry_token_fetch(r->client, &origin, ch, wanted, &l->who, &token, e);
    /* A server may refuse what the challenge wants beyond reading. */
    if (rc && e->kind != ERR_RETRY && *scope && !slice_eq_str(slice_str(wanted), scope))
        rc = registry_token_fetch(r->client, &origin, ch, scope, &l->who, &token, e);
    if (rc)
        return err_wrap(e, "registry %s", r->host);
    gate_token_keep(r->gate, key, &token);
    return 0;
}

/* Some registries refuse without a challenge but of /v2/ (gcr.io): that one holds. */
static void borrow_challenge(struct registry *r, const struct registry_call *c)
{
    struct err unread = ERR_INIT;
    char *url ATTR_CLEANUP(cleanup_free) = xasprintf("%s/v2/", r->base);
    struct http_request q = {.url = url};
    if (http_header(&r->r, "WWW-Authenticate", 0).p || slice_eq_str(slice_str(c->url), "/v2/"))
        return;
    http_fetch(r->client, &q, &r->r, &unread);
    r->r.status = 401; /* what is being answered */
}

/* After a 401: 0 when another try may do better. e holds the refusal and stays when there is nothing to try. */
static int answer_challenge(struct registry *r, const struct registry_call *c, struct dance *d, struct err *e)
{
    struct challenge *ch ATTR_CLEANUP(cleanup_free) = xcalloc(1, sizeof *ch);
    struct err why = ERR_INIT;
    if (r->o.token)
        return -1;
    bool knew = login_known(r, c->repository) != NULL;
    struct login *l = login_get(r, c->repository, &why);
    if (!l) {
        *e = why;
        return -1;
    }
    bool renewed = knew && login_renew(r, l);
    if (l->who.bearer)
        return knew && !renewed ? -1 : 0;
    borrow_challenge(r, c);
    int rc = 1;
    if (find_challenge(&r->r, "Bearer", ch) && ch->realm[0])
        rc = get_token(r, l, ch, c->scope, d, &why);
    if (rc == 0)
        return 0;
    /* With a password that was not sent yet. */
    bool untried = !r->basic || !knew || renewed;
    if (untried && l->who.username && !l->who.identity_token && find_challenge(&r->r, "Basic", ch)) {
        r->basic = true;
        return 0;
    }
    if (rc < 0)
        *e = why;
    return -1;
}

/* ---- errors ---- */

/* {"errors":[{"code":"…","message":"…"}]}: the specification's "Error Codes". */
static void append_detail(const struct http_response *resp, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    if (json_tree_read(buf_slice(&resp->body), 65536, 2000, &root, NULL))
        return;
    const json_t *first = json_array_get(json_tree_array(root, "errors"), 0);
    struct slice code = json_tree_view(first, "code"), message = json_tree_view(first, "message");
    if (!code.n || code.n > 60 || !slice_is_text(code))
        return;
    if (message.n > 160 || !slice_is_text(message))
        message = SLICE("");
    size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, " (%.*s%s%.*s)", SLICE_FMT(code), message.n ? ": " : "",
             SLICE_FMT(message));
}

static int explain(struct registry *r, const struct registry_call *c, struct err *e)
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
    if (e->code == 401 && !r->o.token) {
        size_t n = strlen(e->text);
        const struct login *l = login_known(r, c->repository);
        snprintf(e->text + n, sizeof e->text - n,
                 l && l->who.username ? "; the credentials for %s are not accepted"
                                      : "; there are no credentials for %s",
                 r->host);
    }
    return -1;
}

/* ---- the call ---- */

static int fetch(struct registry *r, const struct registry_call *c, const char *url, struct err *e)
{
    char *auth ATTR_CLEANUP(cleanup_free) = authorization(r, c);
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

/* Only the registry's own 401: one from where a redirect led to asks for another server's credentials. */
static bool own_refusal(const struct registry *r)
{
    struct http_url here;
    return r->r.status == 401 && !http_url_parse(r->r.url, &here, NULL) && http_url_same(&here, &r->r.origin.url);
}

int registry_call_once(struct registry *r, const struct registry_call *c, struct err *e)
{
    struct err own = ERR_INIT;
    if (!e)
        e = &own; /* decisions below read it */
    char *url ATTR_CLEANUP(cleanup_free) = c->url[0] == '/' ? xasprintf("%s%s", r->base, c->url) : xstrdup(c->url);
    int rc = fetch(r, c, url, e);
    struct dance d = {0};
    for (; d.round < ROUNDS && rc && own_refusal(r); d.round++) {
        struct err asked = *e;
        if (answer_challenge(r, c, &d, &asked)) {
            *e = asked;
            break;
        }
        rc = fetch(r, c, url, e);
    }
    free(d.asked);
    return rc ? explain(r, c, e) : 0;
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
