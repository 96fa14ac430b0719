/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/watching.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "careen/reader.h"

#define QUIET_MS       1500  /* nothing moved for so long: it is settled */
#define UNVERIFIED_MS  10000 /* an image that can't be assessed holds --once no longer than this */
#define EMPTY_MS       20000 /* a registry without images */
#define FINDINGS_SHOWN 12

/* What is known of an image or a layer. */
struct seen {
    struct hash128 key;
    uint8_t flags;
    uint64_t line; /* of images: hash of what was said last, so that it is said once */
};
enum { SEEN_THERE = 1, SEEN_DONE = 2, SEEN_TOLD = 4 };

struct seen_set {
    struct seen *rows;
    size_t cap, n, there, done;
};

struct watching {
    struct settings settings;
    struct reader *r;
    struct text_terminal terminal;
    struct text_progress *progress;
    int found_bar, pulled_bar, assessed_bar;
    struct seen_set images, layers;
    int64_t advisories, unverified, last_ms, began_ms;
    struct arena arena;
    bool quiet;
};

static const enum topic watched[] = {TOPIC_IMAGES,          TOPIC_LAYERS,     TOPIC_PULLS,
                                     TOPIC_RECOMMENDATIONS, TOPIC_ADVISORIES, TOPIC_FINDINGS};

static struct seen *seen_slot(struct seen_set *s, struct hash128 key)
{
    uint64_t h;
    memcpy(&h, key.b, sizeof h);
    for (size_t i = (size_t)h & (s->cap - 1);; i = (i + 1) & (s->cap - 1))
        if (!s->rows[i].flags || memcmp(s->rows[i].key.b, key.b, sizeof key.b) == 0)
            return &s->rows[i];
}

static struct seen *seen_row(struct seen_set *s, struct slice name)
{
    if (s->n * 2 >= s->cap) {
        struct seen_set bigger = {.cap = s->cap ? s->cap * 2 : 1024};
        bigger.rows = xcalloc(bigger.cap, sizeof *bigger.rows);
        for (size_t i = 0; i < s->cap; i++)
            if (s->rows[i].flags)
                *seen_slot(&bigger, s->rows[i].key) = s->rows[i];
        free(s->rows);
        s->rows = bigger.rows;
        s->cap = bigger.cap;
    }
    struct seen *row = seen_slot(s, hash128(name));
    if (!row->flags) {
        row->key = hash128(name);
        row->flags = 0x80;
        s->n++;
    }
    return row;
}

static void seen_mark(struct seen_set *s, struct slice name, uint8_t flag, bool on)
{
    struct seen *row = seen_row(s, name);
    bool was = row->flags & flag;
    row->flags = (uint8_t)(on ? row->flags | flag : row->flags & ~flag);
    size_t *count = flag == SEEN_THERE ? &s->there : flag == SEEN_DONE ? &s->done : NULL;
    if (count && was != on)
        *count += on ? 1 : (size_t)-1;
}

static void seen_free(struct seen_set *s)
{
    free(s->rows);
    *s = (struct seen_set){0};
}

