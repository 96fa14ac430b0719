/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/jsonw.h"
#include "careen/feeds_shown.h"
#include "careen/image_options.h"
#include "match/advisory_view.h"

struct feeds_options {
    const char *cache, *feeds, *only, *format;
    bool quiet;
};

#define OPTION(member) offsetof(struct feeds_options, member)
static const char *const formats[] = {"table", "json", NULL};
static const struct config_option options[] = {
    {.name = "feeds",
     .kind = CONFIG_STRING,
     .offset = OPTION(feeds),
     .value = "DIR",
     .help = "Read the feeds from this folder instead of fetching them from their publishers."},
    {.name = "only",
     .kind = CONFIG_STRING,
     .offset = OPTION(only),
     .value = "NAME,…",
     .help = "Only these feeds: osv-debian, or osv for all that begin so."},
    {.name = "cache",
     .kind = CONFIG_STRING,
     .offset = OPTION(cache),
     .value = "DIR",
     .help = "Where the database is kept; without it $XDG_CACHE_HOME/careen or ~/.cache/careen."},
    {.name = "format",
     .kind = CONFIG_STRING,
     .offset = OPTION(format),
     .fallback = "table",
     .choices = formats,
     .help = "Of status: table for people, json for programs."},
    {.name = "quiet", .kind = CONFIG_BOOL, .offset = OPTION(quiet), .help = "Of update: tell only what failed."},
};

static int update(const struct feeds_options *o, const char *cache)
{
    struct feeds_update u = {.cache_dir = cache, .feeds_dir = o->feeds, .names = o->only};
    struct err e = ERR_INIT;
    if (feeds_update_shown("feeds", &u, o->quiet, &e) == 0)
        return 0;
    return command_failed("feeds", &e);
}

/* ---- status ---- */

static size_t take_digits(struct slice *s)
{
    struct slice from = *s;
    while (s->n && s->p[0] >= '0' && s->p[0] <= '9')
        *s = slice_from(*s, 1);
    return from.n - s->n;
}

