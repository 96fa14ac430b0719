/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_tail.c: careen tail: the records of a topic as they come. */
#include "careen/topics/listing.h"

#include "base/clock.h"
#include "base/jsonw.h"

#include <signal.h>

struct tail_options {
    struct listing_options list;
    bool follow, from_now;
};

static atomic_bool stop;

static void on_signal(int sig)
{
    (void)sig;
    atomic_store(&stop, true);
}

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
    listing_flush(l);
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
        return listing_json(l, record, e);
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
    listing_flush(l);
    return 0;
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
    const struct tail_options *o = own;
    struct listing l = {.json = listing_wants_json(&o->list), .out = BUF_INIT((size_t)64 << 20)};
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
        rc = reader_tail(l.reader, l.topic,
                         &(struct reader_tail_options){.from_now = o->from_now, .follow = o->follow, .stop = &stop},
                         show_tail, &l, &e);
    return listing_end("tail", &l, rc, &e);
}

static const struct config_option options[] = {
    LISTING_FORMAT_OPTION,
    {.name = "follow",
     .kind = CONFIG_BOOL,
     .offset = offsetof(struct tail_options, follow),
     .fallback = "true",
     .help = "Wait for more; --no-follow ends at the end."},
    {.name = "from-now",
     .kind = CONFIG_BOOL,
     .offset = offsetof(struct tail_options, from_now),
     .help = "Only what comes from now on."},
};
const struct command command_tail = {
    .name = "tail",
    .arguments = "TOPIC [--bus URL] [--format FORMAT] [--no-follow] [--from-now]",
    .takes_topic = true,
    .summary = "the records of a topic as they come",
    .about = "careen tail alerts shows what happened (docs/tap.md). Behind a pipe it is one JSON object a line; of\n"
             "a key that was deleted {\"deleted\": true, \"key\", \"at\"}.\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct tail_options),
    .uses_settings = true,
    .settings = command_reading_settings,
    .run = run_tail,
};
