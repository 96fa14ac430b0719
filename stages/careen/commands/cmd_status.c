/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/command.h"

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/terminal/text.h"
#include "careen/topics/reader.h"
#include "careen/up/stage_list.h"

struct status_options {
    const char *format;
};

static const char *const formats[] = {"table", "json", NULL};
static const struct config_option options[] = {
    {.name = "format",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct status_options, format),
     .fallback = "table",
     .choices = formats,
     .value = "FORMAT",
     .help = "table for people, or json for programs."},
};

struct status {
    struct reader *r;
    bool json;
    struct jsonw w;
    struct buf out;
    struct text_table *table;
};

/* Records of an input that the stage has not handled yet, and how many it has. */
static int behind(struct status *s, const char *group, enum topic t, int64_t *ret_behind, int64_t *ret_total,
                  struct err *e)
{
    *ret_behind = *ret_total = 0;
    for (uint32_t k = 0; k < reader_partitions(s->r); k++) {
        int64_t low, high, next;
        if (bus_range(reader_bus(s->r), t, k, &low, &high, e) || bus_committed(reader_bus(s->r), group, t, k, &next, e))
            return -1;
        *ret_total += high - low;
        *ret_behind += high - MIN(MAX(next, low), high);
    }
    return 0;
}

static void row(struct status *s, const char *stage, const char *topic, int64_t late, int64_t total)
{
    char a[TEXT_HUMAN_MAX], b[TEXT_HUMAN_MAX];
    if (s->json) {
        jsonw_object(&s->w);
        jsonw_pair_str(&s->w, "stage", stage);
        jsonw_pair_str(&s->w, "topic", topic);
        jsonw_pair_int(&s->w, "behind", late);
        jsonw_pair_int(&s->w, "records", total);
        jsonw_end(&s->w);
        return;
    }
    struct text_cell cells[] = {
        {slice_str(stage), TEXT_BOLD},
        {slice_str(topic), TEXT_PLAIN},
        {slice_str(text_count(late, a)), late ? TEXT_YELLOW : TEXT_GREEN},
        {slice_str(text_count(total, b)), TEXT_DIM},
    };
    text_table_add(s->table, cells);
}

static int stage_rows(struct status *s, const struct stage_def *def, struct err *e)
{
    char *group ATTR_CLEANUP(cleanup_free) = xasprintf("careen-%s", def->name);
    for (size_t i = 0; i < def->inputs_n; i++) {
        int64_t late, total;
        if (def->inputs[i].whole)
            continue;
        if (behind(s, group, def->inputs[i].topic, &late, &total, e))
            return -1;
        row(s, def->name, topics[def->inputs[i].topic].name, late, total);
    }
    return 0;
}

struct tally {
    int64_t codes[ASSESSED_MAX], failed, retrying, letters, pulled;
    int64_t images, places, inventories, layers; /* images: distinct digests, whatever repositories hold them */
    struct buf last;                             /* the last one counted: keys come in order */
};

static int tally_digest(struct tally *t, struct slice key, int64_t *count, struct err *e)
{
    if (slice_eq(buf_slice(&t->last), topic_key_head(key)))
        return 0;
    buf_clear(&t->last);
    if (buf_add_slice(&t->last, topic_key_head(key)))
        return err_set(e, ERR_POISON, 0, "a key of over %zu bytes", t->last.max);
    ++*count;
    return 0;
}

static int tally_image(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct tally *t = arg;
    (void)record;
    (void)at_ms;
    t->places++;
    return tally_digest(t, key, &t->images, e);
}

static int tally_inventory(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct tally *t = arg;
    (void)record;
    (void)at_ms;
    return tally_digest(t, key, &t->inventories, e);
}

static int tally_layer(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct tally *t = arg;
    (void)record;
    (void)at_ms;
    return tally_digest(t, key, &t->layers, e);
}

static int tally_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct tally *t = arg;
    (void)key;
    (void)at_ms;
    (void)e;
    t->codes[((const struct recommendation *)record)->code]++;
    return 0;
}

static int tally_pull(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct tally *t = arg;
    const struct pull *p = record;
    (void)key;
    (void)at_ms;
    (void)e;
    int64_t *count = p->status != PULL_FAILED ? &t->pulled : p->retry_ms ? &t->retrying : &t->failed;
    ++*count;
    return 0;
}

static int totals(struct status *s, struct tally *t, struct err *e)
{
    static const struct {
        enum topic topic;
        reader_fn fn;
    } counted[] = {{TOPIC_RECOMMENDATIONS, tally_recommendation},
                   {TOPIC_PULLS, tally_pull},
                   {TOPIC_IMAGES, tally_image},
                   {TOPIC_INVENTORIES, tally_inventory},
                   {TOPIC_LAYERS, tally_layer}};
    for (uint32_t k = 0; k < reader_partitions(s->r); k++) {
        int64_t low, high;
        if (bus_range(reader_bus(s->r), TOPIC_DEAD_LETTERS, k, &low, &high, e))
            return -1;
        t->letters += high - low;
    }
    for (size_t i = 0; i < ARRAY_LEN(counted); i++) {
        buf_clear(&t->last);
        if (reader_all(s->r, counted[i].topic, counted[i].fn, t, e))
            return -1;
    }
    return 0;
}

