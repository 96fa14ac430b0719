/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repository.c: two jobs on one repository. A push reads just what was pushed, so that it is assessed at once;
 * a listing reads every tag and asks for every digest that no tag names, and is what deletes.
 */
#include "discover/discover_internal.h"

#include "base/crashpoint.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "discover/walk/resolve.h"
#include "model/image/imageref.h"
#include "model/image/manifest.h"

#define JOB_ARENA    ((size_t)512 << 20)
#define FAILURES_MAX 8     /* tags one after the other that can't be read: then it is the registry that can't */
#define PARTIAL_MAX  10000 /* tags that are read although the list of them is not whole */
#define TOLD_MAX     5     /* tags of a listing whose failure gets a line of its own */

/* A registry may tell of a push before it writes the tag (Distribution does): a tag that a fresh push named and that is
 * not there is asked for again a few times, and once more by a listing later. */
#define FRESH_MS     15000
#define TAG_TRIES    4
#define TAG_WAIT_MS  75
#define TAG_LATER_MS 2000

struct repository_job {
    struct arena arena;
    struct registries *registries;
    struct slice registry, repository, name;
    image_vec known;
    struct repository_now now;
    /* of a push */
    bool push;
    struct slice digest;
    slice_vec tags;
    int64_t pushed_ms;
    bool tag_missing; /* one that a fresh push named */
    /* of a listing */
    struct registry_listed listed;
    size_t impossible, hopeless; /* names that no tag can have; tags that can't be read for good */
    int rc;                      /* -1: error tells why it is to be done again; what now holds is true all the same */
    struct err error;
};

void discover_repository_discard(void *data)
{
    struct repository_job *j = data;
    arena_done(&j->arena);
    free(j);
}

/* A job for the repository behind a hash; 0 when its name or its registry is not known any more. */
static int job_new(struct step *s, struct slice name_hash, struct repository_job **ret, struct err *e)
{
    struct discover_process *p = s->stage;
    struct slice names, registry;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_NAMES), name_hash, &names, e);
    if (got <= 0)
        return got;
    if (!slice_take_token(&names, 0, &registry) || !discover_is_watched(discover_registry_of(p, registry), names))
        return 0;
    struct repository_job *j = xcalloc(1, sizeof *j);
    j->arena = ARENA_INIT(JOB_ARENA);
    j->registries = p->registries;
    j->registry = arena_slice(&j->arena, registry);
    j->repository = arena_slice(&j->arena, names);
    j->name = discover_full_name(&j->arena, registry, names);
    if (discover_known_images(s, j->name, &j->arena, &j->known, e)) {
        discover_repository_discard(j);
        return -1;
    }
    *ret = j;
    return 1;
}

static void add_tag(struct repository_job *j, struct slice tag, struct slice root)
{
    struct tag_now *t = VEC_ADD(&j->arena, &j->now.tags);
    if (t)
        *t = (struct tag_now){arena_slice(&j->arena, tag), arena_slice(&j->arena, root)};
}

static void add_gone(struct repository_job *j, struct slice digest)
{
    for (size_t i = 0; i < j->now.gone.n; i++)
        if (slice_eq(j->now.gone.v[i], digest))
            return;
    slice_vec_add(&j->arena, &j->now.gone, digest);
}

static bool resolved_already(const struct repository_job *j, struct slice root)
{
    for (size_t i = 0; i < j->now.resolved.n; i++) {
        const struct resolved *r = &j->now.resolved.v[i];
        if (slice_eq(r->root, root))
            return true;
        for (size_t k = 0; k < r->images.n; k++)
            if (slice_eq(r->images.v[k].digest, root))
                return true;
    }
    return false;
}

static bool known_well(const image_vec *known, struct slice root)
{
    if (!plan_knows(known, root))
        return false;
    for (size_t i = 0; i < known->n; i++)
        if ((slice_eq(known->v[i].digest, root) && known->v[i].status == IMAGE_UNREADABLE) ||
            (plan_names(&known->v[i], root) && manifest_reads_anew(&known->v[i])))
            return false;
    return true;
}

static int resolve(struct repository_job *j, struct registry *r, struct slice root, struct err *e)
{
    if (known_well(&j->known, root) || resolved_already(j, root))
        return 0;
    struct resolved out;
    if (resolve_reference(r, j->registry, j->repository, root, &j->arena, &out, e))
        return -1;
    struct resolved *to = VEC_ADD(&j->arena, &j->now.resolved);
    if (to)
        *to = out;
    return 0;
}

/* ---- a push ---- */

