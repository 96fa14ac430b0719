/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lists.c: careen tail, images, findings, recommendations: what the topics say, as table or JSON, on either bus. */
#include "careen/command.h"

#include "base/clock.h"
#include "base/text.h"
#include "careen/ended.h"
#include "careen/reader.h"
#include "careen/report.h"
#include "model/software.h"

#include <signal.h>

struct list_options {
    const char *format;
    bool follow, from_now;
};

static const char *const formats[] = {"table", "json", NULL};
static const struct config_option list_options[] = {
    {.name = "format",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct list_options, format),
     .choices = formats,
     .value = "FORMAT",
     .help = "table (default on a terminal) or json, one object a line."},
};
/* Of one image, what stands around its findings. */
struct around {
    struct arena arena;
    struct report report;
    struct os_info os;
    slice_vec notes, reasons;
    unread_vec unread;
    struct finding_counts counts;
    size_t packages;
};
struct listing {
    struct reader *reader;
    struct ended_images ended;
    struct around around;
    enum topic topic;
    bool json;
    struct text_table *table;
    struct buf out;
    struct slice wanted;
    size_t shown;
};

static volatile int stop;

static void on_signal(int sig)
{
    (void)sig;
    stop = 1;
}

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

static const struct text_column image_columns[] = {{"IMAGE", false, 30, false},  {"TAGS", false, 10, false},
                                                   {"PLATFORM", false, 8, true}, {"LAYERS", true, 0, true},
                                                   {"PUSHED", false, 10, true},  {"STATUS", false, 6, false}};

static int show_image(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    const struct image *im = record;
    (void)key;
    (void)at_ms;
    l->shown++;
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
    {"RESOURCE", false, 30, false}, {"TAGS", false, 8, true},     {"STATE", false, 9, false}, {"CRIT", true, 0, false},
    {"HIGH", true, 0, false},       {"MED", true, 0, false},      {"LOW", true, 0, false},    {"?", true, 0, true},
    {"FIXABLE", true, 0, false},    {"EXPLOITED", true, 0, true}, {"NOTE", false, 10, false}};

static int show_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    const struct recommendation *r = record;
    (void)key;
    (void)at_ms;
    l->shown++;
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
        {arena_printf(&a, "%d", r->unknown), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->fixable), TEXT_PLAIN},
        {arena_printf(&a, "%d", r->known_exploited), r->known_exploited ? TEXT_BOLD_RED : TEXT_DIM},
        {ended_since(&l->ended, r->image_digest), TEXT_YELLOW},
    };
    text_table_add(l->table, cells);
    arena_done(&a);
    return 0;
}

/* ---- findings ---- */

static const struct text_column finding_columns[] = {{"SEVERITY", false, 0, false}, {"VULNERABILITY", false, 13, false},
                                                     {"PACKAGE", false, 8, false},  {"INSTALLED", false, 8, false},
                                                     {"FIXED IN", false, 6, false}, {"SOURCE", false, 6, true}};

static void keep_texts(struct arena *a, slice_vec *to, const slice_vec *from)
{
    for (size_t i = 0; i < from->n; i++)
        slice_vec_add(a, to, arena_slice(a, from->v[i]));
}

static int take_inventory(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    struct around *x = &l->around;
    const struct inventory *v = record;
    (void)at_ms, (void)e;
    if (slice_find_slice(key, l->wanted) < 0)
        return 0;
    x->packages += v->packages.n;
    if (v->part)
        return 0;
    x->report.extent = report_extent_of(v->status, &v->os, &v->packages);
    x->os = (struct os_info){.id = arena_slice(&x->arena, v->os.id),
                             .name = arena_slice(&x->arena, v->os.name),
                             .end_of_life = arena_slice(&x->arena, v->os.end_of_life)};
    keep_texts(&x->arena, &x->notes, &v->notes);
    for (size_t i = 0; i < v->unread.n; i++)
        unread_unpack(&x->arena, &x->unread, unread_pack(&v->unread.v[i], &x->arena));
    return 0;
}

