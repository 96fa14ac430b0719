/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/scan/gather.h"

#include "careen/scan/layer_cache.h"
#include "inventory/assemble/assemble.h"
#include "packages/parse.h"
#include "inventory/parsed.h"
#include "images/image_source.h"
#include "pull/layer.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define LAYERS_MAX     ((size_t)2000)
#define PARALLEL_MAX   4
#define LAYER_ARENA    ((size_t)256 << 20)
#define PARSED_BUF_MAX ((size_t)128 << 20)

/* One distinct layer that has to be read. */
struct fresh {
    struct gathering *g;
    const struct layer_ref *ref;
    struct arena arena; /* of what is kept: the decoded arrays, the reasons */
    struct buf bytes;   /* what the decoded layer's slices point into */
    struct layer_packages parsed;
    struct err error;
    bool failed, shown;
    bool given_up; /* it failed, since another layer had */
    int bar;
};

struct gathering {
    const struct gather_options *o;
    const struct image_kind *kind;
    struct arena *arena;
    struct gathered *out;
    struct sandbox *sandbox;
    struct layer_cache *cache;
    struct image_source *source; /* the first one; its files are asked for under the lock */
    struct layer_packages *layers;
    struct fresh *fresh;
    size_t fresh_n;
    size_t *fresh_of; /* layer -> index in fresh, SIZE_MAX: remembered */
    pthread_mutex_t lock;
    struct image_source *spare[PARALLEL_MAX]; /* registries: one connection a worker */
    size_t spare_n;
    atomic_bool stop;
};

int gather_sandbox(struct sandbox **ret_sandbox, struct err *e)
{
    static const sandbox_main mains[] = {
        [GATHER_COLLECT] = collect_main, [GATHER_PARSE] = parsed_child, [GATHER_LIST] = gather_list_child};
    static const struct sandbox_limits limits = {
        .memory = (size_t)1 << 30, .cpu_seconds = 600, .output = (size_t)256 << 20};
    return sandbox_start(mains, ARRAY_LEN(mains), &limits, ret_sandbox, e);
}

/* ---- what is remembered ---- */

static void cache_trouble(struct gathering *g, const struct err *e)
{
    if (!g->out->cache_trouble.p)
        g->out->cache_trouble = arena_slice(g->arena, slice_str(e->text));
    layer_cache_close(g->cache);
    g->cache = NULL;
}

static void cache_open(struct gathering *g)
{
    struct err why = ERR_INIT;
    if (g->o->layers_dir && !g->cache && !g->out->cache_trouble.p &&
        layer_cache_open(g->o->layers_dir, 0, &g->cache, &why))
        cache_trouble(g, &why);
}

static void remember(struct gathering *g)
{
    struct err why = ERR_INIT;
    if (g->cache && layer_cache_flush(g->cache, &why))
        cache_trouble(g, &why);
}

static bool remembered(struct gathering *g, const struct layer_ref *ref, struct layer_packages *ret)
{
    struct err why = ERR_INIT;
    int r = g->cache ? layer_cache_get(g->cache, ref->digest, g->arena, ret, &why) : 0;
    if (r < 0)
        cache_trouble(g, &why);
    return r == 1;
}

/* ---- one layer: its bytes ---- */

static bool stopped(struct fresh *f, struct err *e)
{
    if (!atomic_load(&f->g->stop))
        return false;
    f->given_up = true;
    err_set(e, ERR_RETRY, 0, "given up, since another layer can't be had");
    return true;
}

static void show(struct fresh *f, int64_t done)
{
    if (f->g->o->progress)
        text_progress_set(f->g->o->progress, f->bar, done, MAX(f->ref->size, 0));
}

static int push_file(struct fresh *f, const struct source_file *file, struct layer_pull *p, struct err *e)
{
    for (int64_t at = 0; at < file->size;) {
        uint8_t *to;
        size_t n;
        if (stopped(f, e) || layer_reserve(p, &to, &n, e))
            return -1;
        ssize_t got = pread(file->fd, to, MIN(n, (size_t)(file->size - at)), file->offset + at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, ERR_RETRY, errno, "its file can't be read");
        if (got == 0)
            break; /* shorter than it was: size and digest tell */
        if (layer_commit(p, (size_t)got, e))
            return -1;
        at += got;
        show(f, at);
    }
    return 0;
}

