/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "io/text/json_tree.h"
#include "io/oci/registry_auth.h"

#define FILE_MAX      ((size_t)4 << 20)
#define ENTRIES_ASKED 32 /* of one file, from the closest key on, until one knows us */

void credentials_done(struct credentials *c)
{
    free(c->username);
    if (c->secret)
        OPENSSL_cleanse(c->secret, strlen(c->secret));
    free(c->secret);
    *c = (struct credentials){0};
}

static char *base64(struct slice s)
{
    char *text = xmalloc(s.n / 3 * 4 + 8);
    EVP_EncodeBlock((unsigned char *)text, s.p, (int)s.n);
    return text;
}

char *credentials_basic(const struct credentials *c)
{
    char *pair ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s:%s", c->username ? c->username : "", c->secret ? c->secret : "");
    char *code ATTR_CLEANUP(cleanup_free) = base64(slice_str(pair));
    return xasprintf("Basic %s", code);
}

/* ---- config.json ---- */

static bool is_docker_hub(struct slice host)
{
    return slice_eq_str(host, "docker.io") || slice_eq_str(host, "index.docker.io") ||
           slice_eq_str(host, "registry-1.docker.io");
}

/* "/v1/", "v2" and the like are the API's own path, not a namespace. */
static struct slice namespace_of(struct slice path, bool is_url)
{
    static const char *const api[] = {"v1", "v2"};
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    for (size_t i = 0; i < ARRAY_LEN(api); i++) {
        if (slice_eq_str(path, api[i]))
            return SLICE("");
        if (is_url && path.n > 3 && slice_starts(path, slice_str(api[i])) && path.p[2] == '/')
            return slice_from(path, 3);
    }
    return path;
}

static bool within(struct slice repository, struct slice ns)
{
    return slice_starts(repository, ns) && (repository.n == ns.n || repository.p[ns.n] == '/');
}

/*
 * How closely a key names the repository: 0 not at all; then an old client's URL with some path, the host in a URL or
 * by another of its names, the host, and above them the namespaces by their length (containers-auth.json(5)).
 */
static size_t key_rank(struct slice key, const char *host, struct slice repository)
{
    struct slice h;
    bool is_url = slice_take_prefix(&key, SLICE("https://")) || slice_take_prefix(&key, SLICE("http://"));
    if (!slice_take_token(&key, '/', &h))
        return 0;
    bool same = slice_eq_nocase(h, slice_str(host));
    if (!same && !(is_docker_hub(h) && is_docker_hub(slice_str(host))))
        return 0;
    struct slice ns = namespace_of(key, is_url);
    if (!ns.n)
        return same && !is_url ? 3 : 2;
    if (repository.n && within(repository, ns))
        return 3 + ns.n;
    return is_url ? 1 : 0; /* Docker takes the host out of a URL and drops the rest */
}

/* One key of a file that may tell who we are. */
struct entry {
    size_t rank; /* even: of auths, odd: of credHelpers, which go first */
    const char *key;
    const json_t *value;
};

/* The best entry below rank `below`. */
static struct entry next_entry(const json_t *root, const char *host, struct slice repository, size_t below)
{
    static const char *const maps[] = {"auths", "credHelpers"};
    struct entry best = {0};
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const char *key;
        json_t *value;
        /* jansson's iteration does not change the map; its signature lacks the const. */
        json_object_foreach((json_t *)(uintptr_t)json_tree_object(root, maps[i]), key, value)
        {
            size_t rank = key_rank(slice_str(key), host, repository);
            rank = rank ? rank * 2 + i : 0;
            if (rank > best.rank && rank < below)
                best = (struct entry){rank, key, value};
        }
    }
    return best;
}