static void print_findings(struct listing *l, const char *image)
{
    struct around *x = &l->around;
    struct text_terminal t;
    text_terminal_open(STDOUT_FILENO, &t);
    struct report r = x->report;
    r.terminal = &t;
    r.now_ms = clock_wall_ms();
    r.os = &x->os;
    r.notes = &x->notes;
    r.reasons = &x->reasons;
    r.unread = &x->unread;
    r.counts = &x->counts;
    if (!x->counts.findings && report_no_advisories(&x->reasons))
        r.extent = REPORT_NOT_ASSESSED;
    buf_add_str(&l->out, text_style_on(&t, TEXT_BOLD));
    text_add_safe(&l->out, slice_str(image), false);
    buf_addf(&l->out, "%s\n  digest    ", text_style_off(&t, TEXT_BOLD));
    text_add_safe(&l->out, l->wanted, false);
    buf_add_str(&l->out, "\n  system    ");
    report_system(&r, &l->out);
    buf_addf(&l->out, "\n  packages  %zu\n", x->packages);
    if (x->counts.findings) {
        buf_add_byte(&l->out, '\n');
        text_table_print(l->table, &t, &l->out);
    }
    report_notes(&r, &l->out);
    report_reasons(&r, &l->out);
    report_summary(&r, &l->out);
    report_unread(&r, &l->out);
    flush_out(l);
}

static int show_findings(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    const struct findings *f = record;
    (void)at_ms;
    if (slice_find_slice(key, l->wanted) < 0)
        return 0;
    l->shown++;
    if (l->json)
        return show_json(l, record, e);
    /* Decoded for this call alone: it may be put in the order that people read. */
    struct finding *sorted = f->findings.v;
    struct around *around = &l->around;
    struct arena arena = ARENA_INIT(1 << 20);
    if (f->part == 0) {
        around->report.status = f->status;
        keep_texts(&around->arena, &around->reasons, &f->reasons);
    }
    if (f->findings.n)
        qsort(sorted, f->findings.n, sizeof *sorted, finding_by_severity);
    for (size_t i = 0; i < f->findings.n; i++) {
        const struct finding *x = &sorted[i];
        arena_reset(&arena);
        finding_counts_add(&around->counts, &POLICY_DEFAULT, x, NULL);
        struct text_cell cells[] = {
            {slice_str(severity_names[x->severity]), report_severity_style(x->severity)},
            {x->vulnerability, TEXT_PLAIN},
            {x->package, TEXT_PLAIN},
            {x->version, TEXT_PLAIN},
            {report_fixed(x, &arena), report_fixed_style(x)},
            {x->sources.n ? x->sources.v[0].advisory : SLICE(""), TEXT_DIM},
        };
        text_table_add(l->table, cells);
    }
    arena_done(&arena);
    return 0;
}

/* ---- tail ---- */

static int show_tail(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct listing *l = arg;
    l->shown++;
    if (record && l->json)
        return show_json(l, record, e);
    char when[CLOCK_TEXT_MAX];
    struct buf b = BUF_INIT(65536);
    const struct alert *t = l->topic == TOPIC_ALERTS ? record : NULL;
    clock_format(at_ms, when);
    if (t)
        buf_addf(&b, "%s %-8s %-8s %.*s %.*s %.*s in %.*s", when, alert_kind_names[t->kind],
                 severity_names[t->severity], SLICE_FMT(t->vulnerability), SLICE_FMT(t->package), SLICE_FMT(t->version),
                 SLICE_FMT(t->resources.n ? t->resources.v[0] : t->image_digest));
    else
        buf_addf(&b, "%s %s %.*s", when, record ? "record" : "deleted", SLICE_FMT(key));
    text_add_safe(&l->out, buf_slice(&b), false);
    buf_add_byte(&l->out, '\n');
    buf_done(&b);
    flush_out(l);
    return 0;
}

/* ---- running ---- */

static int finish(const char *name, struct listing *l, int rc, const struct err *e)
{
    if (!rc && l->table && !l->json) {
        struct text_terminal t;
        text_terminal_open(STDOUT_FILENO, &t);
        text_table_print(l->table, &t, &l->out);
        flush_out(l);
    }
    text_table_free(l->table);
    buf_done(&l->out);
    reader_close(l->reader);
    return rc ? command_failed(name, e) : 0;
}

