/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/pipeline/intake.h"

#include "base/clock.h"
#include "feeds/fetch/refresh.h"
#include "feeds/pipeline/rows.h"
#include "feeds/pipeline/sorted.h"
#include "feeds/table/families.h"

#include <fcntl.h>

#define RECORDS_A_TELLING 1024

struct taking_in {
    const struct feed_intake *in;
    const struct feed *f;
    uint64_t previous; /* records that the feed had */
    struct arena *arena;
    struct feed_taken *taken;
    struct sorted *sorted;
    struct byte_source_file file;
    uint64_t records;
};

static int stage_record(void *arg, enum feed_record_kind kind, struct slice key, struct slice value, struct err *e)
{
    struct taking_in *t = arg;
    const struct feed_intake *in = t->in;
    uint8_t row[FEED_ROW_KEY_MAX];
    size_t n;
    if (!feed_row_key(kind, key, row, &n))
        return err_set(e, ERR_POISON, 0, "a record with the key '%.*s'", SLICE_FMT(slice_sub(key, 0, 120)));
    if (++t->records % RECORDS_A_TELLING == 0 && in->ops->read)
        in->ops->read(in->arg, t->file.bytes, t->records);
    return sorted_put(t->sorted, slice_of(row, n), value, e);
}

static int tell_left_out(void *arg, struct slice id, struct slice reason, struct err *e)
{
    const struct feed_intake *in = ((struct taking_in *)arg)->in;
    (void)e;
    if (in->ops->left_out)
        in->ops->left_out(in->arg, id, reason);
    return 0;
}

static int take_name(void *arg, struct slice name, struct err *e)
{
    struct taking_in *t = arg;
    slice_vec_add(t->arena, &t->taken->names, arena_slice(t->arena, name));
    return t->arena->overflow ? err_set(e, ERR_POISON, 0, "the names do not fit the memory") : 0;
}

/* Reads a source into the sorted file, and checks that the feed is good. */
static int read_source(struct taking_in *t, struct byte_source source, struct feed_memory *now, struct err *e)
{
    const struct fetch *how = &t->in->fetch;
    struct feed_taker taker = {.arg = t, .skipped = tell_left_out};
    bool index = t->f->kind == FEED_INDEX;
    int rc = 0;
    if (index)
        taker.named = take_name;
    else
        taker.record = stage_record;
    t->taken->names.n = 0;
    t->records = 0;
    if (!index)
        rc = sorted_create(t->in->staged, &t->sorted, e);
    if (!rc)
        rc = feed_read(t->f, source, how->sandbox, how->sandbox_main, &taker, &t->taken->stats, e);
    now->records = t->taken->stats.names;
    if (!rc && !index)
        rc = sorted_finish(t->sorted, &now->records, e);
    now->skipped = t->taken->stats.skipped + t->taken->stats.left_out;
    now->newest_ms = t->taken->stats.newest_ms;
    if (!rc)
        rc = feed_check(t->f, now->records, t->previous, e);
    bool made = t->sorted != NULL;
    sorted_close(STEAL(t->sorted));
    if (rc && made)
        sorted_remove(t->in->staged);
    return rc;
}

/* A feed_file_reader. Another address begins anew. */
static int read_file(void *arg, const char *path, struct feed_memory *now, struct err *e)
{
    struct taking_in *t = arg;
    const struct feed_intake *in = t->in;
    t->taken->stats = (struct feed_stats){0};
    t->file.bytes = 0;
    if (in->ops->reading)
        in->ops->reading(in->arg);
    t->file.fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = t->file.fd < 0 ? err_errno(e, ERR_RETRY, errno, "cannot open %s", path)
                            : read_source(t, byte_source_of_file(&t->file), now, e);
    if (in->ops->read)
        in->ops->read(in->arg, t->file.bytes, rc ? t->records : now->records);
    cleanup_close(&t->file.fd);
    return rc;
}

static int take_folder(struct taking_in *t, struct err *e)
{
    t->taken->outcome = FETCH_NEW;
    t->taken->from_folder = true;
    t->taken->now = (struct feed_memory){.fetched_ms = clock_wall_ms()};
    return feed_index_folder(t->f, t->in->fetch.feeds_dir, take_name, t, e);
}

static void on_bytes(void *arg, uint64_t bytes, int64_t total)
{
    const struct feed_intake *in = arg;
    in->ops->fetched(in->arg, bytes, total);
}

static int fetch_and_read(struct taking_in *t, const struct feed_memory *old, struct err *e)
{
    struct feed_intake in = *t->in;
    struct feed_taken *taken = t->taken;
    struct err why = ERR_INIT;
    in.fetch.progress = in.ops->fetched ? on_bytes : NULL;
    in.fetch.arg = &in;
    if (feed_refresh(&in.fetch, t->f, old, read_file, t, &taken->outcome, &taken->now, &why)) {
        if (e)
            *e = why;
        return -1;
    }
    if (taken->outcome == FETCH_ABSENT)
        taken->absent = why;
    return 0;
}

int feed_take(const struct feed_intake *in, const struct feed *f, const struct feed_memory *old, struct arena *arena,
              struct feed_taken *ret_taken, struct err *e)
{
    struct taking_in *t = xcalloc(1, sizeof *t);
    *ret_taken = (struct feed_taken){.absent = ERR_INIT};
    t->in = in;
    t->f = f;
    t->previous = old->records;
    t->arena = arena;
    t->taken = ret_taken;
    t->file.fd = -1;
    int rc = f->kind == FEED_INDEX && in->fetch.feeds_dir ? take_folder(t, e) : fetch_and_read(t, old, e);
    free(t);
    return rc;
}

int feed_take_source(const struct feed_intake *in, const struct feed *f, struct byte_source source,
                     struct feed_taken *ret_taken, struct err *e)
{
    struct taking_in *t = xcalloc(1, sizeof *t);
    *ret_taken = (struct feed_taken){.outcome = FETCH_NEW, .absent = ERR_INIT};
    t->in = in;
    t->f = f;
    t->taken = ret_taken;
    ret_taken->now = (struct feed_memory){.reader = FEED_READER_VERSION, .fetched_ms = clock_wall_ms()};
    int rc = read_source(t, source, &ret_taken->now, e);
    free(t);
    return rc;
}
