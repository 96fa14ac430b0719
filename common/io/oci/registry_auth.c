/* SPDX-License-Identifier: Apache-2.0 */
#include "io/oci/registry_auth.h"

#include "base/clock.h"
#include "io/text/json_tree.h"

/* ---- challenges ---- */

static bool is_token_char(uint8_t c)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && memchr(others, c, sizeof others - 1));
}

static struct slice take_token_chars(struct slice *s)
{
    struct slice t = *s;
    size_t n = 0;
    while (n < s->n && is_token_char(s->p[n]))
        n++;
    t.n = n;
    *s = slice_from(*s, n);
    return t;
}

static void skip(struct slice *s, bool commas)
{
    while (s->n && (s->p[0] == ' ' || s->p[0] == '\t' || (commas && s->p[0] == ',')))
        *s = slice_from(*s, 1);
}

/* A quoted string or a token, cut to fit; false when malformed or too long. */
static bool take_value(struct slice *s, char *to, size_t n)
{
    size_t len = 0;
    if (!slice_take_prefix(s, SLICE("\""))) {
        /* Wider than a token: some registries leave URLs unquoted. */
        size_t i = 0;
        while (i < s->n && s->p[i] != ',' && s->p[i] != ' ' && s->p[i] != '\t')
            i++;
        if (i == 0 || i >= n)
            return false;
        memcpy(to, s->p, i);
        to[i] = 0;
        *s = slice_from(*s, i);
        return true;
    }
    while (s->n && s->p[0] != '"') {
        if (s->p[0] == '\\' && s->n > 1)
            *s = slice_from(*s, 1);
        if (len + 1 >= n || s->p[0] < 0x20)
            return false;
        to[len++] = (char)s->p[0];
        *s = slice_from(*s, 1);
    }
    to[len] = 0;
    return slice_take_prefix(s, SLICE("\""));
}

/* name "=" value, if that is what follows; otherwise s is unchanged and *ret_malformed may be set. */
static bool take_parameter(struct slice *s, struct challenge *c, bool *ret_malformed)
{
    struct slice rest = *s;
    char ignored[2048];
    struct slice name = take_token_chars(&rest);
    skip(&rest, false);
    if (!name.n || !slice_take_prefix(&rest, SLICE("=")))
        return false;
    skip(&rest, false);
    struct {
        const char *name;
        char *to;
        size_t n;
    } known[] = {{"realm", c->realm, sizeof c->realm},
                 {"service", c->service, sizeof c->service},
                 {"scope", c->scope, sizeof c->scope},
                 {"error", c->error, sizeof c->error},
                 {"", ignored, sizeof ignored}};
    size_t i = 0;
    while (known[i].name[0] && !slice_eq_nocase(name, slice_str(known[i].name)))
        i++;
    if (!take_value(&rest, known[i].to, known[i].n)) {
        known[i].to[0] = 0;
        *ret_malformed = true;
        return false;
    }
    *s = rest;
    return true;
}

size_t registry_challenge_parse(struct slice header, struct challenge *list, size_t max)
{
    size_t n = 0;
    bool malformed = false;
    skip(&header, true);
    while (header.n && n < max && !malformed) {
        struct challenge *c = &list[n];
        memset(c, 0, sizeof *c);
        struct slice scheme = take_token_chars(&header);
        if (!scheme.n || scheme.n >= sizeof c->scheme)
            break;
        memcpy(c->scheme, scheme.p, scheme.n);
        skip(&header, true);
        while (take_parameter(&header, c, &malformed))
            skip(&header, true);
        n += !malformed;
    }
    return n;
}

/* ---- Link ---- */

/* Relations are separated by blanks: "next last". */
static bool names_next(struct slice relations)
{
    struct slice one;
    while (slice_take_token(&relations, ' ', &one))
        if (slice_eq_nocase(one, SLICE("next")))
            return true;
    return false;
}

struct link {
    struct slice target;
    bool next, has_rel, malformed;
};

