/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lists.c: careen tail, images, recommendations: what the topics say, as table or JSON, on either bus. */
#include "careen/command.h"

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/terminal/text.h"
#include "careen/topics/reader.h"

#include <signal.h>

struct list_options {
    const char *format;
    bool follow, from_now;
};

static const char *const formats[] = {"table", "json", NULL};
#define FORMAT_OPTION                                                                                                  \
    {                                                                                                                  \
        .name = "format", .kind = CONFIG_STRING, .offset = offsetof(struct list_options, format), .choices = formats,  \
        .value = "FORMAT",                                                                                             \
        .help =                                                                                                        \
            "table (default on a terminal) or json, one object a line (default elsewhere; docs/formats/fields.md)."    \
    }
static const struct config_option list_options[] = {FORMAT_OPTION};
struct listing {
    struct reader *reader;
    enum topic topic;
    bool json;
    struct text_table *table;
    struct buf out;
};

static volatile int stop;

static void on_signal(int sig)
{
    (void)sig;
    stop = 1;
}

/* Rows are for whoever reads them: a person on a terminal, a program behind a pipe. */
static bool json_asked(const struct list_options *o)
{
    return o->format ? strcmp(o->format, "json") == 0 : !isatty(STDOUT_FILENO);
}

static void flush_out(struct listing *l)
{
    text_write(STDOUT_FILENO, buf_slice(&l->out));
    buf_clear(&l->out);
}

static int show_json(struct listing *l, const void *record, struct err *e)
{
    if (codec_to_json(l->reader ? reader_codec(l->reader) : NULL, l->topic, record, &l->out, e))
        return -1;
    buf_add_byte(&l->out, '\n');
    flush_out(l);
    return 0;
}

/* ---- images ---- */

static const struct text_column image_columns[] = {
    {.title = "IMAGE"},
    {.title = "TAGS", .least = 10},
    {.title = "PLATFORM", .least = 8, .optional = true},
    {.title = "LAYERS", .right = true, .optional = true},
    {.title = "PUSHED", .least = 10, .optional = true},
    {.title = "STATUS"},
};

static int show_image(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    const struct image *im = record;
    (void)key;
    (void)at_ms;
    if (l->json)
        return show_json(l, record, e);
    struct arena a = ARENA_INIT(1 << 20);
    char when[CLOCK_TEXT_MAX];
    struct buf tags = BUF_INIT(65536);
    for (size_t i = 0; i < im->tags.n; i++)
        buf_addf(&tags, "%s%.*s", i ? "," : "", SLICE_FMT(im->tags.v[i]));
    struct text_cell cells[] = {
        {arena_printf(&a, "%.*s/%.*s@%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository),
                      SLICE_FMT(slice_sub(im->digest, 0, 19))),
         TEXT_PLAIN},
        {buf_slice(&tags), TEXT_PLAIN},
        {arena_printf(&a, "%.*s/%.*s", SLICE_FMT(im->os), SLICE_FMT(im->architecture)), TEXT_PLAIN},
        {arena_printf(&a, "%zu", im->layers.n), TEXT_PLAIN},
        {slice_sub(slice_str(clock_format(im->pushed_ms, when)), 0, 16), TEXT_PLAIN},
        {im->status == IMAGE_OK && im->unwatched_ms ? SLICE("not watched") : slice_str(image_status_names[im->status]),
         im->status == IMAGE_OK && !im->unwatched_ms ? TEXT_GREEN : TEXT_YELLOW},
    };
    text_table_add(l->table, cells);
    buf_done(&tags);
    arena_done(&a);
    return 0;
}

/* ---- recommendations ---- */

static const struct text_column recommendation_columns[] = {
    {.title = "RESOURCE"},
    {.title = "TAGS", .least = 8, .optional = true},
    {.title = "STATE"},
    {.title = "CRIT", .right = true},
    {.title = "HIGH", .right = true},
    {.title = "MED", .right = true},
    {.title = "LOW", .right = true},
    {.title = "NEGL", .right = true, .optional = true},
    {.title = "?", .right = true, .optional = true},
    {.title = "FIXABLE", .right = true},
    {.title = "EXPLOITED", .right = true},
    {.title = "NOTE", .least = 10},
};