/* Base64 of RFC 4648, in either alphabet, with or without padding, broken into lines or not. -1 when it is none. */
static int base64_decode(struct slice code, uint8_t *to)
{
    uint8_t *text = xcalloc(1, code.n + 4);
    size_t n = 0;
    while (code.n && code.p[code.n - 1] == '=')
        code.n--;
    for (size_t i = 0; i < code.n; i++) {
        uint8_t c = code.p[i];
        if (c != '\n' && c != '\r' && c != ' ' && c != '\t')
            text[n++] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    size_t padding = (4 - n % 4) % 4;
    bool plain = padding < 3 && !memchr(text, '=', n);
    memset(text + n, '=', padding < 3 ? padding : 0);
    int got = plain && n ? EVP_DecodeBlock(to, text, (int)(n + padding)) - (int)padding : plain ? 0 : -1;
    OPENSSL_cleanse(text, code.n + 4);
    free(text);
    return got < 0 ? -1 : got;
}

/* auth: base64 of user:password. */
static int from_auth(struct slice code, struct credentials *ret, struct err *e)
{
    code = slice_trim(code);
    if (code.n == 0)
        return 0;
    if (code.n > (size_t)64 << 10)
        return err_set(e, ERR_USAGE, 0, "its auth is over 64 KiB");
    uint8_t *raw = xcalloc(1, code.n + 4);
    int n = base64_decode(code, raw);
    struct slice pair = slice_of(raw, n > 0 ? (size_t)n : 0);
    ptrdiff_t colon = slice_find(pair, ':');
    int rc = 1;
    if (n < 0 || colon < 0) {
        rc = err_set(e, ERR_USAGE, 0, "its auth is not base64 of user:password");
    } else {
        ret->username = slice_dup(slice_sub(pair, 0, (size_t)colon));
        struct slice secret = slice_from(pair, (size_t)colon + 1);
        while (secret.n && !secret.p[secret.n - 1])
            secret.n--;
        ret->secret = slice_dup(secret);
    }
    OPENSSL_cleanse(raw, code.n + 4);
    free(raw);
    return rc;
}

static void take_token(struct slice token, struct credentials *ret)
{
    if (ret->secret)
        OPENSSL_cleanse(ret->secret, strlen(ret->secret));
    free(ret->secret);
    ret->secret = slice_dup(token);
    if (!ret->username)
        ret->username = xstrdup("<token>");
}

static int from_entry(const json_t *entry, struct credentials *ret, struct err *e)
{
    struct slice token = json_tree_view(entry, "identitytoken"), bearer = json_tree_view(entry, "registrytoken");
    struct slice user = json_tree_view(entry, "username"), password = json_tree_view(entry, "password");
    if (token.n || bearer.n) {
        struct err unread = ERR_INIT; /* Azure's auth beside a token is a user without a password */
        from_auth(json_tree_view(entry, "auth"), ret, &unread);
        take_token(token.n ? token : bearer, ret);
        ret->identity_token = token.n > 0;
        ret->bearer = !token.n;
        return 1;
    }
    int rc = from_auth(json_tree_view(entry, "auth"), ret, e);
    if (rc == 0 && user.n && password.n) {
        ret->username = slice_dup(user);
        ret->secret = slice_dup(password);
        rc = 1;
    }
    return rc;
}

/* A key with a namespace is asked for as it is written, then by its host alone. */
static int from_named_helper(const struct entry *entry, const char *name, struct credentials *ret, struct err *e)
{
    struct slice helper = json_tree_string(entry->value);
    bool of_host = entry->rank / 2 <= 3;
    int rc = of_host ? 0 : credentials_from_kept_helper(helper, entry->key, ret, e);
    return rc ? rc : credentials_from_kept_helper(helper, name, ret, e);
}

int credentials_from_json(struct slice json, const char *host, struct slice repository, struct credentials *ret,
                          struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    if (json_tree_read(json, FILE_MAX, 100000, &root, e))
        return -1;
    /* Helpers know Docker Hub by its old address. */
    const char *name = is_docker_hub(slice_str(host)) ? "https://index.docker.io/v1/" : host;
    struct entry entry = {.rank = SIZE_MAX};
    int rc = 0;
    for (int i = 0; i < ENTRIES_ASKED && rc == 0 && entry.rank; i++) {
        entry = next_entry(root, host, repository, entry.rank);
        if (entry.rank)
            rc = entry.rank % 2 ? from_named_helper(&entry, name, ret, e) : from_entry(entry.value, ret, e);
    }
    struct slice store = json_tree_view(root, "credsStore");
    if (rc == 0 && store.n)
        rc = credentials_from_kept_helper(store, name, ret, e);
    return rc;
}

/* 0 when the file is not there. */
static int from_file(const char *path, bool must, const char *host, struct slice repository, struct credentials *ret,
                     struct err *e)
{
    struct stat st;
    struct buf text = BUF_INIT(FILE_MAX);
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "rce");
    if (!f && !must && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return 0;
    if (!f || fstat(fileno(f), &st))
        return err_errno(e, ERR_USAGE, errno, "credentials file %s", path);
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > FILE_MAX)
        return err_set(e, ERR_USAGE, 0, "credentials file %s is no file or longer than %zu bytes", path, FILE_MAX);
    uint8_t *to = buf_reserve(&text, (size_t)st.st_size);
    text.n = to ? fread(to, 1, (size_t)st.st_size, f) : 0;
    int rc = credentials_from_json(buf_slice(&text), host, repository, ret, e);
    if (text.p)
        OPENSSL_cleanse(text.p, text.n);
    buf_done(&text);
    if (rc >= 0)
        return rc;
    if (e && e->kind == ERR_POISON)
        e->kind = ERR_USAGE;
    return err_wrap(e, "credentials file %s", path);
}

int credentials_find(const char *host, struct slice repository, const char *auth_file, struct credentials *ret,
                     struct err *e)
{
    static const struct {
        const char *variable, *rest;
        bool must;
    } places[] = {{"REGISTRY_AUTH_FILE", "", true},
                  {"XDG_RUNTIME_DIR", "/containers/auth.json", false},
                  {"DOCKER_CONFIG", "/config.json", false},
                  {"HOME", "/.docker/config.json", false},
                  {"HOME", "/.config/containers/auth.json", false}};
    struct credentials c = {0};
    int rc = 0;
    if (auth_file) {
        rc = *auth_file ? from_file(auth_file, true, host, repository, &c, e) : 0;
    } else {
        for (size_t i = 0; i < ARRAY_LEN(places) && rc == 0; i++) {
            const char *v = getenv(places[i].variable);
            char *path ATTR_CLEANUP(cleanup_free) = v && *v ? xasprintf("%s%s", v, places[i].rest) : NULL;
            if (path)
                rc = from_file(path, places[i].must, host, repository, &c, e);
        }
    }
    if (rc < 0) {
        credentials_done(&c);
        return -1;
    }
    *ret = c;
    return 0;
}