static int list(const char *name, const struct settings *s, const struct list_options *o, enum topic t,
                const struct text_column *columns, size_t columns_n, reader_fn fn, struct listing *l)
{
    struct err e = ERR_INIT;
    l->topic = t;
    l->json = json_asked(o);
    l->out = BUF_INIT((size_t)256 << 20);
    l->table = text_table_new(columns, columns_n);
    int rc = reader_open(s, &l->reader, &e);
    if (!rc && t == TOPIC_RECOMMENDATIONS && !l->json)
        rc = ended_read(&l->ended, l->reader, &e);
    if (!rc)
        rc = reader_all(l->reader, t, fn, l, &e);
    rc = finish(name, l, rc, &e);
    ended_done(&l->ended);
    return rc;
}

static int run_images(const struct settings *s, void *own, const char *const *args, size_t n)
{
    struct listing l = {0};
    (void)args;
    if (n)
        return command_usage("images", "it takes no arguments");
    return list("images", s, own, TOPIC_IMAGES, image_columns, ARRAY_LEN(image_columns), show_image, &l);
}

static int run_recommendations(const struct settings *s, void *own, const char *const *args, size_t n)
{
    struct listing l = {0};
    (void)args;
    if (n)
        return command_usage("recommendations", "it takes no arguments");
    return list("recommendations", s, own, TOPIC_RECOMMENDATIONS, recommendation_columns,
                ARRAY_LEN(recommendation_columns), show_recommendation, &l);
}

/* What a person calls an image, to the digest that findings are keyed by; several digests are told, not chosen among.
 */
struct lookup {
    struct slice text;
    char digest[80], other[80];
    char why[512]; /* its image is none that can be assessed */
};

#define DIGEST_LEAST 13 /* "sha256:" and six digits */

static bool digest_matches(struct slice digest, struct slice text)
{
    return text.n >= DIGEST_LEAST && slice_starts(digest, text);
}

