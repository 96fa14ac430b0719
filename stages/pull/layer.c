/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/layer.h"

#include "io/digest.h"
#include "packages/format.h"

#include <pthread.h>
#include <stdatomic.h>

#define SPARE_SIZE ((size_t)128 << 10)

struct layer_pull {
    struct sandbox_run *run;
    bool deaf; /* the child takes no more; bytes are only hashed */
    struct digest digest;
    uint8_t wanted[DIGEST_RAW];
    int64_t size, taken;
    uint8_t *reserved, *spare;
};

void layer_result_done(struct layer_result *r)
{
    buf_done(&r->evidence);
}

enum reason_code layer_reason(enum err_kind kind)
{
    return kind == ERR_REFUSED     ? REASON_LAYER_REFUSED
           : kind == ERR_NOT_FOUND ? REASON_LAYER_MISSING
           : kind == ERR_POISON    ? REASON_LAYER_BROKEN
                                   : REASON_LAYER_NOT_FETCHED;
}

static int by_name(const void *a, const void *b)
{
    return slice_cmp(((const struct collector_ref *)a)->name, ((const struct collector_ref *)b)->name);
}

bool layer_collectors(struct arena *arena, collector_ref_vec *ret_collectors)
{
    collector_ref_vec v = {0};
    for (const struct package_format *const *f = package_formats; *f; f++) {
        struct collector_ref *r = VEC_ADD(arena, &v);
        if (!r)
            return false;
        *r = (struct collector_ref){slice_str((*f)->name), (*f)->keeps_version};
    }
    qsort(v.v, v.n, sizeof *v.v, by_name);
    *ret_collectors = v;
    return true;
}

/* ---- one layer ---- */

static void send_links(struct layer_pull *p, struct slice links)
{
    uint8_t *to;
    size_t n;
    while (links.n && !p->deaf) {
        if (sandbox_reserve(p->run, &to, &n, NULL)) {
            p->deaf = true;
            return;
        }
        n = MIN(n, links.n);
        memcpy(to, links.p, n);
        links = slice_from(links, n);
        p->deaf = sandbox_send(p->run, n, NULL) != 0;
    }
}

int layer_begin(struct sandbox *sb, struct slice digest, int64_t size, struct slice media_type,
                const struct layer_limits *limits, struct layer_pull **ret_pull, struct err *e)
{
    struct layer_limits l = limits ? *limits : (struct layer_limits){0};
    uint8_t wanted[DIGEST_RAW];
    if (!digest_parse(digest, wanted))
        return err_set(e, ERR_POISON, 0, "layer digest \"%.*s\" is not \"sha256:\" and 64 hex digits",
                       SLICE_FMT(digest));
    struct buf argument = BUF_INIT(SANDBOX_ARGUMENT_MAX);
    struct sandbox_run *run;
    collect_argument(&argument, media_type, &l.collect);
    int r = sandbox_open(sb, l.main_index, buf_slice(&argument), &run, e);
    buf_done(&argument);
    if (r)
        return r;
    struct layer_pull *p = xcalloc(1, sizeof *p);
    p->run = run;
    p->size = size;
    memcpy(p->wanted, wanted, sizeof wanted);
    digest_init(&p->digest);
    send_links(p, l.collect.links);
    *ret_pull = p;
    return 0;
}

void layer_abort(struct layer_pull *p)
{
    if (!p)
        return;
    sandbox_abort(p->run);
    digest_done(&p->digest);
    free(p->spare);
    free(p);
}

int layer_reserve(struct layer_pull *p, uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    if (p->size >= 0 && p->taken > p->size)
        return err_set(e, ERR_RETRY, 0, "layer has more than the %" PRId64 " bytes that its manifest says", p->size);
    if (!p->deaf && sandbox_reserve(p->run, ret_p, ret_n, NULL) == 0) {
        p->reserved = *ret_p;
        return 0;
    }
    /* The child died or answered: layer_end asks it why. The digest is checked all the same. */
    p->deaf = true;
    if (!p->spare)
        p->spare = xmalloc(SPARE_SIZE);
    *ret_p = p->reserved = p->spare;
    *ret_n = SPARE_SIZE;
    return 0;
}