/* The parameters of a link, up to the next one. */
static void take_parameters(struct slice *s, struct link *link)
{
    struct challenge value;
    for (;;) {
        skip(s, false);
        if (!slice_take_prefix(s, SLICE(";")))
            break;
        skip(s, false);
        struct slice name = take_token_chars(s);
        skip(s, false);
        if (!slice_take_prefix(s, SLICE("=")))
            continue;
        skip(s, false);
        struct slice word = SLICE_NONE;
        if (s->n && s->p[0] != '"') {
            word = take_token_chars(s);
        } else if (take_value(s, value.realm, sizeof value.realm)) {
            word = slice_str(value.realm);
        } else {
            link->malformed = true;
            return;
        }
        if (!slice_eq_nocase(name, SLICE("rel")) || link->has_rel)
            continue; /* of several rel the first counts */
        link->has_rel = true;
        link->next = names_next(word);
    }
    link->malformed |= s->n > 0 && s->p[0] != ',';
}

/* Without angle brackets there is no saying where a target ends but by what may not be in one. */
static struct slice take_bare_target(struct slice *s)
{
    struct slice target = *s;
    size_t n = 0;
    while (n < s->n && s->p[n] > ' ' && s->p[n] != ';' && s->p[n] != '<' && s->p[n] != '>' && s->p[n] != '"')
        n++;
    target.n = n;
    bool plausible = slice_starts(target, SLICE("/")) || slice_starts(target, SLICE("?")) ||
                     slice_starts(target, SLICE("http://")) || slice_starts(target, SLICE("https://"));
    *s = slice_from(*s, n);
    return plausible ? target : SLICE_NONE;
}

static struct link take_link(struct slice *s)
{
    struct link link = {0};
    if (slice_take_prefix(s, SLICE("<"))) {
        ptrdiff_t end = slice_find(*s, '>');
        link.malformed = end < 0;
        link.target = slice_sub(*s, 0, end < 0 ? 0 : (size_t)end);
        *s = slice_from(*s, end < 0 ? s->n : (size_t)end + 1);
    } else {
        link.target = take_bare_target(s);
    }
    take_parameters(s, &link);
    link.malformed |= !link.target.n;
    return link;
}

enum link_found registry_link_next(struct slice header, struct slice *ret_target)
{
    struct slice unnamed = SLICE_NONE;
    bool malformed = false;
    for (skip(&header, true); header.n; skip(&header, true)) {
        struct link link = take_link(&header);
        if (link.next && link.target.n) {
            *ret_target = link.target;
            return LINK_NEXT;
        }
        malformed |= link.malformed;
        if (!link.malformed && !link.has_rel && !unnamed.n)
            unnamed = link.target;
        ptrdiff_t comma = slice_find(header, ',');
        header = comma < 0 ? SLICE_NONE : slice_from(header, (size_t)comma + 1);
    }
    if (unnamed.n && !malformed)
        *ret_target = unnamed;
    return malformed ? LINK_UNREADABLE : unnamed.n ? LINK_NEXT : LINK_NONE;
}

/* ---- tokens ---- */

int registry_token_parse(struct slice body, int64_t now_mono_ms, struct registry_token *ret, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    if (json_tree_read(body, (size_t)256 << 10, 1000, &root, e))
        return -1;
    struct slice token = json_tree_view(root, "token");
    if (!token.n)
        token = json_tree_view(root, "access_token");
    if (!token.n || token.n > (size_t)64 << 10)
        return err_set(e, ERR_POISON, 0, "the answer holds no token");
    for (size_t i = 0; i < token.n; i++)
        if (token.p[i] <= 0x20 || token.p[i] >= 0x7f) /* would end the header it goes into */
            return err_set(e, ERR_POISON, 0, "the token holds a byte that no token has");
    int64_t seconds = json_tree_int(root, "expires_in", 60);
    seconds = seconds < 1 ? 60 : MIN(seconds, 86400);
    /* Kept for less than it holds, so that it does not end between our check and theirs. */
    ret->expires_mono_ms = now_mono_ms + seconds * 1000 - MIN(seconds * 500, 15000);
    ret->token = slice_dup(token);
    return 0;
}