static int show_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    const struct recommendation *r = record;
    (void)key;
    (void)at_ms;
    if (l->json)
        return show_json(l, record, e);
    struct arena a = ARENA_INIT(1 << 20);
    enum text_style state = r->code == ASSESSED_HEALTHY     ? TEXT_GREEN
                            : r->code == ASSESSED_UNHEALTHY ? TEXT_RED
                                                            : TEXT_YELLOW;
    ptrdiff_t at = slice_find(r->resource_id, '@');
    struct text_cell cells[] = {
        {at < 0 ? r->resource_id : slice_sub(r->resource_id, 0, (size_t)at + 20), TEXT_PLAIN},
        {r->tags.n ? r->tags.v[0] : SLICE(""), TEXT_PLAIN},
        {slice_str(assessment_code_names[r->code]), state},
        {arena_printf(&a, "%d", r->critical), r->critical ? TEXT_BOLD_RED : TEXT_DIM},
        {arena_printf(&a, "%d", r->high), r->high ? TEXT_RED : TEXT_DIM},
        {arena_printf(&a, "%d", r->medium), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->low), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->negligible), TEXT_DIM},
        {arena_printf(&a, "%d", r->unknown), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->fixable), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->known_exploited), r->known_exploited ? TEXT_BOLD_RED : TEXT_DIM},
        {r->ended ? arena_printf(&a, "past its end of life since %.*s", SLICE_FMT(r->end_of_life)) : SLICE(""),
         TEXT_YELLOW},
    };
    text_table_add(l->table, cells);
    arena_done(&a);
    return 0;
}

/* ---- tail ---- */

/* A key whose record is gone, as an object like all the others. */
static void show_deleted(struct listing *l, struct slice key, int64_t at_ms)
{
    struct jsonw w;
    jsonw_init(&w, &l->out, 0);
    jsonw_object(&w);
    jsonw_pair_bool(&w, "deleted", true);
    jsonw_pair(&w, "key", key);
    jsonw_key(&w, "at");
    jsonw_time(&w, at_ms);
    jsonw_end(&w);
    buf_add_byte(&l->out, '\n');
    flush_out(l);
}

static void add_alert(struct buf *b, const struct alert *t)
{
    buf_addf(b, "%-8s %-10s ", alert_kind_names[t->kind], severity_names[t->severity]);
    if (t->vulnerability.n)
        buf_addf(b, "%.*s %.*s %.*s", SLICE_FMT(t->vulnerability), SLICE_FMT(t->package), SLICE_FMT(t->version));
    else
        buf_addf(b, "%d finding%s", t->findings, t->findings == 1 ? "" : "s");
    if (t->fixed_version.n)
        buf_addf(b, " fixed in %.*s", SLICE_FMT(t->fixed_version));
    if (t->known_exploited)
        buf_add_str(b, " exploited");
    buf_addf(b, " in %.*s", SLICE_FMT(t->resources.n ? t->resources.v[0] : t->image_digest));
    if (t->resources.n > 1)
        buf_addf(b, " and %zu more", t->resources.n - 1);
    buf_addf(b, ": %.*s", SLICE_FMT(t->cause));
}

static int show_tail(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    if (record && l->json)
        return show_json(l, record, e);
    if (l->json) {
        show_deleted(l, key, at_ms);
        return 0;
    }
    char when[CLOCK_TEXT_MAX];
    struct buf b = BUF_INIT(65536);
    buf_addf(&b, "%s ", clock_format(at_ms, when));
    if (record && l->topic == TOPIC_ALERTS)
        add_alert(&b, record);
    else
        buf_addf(&b, "%s %.*s", record ? "record" : "deleted", SLICE_FMT(key));
    text_add_safe(&l->out, buf_slice(&b), false);
    buf_add_byte(&l->out, '\n');
    buf_done(&b);
    flush_out(l);
    return 0;
}

/* ---- running ---- */

static int finish(const char *name, struct listing *l, int rc, struct err *e)
{
    if (!rc && l->table && !l->json) {
        struct text_terminal t;
        text_terminal_open(STDOUT_FILENO, &t);
        text_table_print(l->table, &t, &l->out);
        flush_out(l);
    }
    if (!rc)
        rc = reader_check(l->reader, e);
    text_table_free(l->table);
    buf_done(&l->out);
    reader_close(l->reader);
    return rc ? command_failed(name, e) : 0;
}

