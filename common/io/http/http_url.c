/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http/http_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>

static int url_part(CURLU *u, CURLUPart part, unsigned flags, char *to, size_t n)
{
    char *text = NULL;
    if (curl_url_get(u, part, &text, flags))
        return -1;
    size_t len = strlen(text);
    if (len >= n) {
        curl_free(text);
        return -1;
    }
    for (size_t i = 0; i <= len; i++)
        to[i] = (char)tolower((unsigned char)text[i]);
    curl_free(text);
    return 0;
}

int http_url_parse(const char *url, struct http_url *ret_url, struct err *e)
{
    struct http_url r = {0};
    char scheme[8] = "", port[8] = "", shown[256];
    uint64_t number = 0;
    CURLU *u = curl_url();
    if (!u)
        BUG("out of memory");
    bool ok = !curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) &&
              !url_part(u, CURLUPART_SCHEME, 0, scheme, sizeof scheme) &&
              !url_part(u, CURLUPART_HOST, 0, r.host, sizeof r.host) &&
              !url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) &&
              slice_parse_u64(slice_str(port), &number) && number <= 65535;
    curl_url_cleanup(u);
    r.https = slice_eq_str(slice_str(scheme), "https");
    if (!ok || !r.host[0] || (!r.https && !slice_eq_str(slice_str(scheme), "http")))
        return err_set(e, ERR_USAGE, 0, "\"%s\" is not an http or https URL", http_url_show(url, shown, sizeof shown));
    r.port = (uint16_t)number;
    *ret_url = r;
    return 0;
}

bool http_url_same(const struct http_url *a, const struct http_url *b)
{
    return a->port == b->port && slice_eq_str(slice_str(a->host), b->host);
}

char *http_url_join(const char *base, const char *reference)
{
    CURLU *u = curl_url();
    char *text = NULL, *joined = NULL;
    if (u && !curl_url_set(u, CURLUPART_URL, base, 0) &&
        !curl_url_set(u, CURLUPART_URL, reference, CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) &&
        !curl_url_get(u, CURLUPART_URL, &text, 0))
        joined = xstrdup(text);
    curl_free(text);
    curl_url_cleanup(u);
    return joined;
}

const char *http_url_show(const char *url, char *text, size_t n)
{
    struct slice s = slice_str(url), rest = s;
    ptrdiff_t mark = slice_find_slice(s, SLICE("://"));
    size_t scheme = mark < 0 ? 0 : (size_t)mark + 3;
    rest = slice_from(s, scheme);
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == '?' || rest.p[i] == '#')
            rest.n = i;
    struct slice authority = rest;
    ptrdiff_t slash = slice_find(rest, '/');
    if (slash >= 0)
        authority.n = (size_t)slash;
    ptrdiff_t at = slice_rfind(authority, '@');
    if (at >= 0)
        rest = slice_from(rest, (size_t)at + 1);
    snprintf(text, n, "%.*s%.*s", (int)scheme, url, SLICE_FMT(rest));
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c == 0x7f)
            *c = '?';
    return text;
}

char *http_url_escape(struct slice s)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = xmalloc(s.n * 3 + 1), *to = out;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    *to = 0;
    return out;
}

/* ---- how far away an address is ---- */

static enum http_reach reach_of_v4(const uint8_t a[4])
{
    if (a[0] == 127 || a[0] == 0) /* 0.0.0.0/8 connects to this machine */
        return REACH_LOOPBACK;
    if (a[0] == 169 && a[1] == 254)
        return REACH_LINK_LOCAL;
    bool shared = a[0] == 100 && (a[1] & 0xc0) == 64; /* RFC 6598 */
    if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) || shared)
        return REACH_PRIVATE;
    return a[0] >= 224 ? REACH_LINK_LOCAL : REACH_PUBLIC; /* multicast, broadcast: nothing to fetch from */
}

static enum http_reach reach_of_v6(const uint8_t a[16])
{
    static const uint8_t zero[16] = {0}, nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    bool mapped = !memcmp(a, zero, 10) && a[10] == 0xff && a[11] == 0xff;
    bool compatible = !memcmp(a, zero, 12) && memcmp(a + 12, zero, 3);
    if (mapped || compatible || !memcmp(a, nat64, sizeof nat64))
        return reach_of_v4(a + 12);
    if (!memcmp(a, zero, 15) && a[15] <= 1)
        return REACH_LOOPBACK;
    if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 carries an IPv4 address */
        return reach_of_v4(a + 2);
    if ((a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || a[0] == 0xff)
        return REACH_LINK_LOCAL;
    if ((a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0xc0))
        return REACH_PRIVATE;
    return REACH_PUBLIC;
}

bool http_reach_of_address(const char *text, enum http_reach *ret_reach)
{
    char bare[64];
    uint8_t a[16];
    struct slice s = slice_str(text);
    if (slice_starts(s, SLICE("[")) && slice_ends(s, SLICE("]")))
        s = slice_sub(s, 1, s.n - 2);
    ptrdiff_t zone = slice_find(s, '%');
    if (zone >= 0)
        s.n = (size_t)zone;
    if (s.n >= sizeof bare)
        return false;
    snprintf(bare, sizeof bare, "%.*s", SLICE_FMT(s));
    if (inet_pton(AF_INET, bare, a) == 1)
        *ret_reach = reach_of_v4(a);
    else if (inet_pton(AF_INET6, bare, a) == 1)
        *ret_reach = reach_of_v6(a);
    else
        return false;
    return true;
}

bool http_reach_of_host(const char *host, enum http_reach *ret_reach)
{
    struct slice s = slice_str(host);
    if (slice_ends(s, SLICE(".")))
        s.n--;
    if (slice_eq_nocase(s, SLICE("localhost")) || slice_ends(s, SLICE(".localhost"))) {
        *ret_reach = REACH_LOOPBACK;
        return true;
    }
    struct in_addr loose;
    /* inet_aton also takes the forms that resolvers take: 127.1, 0x7f000001, 2130706433. */
    if (inet_aton(host, &loose)) {
        *ret_reach = reach_of_v4((const uint8_t *)&loose);
        return true;
    }
    return http_reach_of_address(host, ret_reach);
}

bool http_reach_allowed(enum http_reach from, enum http_reach to)
{
    switch (to) {
    case REACH_PUBLIC:
        return true;
    case REACH_PRIVATE:
        return from == REACH_PRIVATE || from == REACH_LOOPBACK;
    case REACH_LOOPBACK:
        return from == REACH_LOOPBACK;
    case REACH_LINK_LOCAL:
        return from == REACH_LINK_LOCAL;
    }
    return false;
}

const char *http_reach_name(enum http_reach r)
{
    static const char *const names[] = {"public", "private", "loopback", "link-local"};
    return names[r];
}