static void add_field(struct buf *b, const char *name, const char *value)
{
    char *text ATTR_CLEANUP(cleanup_free) = http_url_escape(slice_str(value));
    if (*value)
        buf_addf(b, "%s%s=%s", b->n ? "&" : "", name, text);
}

/* Each scope of a list separated by blanks is a parameter of its own. */
static void add_scopes(struct buf *b, const char *scope, bool joined)
{
    struct slice rest = slice_str(scope), one;
    if (joined) {
        add_field(b, "scope", scope);
        return;
    }
    while (slice_take_token(&rest, ' ', &one)) {
        char *text ATTR_CLEANUP(cleanup_free) = slice_dup(one);
        add_field(b, "scope", text);
    }
}

/* https://distribution.github.io/distribution/spec/auth/token/ */
static int token_get(struct http_client *c, struct http_request *q, const struct challenge *ch, const char *scope,
                     const struct credentials *who, struct http_response *r, struct err *e)
{
    struct buf query = BUF_INIT(16384), url = BUF_INIT(20000);
    char *basic ATTR_CLEANUP(cleanup_free) = who->username ? credentials_basic(who) : NULL;
    add_field(&query, "service", ch->service);
    add_scopes(&query, scope, false);
    bool has_query = slice_find(slice_str(ch->realm), '?') >= 0;
    buf_addf(&url, "%s%s%s", ch->realm, query.n ? (has_query ? "&" : "?") : "", buf_cstr(&query));
    q->url = buf_cstr(&url);
    q->authorization = basic;
    int rc = query.overflow || url.overflow ? err_set(e, ERR_POISON, 0, "the challenge is too long")
                                            : http_fetch(c, q, r, e);
    buf_done(&query);
    buf_done(&url);
    return rc;
}

/* https://distribution.github.io/distribution/spec/auth/oauth/ */
static int token_post(struct http_client *c, struct http_request *q, const struct challenge *ch, const char *scope,
                      const struct credentials *who, struct http_response *r, struct err *e)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    struct buf form = BUF_INIT(256 << 10);
    add_field(&form, "grant_type", who->identity_token ? "refresh_token" : "password");
    add_field(&form, "service", ch->service);
    add_field(&form, "client_id", "careen");
    add_scopes(&form, scope, true);
    if (who->identity_token) {
        add_field(&form, "refresh_token", who->secret);
    } else {
        add_field(&form, "username", who->username);
        add_field(&form, "password", who->secret);
    }
    q->method = "POST";
    q->url = ch->realm;
    q->authorization = NULL;
    q->headers = headers;
    q->body = buf_slice(&form);
    int rc = http_fetch(c, q, r, e);
    buf_done(&form);
    return rc;
}

int registry_token_fetch(struct http_client *c, const struct http_origin *registry, const struct challenge *ch,
                         const char *scope, const struct credentials *who, struct registry_token *ret, struct err *e)
{
    struct http_response r = HTTP_RESPONSE_INIT((size_t)256 << 10);
    struct http_request q = {.total_ms = 30000, .named_by = registry};
    int rc;
    if (who->identity_token) {
        rc = token_post(c, &q, ch, scope, who, &r, e);
        /* Servers without OAuth2 take the token for a password. */
        if (rc && (r.status == 404 || r.status == 405)) {
            q = (struct http_request){.total_ms = 30000, .named_by = registry};
            rc = token_get(c, &q, ch, scope, who, &r, e);
        }
    } else {
        rc = token_get(c, &q, ch, scope, who, &r, e);
        bool other_way = r.status == 400 || r.status == 404 || r.status == 405;
        if (rc && other_way && who->username)
            rc = token_post(c, &q, ch, scope, who, &r, e);
    }
    if (rc == 0)
        rc = registry_token_parse(buf_slice(&r.body), clock_mono_ms(), ret, e);
    if (rc)
        err_wrap(e, "token");
    http_response_done(&r);
    return rc;
}