static int list(const char *name, const struct settings *s, const struct list_options *o, enum topic t,
                const struct text_column *columns, size_t columns_n, reader_fn fn)
{
    struct err e = ERR_INIT;
    struct listing l = {.topic = t,
                        .json = json_asked(o),
                        .out = BUF_INIT((size_t)256 << 20),
                        .table = text_table_new(columns, columns_n)};
    int rc = reader_open(s, &l.reader, &e);
    if (!rc)
        rc = reader_all(l.reader, t, fn, &l, &e);
    return finish(name, &l, rc, &e);
}

static int run_images(const struct settings *s, void *own, const char *const *args, size_t n)
{
    (void)args;
    if (n)
        return command_usage("images", "it takes no arguments");
    return list("images", s, own, TOPIC_IMAGES, image_columns, ARRAY_LEN(image_columns), show_image);
}

static int run_recommendations(const struct settings *s, void *own, const char *const *args, size_t n)
{
    (void)args;
    if (n)
        return command_usage("recommendations", "it takes no arguments");
    return list("recommendations", s, own, TOPIC_RECOMMENDATIONS, recommendation_columns,
                ARRAY_LEN(recommendation_columns), show_recommendation);
}

static int no_topic(const char *name)
{
    const char *names[TOPIC_MAX];
    char why[512];
    size_t n = 0;
    for (size_t i = 0; i < TOPIC_MAX; i++)
        names[i] = topics[i].name;
    const char *nearest = config_nearest_name(names, TOPIC_MAX, slice_str(name));
    n = (size_t)snprintf(why, sizeof why, "\"%.60s\" is no topic; ", name);
    if (nearest)
        snprintf(why + n, sizeof why - n, "did you mean %s?", nearest);
    else
        n += (size_t)snprintf(why + n, sizeof why - n, "name one topic:");
    for (size_t i = 0; !nearest && i < TOPIC_MAX && n < sizeof why; i++)
        n += (size_t)snprintf(why + n, sizeof why - n, "%s %s", i ? "," : "", names[i]);
    return command_usage("tail", why);
}

static int run_tail(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct list_options *o = own;
    struct listing l = {.json = json_asked(o), .out = BUF_INIT((size_t)64 << 20)};
    struct err e = ERR_INIT;
    struct sigaction sa = {.sa_handler = on_signal};
    if (n != 1)
        return command_usage("tail", "name one topic: alerts, recommendations, findings, inventories, images …");
    l.topic = topic_by_name(slice_str(args[0]));
    if (l.topic == TOPIC_MAX)
        return no_topic(args[0]);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    int rc = reader_open(s, &l.reader, &e);
    if (!rc)
        rc = reader_tail(l.reader, l.topic, o->from_now, o->follow, &stop, show_tail, &l, &e);
    return finish("tail", &l, rc, &e);
}

#define SHARED                                                                                                         \
    .options = list_options, .options_n = ARRAY_LEN(list_options), .size = sizeof(struct list_options),                \
    .uses_settings = true, .settings = reading_settings

const struct command command_images = {.name = "images",
                                       .arguments = "[--bus URL] [--format FORMAT]",
                                       .summary = "the images that are known",
                                       .about = "Lists the catalogue: every image of every registry, with its tags.\n",
                                       SHARED,
                                       .run = run_images};
const struct command command_recommendations = {
    .name = "recommendations",
    .arguments = "[--bus URL] [--format FORMAT]",
    .summary = "what is to be done, image by image",
    .about = "Lists the recommendations: each image and each running container, its state and its counts.\n",
    SHARED,
    .run = run_recommendations};
static const struct config_option tail_all[] = {
    FORMAT_OPTION,
    {.name = "follow",
     .kind = CONFIG_BOOL,
     .offset = offsetof(struct list_options, follow),
     .fallback = "true",
     .help = "Wait for more; --no-follow ends at the end."},
    {.name = "from-now",
     .kind = CONFIG_BOOL,
     .offset = offsetof(struct list_options, from_now),
     .help = "Only what comes from now on."},
};
const struct command command_tail = {
    .name = "tail",
    .arguments = "TOPIC [--bus URL] [--format FORMAT] [--no-follow] [--from-now]",
    .takes_topic = true,
    .summary = "the records of a topic as they come",
    .about = "careen tail alerts shows what happened (docs/tap.md). Behind a pipe it is one JSON object a line; of\n"
             "a key that was deleted {\"deleted\": true, \"key\", \"at\"}.\n",
    .options = tail_all,
    .options_n = ARRAY_LEN(tail_all),
    .size = sizeof(struct list_options),
    .uses_settings = true,
    .settings = reading_settings,
    .run = run_tail};