/* repository, repository:tag, repository@digest, each with the registry or without; digests may be cut. */
static bool image_matches(const struct image *im, struct slice text)
{
    struct arena a = ARENA_INIT(1 << 20);
    const struct slice names[] = {im->repository,
                                  arena_printf(&a, "%.*s/%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository))};
    bool match = digest_matches(im->digest, text);
    for (size_t i = 0; i < ARRAY_LEN(names) && !match; i++) {
        struct slice rest = text;
        if (!slice_take_prefix(&rest, names[i]))
            continue;
        match = rest.n == 0;
        if (slice_take_prefix(&rest, SLICE("@")))
            match = digest_matches(im->digest, rest);
        else if (slice_take_prefix(&rest, SLICE(":")))
            for (size_t j = 0; j < im->tags.n && !match; j++)
                match = slice_eq(im->tags.v[j], rest);
    }
    arena_done(&a);
    return match;
}

static int look(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct lookup *k = arg;
    const struct image *im = record;
    (void)key;
    (void)at_ms;
    (void)e;
    if (!image_matches(im, k->text) || slice_eq_str(im->digest, k->digest))
        return 0;
    char *to = k->digest[0] ? k->other : k->digest;
    snprintf(to, sizeof k->digest, "%.*s", SLICE_FMT(im->digest));
    if (im->status != IMAGE_OK)
        snprintf(k->why, sizeof k->why, "can't be assessed: %.*s", SLICE_FMT(slice_sub(im->reason, 0, 400)));
    return k->other[0] != 0;
}

static int list_findings(const struct settings *s, const struct list_options *o, const char *image, struct listing *l)
{
    struct err e = ERR_INIT;
    l->topic = TOPIC_FINDINGS;
    l->json = json_asked(o);
    l->out = BUF_INIT((size_t)256 << 20);
    l->around.arena = ARENA_INIT((size_t)64 << 20);
    l->table = text_table_new(finding_columns, ARRAY_LEN(finding_columns));
    int rc = reader_open(s, &l->reader, &e);
    if (!rc && !l->json)
        rc = reader_all(l->reader, TOPIC_INVENTORIES, take_inventory, l, &e);
    if (!rc)
        rc = reader_all(l->reader, TOPIC_FINDINGS, show_findings, l, &e);
    if (!rc && l->shown && !l->json)
        print_findings(l, image);
    text_table_free(l->table);
    l->table = NULL;
    rc = finish("findings", l, rc, &e);
    arena_done(&l->around.arena);
    return rc;
}

static int run_findings(const struct settings *s, void *own, const char *const *args, size_t n)
{
    struct listing l = {0};
    struct reader *r;
    struct err e = ERR_INIT;
    struct lookup k = {.text = slice_str(n ? args[0] : NULL)};
    if (n != 1 || !args[0][0])
        return command_usage("findings", "name one image: registry/repository:tag, …@sha256:… or sha256:…");
    if (reader_open(s, &r, &e))
        return command_failed("findings", &e);
    int rc = reader_all(r, TOPIC_IMAGES, look, &k, &e);
    reader_close(r);
    if (rc)
        return command_failed("findings", &e);
    if (k.other[0]) {
        err_set(&e, ERR_USAGE, 0, "\"%s\" fits several images, %.19s and %.19s among them; name one by its digest",
                args[0], k.digest, k.other);
        return command_failed("findings", &e);
    }
    if (!k.digest[0]) {
        err_set(&e, ERR_NOT_FOUND, 0, "no image %s is known; careen images lists them", args[0]);
        return command_failed("findings", &e);
    }
    l.wanted = slice_str(k.digest);
    rc = list_findings(s, own, args[0], &l);
    if (!rc && !l.shown) {
        err_set(&e, ERR_RETRY, 0, "%s %s", args[0], k.why[0] ? k.why : "is not assessed yet");
        return command_failed("findings", &e);
    }
    return rc;
}

static int run_tail(const struct settings *s, void *own, const char *const *args, size_t n)
{
    const struct list_options *o = own;
    struct listing l = {.json = json_asked(o), .out = BUF_INIT((size_t)64 << 20)};
    struct err e = ERR_INIT;
    struct sigaction sa = {.sa_handler = on_signal};
    if (n != 1 || (l.topic = topic_by_name(slice_str(args[0]))) == TOPIC_MAX)
        return command_usage("tail", "name one topic: alerts, recommendations, findings, inventories, images …");
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
                                       .arguments = "--bus URL [--format json]",
                                       .summary = "the images that are known",
                                       .about = "Lists the catalogue: every image of every registry, with its tags.\n",
                                       SHARED,
                                       .run = run_images};
const struct command command_recommendations = {
    .name = "recommendations",
    .arguments = "--bus URL [--format json]",
    .summary = "what is to be done, image by image",
    .about = "Lists the recommendations: each image and each running container, its state and its counts.\n",
    SHARED,
    .run = run_recommendations};
const struct command command_findings = {
    .name = "findings",
    .arguments = "IMAGE --bus URL [--format json]",
    .summary = "the vulnerabilities of one image",
    .about =
        "IMAGE is repository:tag, repository@sha256:…, repository alone when it has one image, or a digest or its\n"
        "beginning; the registry in front may be left out.\n",
    SHARED,
    .run = run_findings};

static const struct config_option tail_all[] = {
    {.name = "format",
     .kind = CONFIG_STRING,
     .offset = offsetof(struct list_options, format),
     .choices = formats,
     .value = "FORMAT",
     .help = "table (default on a terminal) or json, one object a line."},
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
const struct command command_tail = {.name = "tail",
                                     .arguments = "TOPIC --bus URL [--format json] [--no-follow] [--from-now]",
                                     .summary = "the records of a topic as they come",
                                     .about = "careen tail alerts shows what appeared, changed or was resolved.\n",
                                     .options = tail_all,
                                     .options_n = ARRAY_LEN(tail_all),
                                     .size = sizeof(struct list_options),
                                     .uses_settings = true,
                                     .settings = reading_settings,
                                     .run = run_tail};