/* subject: hash128 of the name, digest. The facts of the push are rows of TABLE_PUSHES under it. */
int discover_push_prepare(struct step *s, struct slice subject, void **ret_data, struct err *e)
{
    struct repository_job *j;
    struct store_iter it;
    struct slice key, value;
    int got = job_new(s, slice_sub(subject, 0, 16), &j, e);
    if (got <= 0)
        return got;
    j->push = true;
    j->digest = arena_slice(&j->arena, slice_from(subject, 16));
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_PUSHES), subject, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct slice tag = slice_from(key, subject.n + 1);
        if (value.n == 8)
            j->pushed_ms = MAX(j->pushed_ms, (int64_t)key_get_u64(value.p));
        if (tag.n)
            slice_vec_add(&j->arena, &j->tags, arena_slice(&j->arena, tag));
    }
    store_iter_done(&it);
    if (got < 0) {
        discover_repository_discard(j);
        return -1;
    }
    *ret_data = j;
    return 1;
}

/* A tag may have moved on since: the event only says which one to ask for. */
static int ask_tag(struct repository_job *j, struct registry *r, struct slice tag, struct slice *ret_root,
                   struct err *e)
{
    struct registry_manifest head = {0};
    if (registry_head(r, j->repository, tag, &head, e)) {
        registry_manifest_done(&head);
        return -1;
    }
    *ret_root = arena_slice(&j->arena, slice_str(head.digest));
    registry_manifest_done(&head);
    if (!ret_root->n)
        return err_set(e, ERR_POISON, 0, "%.*s:%.*s: the registry does not say its digest", SLICE_FMT(j->name),
                       SLICE_FMT(tag));
    return 0;
}

static bool is_fresh(const struct repository_job *j)
{
    int64_t age = clock_wall_ms() - j->pushed_ms;
    return age > -FRESH_MS && age < FRESH_MS;
}

static int ask_pushed_tag(struct repository_job *j, struct registry *r, struct slice tag, struct slice *ret_root,
                          struct err *e)
{
    for (int tries = 1;; tries++) {
        struct err mine = ERR_INIT;
        if (!ask_tag(j, r, tag, ret_root, &mine))
            return 0;
        if (mine.kind != ERR_NOT_FOUND || j->now.gone.n || tries == TAG_TRIES || !is_fresh(j)) {
            *e = mine;
            return -1;
        }
        clock_sleep_ms(TAG_WAIT_MS);
    }
}

static int push_read(struct repository_job *j, struct registry *r, struct err *e)
{
    if (resolve(j, r, j->digest, e)) {
        if (e->kind != ERR_NOT_FOUND)
            return -1;
        add_gone(j, j->digest);
    }
    for (size_t i = 0; i < j->tags.n; i++) {
        struct slice root;
        struct err mine = ERR_INIT;
        if (!ask_pushed_tag(j, r, j->tags.v[i], &root, &mine))
            add_tag(j, j->tags.v[i], root);
        else if (mine.kind == ERR_NOT_FOUND) {
            add_tag(j, j->tags.v[i], SLICE("")); /* nobody has it any more */
            j->tag_missing |= is_fresh(j) && !j->now.gone.n;
        } else {
            *e = mine;
            return -1;
        }
    }
    return 0;
}

/* ---- a listing ---- */

int discover_repository_prepare(struct step *s, struct slice subject, void **ret_data, struct err *e)
{
    struct repository_job *j;
    int got = job_new(s, subject, &j, e);
    if (got == 1)
        *ret_data = j;
    return got;
}

static int take_tag_name(void *arg, struct slice name, struct err *e)
{
    struct repository_job *j = arg;
    if (!imageref_tag_valid(name)) { /* Artifactory lists digests */
        j->impossible++;
        return 0;
    }
    if (!slice_vec_add(&j->arena, &j->tags, arena_slice(&j->arena, name)))
        return err_set(e, ERR_POISON, 0, "%.*s has too many tags", SLICE_FMT(j->name));
    return 0;
}

static bool tag_names(const struct repository_job *j, const struct image *im)
{
    for (size_t i = 0; i < j->now.tags.n; i++) {
        if (slice_eq(j->now.tags.v[i].root, im->digest))
            return true;
        for (size_t k = 0; k < im->indexes.n; k++)
            if (slice_eq(j->now.tags.v[i].root, im->indexes.v[k]))
                return true;
    }
    return false;
}

static int ask_untagged(struct repository_job *j, struct registry *r, struct slice digest, struct err *e)
{
    struct registry_manifest head = {0};
    struct err mine = ERR_INIT;
    int rc = registry_head(r, j->repository, digest, &head, &mine);
    registry_manifest_done(&head);
    if (rc && mine.kind == ERR_NOT_FOUND)
        add_gone(j, digest);
    else if (rc) {
        *e = mine;
        return -1;
    }
    return 0;
}