int layer_commit(struct layer_pull *p, size_t n, struct err *e)
{
    (void)e;
    digest_update(&p->digest, slice_of(p->reserved, n));
    p->taken += (int64_t)n;
    if (!p->deaf && sandbox_send(p->run, n, NULL))
        p->deaf = true;
    return 0;
}

int layer_feed(struct layer_pull *p, struct slice bytes, struct err *e)
{
    while (bytes.n) {
        uint8_t *to;
        size_t n;
        if (layer_reserve(p, &to, &n, e))
            return -1;
        n = MIN(n, bytes.n);
        memcpy(to, bytes.p, n);
        bytes = slice_from(bytes, n);
        if (layer_commit(p, n, e))
            return -1;
    }
    return 0;
}

static int check_identity(struct layer_pull *p, struct err *e)
{
    uint8_t raw[DIGEST_RAW];
    char is[DIGEST_TEXT_MAX], wanted[DIGEST_TEXT_MAX];
    digest_final(&p->digest, raw);
    if (p->size >= 0 && p->taken != p->size)
        return err_set(e, ERR_RETRY, 0, "layer has %" PRId64 " bytes, its manifest says %" PRId64, p->taken, p->size);
    if (memcmp(raw, p->wanted, sizeof raw) != 0)
        return err_set(e, ERR_RETRY, 0, "layer has digest %s, its manifest says %s", digest_format(raw, is),
                       digest_format(p->wanted, wanted));
    return 0;
}

static int no_room(struct err *e)
{
    return err_set(e, ERR_FATAL, 0, "layer: the arena is full");
}

static int child_failed(const struct err *why, struct arena *arena, struct layer_result *r, struct err *e)
{
    struct slice text = arena_slice(arena, slice_str(why->text));
    r->status = PULL_FAILED;
    return reasons_add(arena, &r->reasons, REASON_READER_FAILED, text) ? 0 : no_room(e);
}

/* Takes the child's answer apart. What it says is its own word on foreign bytes: it is checked, and copied. */
static int child_answered(struct buf *out, struct arena *arena, struct layer_result *r, struct err *e)
{
    struct collect_result c;
    struct err why = ERR_INIT;
    if (collect_result_read(buf_slice(out), arena, &c, &why))
        return child_failed(&why, arena, r, e);
    r->status = c.status;
    r->entries = (int64_t)c.entries;
    r->unpacked_size = (int64_t)c.unpacked;
    r->path_index = arena_slice(arena, c.path_index);
    r->links = arena_slice(arena, c.links);
    if (!reasons_copy_all(arena, &r->reasons, &c.reasons) || !r->path_index.p || (c.links.n && !r->links.p))
        return no_room(e);
    out->n = c.evidence.n;
    r->evidence = *out;
    *out = BUF_INIT(0);
    return 0;
}

int layer_end(struct layer_pull *p, struct arena *arena, struct layer_result *ret_result, struct err *e)
{
    struct layer_result r = {.size = p->taken, .passes = 1};
    struct err why = ERR_INIT;
    struct buf out = BUF_INIT(SIZE_MAX / 4);
    int status = 0, failed = check_identity(p, e);
    if (failed) {
        layer_abort(p);
        return failed;
    }
    failed = sandbox_finish(p->run, &out, &status, &why);
    p->run = NULL;
    if (failed && why.kind != ERR_POISON) {
        if (e)
            *e = why;
    } else {
        if (!failed && status)
            failed = err_set(&why, ERR_POISON, 0, "the collecting child ended with %d", status);
        failed = layer_collectors(arena, &r.collectors)
                     ? failed ? child_failed(&why, arena, &r, e) : child_answered(&out, arena, &r, e)
                     : no_room(e);
    }
    buf_done(&out);
    layer_abort(p);
    if (failed)
        return -1;
    *ret_result = r;
    return 0;
}