int watching_open(const struct settings *s, bool quiet, struct watching **ret_watching, struct err *e)
{
    struct watching *w = xcalloc(1, sizeof *w);
    w->quiet = quiet;
    w->settings = *s;
    w->arena = ARENA_INIT((size_t)256 << 20);
    text_terminal_open(STDERR_FILENO, &w->terminal);
    w->progress = text_progress_new(&w->terminal, NULL);
    if (reader_open(s, &w->r, e)) {
        watching_close(w);
        return -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        for (uint32_t k = 0; k < reader_partitions(w->r); k++) {
            int64_t low, high;
            if (bus_range(reader_bus(w->r), watched[i], k, &low, &high, e) ||
                bus_watch(reader_bus(w->r), watched[i], k, low, e)) {
                watching_close(w);
                return -1;
            }
        }
    w->found_bar = text_progress_begin(w->progress, "found", 0, TEXT_COUNT);
    w->pulled_bar = text_progress_begin(w->progress, "pulled", 0, TEXT_COUNT);
    w->assessed_bar = text_progress_begin(w->progress, "assessed", 0, TEXT_COUNT);
    w->began_ms = w->last_ms = clock_mono_ms();
    *ret_watching = w;
    return 0;
}

void watching_close(struct watching *w)
{
    if (!w)
        return;
    text_progress_free(w->progress);
    reader_close(w->r);
    seen_free(&w->images);
    seen_free(&w->layers);
    arena_done(&w->arena);
    free(w);
}

void watching_line(struct watching *w, struct slice line)
{
    if (w)
        text_progress_line(w->progress, line);
    else
        fprintf(stderr, "%.*s\n", SLICE_FMT(line));
}

/* ---- records ---- */

static void tell_recommendation(struct watching *w, struct seen *row, const struct recommendation *r)
{
    struct buf line = BUF_INIT(8192);
    buf_addf(&line, "%-14s %.*s/%.*s%s%.*s", assessment_code_names[r->code], SLICE_FMT(r->registry),
             SLICE_FMT(r->repository), r->tags.n ? ":" : "@",
             SLICE_FMT(r->tags.n ? r->tags.v[0] : slice_sub(r->image_digest, 0, 19)));
    if (r->code == ASSESSED_UNHEALTHY)
        buf_addf(&line, "  %d critical, %d high, %d medium, %d low, %d unknown; %d fixable, %d known to be exploited",
                 r->critical, r->high, r->medium, r->low, r->unknown, r->fixable, r->known_exploited);
    else if (r->reasons.n)
        buf_addf(&line, "  %.*s", SLICE_FMT(r->reasons.v[0]));
    if (row->line != hash64(buf_slice(&line)))
        watching_line(w, buf_slice(&line));
    row->line = hash64(buf_slice(&line));
    buf_done(&line);
}

static int take_recommendation(struct watching *w, const struct bus_event *ev, struct err *e)
{
    struct recommendation r = {0};
    struct slice key = ev->key;
    if (ev->tombstone) {
        seen_mark(&w->images, key, SEEN_DONE, false);
        return 0;
    }
    arena_reset(&w->arena);
    if (codec_decode(reader_codec(w->r), TOPIC_RECOMMENDATIONS, ev->value, &w->arena, &r, e))
        return -1;
    if (!r.registry.n)
        return 0;
    /* Images are known by the key of the topic images: digest, registry/repository. */
    struct slice name = arena_printf(&w->arena, "%.*s,%.*s/%.*s", SLICE_FMT(r.image_digest), SLICE_FMT(r.registry),
                                     SLICE_FMT(r.repository));
    struct seen *row = seen_row(&w->images, name);
    bool told = row->flags & SEEN_TOLD;
    seen_mark(&w->images, name, SEEN_DONE, r.code != ASSESSED_UNVERIFIED);
    if (!w->quiet && (r.code != ASSESSED_UNVERIFIED || told)) {
        seen_mark(&w->images, name, SEEN_TOLD, true);
        tell_recommendation(w, row, &r);
    }
    return 0;
}

static int take(struct watching *w, const struct bus_event *ev, struct err *e)
{
    struct pull p = {0};
    switch (ev->topic) {
    case TOPIC_IMAGES:
        seen_mark(&w->images, ev->key, SEEN_THERE, !ev->tombstone);
        return 0;
    case TOPIC_LAYERS:
        if (!ev->tombstone)
            seen_mark(&w->layers, slice_sub(ev->key, 0, (size_t)MAX(slice_find(ev->key, ','), 0)), SEEN_THERE, true);
        return 0;
    case TOPIC_PULLS:
        arena_reset(&w->arena);
        if (!ev->tombstone && codec_decode(reader_codec(w->r), TOPIC_PULLS, ev->value, &w->arena, &p, e))
            return -1;
        seen_mark(&w->layers, ev->key, SEEN_DONE, !ev->tombstone && p.status != PULL_FAILED);
        return 0;
    case TOPIC_RECOMMENDATIONS:
        return take_recommendation(w, ev, e);
    case TOPIC_ADVISORIES:
        w->advisories++;
        return 0;
    default:
        return 0;
    }
}

static void redraw(struct watching *w)
{
    text_progress_set(w->progress, w->found_bar, (int64_t)w->images.there, (int64_t)w->images.there);
    text_progress_set(w->progress, w->pulled_bar, (int64_t)w->layers.done, (int64_t)w->layers.there);
    text_progress_set(w->progress, w->assessed_bar, (int64_t)w->images.done, (int64_t)w->images.there);
    text_progress_tick(w->progress);
}

int watching_poll(struct watching *w, int timeout_ms, struct err *e)
{
    for (int n = 0; n < 5000; n++) {
        struct bus_event ev;
        struct err mine = ERR_INIT;
        if (bus_poll(reader_bus(w->r), n ? 0 : timeout_ms, &ev, &mine)) {
            if (mine.kind == ERR_RETRY)
                break;
            *e = mine;
            return -1;
        }
        if (ev.kind == BUS_NOTHING)
            break;
        if (ev.kind != BUS_RECORD)
            continue;
        w->last_ms = clock_mono_ms();
        if (take(w, &ev, &mine) && mine.kind != ERR_POISON) {
            *e = mine;
            return -1;
        }
    }
    redraw(w);
    return 0;
}

bool watching_settled(struct watching *w)
{
    int64_t now = clock_mono_ms();
    if (now - w->last_ms < QUIET_MS)
        return false;
    if (!w->images.there)
        return now - w->began_ms > EMPTY_MS;
    return w->images.done >= w->images.there || now - w->last_ms > UNVERIFIED_MS;
}

/* ---- results ---- */

struct results {
    struct watching *w;
    struct text_table *table;
    struct buf out;
    struct text_terminal terminal;
};

static enum text_style style_of(enum severity s)
{
    return s == SEVERITY_CRITICAL ? TEXT_BOLD_RED
           : s == SEVERITY_HIGH   ? TEXT_RED
           : s == SEVERITY_MEDIUM ? TEXT_YELLOW
                                  : TEXT_PLAIN;
}

static int by_severity(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    return slice_cmp(x->vulnerability, y->vulnerability);
}

static int show_findings(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    static const struct text_column columns[] = {{"SEVERITY", false, 0, false},
                                                 {"VULNERABILITY", false, 13, false},
                                                 {"PACKAGE", false, 8, false},
                                                 {"INSTALLED", false, 8, false},
                                                 {"FIXED", false, 6, false}};
    struct results *r = arg;
    const struct findings *f = record;
    (void)key;
    (void)at_ms;
    (void)e;
    text_add_safe(&r->out, f->image_digest, false);
    buf_addf(&r->out, "  %d packages judged, %zu findings\n", f->packages, f->findings.n);
    for (size_t i = 0; i < f->reasons.n; i++) {
        buf_add_str(&r->out, "  note: ");
        text_add_safe(&r->out, f->reasons.v[i], false);
        buf_add_byte(&r->out, '\n');
    }
    if (!f->findings.n)
        return 0;
    qsort(f->findings.v, f->findings.n, sizeof *f->findings.v, by_severity);
    struct text_table *t = text_table_new(columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < MIN(f->findings.n, (size_t)FINDINGS_SHOWN); i++) {
        const struct finding *x = &f->findings.v[i];
        struct text_cell cells[] = {{slice_str(severity_names[x->severity]), style_of(x->severity)},
                                    {x->vulnerability, TEXT_PLAIN},
                                    {x->package, TEXT_PLAIN},
                                    {x->version, TEXT_PLAIN},
                                    {x->fixed_version.n ? x->fixed_version : SLICE("-"), TEXT_PLAIN}};
        text_table_add(t, cells);
    }
    text_table_print(t, &r->terminal, &r->out);
    text_table_free(t);
    if (f->findings.n > FINDINGS_SHOWN)
        buf_addf(&r->out, "… and %zu more: careen findings %.*s\n", f->findings.n - FINDINGS_SHOWN,
                 SLICE_FMT(slice_sub(f->image_digest, 0, 19)));
    buf_add_byte(&r->out, '\n');
    return 0;
}

static int show_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct results *r = arg;
    const struct recommendation *x = record;
    (void)key;
    (void)at_ms;
    (void)e;
    buf_addf(&r->out, "%s%s%s ", text_style_on(&r->terminal, x->code == ASSESSED_HEALTHY ? TEXT_GREEN : TEXT_RED),
             assessment_code_names[x->code], text_style_off(&r->terminal, TEXT_RED));
    text_add_safe(&r->out, x->resource_id, false);
    buf_add_str(&r->out, "\n  ");
    text_add_safe(&r->out, x->description, false);
    buf_add_byte(&r->out, ' ');
    text_add_safe(&r->out, x->remediation, false);
    buf_add_byte(&r->out, '\n');
    return 0;
}

void watching_results(struct watching *w)
{
    /* The watching reader follows its own topics; a second one reads what is true now. */
    struct results r = {.w = w, .out = BUF_INIT((size_t)16 << 20)};
    struct reader *reader = NULL;
    struct err e = ERR_INIT;
    text_terminal_open(STDOUT_FILENO, &r.terminal);
    buf_add_str(&r.out, "\nFindings\n");
    int rc = reader_open(&w->settings, &reader, &e);
    if (!rc)
        rc = reader_all(reader, TOPIC_FINDINGS, show_findings, &r, &e);
    buf_add_str(&r.out, "Recommendations\n");
    if (!rc)
        rc = reader_all(reader, TOPIC_RECOMMENDATIONS, show_recommendation, &r, &e);
    reader_close(reader);
    if (rc)
        fprintf(stderr, "careen up: %s\n", e.text);
    if (!w->images.there)
        buf_add_str(&r.out,
                    "No image was found. Is the registry's address right, and may this login list its catalogue?\n");
    text_write(STDOUT_FILENO, buf_slice(&r.out));
    buf_done(&r.out);
}
