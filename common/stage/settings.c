/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/settings.h"

#include "model/image/imageref.h"
#include "model/policy.h"

#include <sys/stat.h>

#define REGISTRY(member) offsetof(struct registry_settings, member)
#define CLUSTER(member)  offsetof(struct cluster_settings, member)
#define SETTING(member)  offsetof(struct settings, member)

static const struct config_option registry_options[] = {
    {.name = "host",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(host),
     .value = "HOST",
     .help = "registry.example:5000, docker.io, or http://host:port for plain HTTP."},
    {.name = "username",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(username),
     .help = "Login; without one Docker's config.json and its credential helpers are asked."},
    {.name = "password",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(password),
     .secret = true,
     .help = "Password; better: password-file."},
    {.name = "password-file",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(password_file),
     .value = "FILE",
     .help = "File that holds the password."},
    {.name = "token",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(token),
     .secret = true,
     .help = "A ready bearer token; better: token-file."},
    {.name = "token-file",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(token_file),
     .value = "FILE",
     .help = "File that holds the token."},
    {.name = "ca-file",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(ca_file),
     .value = "FILE",
     .help = "PEM file of the authority that signed the registry's certificate."},
    {.name = "plain-http", .kind = CONFIG_BOOL, .offset = REGISTRY(plain_http), .help = "Talk HTTP without TLS."},
    {.name = "repositories",
     .kind = CONFIG_STRINGS,
     .offset = REGISTRY(repositories),
     .help = "Only these, without asking for the catalogue (which not every registry gives)."},
    {.name = "concurrent",
     .kind = CONFIG_INT,
     .offset = REGISTRY(concurrent),
     .fallback = "0",
     .min = 0,
     .max = 256,
     .help = "Requests and pulls at once of one process; 0: 8 requests, 4 pulls."},
    {.name = "per-second",
     .kind = CONFIG_DOUBLE,
     .offset = REGISTRY(per_second),
     .fallback = "0",
     .min = 0,
     .max = 100000,
     .help = "Requests a second of one process; 0: no limit."},
    {.name = "notifications-secret",
     .kind = CONFIG_STRING,
     .offset = REGISTRY(notifications_secret),
     .secret = true,
     .help = "The Authorization header that the registry's notifications carry."},
};

static const struct config_option cluster_options[] = {
    {.name = "name",
     .kind = CONFIG_STRING,
     .offset = CLUSTER(name),
     .value = "NAME",
     .help = "What findings call the cluster."},
    {.name = "pods",
     .kind = CONFIG_STRING,
     .offset = CLUSTER(pods),
     .value = "FILE|URL",
     .help = "Gives what kubectl get pods -A -o json prints."},
    {.name = "token-file",
     .kind = CONFIG_STRING,
     .offset = CLUSTER(token_file),
     .value = "FILE",
     .help = "Bearer token for a URL."},
    {.name = "ca-file",
     .kind = CONFIG_STRING,
     .offset = CLUSTER(ca_file),
     .value = "FILE",
     .help = "PEM file for a URL."},
};

