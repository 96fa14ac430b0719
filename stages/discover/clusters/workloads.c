/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/clusters/workloads.h"

#include "base/clock.h"
#include "io/text/json_tree.h"
#include "model/image/imageref.h"

#define MAX_VALUES ((size_t)30000000)
#define MAX_NAME   ((size_t)253) /* RFC 1123 subdomain, the longest name that Kubernetes gives */

struct node {
    struct slice name, platform;
};
typedef VEC(struct node) node_vec;

struct reading {
    struct arena *a;
    node_vec nodes; /* sorted by name */
    struct slice cluster;
    workload_vec *found;
    struct workloads_told *told;
};

/* The pod that containers are read of. */
struct pod {
    const json_t *spec;
    struct slice ns, owner_kind, owner, platform;
};

struct slice workload_digest(struct arena *a, struct slice image_id, bool *ret_named)
{
    ptrdiff_t at = slice_rfind(image_id, '@'), scheme = slice_find_slice(image_id, SLICE("://"));
    struct slice digest = slice_from(image_id, at >= 0 ? (size_t)at + 1 : scheme >= 0 ? (size_t)scheme + 3 : 0);
    *ret_named = at >= 0;
    if (at < 0 && digest.n == 64)
        digest = arena_printf(a, "sha256:%.*s", SLICE_FMT(digest));
    return imageref_digest_valid(digest) ? digest : SLICE_NONE;
}

static bool name_plausible(struct slice s)
{
    return s.n > 0 && s.n <= MAX_NAME && slice_is_text(s) && slice_find(s, '/') < 0 && slice_find(s, ',') < 0;
}

/* ---- owners ---- */

/* Cuts "-suffix" off *name. */
static bool cut_suffix(struct slice *name, struct slice suffix)
{
    if (!suffix.n || name->n < suffix.n + 2 || !slice_ends(*name, suffix) || name->p[name->n - suffix.n - 1] != '-')
        return false;
    name->n -= suffix.n + 1;
    return true;
}

/* CronJobs name their Jobs after the scheduled time since 1970: in minutes (8 digits until 2160), once in seconds. */
static bool cut_time(struct slice *name)
{
    ptrdiff_t dash = slice_rfind(*name, '-');
    struct slice number = slice_from(*name, (size_t)(dash + 1));
    uint64_t time;
    if (dash <= 0 || (number.n != 8 && number.n != 10) || !slice_parse_u64(number, &time))
        return false;
    name->n = (size_t)dash;
    return true;
}

static void find_owner(const json_t *meta, struct pod *pod)
{
    const json_t *owners = json_tree_array(meta, "ownerReferences"), *owner = json_array_get(owners, 0);
    for (size_t i = 0; i < json_array_size(owners); i++)
        if (json_is_true(json_object_get(json_array_get(owners, i), "controller")))
            owner = json_array_get(owners, i);
    pod->owner_kind = json_tree_view(owner, "kind");
    pod->owner = json_tree_view(owner, "name");
    if (!name_plausible(pod->owner) || !name_plausible(pod->owner_kind)) {
        pod->owner_kind = SLICE("Pod");
        pod->owner = json_tree_view(meta, "name");
    }
    struct slice hash = json_tree_view(json_tree_object(meta, "labels"), "pod-template-hash");
    if (slice_eq_str(pod->owner_kind, "ReplicaSet") && cut_suffix(&pod->owner, hash))
        pod->owner_kind = SLICE("Deployment");
    else if (slice_eq_str(pod->owner_kind, "Job") && cut_time(&pod->owner))
        pod->owner_kind = SLICE("CronJob");
}

/* ---- nodes and platforms ---- */

static bool word_plausible(struct slice s)
{
    return s.n > 0 && s.n <= 32 && slice_is_text(s) && slice_find(s, '/') < 0;
}

static struct slice platform_text(struct arena *a, struct slice os, struct slice architecture, struct slice build)
{
    if (!word_plausible(architecture))
        return SLICE_NONE;
    if (!word_plausible(os))
        os = SLICE("linux");
    bool with_build = slice_eq_str(os, "windows") && word_plausible(build);
    return arena_printf(a, "%.*s/%.*s%s%.*s", SLICE_FMT(os), SLICE_FMT(architecture), with_build ? "/" : "",
                        SLICE_FMT(with_build ? build : SLICE("")));
}

/* Both by their label and by the older one. */
static struct slice labelled(const json_t *labels, const char *key, const char *old)
{
    struct slice v = json_tree_view(labels, key);
    return v.n ? v : json_tree_view(labels, old);
}