/* Whether a failure is this tag's alone for good: a name that no registry may use, an answer against the format. */
static bool hopeless(const struct err *e)
{
    return e->kind == ERR_POISON || e->kind == ERR_USAGE;
}

static int list_tag(struct repository_job *j, struct registry *r, struct slice tag, struct err *e)
{
    struct slice root;
    if (ask_tag(j, r, tag, &root, e))
        return e->kind == ERR_NOT_FOUND ? 0 : -1;
    if (resolve(j, r, root, e) && e->kind != ERR_NOT_FOUND)
        return -1;
    add_tag(j, tag, root);
    return 0;
}

/* It stays where it was. */
static void keep_tag(struct repository_job *j, struct slice tag)
{
    for (size_t i = 0; i < j->known.n; i++)
        for (size_t k = 0; k < j->known.v[i].tags.n; k++)
            if (slice_eq(j->known.v[i].tags.v[k], tag))
                add_tag(j, tag, j->known.v[i].digest);
}

/* One tag that can't be read does not hold the others; *e is the first failure that another try may mend. */
static int list_tags(struct repository_job *j, struct registry *r, struct err *e)
{
    int rc = 0, failures = 0;
    for (size_t i = 0; i < j->tags.n && failures < FAILURES_MAX; i++) {
        struct err mine = ERR_INIT;
        if (!list_tag(j, r, j->tags.v[i], &mine)) {
            failures = 0;
        } else if (hopeless(&mine)) {
            if (j->hopeless++ < TOLD_MAX)
                log_warn("a tag can't be read", LOG("repository", j->name), LOG("tag", j->tags.v[i]),
                         LOG_S("reason", mine.text));
            keep_tag(j, j->tags.v[i]);
        } else {
            failures++;
            if (!rc)
                *e = mine;
            rc = -1;
        }
    }
    return rc;
}

static bool is_root(const struct repository_job *j, struct slice digest)
{
    for (size_t i = 0; i < j->now.tags.n; i++)
        if (slice_eq(j->now.tags.v[i].root, digest))
            return true;
    return false;
}

/* What no tag names itself: an index that stays may have lost the images that it names. */
static int list_untagged(struct repository_job *j, struct registry *r, struct err *e)
{
    for (size_t i = 0; i < j->known.n; i++) {
        const struct image *im = &j->known.v[i];
        for (size_t k = 0; k < im->indexes.n; k++)
            if (!tag_names(j, im) && ask_untagged(j, r, im->indexes.v[k], e))
                return -1;
        if (!is_root(j, im->digest) && ask_untagged(j, r, im->digest, e))
            return -1;
    }
    return 0;
}

/* One line a listing, however many there are. */
static void tell_left_out(const struct repository_job *j)
{
    size_t n = j->impossible + j->listed.left_out;
    if (j->hopeless > TOLD_MAX)
        log_warn("more tags can't be read", LOG("repository", j->name), LOG_I("tags", j->hopeless - TOLD_MAX));
    if (!n)
        return;
    metric_add(&discover_left_out, (int64_t)n);
    log_warn("names in the list of tags are left out: they can't be tags", LOG("repository", j->name),
             LOG_I("names", n));
}

static int list_read(struct repository_job *j, struct registry *r, struct err *e)
{
    struct err mine = ERR_INIT;
    /* A repository without tags answers 404 on some registries; its digests are asked for one by one below. */
    int rc = registry_tags(r, j->repository, 0, take_tag_name, j, &j->listed, &mine);
    bool whole = !rc || (mine.kind == ERR_NOT_FOUND && !j->listed.pages);
    if (!whole)
        *e = mine;
    /* What came before the list broke off is read, and nothing is taken away; of an endless one nothing is. */
    if (!whole && j->listed.names > PARTIAL_MAX)
        return -1;
    slice_vec_sort(&j->tags);
    rc = list_tags(j, r, whole ? e : &mine);
    tell_left_out(j);
    if (!whole || rc || list_untagged(j, r, e))
        return -1;
    j->now.complete = true;
    return 0;
}

void discover_repository_run(struct runner *runner, void *data)
{
    struct repository_job *j = data;
    struct registry *r = NULL;
    (void)runner;
    j->rc = registries_take(j->registries, j->registry, &r, &j->error);
    if (!j->rc)
        j->rc = j->push ? push_read(j, r, &j->error) : list_read(j, r, &j->error);
    registries_give(j->registries, r);
}

/* ---- what came of it ---- */