const struct config_option settings_options[] = {
    {.name = "bus",
     .kind = CONFIG_STRING,
     .offset = SETTING(bus),
     .value = "URL",
     .help = "embedded:DIR (a log on this machine) or kafka://host:port,host:port."},
    {.name = "state",
     .kind = CONFIG_STRING,
     .offset = SETTING(state),
     .value = "DIR",
     .help =
         "Folder of the process's state, a view: deleting it costs time alone, unless the bus lies in it, as that of "
         "careen up without --bus does (DIR/bus)."},
    {.name = "registry",
     .kind = CONFIG_STRINGS,
     .offset = SETTING(registry),
     .value = "HOST",
     .help = "A registry to watch: registry.example:5000, docker.io, or http://host:port for plain HTTP. Again for "
             "more; logins come from Docker's config.json, other settings from registries."},
    {.name = "registries",
     .kind = CONFIG_ITEMS,
     .offset = SETTING(registries),
     .value = "LIST",
     .help = "In the file: a list of maps, each a registry with its login, CA and limits.",
     .items = registry_options,
     .items_n = ARRAY_LEN(registry_options),
     .items_size = sizeof(struct registry_settings)},
    {.name = "cluster",
     .kind = CONFIG_PAIRS,
     .offset = SETTING(cluster),
     .value = "NAME=PODS",
     .help =
         "Where to learn which images run: PODS is a file or URL that gives what kubectl get pods -A -o json prints."},
    {.name = "clusters",
     .kind = CONFIG_ITEMS,
     .offset = SETTING(clusters),
     .value = "LIST",
     .help = "In the file: a list of maps {name, pods, token-file, ca-file}.",
     .items = cluster_options,
     .items_n = ARRAY_LEN(cluster_options),
     .items_size = sizeof(struct cluster_settings)},
    {.name = "http",
     .kind = CONFIG_STRING,
     .offset = SETTING(http),
     .value = "HOST:PORT",
     .help =
         "Where to serve /healthz, /metrics and what the stage serves (publish: /api/v1; discover: /notifications)."},
    {.name = "workers",
     .kind = CONFIG_INT,
     .offset = SETTING(workers),
     .fallback = "0",
     .min = 0,
     .max = 256,
     .help = "Jobs at once; 0: twice the cores."},
    {.name = "member",
     .kind = CONFIG_STRING,
     .offset = SETTING(member),
     .value = "NAME",
     .help = "Stable name in the stage's group; partitions come back to it after a restart."},
    {.name = "schema-registry",
     .kind = CONFIG_STRING,
     .offset = SETTING(schema_registry),
     .value = "URL",
     .help = "Confluent-compatible schema registry; without one records carry their schema's fingerprint."},
    {.name = "kafka",
     .kind = CONFIG_PAIRS,
     .offset = SETTING(kafka),
     .value = "KEY=VALUE",
     .help = "Handed to librdkafka: security.protocol=ssl, sasl.password=@file."},
    {.name = "partitions",
     .kind = CONFIG_INT,
     .offset = SETTING(partitions),
     .fallback = "8",
     .min = 1,
     .max = 1024,
     .help = "Of every topic, when topics are created; fixed from then on."},
    {.name = "feeds",
     .kind = CONFIG_STRING,
     .offset = SETTING(feeds_dir),
     .value = "DIR",
     .help = "Advisories from this folder instead of the publishers' addresses."},
    {.name = "feeds-mirror",
     .kind = CONFIG_STRING,
     .offset = SETTING(feeds_mirror),
     .value = "URL",
     .help = "Base URL in place of the publishers' https://host; their paths stay."},
    {.name = "feeds-only",
     .kind = CONFIG_STRINGS,
     .offset = SETTING(feeds_only),
     .value = "NAME",
     .help = "Only these feeds; none: all."},
    {.name = "java-index",
     .kind = CONFIG_STRING,
     .offset = SETTING(java_index),
     .value = "FILE",
     .help = "Java archives by their SHA-1: sorted lines \"SHA-1 group:artifact:version\"."},
    {.name = "push-days",
     .kind = CONFIG_INT,
     .offset = SETTING(push_days),
     .fallback = "90",
     .min = 1,
     .max = 36500,
     .help = "Images pushed within so many days are judged anew when advisories change."},
    {.name = "pull-days",
     .kind = CONFIG_INT,
     .offset = SETTING(pull_days),
     .fallback = "30",
     .min = 1,
     .max = 36500,
     .help = "The same for images pulled within so many days."},
    {.name = "unhealthy-from",
     .kind = CONFIG_STRING,
     .offset = SETTING(unhealthy_from),
     .fallback = "low",
     .value = "SEVERITY",
     .choices = policy_severities,
     .help = "Findings of this severity and above, and those without one, make an image unhealthy; others are listed "
             "and counted, no more."},
    {.name = "unhealthy-unfixed",
     .kind = CONFIG_BOOL,
     .offset = SETTING(unhealthy_unfixed),
     .fallback = "true",
     .help = "So do those without a fixed version that everybody can have; --no-unhealthy-unfixed: they are listed and "
             "counted, no more."},
    {.name = "schedule.rescan",
     .kind = CONFIG_STRING,
     .offset = SETTING(schedule_rescan),
     .fallback = "0 3 * * *",
     .value = "CRON",
     .help = "When everything is judged from scratch, as proof. Cron in UTC, or @every 15m."},
    {.name = "schedule.walk",
     .kind = CONFIG_STRING,
     .offset = SETTING(schedule_walk),
     .fallback = "@every 1h",
     .value = "CRON",
     .help = "When every registry is listed in full."},
    {.name = "schedule.workloads",
     .kind = CONFIG_STRING,
     .offset = SETTING(schedule_workloads),
     .fallback = "@every 5m",
     .value = "CRON",
     .help = "When clusters are asked what runs."},
    {.name = "schedule.feeds",
     .kind = CONFIG_STRING,
     .offset = SETTING(schedule_feeds),
     .fallback = "20 */6 * * *",
     .value = "CRON",
     .help = "When advisories are fetched."},
    {.name = "log-level",
     .kind = CONFIG_STRING,
     .offset = SETTING(log_level),
     .fallback = "info",
     .value = "LEVEL",
     .help = "debug, info, warn, error or off."},
};
const size_t settings_options_n = ARRAY_LEN(settings_options);

static int read_secret(const char *file, const char **value, const char *what, struct err *e)
{
    char *secret;
    if (!file || *value)
        return 0;
    if (config_read_secret(file, &secret, e))
        return err_wrap(e, "%s", what);
    *value = secret; /* lives as long as the process */
    return 0;
}