struct stream {
    struct fresh *f;
    struct layer_pull *p;
    int64_t done;
};

static int stream_sink(void *arg, struct slice bytes, struct err *e)
{
    struct stream *s = arg;
    s->done += (int64_t)bytes.n;
    show(s->f, s->done);
    return stopped(s->f, e) ? -1 : layer_feed(s->p, bytes, e);
}

static int source_take(struct gathering *g, struct image_source **ret_source, struct err *e)
{
    pthread_mutex_lock(&g->lock);
    struct image_source *s = g->spare_n ? g->spare[--g->spare_n] : NULL;
    pthread_mutex_unlock(&g->lock);
    if (!s)
        return image_source_open(g->o->kinds, &g->o->ref, &g->o->registry, ret_source, e);
    *ret_source = s;
    return 0;
}

static void source_give(struct gathering *g, struct image_source *s)
{
    pthread_mutex_lock(&g->lock);
    if (g->spare_n < PARALLEL_MAX) {
        g->spare[g->spare_n++] = s;
        s = NULL;
    }
    pthread_mutex_unlock(&g->lock);
    image_source_close(s);
}

static int push(void *arg, struct layer_pull *p, struct err *e)
{
    struct fresh *f = arg;
    struct gathering *g = f->g;
    struct source_file file = {.fd = -1};
    if (g->o->progress && !f->shown) {
        char name[32];
        f->shown = true;
        snprintf(name, sizeof name, "layer %.12s", (const char *)slice_from(f->ref->digest, 7).p);
        f->bar = text_progress_begin(g->o->progress, name, MAX(f->ref->size, 0), TEXT_BYTES);
    }
    if (g->kind->remote) {
        struct image_source *s;
        struct stream stream = {f, p, 0};
        if (source_take(g, &s, e))
            return -1;
        int rc = image_source_layer(s, f->ref, stream_sink, &stream, e);
        source_give(g, s);
        return rc;
    }
    pthread_mutex_lock(&g->lock);
    int r = image_source_file(g->source, f->ref, &file, e);
    pthread_mutex_unlock(&g->lock);
    if (r != 1)
        return r ? -1 : err_set(e, ERR_POISON, 0, "its file is not there");
    r = push_file(f, &file, p, e);
    close(file.fd);
    return r;
}

/* ---- one layer: what it says ---- */

static int parse(struct fresh *f, struct layer_result *r)
{
    struct layer_packages *lp = &f->parsed;
    *lp = (struct layer_packages){.parser_version = parser_version(), .status = PULL_FAILED, .final = true};
    if (r->evidence.n && parsed_run(f->g->sandbox, GATHER_PARSE, buf_slice(&r->evidence), f->ref->digest, &f->arena,
                                    &f->bytes, lp, &f->error))
        return -1;
    lp->layer_digest = f->ref->digest;
    lp->status = MAX(lp->status, r->status);
    for (size_t i = 0; i < r->reasons.texts.n; i++) {
        struct reason one = reasons_at(&r->reasons, i);
        if (!reasons_has_text(&lp->reasons, one.text))
            reasons_add(&f->arena, &lp->reasons, reason_code(one), arena_slice(&f->arena, one.text));
    }
    return f->arena.overflow ? err_set(&f->error, ERR_POISON, 0, "it says more than %zu bytes", LAYER_ARENA) : 0;
}

static void done(void *arg, struct layer_task *t)
{
    struct fresh *f = arg;
    struct gathering *g = f->g;
    bool foreign = t->failed && t->error.kind == ERR_NOT_FOUND && media_type_foreign(f->ref->media_type);
    f->failed = t->failed != 0 && !foreign;
    if (foreign)
        f->parsed = (struct layer_packages){
            .parser_version = parser_version(), .layer_digest = f->ref->digest, .status = PULL_FOREIGN, .final = true};
    else if (f->failed)
        f->error = t->error;
    else
        f->failed = parse(f, &t->result) != 0;
    layer_result_done(&t->result);
    arena_done(&t->arena);
    if (f->failed)
        atomic_store(&g->stop, true);
    pthread_mutex_lock(&g->lock);
    if (!f->failed && g->cache)
        layer_cache_put(g->cache, f->ref->digest, &f->parsed);
    pthread_mutex_unlock(&g->lock);
    if (g->o->progress)
        text_progress_end(g->o->progress, f->bar, f->failed ? "failed" : pull_status_names[f->parsed.status]);
}

