/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/up/registry_trouble.h"

#include <fcntl.h>

#include "io/text/json_tree.h"
#include "stage/registries.h"

#define LINE_MAX_BYTES  65536
#define LINE_VALUES_MAX 1000

enum listing { LISTING_UNKNOWN, LISTING_WELL, LISTING_FAILING };

struct listed {
    enum listing is;
    char why[400];
};

struct registry_trouble {
    char *path;
    const struct settings *settings;
    struct listed *listed, *clusters; /* of settings->registries; of settings->clusters */
    off_t at;
    struct buf line;
    bool too_long;
};

struct registry_trouble *registry_trouble_open(const char *log, const struct settings *settings)
{
    struct registry_trouble *t = xcalloc(1, sizeof *t);
    int fd ATTR_CLEANUP(cleanup_close) = open(log, O_RDONLY | O_CLOEXEC);
    t->path = xstrdup(log);
    t->settings = settings;
    t->listed = xcalloc(MAX(settings->registries.n, (size_t)1), sizeof *t->listed);
    t->clusters = xcalloc(MAX(settings->clusters.n, (size_t)1), sizeof *t->clusters);
    t->line = BUF_INIT(LINE_MAX_BYTES);
    if (fd >= 0)
        t->at = MAX(lseek(fd, 0, SEEK_END), (off_t)0);
    return t;
}

void registry_trouble_close(struct registry_trouble *t)
{
    if (!t)
        return;
    free(t->path);
    free(t->listed);
    free(t->clusters);
    buf_done(&t->line);
    free(t);
}

static struct listed *find(const struct registry_trouble *t, struct slice host)
{
    const struct registry_settings *all = t->settings->registries.v;
    for (size_t i = 0; i < t->settings->registries.n; i++)
        if (slice_eq(registry_settings_name(&all[i]), host))
            return &t->listed[i];
    return NULL;
}

static struct listed *find_cluster(const struct registry_trouble *t, struct slice name)
{
    const struct cluster_settings *all = t->settings->clusters.v;
    for (size_t i = 0; i < t->settings->clusters.n; i++)
        if (slice_eq_str(name, all[i].name))
            return &t->clusters[i];
    return NULL;
}

static void take_line(struct registry_trouble *t, void (*tell)(void *arg, struct slice line), void *arg)
{
    json_t *j ATTR_CLEANUP(cleanup_json) = NULL;
    json_tree_read(buf_slice(&t->line), t->line.n, LINE_VALUES_MAX, &j, NULL);
    const char *host = json_string_value(json_object_get(j, "registry")),
               *cluster = json_string_value(json_object_get(j, "cluster")),
               *listing = json_string_value(json_object_get(j, "listing")),
               *reason = json_string_value(json_object_get(j, "reason"));
    struct listed *l = !listing  ? NULL
                       : host    ? find(t, slice_str(host))
                       : cluster ? find_cluster(t, slice_str(cluster))
                                 : NULL;
    const char *what = host ? "" : "the pods of cluster ", *name = host ? host : cluster,
               *verb = host ? "listed" : "read";
    struct buf line = BUF_INIT(4096);
    if (l && strcmp(listing, "failing") == 0) {
        if (l->is != LISTING_FAILING || strncmp(l->why, reason ? reason : "", sizeof l->why - 1) != 0)
            buf_addf(&line, "%s%s can't be %s: %s", what, name, verb, reason ? reason : "no reason is known");
        l->is = LISTING_FAILING;
        snprintf(l->why, sizeof l->why, "%s", reason ? reason : "");
    } else if (l) {
        if (l->is == LISTING_FAILING)
            buf_addf(&line, "%s%s can be %s again", what, name, verb);
        l->is = LISTING_WELL;
    }
    if (line.n)
        tell(arg, buf_slice(&line));
    buf_done(&line);
}

static void take_bytes(struct registry_trouble *t, struct slice bytes, void (*tell)(void *arg, struct slice line),
                       void *arg)
{
    while (bytes.n) {
        ptrdiff_t end = slice_find(bytes, '\n');
        t->too_long |= buf_add_slice(&t->line, slice_sub(bytes, 0, end < 0 ? bytes.n : (size_t)end)) != 0;
        if (end < 0)
            return;
        if (!t->too_long)
            take_line(t, tell, arg);
        buf_clear(&t->line);
        t->too_long = false;
        bytes = slice_from(bytes, (size_t)end + 1);
    }
}

void registry_trouble_poll(struct registry_trouble *t, void (*tell)(void *arg, struct slice line), void *arg)
{
    int fd ATTR_CLEANUP(cleanup_close) = open(t->path, O_RDONLY | O_CLOEXEC);
    uint8_t bytes[16384];
    ssize_t n;
    if (fd < 0)
        return;
    if (lseek(fd, 0, SEEK_END) < t->at)
        t->at = 0; /* another file stands there now */
    for (int i = 0; i < 64 && (n = pread(fd, bytes, sizeof bytes, t->at)) > 0; i++) {
        t->at += n;
        take_bytes(t, slice_of(bytes, (size_t)n), tell, arg);
    }
}

size_t registry_trouble_waiting(const struct registry_trouble *t)
{
    const struct registry_settings *all = t->settings->registries.v;
    size_t n = 0;
    /* One that is named twice has its state at the first place. */
    for (size_t i = 0; i < t->settings->registries.n; i++)
        n += t->listed[i].is == LISTING_UNKNOWN && find(t, registry_settings_name(&all[i])) == &t->listed[i];
    const struct cluster_settings *clusters = t->settings->clusters.v;
    for (size_t i = 0; i < t->settings->clusters.n; i++)
        n += t->clusters[i].is == LISTING_UNKNOWN && find_cluster(t, slice_str(clusters[i].name)) == &t->clusters[i];
    return n;
}

size_t registry_trouble_failing(const struct registry_trouble *t, struct buf *out)
{
    const struct registry_settings *all = t->settings->registries.v;
    size_t n = 0;
    for (size_t i = 0; i < t->settings->registries.n; i++) {
        if (t->listed[i].is != LISTING_FAILING)
            continue;
        buf_addf(out, "%s%.*s: %s", n++ ? "; " : "", SLICE_FMT(registry_settings_name(&all[i])), t->listed[i].why);
    }
    return n;
}

size_t registry_trouble_clusters(const struct registry_trouble *t, struct buf *out)
{
    const struct cluster_settings *all = t->settings->clusters.v;
    size_t n = 0;
    for (size_t i = 0; i < t->settings->clusters.n; i++)
        if (t->clusters[i].is == LISTING_FAILING)
            buf_addf(out, "%s%s: %s", n++ ? "; " : "", all[i].name, t->clusters[i].why);
    return n;
}
