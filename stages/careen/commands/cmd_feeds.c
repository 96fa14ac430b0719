/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/jsonw.h"
#include "careen/feeds/feeds_shown.h"
#include "careen/feeds/feeds_status.h"
#include "careen/output.h"
#include "careen/scan/image_options.h"
#include "feeds/table/publishers.h"
#include "feeds/fetch/fetch.h"

struct feeds_options {
    const char *cache, *feeds, *mirror, *only, *format;
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
    {.name = "feeds-mirror",
     .kind = CONFIG_STRING,
     .offset = OPTION(mirror),
     .value = "URL",
     .help = "Fetch the feeds from this address in place of their publishers' hosts."},
    {.name = "only",
     .kind = CONFIG_STRING,
     .offset = OPTION(only),
     .value = "NAME,…",
     .help = "Of update and addresses: only these feeds: osv-debian, or osv for all that begin so."},
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
     .help = "Of status and addresses: table for people, json for programs."},
    {.name = "quiet", .kind = CONFIG_BOOL, .offset = OPTION(quiet), .help = "Of update: tell only what failed."},
};

static int update(const struct feeds_options *o, const char *cache)
{
    struct feeds_update u = {
        .cache_dir = cache, .feeds_dir = o->feeds, .names = o->only, .url_base = o->feeds ? NULL : o->mirror};
    struct err e = ERR_INIT;
    if (feeds_update_shown("feeds", &u, o->quiet, &e) == 0)
        return 0;
    return command_failed("feeds", &e);
}

static int status(const struct feeds_options *o, const char *cache)
{
    struct arena arena = ARENA_INIT((size_t)64 << 20);
    struct buf out = BUF_INIT((size_t)64 << 20);
    struct feeds_status s;
    struct err e = ERR_INIT;
    int rc = feeds_status_read(cache, &arena, &s, &e) ? command_trouble("feeds", &e) : 0;
    if (!rc) {
        if (strcmp(o->format, "json") == 0)
            feeds_status_json(&s, &out);
        else
            feeds_status_table(&s, &out);
        rc = output_text("feeds", NULL, buf_slice(&out));
        if (!rc && feeds_status_failed(&s))
            rc = EXIT_TROUBLE;
    }
    buf_done(&out);
    arena_done(&arena);
    return rc;
}

/* ---- addresses ---- */

static void json_addresses(const feed_vec *all, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out, 2);
    jsonw_array(&w);
    for (size_t i = 0; i < all->n; i++) {
        const struct feed *f = all->v[i];
        jsonw_object(&w);
        jsonw_pair_str(&w, "feed", f->name);
        jsonw_key(&w, "addresses");
        jsonw_array(&w);
        for (unsigned a = 0; a < feed_addresses(f); a++)
            jsonw_str(&w, slice_str(a ? f->also[a - 1] : f->url));
        jsonw_end(&w);
        jsonw_pair_str(&w, "path", f->path);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    buf_add_byte(out, '\n');
}

/* One line an address: for whoever fills a mirror. */
static void list_addresses(const feed_vec *all, struct buf *out)
{
    for (size_t i = 0; i < all->n; i++)
        for (unsigned a = 0; a < MAX(feed_addresses(all->v[i]), 1u); a++)
            buf_addf(out, "%s\t%s\t%s\n", all->v[i]->name,
                     a                ? all->v[i]->also[a - 1]
                     : all->v[i]->url ? all->v[i]->url
                                      : "-",
                     all->v[i]->path ? all->v[i]->path : "-");
}

static int addresses(const struct feeds_options *o)
{
    struct arena arena = ARENA_INIT((size_t)4 << 20);
    struct buf out = BUF_INIT((size_t)4 << 20);
    struct err e = ERR_INIT;
    feed_vec known = {0}, all = {0};
    if (feed_names_check(o->only, &e))
        return command_usage("feeds", e.text);
    feed_list_known(&arena, &known);
    if (o->only)
        feed_list_add_spelt(&arena, &known, o->only);
    const struct feed *row;
    for (size_t i = 0; (row = feed_row(i)) != NULL; i++)
        if (row->kind == FEED_LIST)
            feed_list_add(&arena, &known, slice_str(row->name));
    feed_list_sort(&known);
    for (size_t i = 0; i < known.n; i++)
        if ((known.v[i]->url || known.v[i]->path) && feed_wanted(known.v[i], o->only))
            *(const struct feed **)VEC_ADD(&arena, &all) = known.v[i];
    if (strcmp(o->format, "json") == 0)
        json_addresses(&all, &out);
    else
        list_addresses(&all, &out);
    int rc = output_text("feeds", NULL, buf_slice(&out));
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
    if (n == 1 && strcmp(args[0], "addresses") == 0)
        return addresses(o);
    if (n != 1 || (strcmp(args[0], "update") != 0 && strcmp(args[0], "status") != 0))
        return command_usage("feeds", "say update, status or addresses");
    if (o->only && strcmp(args[0], "status") == 0)
        return command_usage("feeds", "--only chooses feeds of update and addresses; status tells of all");
    if (image_options_cache_path(o->cache, NULL, &cache, &e))
        return command_usage("feeds", e.text);
    return strcmp(args[0], "update") == 0 ? update(o, cache) : status(o, cache);
}

const struct command command_feeds = {
    .name = "feeds",
    .arguments = "update|status|addresses [options]",
    .words = "update status addresses",
    .summary = "fetch advisories for scans, or say what can be judged and as of when",
    .about =
        "update brings the advisory database that careen scan reads up to date. Only what changed is written, scans "
        "go\n"
        "on meanwhile, and a feed that can't be had keeps yesterday's records. Which releases there are is asked of\n"
        "their publishers. status says of each system whether it can be judged and as of when, and of each feed how\n"
        "old it is and how old the newest date in it; of a folder nobody knows when it was filled. addresses lists "
        "where each feed is fetched from, and its file\n"
        "below a feeds folder, for whoever fills a mirror (docs/feeds-mirror.md).\n\n"
        "Exit status: 0 fine; 2 usage; 3 for update when a feed could not be had, for status when that was so at the\n"
        "last update, when that was cut off, or when there is no database.\n\n"
        "    careen feeds update\n"
        "    careen feeds update --feeds /mnt/feeds --only osv-debian,kev\n"
        "    careen feeds status --format json\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct feeds_options),
    .run = run,
};