/* ---- all layers ---- */

static unsigned cores(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) ? 2 : CPU_COUNT(&set);
    return (unsigned)MIN(MAX(n, 2), PARALLEL_MAX);
}

/* The first one in the image's order that is not the consequence of another one's. */
static int first_failure(struct gathering *g, struct err *e)
{
    const struct fresh *first = NULL;
    for (size_t i = 0; i < g->fresh_n; i++)
        if (g->fresh[i].failed && (!first || first->given_up))
            first = &g->fresh[i];
    *e = first->error;
    return err_wrap(e, "layer %.*s", SLICE_FMT(first->ref->digest));
}

static int read_fresh(struct gathering *g, struct err *e)
{
    struct layer_limits limits = {.main_index = GATHER_COLLECT};
    struct layer_task *tasks ATTR_CLEANUP(cleanup_free) = xcalloc(g->fresh_n, sizeof *tasks);
    size_t failed = 0;
    for (size_t i = 0; i < g->fresh_n; i++) {
        const struct layer_ref *ref = g->fresh[i].ref;
        tasks[i] = (struct layer_task){.push = push,
                                       .done = done,
                                       .arg = &g->fresh[i],
                                       .digest = ref->digest,
                                       .media_type = ref->media_type,
                                       .size = ref->size,
                                       .limits = &limits,
                                       .arena = ARENA_INIT(LAYER_ARENA)};
    }
    layers_collect(g->sandbox, tasks, g->fresh_n, cores());
    remember(g);
    for (size_t i = 0; i < g->fresh_n; i++)
        failed += g->fresh[i].failed;
    return failed ? first_failure(g, e) : 0;
}

static void sort_out(struct gathering *g, const layer_ref_vec *refs)
{
    for (size_t i = 0; i < refs->n; i++) {
        size_t k = 0;
        if (remembered(g, &refs->v[i], &g->layers[i])) {
            g->fresh_of[i] = SIZE_MAX;
            g->out->remembered++;
            continue;
        }
        while (k < g->fresh_n && !slice_eq(g->fresh[k].ref->digest, refs->v[i].digest))
            k++;
        if (k == g->fresh_n)
            g->fresh[g->fresh_n++] = (struct fresh){
                .g = g, .ref = &refs->v[i], .arena = ARENA_INIT(LAYER_ARENA), .bytes = BUF_INIT(PARSED_BUF_MAX)};
        g->fresh_of[i] = k;
    }
}

static int layers_of(struct gathering *g, const layer_ref_vec *refs, struct err *e)
{
    cache_open(g);
    sort_out(g, refs);
    if (!g->fresh_n)
        return 0;
    if (!g->sandbox) {
        /* No child may inherit the store's maps: they are shared memory. */
        remember(g);
        layer_cache_close(g->cache);
        g->cache = NULL;
        if (gather_sandbox(&g->sandbox, e))
            return -1;
        cache_open(g);
    }
    if (read_fresh(g, e))
        return -1;
    for (size_t i = 0; i < refs->n; i++)
        if (g->fresh_of[i] != SIZE_MAX)
            g->layers[i] = g->fresh[g->fresh_of[i]].parsed;
    return 0;
}

static int image_of(struct gathering *g, struct err *e)
{
    struct image *image = &g->out->image;
    const struct platform *want = g->o->platform.os.n ? &g->o->platform : NULL;
    if (image_source_open(g->o->kinds, &g->o->ref, &g->o->registry, &g->source, e))
        return -1;
    /* Before the HTTP client may start a thread; for files only once something has to be read. */
    if ((g->kind->remote && gather_sandbox(&g->sandbox, e)) || image_source_image(g->source, g->arena, want, image, e))
        return -1;
    if (image->status != IMAGE_OK)
        return err_set(e, ERR_POISON, 0, "%s%.*s", image->status == IMAGE_UNSUPPORTED ? "" : "it can't be assessed: ",
                       SLICE_FMT(image->reason.text));
    if (image->layers.n > LAYERS_MAX)
        return err_set(e, ERR_POISON, 0, "it has %zu layers, more than %zu", image->layers.n, LAYERS_MAX);
    return 0;
}