int layer_collect(struct sandbox *sb, layer_read read_, void *arg, struct slice digest, int64_t size,
                  struct slice media_type, const struct layer_limits *limits, struct arena *arena,
                  struct layer_result *ret_result, struct err *e)
{
    struct layer_pull *p;
    size_t got = 1;
    if (layer_begin(sb, digest, size, media_type, limits, &p, e))
        return -1;
    while (got) {
        uint8_t *to;
        size_t n;
        if (layer_reserve(p, &to, &n, e) || read_(arg, to, n, &got, e) || layer_commit(p, got, e)) {
            layer_abort(p);
            return -1;
        }
    }
    return layer_end(p, arena, ret_result, e);
}

static int read_fd(void *arg, uint8_t *to, size_t cap, size_t *ret_n, struct err *e)
{
    ssize_t n;
    while ((n = read(*(int *)arg, to, cap)) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return err_errno(e, ERR_RETRY, errno, "layer file");
    *ret_n = (size_t)n;
    return 0;
}

int layer_collect_file(struct sandbox *sb, int fd, struct slice digest, int64_t size, struct slice media_type,
                       const struct layer_limits *limits, struct arena *arena, struct layer_result *ret_result,
                       struct err *e)
{
    return layer_collect(sb, read_fd, &fd, digest, size, media_type, limits, arena, ret_result, e);
}

static int push_once(struct sandbox *sb, layer_push push, void *arg, struct slice digest, int64_t size,
                     struct slice media_type, const struct layer_limits *limits, struct arena *arena,
                     struct layer_result *ret_result, struct err *e)
{
    struct layer_pull *p;
    if (layer_begin(sb, digest, size, media_type, limits, &p, e))
        return -1;
    if (push(arg, p, e)) {
        layer_abort(p);
        return -1;
    }
    return layer_end(p, arena, ret_result, e);
}

int layer_collect_pushed(struct sandbox *sb, layer_push push, void *arg, struct slice digest, int64_t size,
                         struct slice media_type, const struct layer_limits *limits, struct arena *arena,
                         struct layer_result *ret_result, struct err *e)
{
    struct layer_limits l = limits ? *limits : (struct layer_limits){0};
    struct layer_result r;
    for (int32_t passes = 1;; passes++) {
        if (push_once(sb, push, arg, digest, size, media_type, &l, arena, &r, e))
            return -1;
        r.passes = passes;
        if (!r.links.n || passes == LAYER_PASSES_MAX)
            break;
        l.collect.links = r.links;
        layer_result_done(&r);
    }
    *ret_result = r;
    return 0;
}

/* ---- several ---- */

struct crew {
    struct sandbox *sb;
    struct layer_task **order;
    size_t n;
    atomic_size_t next;
};

static void *work(void *arg)
{
    struct crew *c = arg;
    size_t i;
    while ((i = atomic_fetch_add(&c->next, 1)) < c->n) {
        struct layer_task *t = c->order[i];
        t->error = ERR_INIT;
        t->failed = t->push ? layer_collect_pushed(c->sb, t->push, t->arg, t->digest, t->size, t->media_type, t->limits,
                                                   &t->arena, &t->result, &t->error)
                            : layer_collect(c->sb, t->read, t->arg, t->digest, t->size, t->media_type, t->limits,
                                            &t->arena, &t->result, &t->error);
        if (t->done)
            t->done(t->arg, t);
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    const struct layer_task *x = *(struct layer_task *const *)a, *y = *(struct layer_task *const *)b;
    return (x->size < y->size) - (x->size > y->size);
}

size_t layers_collect(struct sandbox *sb, struct layer_task *tasks, size_t n, unsigned parallel)
{
    struct crew c = {.sb = sb, .order = xcalloc(n, sizeof(struct layer_task *)), .n = n};
    size_t threads_n = 0, failed = 0, wanted = MIN((size_t)MAX(parallel, 1u), n);
    pthread_t *threads = xcalloc(wanted, sizeof *threads);
    for (size_t i = 0; i < n; i++)
        c.order[i] = &tasks[i];
    qsort(c.order, n, sizeof *c.order, by_size);
    /* The calling thread works too; a thread that can't be made is done without. */
    while (threads_n + 1 < wanted && pthread_create(&threads[threads_n], NULL, work, &c) == 0)
        threads_n++;
    work(&c);
    for (size_t i = 0; i < threads_n; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < n; i++)
        failed += tasks[i].failed != 0;
    free(threads);
    free(c.order);
    return failed;
}
