/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/feeds_told.h"

#include "base/clock.h"
#include "base/log.h"
#include "feeds/fetch/refresh.h"
#include "stage/health.h"
#include "stage/metrics.h"

enum { GOOD_AT, NEWEST, STANDS_STILL, FAILURES, RECORDS, METRICS };
static const struct {
    const char *name, *help, *type;
} metric_kinds[METRICS] = {
    [GOOD_AT] = {"careen_feeds_last_good_timestamp_seconds",
                 "When the feed was last read whole or found unchanged; its age is time() minus this.", "gauge"},
    [NEWEST] = {"careen_feeds_newest_timestamp_seconds",
                "The newest date inside the feed, or since when its bytes are the same.", "gauge"},
    [STANDS_STILL] = {"careen_feeds_stands_still",
                      "1 while the feed's newest date is older than its publisher's longest pause.", "gauge"},
    [FAILURES] = {"careen_feeds_failures_total", "Refreshes that failed or were refused.", "counter"},
    [RECORDS] = {"careen_feeds_records", "Records that the feed last gave.", "gauge"},
};

struct told_feed {
    const struct feed *feed;
    struct sorted *open;
    struct metric *metrics; /* METRICS of them */
    bool still;
};
struct feeds_told {
    struct told_feed *v;
    size_t n, cap;
};

/* Registered metrics live as long as the process, longer than the stage. */
static struct metric *metrics_of(const struct feed *f)
{
    static struct {
        const struct feed *feed;
        struct metric *metrics;
    } * all;
    static size_t all_n;
    for (size_t i = 0; i < all_n; i++)
        if (all[i].feed == f)
            return all[i].metrics;
    struct metric *m = xcalloc(METRICS, sizeof *m);
    for (size_t i = 0; i < METRICS; i++) {
        m[i].name = xasprintf("%s{feed=\"%s\"}", metric_kinds[i].name, f->name);
        m[i].help = metric_kinds[i].help;
        m[i].type = metric_kinds[i].type;
    }
    all = xrealloc(all, (all_n + 1) * sizeof *all);
    all[all_n].feed = f;
    return all[all_n++].metrics = m;
}

static struct told_feed *told_of(struct feeds_told *t, const struct feed *f)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].feed == f)
            return &t->v[i];
    if (t->n == t->cap)
        t->v = xrealloc(t->v, (t->cap = 2 * t->cap + 64) * sizeof *t->v);
    t->v[t->n] = (struct told_feed){.feed = f, .metrics = metrics_of(f)};
    return &t->v[t->n++];
}

struct feeds_told *feeds_told_new(void)
{
    return xcalloc(1, sizeof(struct feeds_told));
}

void feeds_told_free(struct feeds_told *t)
{
    for (size_t i = 0; i < t->n; i++)
        sorted_close(t->v[i].open);
    free(t->v);
    free(t);
}

struct sorted **feeds_told_open(struct feeds_told *t, const struct feed *f)
{
    return &told_of(t, f)->open;
}

/* "feeds photon-5, kev stand still": one note for all of them. */
static void note_still(const struct feeds_told *t)
{
    struct buf text ATTR_CLEANUP(buf_done) = BUF_INIT(200);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].still && ++n <= 5)
            buf_addf(&text, "%s%s", n > 1 ? ", " : "", t->v[i].feed->name);
    if (n > 5)
        buf_addf(&text, " and %zu more", n - 5);
    char *note ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s %s since long: nothing newer comes from the publisher, whose answers are good all the while",
                  buf_cstr(&text), n > 1 ? "stand still" : "stands still");
    health_note("feeds", n ? note : NULL);
}

void feeds_told_good(struct feeds_told *t, const struct feed *f, const struct feed_memory *m, int64_t now_ms)
{
    struct told_feed *one = told_of(t, f);
    int64_t newest = feed_newest(m->newest_ms, m->changed_ms);
    bool still = feed_stands_still(f, newest, now_ms), changed = still != one->still;
    char text[CLOCK_TEXT_MAX];
    one->still = still;
    metric_set(&one->metrics[GOOD_AT], m->fetched_ms / 1000);
    metric_set(&one->metrics[RECORDS], (int64_t)m->records);
    metric_set(&one->metrics[NEWEST], newest / 1000);
    metric_set(&one->metrics[STANDS_STILL], still);
    if (!changed)
        return;
    note_still(t);
    if (still)
        log_warn("a feed stands still: its newest date is older than its publisher's longest pause",
                 LOG_S("feed", f->name), LOG_S("newest", clock_format(newest, text)),
                 LOG_I("rhythm_days", f->rhythm_days));
}

void feeds_told_failure(struct feeds_told *t, const struct feed *f)
{
    metric_add(&told_of(t, f)->metrics[FAILURES], 1);
}
