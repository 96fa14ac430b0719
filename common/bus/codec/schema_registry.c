/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/schema_registry.h"

#include <curl/curl.h>
#include "io/text/json_tree.h"

#define BODY_MAX   ((size_t)1 << 20)
#define VALUES_MAX 1000
#define CONNECT_MS 5000L
#define TOTAL_MS   15000L
#define MEDIA_TYPE "application/vnd.schemaregistry.v1+json"

struct schema_registry {
    CURL *curl;
    struct curl_slist *headers;
    char *base;  /* without a final slash */
    char *shown; /* base without credentials, for errors */
    struct buf body;
    char curl_error[CURL_ERROR_SIZE];
};

static char *without_credentials(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    const char *slash = strchr(host, '/');
    const char *end = slash ? slash : host + strlen(host);
    const char *at = memrchr(host, '@', (size_t)(end - host));
    return at ? xasprintf("%.*s%s", (int)(host - url), url, at + 1) : xstrdup(url);
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    struct schema_registry *r = arg;
    return buf_add(&r->body, p, size * n) ? 0 : size * n;
}

static bool set_options(struct schema_registry *r)
{
    CURL *c = r->curl;
    return !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) && !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) &&
           !curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, TOTAL_MS) && !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) &&
           !curl_easy_setopt(c, CURLOPT_WRITEDATA, r) && !curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->curl_error) &&
           !curl_easy_setopt(c, CURLOPT_HTTPHEADER, r->headers) &&
           !curl_easy_setopt(c, CURLOPT_USERAGENT, "careen/" CAREEN_VERSION);
}

int schema_registry_open(const char *url, struct schema_registry **ret_registry, struct err *e)
{
    if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
        return err_set(e, ERR_USAGE, 0, "schema registry: the URL must begin with http:// or https://");
    struct schema_registry *r = xcalloc(1, sizeof *r);
    r->body = BUF_INIT(BODY_MAX);
    r->base = xstrdup(url);
    for (size_t n = strlen(r->base); n && r->base[n - 1] == '/'; n--)
        r->base[n - 1] = 0;
    r->shown = without_credentials(url);
    r->curl = curl_easy_init();
    r->headers = curl_slist_append(r->headers, "Accept: " MEDIA_TYPE ", application/json");
    r->headers = curl_slist_append(r->headers, "Content-Type: " MEDIA_TYPE);
    r->headers = curl_slist_append(r->headers, "Expect:");
    if (!r->curl || !r->headers || !set_options(r)) {
        schema_registry_close(r);
        return err_set(e, ERR_FATAL, 0, "schema registry: libcurl can't be set up");
    }
    *ret_registry = r;
    return 0;
}

void schema_registry_close(struct schema_registry *r)
{
    if (!r)
        return;
    curl_easy_cleanup(r->curl);
    curl_slist_free_all(r->headers);
    buf_done(&r->body);
    free(r->base);
    free(r->shown);
    free(r);
}

static int status_error(struct schema_registry *r, const char *what, long status, struct err *e)
{
    json_t *j ATTR_CLEANUP(cleanup_json) = NULL;
    json_tree_read(buf_slice(&r->body), BODY_MAX, VALUES_MAX, &j, NULL);
    const char *said = json_string_value(json_object_get(j, "message"));
    enum err_kind kind = status == 404                        ? ERR_NOT_FOUND
                         : status == 401 || status == 403     ? ERR_REFUSED
                         : status == 429 || status / 100 == 5 ? ERR_RETRY
                                                              : ERR_USAGE;
    err_set(e, kind, (int)status, "schema registry %s: %s: status %ld%s%.300s", r->shown, what, status,
            said ? ": " : "", said ? said : "");
    return -1;
}

/* One exchange; the answer's object in *ret_json. body NULL: GET. */
static int call(struct schema_registry *r, const char *path, const char *body, json_t **ret_json, struct err *e)
{
    char *url ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s", r->base, path);
    buf_clear(&r->body);
    r->curl_error[0] = 0;
    bool set = !curl_easy_setopt(r->curl, CURLOPT_URL, url);
    if (body)
        set = set && !curl_easy_setopt(r->curl, CURLOPT_POSTFIELDS, body);
    else
        set = set && !curl_easy_setopt(r->curl, CURLOPT_HTTPGET, 1L);
    if (!set)
        return err_set(e, ERR_FATAL, 0, "schema registry %s: libcurl refused the request", r->shown);
    CURLcode rc = curl_easy_perform(r->curl);
    if (r->body.overflow)
        return err_set(e, ERR_RETRY, 0, "schema registry %s: %s: answer over %zu bytes", r->shown, path, BODY_MAX);
    if (rc)
        return err_set(e, ERR_RETRY, (int)rc, "schema registry %s: %s: %s", r->shown, path,
                       r->curl_error[0] ? r->curl_error : curl_easy_strerror(rc));
    long status = 0;
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return status_error(r, path, status, e);
    json_t *j;
    struct err why = ERR_INIT;
    if (json_tree_read(buf_slice(&r->body), BODY_MAX, VALUES_MAX, &j, &why))
        return err_set(e, ERR_RETRY, 0, "schema registry %s: %s: %s", r->shown, path, why.text);
    if (!json_is_object(j)) {
        json_decref(j);
        return err_set(e, ERR_RETRY, 0, "schema registry %s: %s: the answer is not a JSON object", r->shown, path);
    }
    *ret_json = j;
    return 0;
}

int schema_registry_register(struct schema_registry *r, const char *subject, struct slice text, uint32_t *ret_id,
                             struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("subjects/%s/versions", subject);
    json_t *ask = json_pack("{s:s%,s:s}", "schema", (const char *)text.p, text.n, "schemaType", "AVRO");
    char *body = ask ? json_dumps(ask, JSON_COMPACT) : NULL;
    json_decref(ask);
    if (!body)
        return err_set(e, ERR_USAGE, 0, "schema of %s is not UTF-8", subject);
    json_t *answer = NULL;
    int rc = call(r, path, body, &answer, e);
    free(body);
    if (rc) {
        /* A registry that does not know the path is no reason to believe that a retry can't help; a person must act. */
        if (e && e->kind == ERR_NOT_FOUND)
            e->kind = ERR_USAGE;
        return -1;
    }
    const json_t *id = json_object_get(answer, "id");
    json_int_t v = json_integer_value(id);
    bool fine = json_is_integer(id) && v >= 0 && v <= UINT32_MAX;
    json_decref(answer);
    if (!fine)
        return err_set(e, ERR_RETRY, 0, "schema registry %s: %s: the answer has no id", r->shown, path);
    *ret_id = (uint32_t)v;
    return 0;
}

int schema_registry_fetch(struct schema_registry *r, uint32_t id, struct buf *out, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("schemas/ids/%" PRIu32, id);
    json_t *answer = NULL;
    if (call(r, path, NULL, &answer, e))
        return -1;
    const json_t *schema = json_object_get(answer, "schema"), *type = json_object_get(answer, "schemaType");
    const char *kind = json_string_value(type);
    int rc = 0;
    if (!json_is_string(schema) || (kind && strcmp(kind, "AVRO")) ||
        json_array_size(json_object_get(answer, "references")))
        rc = err_set(e, ERR_POISON, 0, "schema registry %s: id %" PRIu32 " is not a single Avro schema", r->shown, id);
    else if (buf_add(out, json_string_value(schema), json_string_length(schema)))
        rc = err_set(e, ERR_POISON, 0, "schema registry %s: id %" PRIu32 " is too large", r->shown, id);
    json_decref(answer);
    return rc;
}