static struct slice platform_of_labels(struct arena *a, const json_t *labels)
{
    return platform_text(a, labelled(labels, "kubernetes.io/os", "beta.kubernetes.io/os"),
                         labelled(labels, "kubernetes.io/arch", "beta.kubernetes.io/arch"),
                         json_tree_view(labels, "node.kubernetes.io/windows-build"));
}

static void read_node(struct reading *r, const json_t *item)
{
    const json_t *meta = json_tree_object(item, "metadata"), *labels = json_tree_object(meta, "labels"),
                 *info = json_tree_object(json_tree_object(item, "status"), "nodeInfo");
    struct slice name = json_tree_view(meta, "name");
    struct slice platform =
        platform_text(r->a, json_tree_view(info, "operatingSystem"), json_tree_view(info, "architecture"),
                      json_tree_view(labels, "node.kubernetes.io/windows-build"));
    if (!platform.n)
        platform = platform_of_labels(r->a, labels);
    if (!name_plausible(name) || !platform.n)
        return;
    struct node *n = VEC_ADD(r->a, &r->nodes);
    if (n)
        *n = (struct node){arena_slice(r->a, name), platform};
}

static int compare_nodes(const void *pa, const void *pb)
{
    const struct node *a = pa, *b = pb;
    return slice_cmp(a->name, b->name);
}

/* Items of no kind are those of a list of one kind. */
static void read_nodes(struct reading *r, const json_t *root, bool of_nodes)
{
    const json_t *items = json_tree_array(root, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        struct slice is = json_tree_view(item, "kind");
        if (of_nodes || slice_eq_str(is, "Node"))
            read_node(r, item);
    }
    if (r->nodes.n)
        qsort(r->nodes.v, r->nodes.n, sizeof *r->nodes.v, compare_nodes);
    r->told->nodes = r->nodes.n;
}

/* The node's own; else what the pod demands of its node. */
static struct slice find_platform(struct reading *r, const struct pod *pod)
{
    struct node key = {.name = json_tree_view(pod->spec, "nodeName")};
    const struct node *n =
        r->nodes.n && key.name.n ? bsearch(&key, r->nodes.v, r->nodes.n, sizeof key, compare_nodes) : NULL;
    return n ? n->platform : platform_of_labels(r->a, json_tree_object(pod->spec, "nodeSelector"));
}

/* ---- containers ---- */

/* As the pod asks for it: the status may hold another name of the same image. */
static struct slice asked_image(const struct pod *pod, const char *list, struct slice container)
{
    const json_t *specs = json_tree_array(pod->spec, list);
    for (size_t i = 0; i < json_array_size(specs); i++) {
        const json_t *c = json_array_get(specs, i);
        if (slice_eq(json_tree_view(c, "name"), container))
            return json_tree_view(c, "image");
    }
    return SLICE_NONE;
}

/*
 * By what the runtime says. No registry knows an image by its config's digest, so a digest that the pod pins goes
 * before that. /
 */
static struct slice running_digest(struct reading *r, const json_t *status, struct slice asked)
{
    struct slice places[] = {json_tree_view(status, "imageID"), asked, json_tree_view(status, "image")},
                 bare = SLICE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        bool named;
        struct slice digest = workload_digest(r->a, places[i], &named);
        if (digest.n && named)
            return digest;
        if (digest.n && !bare.n)
            bare = digest;
    }
    return bare;
}

static void read_container(struct reading *r, const struct pod *pod, const json_t *status, const char *specs)
{
    const json_t *running = json_tree_object(json_tree_object(status, "state"), "running");
    struct slice name = json_tree_view(status, "name"), image = asked_image(pod, specs, name);
    int64_t started = 0;
    if (!running)
        return;
    if (!name_plausible(name)) {
        r->told->malformed++;
        return;
    }
    struct slice digest = running_digest(r, status, image);
    if (!digest.n) {
        r->told->no_digest++;
        return;
    }
    if (!image.n)
        image = json_tree_view(status, "image");
    struct workload *w = VEC_ADD(r->a, r->found);
    if (!w)
        return; /* the arena tells */
    clock_parse(json_tree_view(running, "startedAt"), &started);
    *w = (struct workload){.digest = arena_slice(r->a, digest),
                           .cluster = r->cluster,
                           .ns = arena_slice(r->a, pod->ns),
                           .owner_kind = arena_slice(r->a, pod->owner_kind),
                           .owner = arena_slice(r->a, pod->owner),
                           .container = arena_slice(r->a, name),
                           .image = arena_slice(r->a, slice_sub(image, 0, 512)),
                           .running = 1,
                           .started_ms = started,
                           .platform = pod->platform};
    r->told->running++;
}