/* A push that was finished while a listing was under way is newer than the listing: then the listing is made again. */
static int changed_meanwhile(struct step *s, struct repository_job *j, struct err *e)
{
    image_vec now = {0};
    if (discover_known_images(s, j->name, s->arena, &now, e))
        return -1;
    bool same = now.n == j->known.n;
    for (size_t i = 0; same && i < now.n; i++)
        same = slice_eq(now.v[i].digest, j->known.v[i].digest) && now.v[i].pushed_ms == j->known.v[i].pushed_ms &&
               now.v[i].tags.n == j->known.v[i].tags.n && now.v[i].indexes.n == j->known.v[i].indexes.n;
    return !same;
}

static bool goes_by(struct step *s, struct slice digest)
{
    struct store_iter it;
    struct slice key, value;
    store_iter_init(&it, s->whole, STEP_WHOLE(s, WHOLE_WORKLOADS), arena_printf(s->arena, "%.*s,", SLICE_FMT(digest)),
                    SLICE_NONE);
    int got = store_iter_next(&it, &key, &value, NULL);
    store_iter_done(&it);
    return got == 1;
}

/* Under its own digest, or under one by which a cluster calls it as long as it is not known. */
static bool runs(struct step *s, const struct image *im)
{
    bool found = goes_by(s, im->digest) || (im->config_digest.n && goes_by(s, im->config_digest));
    for (size_t i = 0; i < im->indexes.n && !found; i++)
        found = goes_by(s, im->indexes.v[i]);
    return found;
}

static int write_plan(struct step *s, struct repository_job *j, const image_vec *known, struct err *e)
{
    planned_vec write = {0};
    image_vec gone = {0};
    bool first = false;
    if (plan_repository(known, &j->now, j->pushed_ms, s->now_ms, &j->arena, &write, &gone, e))
        return -1;
    for (size_t i = 0; i < write.n; i++) {
        const struct image *im = &write.v[i].image;
        enum layer_priority priority = j->push       ? PRIORITY_PUSH
                                       : runs(s, im) ? PRIORITY_RUNNING
                                       : im->tags.n  ? PRIORITY_TAGGED
                                                     : PRIORITY_BACKFILL;
        struct image before = {.digest = im->digest, .layers = write.v[i].dropped};
        if (before.layers.n && discover_delete_layers(s, j->name, &before, e))
            return -1;
        if (write.v[i].is_new && discover_write_layers(s, j->name, im, priority, e))
            return -1;
        first |= write.v[i].is_new;
    }
    for (size_t i = 0; i < gone.n; i++)
        if (discover_delete_layers(s, j->name, &gone.v[i], e))
            return -1;
    if ((first || gone.n) && step_flush(s, e))
        return -1;
    crash_point("discover.layers");
    for (size_t i = 0; i < write.n; i++) {
        const struct image *im = &write.v[i].image;
        if (discover_write_image(s, j->name, im, e))
            return -1;
        log_info(write.v[i].is_new ? "image found" : "image changed", LOG("repository", j->name),
                 LOG("image", im->digest), LOG("tag", im->tags.n ? im->tags.v[0] : SLICE_NONE),
                 LOG_I("layers", im->layers.n));
    }
    for (size_t i = 0; i < gone.n; i++)
        if (discover_delete_image(s, j->name, &gone.v[i], e))
            return -1;
    return 0;
}

static int drop_pushes(struct step *s, struct slice subject, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_PUSHES), subject, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1 && !(got = store_iter_del(&it, e))) {
    }
    store_iter_done(&it);
    return got < 0 ? -1 : 0;
}

int discover_push_finish(struct step *s, struct slice subject, void *data, struct err *e)
{
    struct repository_job *j = data;
    image_vec known = {0};
    if (j->rc)
        return discover_retry_later(s, WORK_PUSH, subject, DISCOVER_PRIORITY_PUSH, j->name, &j->error, e);
    if (discover_known_images(s, j->name, &j->arena, &known, e) || write_plan(s, j, &known, e) ||
        drop_pushes(s, subject, e))
        return -1;
    if (j->tag_missing && step_work(s, WORK_REPOSITORY, slice_sub(subject, 0, 16), DISCOVER_PRIORITY_LISTING,
                                    s->now_ms + TAG_LATER_MS, e))
        return -1;
    return discover_retry_clear(s, WORK_PUSH, subject, e);
}

int discover_repository_finish(struct step *s, struct slice subject, void *data, struct err *e)
{
    struct repository_job *j = data;
    int changed = changed_meanwhile(s, j, e);
    if (changed < 0 || (!changed && write_plan(s, j, &j->known, e)))
        return -1;
    if (j->rc)
        return discover_retry_later(s, WORK_REPOSITORY, subject, DISCOVER_PRIORITY_LISTING, j->name, &j->error, e);
    return changed ? step_work(s, WORK_REPOSITORY, subject, DISCOVER_PRIORITY_LISTING, 0, e)
                   : discover_retry_clear(s, WORK_REPOSITORY, subject, e);
}