/* Both lists in one array that settings_done frees. */
static void join(struct settings *s)
{
    size_t n = s->registries.n + s->registry.n, m = s->clusters.n + s->cluster.n;
    struct registry_settings *r = xcalloc(n, sizeof *r);
    struct cluster_settings *c = xcalloc(m, sizeof *c);
    for (size_t i = 0; i < s->registry.n; i++)
        r[i].host = s->registry.v[i];
    if (s->registries.n)
        memcpy(r + s->registry.n, s->registries.v, s->registries.n * sizeof *r);
    for (size_t i = 0; i < s->cluster.n; i++)
        c[i] = (struct cluster_settings){.name = s->cluster.keys[i], .pods = s->cluster.values[i]};
    if (s->clusters.n)
        memcpy(c + s->cluster.n, s->clusters.v, s->clusters.n * sizeof *c);
    s->own_registries = r;
    s->own_clusters = c;
    s->registries = (struct config_items){r, n};
    s->clusters = (struct config_items){c, m};
}

/* The option as it was typed: "--registry", "CAREEN_REGISTRY", "careen.yaml:3: registries". */
static const char *as_typed(const struct config *c, const char *name, char out[512])
{
    const char *origin = config_origin(c, name);
    bool named = !strncmp(origin, "--", 2) || !strncmp(origin, "CAREEN_", 7);
    snprintf(out, 512, "%s%s%s", origin, named ? "" : ": ", named ? "" : name);
    return out;
}

static int check_host(const struct settings *s, const struct config *c, size_t i, struct err *e)
{
    char where[512];
    const struct registry_settings *r = (const struct registry_settings *)s->registries.v + i;
    if (!r->host)
        return err_set(e, ERR_USAGE, 0, "%s: entry %zu has no host", as_typed(c, "registries", where),
                       i - s->registry.n + 1);
    struct slice host = slice_str(r->host);
    if (!slice_take_prefix(&host, SLICE("http://")))
        slice_take_prefix(&host, SLICE("https://"));
    while (slice_ends(host, SLICE("/")))
        host.n--;
    if (imageref_registry_valid(host))
        return 0;
    bool path =
        memchr(host.p, '/', host.n) && imageref_registry_valid(slice_sub(host, 0, (size_t)slice_find(host, '/')));
    return err_set(e, ERR_USAGE, 0, "%s: \"%.200s\" is not a host with an optional port%s",
                   as_typed(c, i < s->registry.n ? "registry" : "registries", where), r->host,
                   path ? "; what follows it is a repository's name: registries can limit them by repositories" : "");
}

static int check_url(const struct config *c, const char *name, const char *url, struct err *e)
{
    char where[512];
    bool good = !url || !strncmp(url, "http://", 7) || !strncmp(url, "https://", 8);
    for (const char *p = url ? url : ""; *p; p++)
        good &= (uint8_t)*p > ' ' && *p != 0x7F;
    return good ? 0
                : err_set(e, ERR_USAGE, 0, "%s: \"%.200s\" is not an http:// or https:// URL", as_typed(c, name, where),
                          url);
}

int settings_finish(struct settings *s, const struct config *config, struct err *e)
{
    struct stat st;
    char where[512];
    join(s);
    if (s->feeds_dir && (stat(s->feeds_dir, &st) || !S_ISDIR(st.st_mode)))
        return err_set(e, ERR_USAGE, 0, "%s: there is no folder %s", as_typed(config, "feeds", where), s->feeds_dir);
    if (check_url(config, "feeds-mirror", s->feeds_mirror, e) ||
        check_url(config, "schema-registry", s->schema_registry, e))
        return -1;
    struct registry_settings *r = s->registries.v;
    struct cluster_settings *c = s->clusters.v;
    for (size_t i = 0; i < s->registries.n; i++) {
        if (check_host(s, config, i, e))
            return -1;
        if (read_secret(r[i].password_file, &r[i].password, "password-file", e) ||
            read_secret(r[i].token_file, &r[i].token, "token-file", e))
            return err_wrap(e, "registry %s", r[i].host);
    }
    for (size_t i = 0; i < s->clusters.n; i++)
        if (!c[i].name || !c[i].pods)
            return err_set(e, ERR_USAGE, 0, "%s: cluster %zu needs a name and pods",
                           as_typed(config, i < s->cluster.n ? "cluster" : "clusters", where), i + 1);
    return 0;
}

void settings_defaults(struct settings *s)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (!s->state) {
        s->own_state = data && *data ? xasprintf("%s/careen", data)
                                     : xasprintf("%s/.local/share/careen", home && *home ? home : ".");
        s->state = s->own_state;
    }
    if (!s->bus)
        s->bus = s->own_bus = xasprintf("embedded:%s/bus", s->state);
}

void settings_done(struct settings *s)
{
    free(s->own_state);
    free(s->own_bus);
    s->own_state = s->own_bus = NULL;
    free(s->own_registries);
    free(s->own_clusters);
    s->own_registries = s->own_clusters = NULL;
    s->registries = s->clusters = (struct config_items){0};
}