static void read_pod(struct reading *r, const json_t *item)
{
    static const char *const lists[][2] = {{"containerStatuses", "containers"},
                                           {"initContainerStatuses", "initContainers"},
                                           {"ephemeralContainerStatuses", "ephemeralContainers"}};
    const json_t *meta = json_tree_object(item, "metadata"), *status = json_tree_object(item, "status");
    struct pod pod = {.spec = json_tree_object(item, "spec"), .ns = json_tree_view(meta, "namespace")};
    r->told->pods++;
    find_owner(meta, &pod);
    if (!name_plausible(pod.ns) || !name_plausible(pod.owner)) {
        r->told->malformed++;
        return;
    }
    pod.platform = find_platform(r, &pod);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json_t *statuses = json_tree_array(status, lists[i][0]);
        for (size_t k = 0; k < json_array_size(statuses); k++)
            read_container(r, &pod, json_array_get(statuses, k), lists[i][1]);
    }
}

/* ---- one row a workload ---- */

static int compare(const void *pa, const void *pb)
{
    const struct workload *a = pa, *b = pb;
    int c = slice_cmp(a->digest, b->digest);
    c = c ? c : slice_cmp(a->ns, b->ns);
    c = c ? c : slice_cmp(a->owner, b->owner);
    return c ? c : slice_cmp(a->container, b->container);
}

static int compare_platforms(const void *pa, const void *pb)
{
    const struct workload *a = pa, *b = pb;
    int c = compare(a, b);
    return c ? c : slice_cmp(a->platform, b->platform);
}

/* The last keys of the order make equal truth give equal bytes, in whatever order it came. */
static int compare_whole(const void *pa, const void *pb)
{
    const struct workload *a = pa, *b = pb;
    int c = compare_platforms(pa, pb);
    c = c ? c : slice_cmp(a->reported, b->reported);
    c = c ? c : slice_cmp(a->owner_kind, b->owner_kind);
    c = c ? c : slice_cmp(a->image, b->image);
    return c ? c : (a->started_ms > b->started_ms) - (a->started_ms < b->started_ms);
}

void workloads_join(workload_vec *v, enum workloads_joined which)
{
    int (*same)(const void *, const void *) = which == WORKLOADS_BY_PLATFORM ? compare_platforms : compare;
    size_t n = 0;
    if (v->n)
        qsort(v->v, v->n, sizeof *v->v, compare_whole);
    for (size_t i = 0; i < v->n; i++) {
        struct workload *last = n ? &v->v[n - 1] : NULL, *w = &v->v[i];
        if (!last || same(last, w)) {
            v->v[n++] = *w;
            continue;
        }
        last->running += w->running;
        last->platform_assumed &= w->platform_assumed;
        if (w->started_ms && (!last->started_ms || w->started_ms < last->started_ms))
            last->started_ms = w->started_ms;
    }
    v->n = n;
}

static int load(struct slice body, json_t **ret_root, struct err *e)
{
    if (json_tree_read(body, WORKLOADS_MAX_BYTES, MAX_VALUES, ret_root, e))
        return -1;
    struct slice kind = json_tree_view(*ret_root, "kind");
    if (!json_tree_array(*ret_root, "items") || (!slice_eq_str(kind, "List") && !slice_eq_str(kind, "PodList")))
        return err_set(e, ERR_POISON, 0, "no list of pods");
    if (json_tree_view(json_tree_object(*ret_root, "metadata"), "continue").n)
        return err_set(e, ERR_POISON, 0, "only one page of the list");
    return 0;
}

int workloads_parse(struct arena *a, struct slice body, struct slice nodes, struct slice cluster,
                    workload_vec *ret_workloads, struct workloads_told *ret_told, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL, *node_root ATTR_CLEANUP(cleanup_json) = NULL;
    workload_vec found = {0};
    struct workloads_told told = {0};
    struct reading r = {.a = a, .cluster = arena_slice(a, cluster), .found = &found, .told = &told};
    if (load(body, &root, e))
        return err_wrap(e, "pods of cluster %.*s", SLICE_FMT(cluster));
    if (nodes.n && !json_tree_read(nodes, WORKLOADS_MAX_BYTES, MAX_VALUES, &node_root, NULL))
        read_nodes(&r, node_root, true);
    else
        read_nodes(&r, root, false);
    const json_t *items = json_tree_array(root, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        struct slice is = json_tree_view(item, "kind"); /* PodList leaves it out */
        if (!is.n || slice_eq_str(is, "Pod"))
            read_pod(&r, item);
    }
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "pods of cluster %.*s: more than the %zu bytes allowed", SLICE_FMT(cluster),
                       a->max);
    workloads_join(&found, WORKLOADS_BY_PLATFORM);
    *ret_workloads = found;
    *ret_told = told;
    return 0;
}
