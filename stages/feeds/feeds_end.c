/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/feeds_internal.h"

#include "base/log.h"

/* ---- which feeds ---- */

uint32_t feed_partition(const struct feed *f, uint32_t partitions)
{
    return hash_partition(slice_str(f->ecosystem ? f->ecosystem : f->name), partitions);
}

bool feeds_is_mine(const struct step *s, const struct feed *f)
{
    const struct feeds_stage_data *d = s->stage;
    if (!feed_wanted(f, d->config.names))
        return false;
    return f->kind == FEED_INDEX || (f->path && feed_partition(f, s->partitions) == s->partition);
}

int feeds_list_mine(struct step *s, feed_vec *ret_mine, struct err *e)
{
    const struct feeds_stage_data *d = s->stage;
    feed_vec all = {0};
    *ret_mine = (feed_vec){0};
    if (feed_list_all(s->txn, STEP_TABLE(s, FEEDS_TABLE_MEMORY), d->config.names, s->arena, &all, e))
        return -1;
    for (size_t i = 0; i < all.n; i++)
        if (feeds_is_mine(s, all.v[i]))
            *(const struct feed **)VEC_ADD(s->arena, ret_mine) = all.v[i];
    return 0;
}

enum feeds_priority feeds_priority(const struct feed *f)
{
    return f->kind == FEED_INDEX      ? FEEDS_PRIORITY_INDEX
           : f->kind == FEED_EXPLOITS ? FEEDS_PRIORITY_EXPLOITS
                                      : FEEDS_PRIORITY_ADVISORIES;
}

int feeds_ask(struct step *s, const struct feed *f, enum feeds_priority priority, int64_t not_before_ms, struct err *e)
{
    return step_work(s, FEEDS_WORK_REFRESH, slice_str(f->name), priority, not_before_ms, e);
}

char *feeds_work_path(const struct feeds_stage_data *d, const struct feed *f, const char *what)
{
    return f ? xasprintf("%s/feeds/%s/%s", d->config.state_dir, what, f->name)
             : xasprintf("%s/feeds/%s", d->config.state_dir, what);
}

/* ---- memory and progress ---- */

int feeds_recall(struct step *s, const struct feed *f, struct feed_memory *ret_m, struct err *e)
{
    struct slice v;
    int got = store_get(s->txn, STEP_TABLE(s, FEEDS_TABLE_MEMORY), slice_str(f->name), &v, e);
    *ret_m = (struct feed_memory){0};
    if (got == 1)
        feed_memory_decode(v, ret_m);
    return got;
}

int feeds_remember(struct step *s, const struct feed *f, const struct feed_memory *m, struct err *e)
{
    struct buf b = BUF_INIT(4096);
    feed_memory_encode(m, &b);
    int rc = store_put(s->txn, STEP_TABLE(s, FEEDS_TABLE_MEMORY), slice_str(f->name), buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

int feeds_progress_put(struct step *s, const struct feed *f, const struct feeds_progress *p, struct err *e)
{
    struct buf b = BUF_INIT(8192);
    buf_add_prefixed(&b, p->from);
    feed_memory_encode(&p->memory, &b);
    int rc = store_put(s->txn, STEP_TABLE(s, FEEDS_TABLE_PROGRESS), slice_str(f->name), buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

int feeds_progress_get(struct step *s, const struct feed *f, struct feeds_progress *ret_progress, struct err *e)
{
    struct slice v, from;
    int got = store_get(s->txn, STEP_TABLE(s, FEEDS_TABLE_PROGRESS), slice_str(f->name), &v, e);
    if (got <= 0)
        return got;
    if (!slice_take_prefixed(&v, &from) || !feed_memory_decode(v, &ret_progress->memory))
        return err_set(e, ERR_POISON, 0, "the progress of feed %s is damaged", f->name);
    ret_progress->from = arena_slice(s->arena, from);
    return 1;
}

int feeds_progress_drop(struct step *s, const struct feed *f, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    char *dir ATTR_CLEANUP(cleanup_free) = feeds_work_path(d, f, "staged");
    sorted_close(STEAL(*feeds_told_open(d->told, f)));
    sorted_remove(dir);
    return store_del(s->txn, STEP_TABLE(s, FEEDS_TABLE_PROGRESS), slice_str(f->name), e) < 0 ? -1 : 0;
}

/* ---- the pipeline's end ---- */

static int end_recall(void *end, const struct feed *f, struct feed_memory *ret_memory, struct err *e)
{
    return feeds_recall(end, f, ret_memory, e);
}

static int end_remember(void *end, const struct feed *f, const struct feed_memory *memory, struct err *e)
{
    return feeds_remember(end, f, memory, e);
}

static enum topic topic_of(const struct feed_change *c)
{
    return c->kind == FEED_RECORD_ADVISORY ? TOPIC_ADVISORIES : TOPIC_VULNERABILITIES;
}

static int end_put(void *end, const struct feed *f, const struct feed_change *c, const struct feed_record *r,
                   struct err *e)
{
    (void)f;
    const void *record = c->kind == FEED_RECORD_ADVISORY ? (const void *)&r->advisory : &r->vulnerability;
    return step_emit(end, topic_of(c), c->topic_key, record, e);
}

static int end_drop(void *end, const struct feed *f, const struct feed_change *c, struct err *e)
{
    (void)f;
    return step_tombstone(end, topic_of(c), c->topic_key, e);
}

static int end_refuse(void *end, const struct feed *f, const struct feed_change *c, const struct err *why,
                      struct err *e)
{
    (void)end, (void)e;
    log_error("a record of a feed is refused", LOG_S("feed", f->name), LOG("key", c->topic_key),
              LOG_S("reason", why->text));
    return 0;
}

static bool end_takes(void *end, const struct feed *f)
{
    return feeds_is_mine(end, f);
}

static int end_found(void *end, const struct feed *f, const struct feed *index, struct err *e)
{
    log_info("a feed was found", LOG_S("feed", f->name), LOG_S("index", index->name));
    return feeds_ask(end, f, feeds_priority(f), 0, e);
}

/*
 * A comparison that is under way begins anew: it may have passed over what is free now. A feed of which nothing is
 * remembered was never asked for, and idle asks for it.
 */
static int end_again(void *end, const struct feed *f, struct err *e)
{
    struct step *s = end;
    struct feed_memory m;
    struct feeds_progress p;
    int busy = feeds_progress_get(s, f, &p, e);
    int had = busy < 0 ? -1 : feeds_recall(s, f, &m, e);
    if (had < 0 || (!had && !busy))
        return had;
    p.from = SLICE("");
    if (busy && feeds_progress_put(s, f, &p, e))
        return -1;
    m.reader = 0;
    return feeds_remember(s, f, &m, e) ? -1 : feeds_ask(s, f, FEEDS_PRIORITY_NOW, 0, e);
}

static const struct feed_end_ops end_ops = {.recall = end_recall,
                                            .remember = end_remember,
                                            .put = end_put,
                                            .drop = end_drop,
                                            .refuse = end_refuse,
                                            .takes = end_takes,
                                            .found = end_found,
                                            .again = end_again};

struct feed_end feeds_end_of(struct step *s)
{
    return (struct feed_end){.ops = &end_ops, .end = s, .codec = runner_codec(s->runner)};
}