/* Slices of what was read live in buffers of the gathering: the inventory must not point there. */
static void keep(struct arena *a, struct slice *s)
{
    if (s->p)
        *s = arena_slice(a, *s);
}

static void keep_inventory(struct arena *a, struct inventory *v)
{
    struct os_info *os = &v->os;
    struct slice *of_os[] = {&os->id,      &os->version_id, &os->codename,   &os->name,
                             &os->id_like, &os->ecosystem,  &os->end_of_life};
    for (size_t i = 0; i < ARRAY_LEN(of_os); i++)
        keep(a, of_os[i]);
    for (size_t i = 0; i < os->products.n; i++)
        keep(a, &os->products.v[i]);
    struct reasons reasons = {0}, notes = {0};
    reasons_copy_all(a, &reasons, &v->reasons);
    reasons_copy_all(a, &notes, &v->notes);
    v->reasons = reasons;
    v->notes = notes;
    for (size_t i = 0; i < v->unread.n; i++) {
        keep(a, &v->unread.v[i].kind);
        for (size_t k = 0; k < v->unread.v[i].examples.n; k++)
            keep(a, &v->unread.v[i].examples.v[k]);
    }
    for (size_t i = 0; i < v->packages.n; i++) {
        for (size_t k = 0; k < PACKAGE_TEXTS; k++)
            keep(a, package_text(&v->packages.v[i], k));
    }
}

static int assemble(struct gathering *g, struct err *e)
{
    const struct image *image = &g->out->image;
    struct inventory *inventory = &g->out->inventory;
    if (assemble_image(image, g->layers, image->layers.n, g->arena, inventory, e))
        return -1;
    keep_inventory(g->arena, inventory);
    if (g->arena->overflow)
        return err_set(e, ERR_POISON, 0, "it says more than %zu bytes", g->arena->max);
    if (inventory->status != INVENTORY_FAILED)
        return 0;
    return err_set(e, ERR_POISON, 0, "no layer of it could be read: %.*s",
                   SLICE_FMT(inventory->reasons.texts.n ? inventory->reasons.texts.v[0] : SLICE("no reason is known")));
}

static void gathering_done(struct gathering *g)
{
    for (size_t i = 0; i < g->fresh_n; i++) {
        arena_done(&g->fresh[i].arena);
        buf_done(&g->fresh[i].bytes);
    }
    for (size_t i = 0; i < g->spare_n; i++)
        image_source_close(g->spare[i]);
    free(g->fresh);
    free(g->fresh_of);
    free(g->layers);
    image_source_close(g->source);
    layer_cache_close(g->cache);
    sandbox_stop(g->sandbox);
    pthread_mutex_destroy(&g->lock);
}

int gather(const struct gather_options *o, struct arena *arena, struct gathered *ret, struct err *e)
{
    struct gathered out = {0};
    struct gathering g = {.o = o, .kind = image_kind_of(o->kinds, &o->ref), .arena = arena, .out = &out};
    if (g.kind && g.kind->list) {
        if (gather_list(g.kind, o->ref.path, arena, &out.inventory, e))
            return -1;
        *ret = out;
        return 0;
    }
    pthread_mutex_init(&g.lock, NULL);
    int rc = image_of(&g, e);
    if (!rc) {
        size_t n = out.layers = out.image.layers.n;
        g.layers = xcalloc(n + 1, sizeof *g.layers);
        g.fresh = xcalloc(n + 1, sizeof *g.fresh);
        g.fresh_of = xcalloc(n + 1, sizeof *g.fresh_of);
        rc = layers_of(&g, &out.image.layers, e) || assemble(&g, e) ? -1 : 0;
    }
    if (!rc)
        remember(&g);
    gathering_done(&g);
    if (rc)
        return -1;
    *ret = out;
    return 0;
}