static void show_totals(struct status *s, const struct tally *t)
{
    if (s->json) {
        jsonw_end(&s->w);
        jsonw_key(&s->w, "resources");
        jsonw_object(&s->w);
        for (int i = 0; i < ASSESSED_MAX; i++)
            jsonw_pair_int(&s->w, assessment_code_names[i], t->codes[i]);
        jsonw_end(&s->w);
        jsonw_pair_int(&s->w, "images", t->images);
        jsonw_pair_int(&s->w, "places", t->places);
        jsonw_pair_int(&s->w, "inventories", t->inventories);
        jsonw_pair_int(&s->w, "layers", t->layers);
        jsonw_pair_int(&s->w, "layers_pulled", t->pulled);
        jsonw_pair_int(&s->w, "layers_failed", t->failed);
        jsonw_pair_int(&s->w, "layers_retrying", t->retrying);
        jsonw_pair_int(&s->w, "dead_letters", t->letters);
        jsonw_end(&s->w);
        buf_add_byte(&s->out, '\n');
        return;
    }
    buf_addf(&s->out, "\nImages: %" PRId64 " found in %" PRId64 " places, %" PRId64 " inventoried.\n", t->images,
             t->places, t->inventories);
    buf_addf(&s->out,
             "Layers: %" PRId64 " wanted, %" PRId64 " pulled, %" PRId64 " can't be pulled, %" PRId64
             " are tried again.\n",
             t->layers, t->pulled, t->failed, t->retrying);
    buf_addf(&s->out,
             "Resources: %" PRId64 " unhealthy, %" PRId64 " healthy, %" PRId64 " not applicable, %" PRId64
             " unverified. Dead letters: %" PRId64 ".\n",
             t->codes[ASSESSED_UNHEALTHY], t->codes[ASSESSED_HEALTHY], t->codes[ASSESSED_NOT_APPLICABLE],
             t->codes[ASSESSED_UNVERIFIED], t->letters);
}

static int fill(struct status *s, struct err *e)
{
    struct tally t = {.last = BUF_INIT(65536)};
    if (s->json) {
        jsonw_init(&s->w, &s->out, 2);
        jsonw_object(&s->w);
        jsonw_key(&s->w, "inputs");
        jsonw_array(&s->w);
    }
    int rc = 0;
    for (size_t i = 0; !rc && stage_list[i]; i++)
        rc = stage_rows(s, stage_list[i], e);
    if (!rc)
        rc = totals(s, &t, e);
    buf_done(&t.last);
    if (rc)
        return -1;
    if (!s->json) {
        struct text_terminal terminal;
        text_terminal_open(STDOUT_FILENO, &terminal);
        text_table_print(s->table, &terminal, &s->out);
    }
    show_totals(s, &t);
    return 0;
}

static int run(const struct settings *settings, void *own, const char *const *args, size_t n)
{
    static const struct text_column columns[] = {{"STAGE", false, 0, false},
                                                 {"READS", false, 0, false},
                                                 {"BEHIND", true, 0, false},
                                                 {"RECORDS", true, 0, false}};
    const struct status_options *o = own;
    struct status s = {.json = strcmp(o->format, "json") == 0, .out = BUF_INIT((size_t)16 << 20)};
    struct err e = ERR_INIT;
    (void)args;
    if (n)
        return command_usage("status", "it takes no arguments");
    s.table = text_table_new(columns, ARRAY_LEN(columns));
    int rc = reader_open(settings, &s.r, &e);
    if (!rc)
        rc = fill(&s, &e);
    if (!rc) {
        text_write(STDOUT_FILENO, buf_slice(&s.out));
        rc = reader_check(s.r, &e);
    }
    text_table_free(s.table);
    buf_done(&s.out);
    reader_close(s.r);
    return rc ? command_failed("status", &e) : 0;
}

const struct command command_status = {
    .name = "status",
    .arguments = "[--bus URL] [--format json]",
    .summary = "what every stage is doing, and what came of it",
    .about = "How many records each stage is behind on each topic whose partitions its copies share, how much of what "
             "is wanted is done, "
             "how many\n"
             "resources are in which state, what could not be pulled, what was given up.\n",
    .options = options,
    .options_n = ARRAY_LEN(options),
    .size = sizeof(struct status_options),
    .uses_settings = true,
    .settings = command_reading_settings,
    .run = run,
};