/* Numbers in names by their value: v3.3 before v3.10. Names have no leading zeros. */
static int by_name(const void *x, const void *y)
{
    struct slice a = ((const struct feed_meta *)x)->name, b = ((const struct feed_meta *)y)->name;
    while (a.n && b.n) {
        struct slice from_a = a, from_b = b;
        size_t n = take_digits(&a), m = take_digits(&b);
        if (n && m && n != m)
            return n < m ? -1 : 1;
        if (!n || !m) {
            a = slice_from(from_a, n = 1);
            b = slice_from(from_b, m = 1);
        }
        int c = slice_cmp(slice_sub(from_a, 0, n), slice_sub(from_b, 0, m));
        if (c)
            return c;
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

static const char *age_text(int64_t ms, char *text)
{
    return ms < 60000 ? "now" : text_duration(ms, text);
}

static void print_table(const feed_meta_vec *v, int64_t now, struct buf *out)
{
    static const struct text_column columns[] = {{.title = "FEED"},
                                                 {.title = "RECORDS", .right = true},
                                                 {.title = "LEFT OUT", .right = true},
                                                 {.title = "AGE", .right = true},
                                                 {.title = "FETCHED"}};
    struct text_terminal terminal;
    struct text_table *t = text_table_new(columns, ARRAY_LEN(columns));
    text_terminal_open(STDOUT_FILENO, &terminal);
    for (size_t i = 0; i < v->n; i++) {
        char records[TEXT_HUMAN_MAX], skipped[TEXT_HUMAN_MAX], age[TEXT_HUMAN_MAX], at[CLOCK_TEXT_MAX];
        int64_t old = MAX(now - v->v[i].fetched_ms, 0);
        const struct text_cell cells[] = {
            {v->v[i].name, TEXT_PLAIN},
            {slice_str(text_count((int64_t)v->v[i].records, records)), TEXT_PLAIN},
            {v->v[i].skipped ? slice_str(text_count((int64_t)v->v[i].skipped, skipped)) : SLICE("-"),
             v->v[i].skipped ? TEXT_YELLOW : TEXT_DIM},
            {slice_str(age_text(old, age)), old > (int64_t)3 * 24 * 3600 * 1000 ? TEXT_YELLOW : TEXT_PLAIN},
            {slice_str(clock_format(v->v[i].fetched_ms, at)), TEXT_DIM},
        };
        text_table_add(t, cells);
    }
    text_table_print(t, &terminal, out);
    text_table_free(t);
}

static void print_json(const feed_meta_vec *v, int64_t now, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out, 2);
    jsonw_object(&w);
    jsonw_pair_int(&w, "format", 1);
    jsonw_key(&w, "feeds");
    jsonw_array(&w);
    for (size_t i = 0; i < v->n; i++) {
        jsonw_object(&w);
        jsonw_pair(&w, "name", v->v[i].name);
        jsonw_key(&w, "fetched");
        jsonw_time(&w, v->v[i].fetched_ms);
        jsonw_pair_int(&w, "age_seconds", MAX(now - v->v[i].fetched_ms, 0) / 1000);
        jsonw_pair_int(&w, "records", (int64_t)v->v[i].records);
        jsonw_pair_int(&w, "left_out", (int64_t)v->v[i].skipped);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    buf_add_byte(out, '\n');
}

static int read_feeds(const char *dir, struct arena *arena, feed_meta_vec *ret, struct err *e)
{
    struct advisory_db db;
    struct store_txn *t;
    if (advisory_db_open(dir, false, &db, e))
        return -1;
    int rc = store_begin(db.store, false, &t, e);
    if (!rc) {
        rc = advisory_view_feeds(t, db.tables, arena, ret, e);
        store_abort(t);
    }
    advisory_db_close(&db);
    return rc;
}

static int status(const struct feeds_options *o, const char *cache)
{
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/advisories", cache);
    struct arena arena = ARENA_INIT((size_t)16 << 20);
    struct buf out = BUF_INIT((size_t)16 << 20);
    feed_meta_vec feeds_known = {0};
    struct err e = ERR_INIT;
    int rc = read_feeds(dir, &arena, &feeds_known, &e) ? command_trouble("feeds", &e) : 0;
    if (!rc) {
        if (feeds_known.n)
            qsort(feeds_known.v, feeds_known.n, sizeof *feeds_known.v, by_name);
        if (strcmp(o->format, "json") == 0)
            print_json(&feeds_known, clock_wall_ms(), &out);
        else
            print_table(&feeds_known, clock_wall_ms(), &out);
        rc = image_output("feeds", &(struct image_options){0}, buf_slice(&out));
    }
    buf_done(&out);
    arena_done(&arena);
    return rc;
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct feeds_options *o = own;
    struct err e = ERR_INIT;
    char *cache ATTR_CLEANUP(cleanup_free) = NULL;
    (void)s;
    if (n != 1 || (strcmp(args[0], "update") != 0 && strcmp(args[0], "status") != 0))
        return command_usage("feeds", "say update or status");
    if (cache_path(o->cache, NULL, &cache, &e))
        return command_usage("feeds", e.text);
    return strcmp(args[0], "update") == 0 ? update(o, cache) : status(o, cache);
}

const struct command command_feeds = {
    .name = "feeds",
    .arguments = "update|status [options]",
    .summary = "fetch advisories for scans, or say how old they are",
    .about = "update brings the advisory database that careen scan reads up to date. Only what changed is written, "
             "scans go\n"
             "on meanwhile, and a feed that can't be had keeps yesterday's records. status lists the feeds with their\n"
             "age. Exit status 3 when a feed could not be had, or when there is no database.\n\n"
             "    careen feeds update\n"
             "    careen feeds update --feeds /mnt/feeds --only osv-debian,kev\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct feeds_options),
    .run = run,
};
