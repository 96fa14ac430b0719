/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/up/watching.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/terminal/text.h"
#include "reports/findings_table.h"
#include "reports/keep.h"
#include "careen/topics/known.h"
#include "careen/topics/reader.h"
#include "reports/assessed_image.h"
#include "model/distro/distro.h"
#include "stage/stage.h"

#define QUIET_MS       1500  /* nothing moved for so long: it is settled */
#define UNVERIFIED_MS  10000 /* an image that can't be assessed holds --once no longer than this */
#define EMPTY_MS       20000 /* a registry without images */
#define FINDINGS_SHOWN 12
#define IMAGES_SHOWN   10
#define PLAIN_MS       10000 /* without a terminal: at most a line in so long */

/* What is known of an image, of a place that has one, or of a layer. */
struct seen {
    struct hash128 key;
    uint8_t flags;
    uint32_t uses; /* of images and layers: how many repositories or images have it */
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
    int found_bar, pulled_bar, assessed_bar, advisories_bar;
    struct seen_set images, places;     /* by digest; by digest and repository */
    struct seen_set layers, layer_uses; /* by digest; by digest and image */
    size_t unread;                      /* records that could not be decoded */
    int64_t advisories, advisories_ms, last_ms, began_ms;
    int64_t said_ms, said; /* without a terminal: when and how much was last said */
    struct arena arena;
    bool results_shown;
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

int watching_open(const struct settings *s, struct watching **ret_watching, struct err *e)
{
    struct watching *w = xcalloc(1, sizeof *w);
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
    if (w->terminal.tty) {
        w->found_bar = text_progress_begin(w->progress, "images found", 0, TEXT_COUNT);
        w->pulled_bar = text_progress_begin(w->progress, "layers pulled", 0, TEXT_COUNT);
        w->assessed_bar = text_progress_begin(w->progress, "images assessed", 0, TEXT_COUNT);
        w->advisories_bar = text_progress_begin(w->progress, "advisories", 0, TEXT_COUNT);
    }
    w->said_ms = w->began_ms = w->last_ms = clock_mono_ms();
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
    seen_free(&w->places);
    seen_free(&w->layers);
    seen_free(&w->layer_uses);
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

/* "  4 high, 8 medium; 12 fixable": only what there is. */
static void add_counts(struct buf *line, const struct recommendation *r)
{
    const int counts[] = {r->critical, r->high, r->medium, r->low, r->negligible, r->unknown};
    static const char *const names[] = {"critical", "high", "medium", "low", "negligible", "unknown"};
    const char *separator = "  ";
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        if (counts[i]) {
            buf_addf(line, "%s%d %s", separator, counts[i], names[i]);
            separator = ", ";
        }
    buf_addf(line, "; %d fixable", r->fixable);
    if (r->known_exploited)
        buf_addf(line, ", %d known to be exploited", r->known_exploited);
}

static void tell_recommendation(struct watching *w, struct seen *row, const struct recommendation *r)
{
    struct buf line = BUF_INIT(8192);
    buf_addf(&line, "%-14s %.*s/%.*s%s%.*s", assessment_code_names[r->code], SLICE_FMT(r->registry),
             SLICE_FMT(r->repository), r->tags.n ? ":" : "@",
             SLICE_FMT(r->tags.n ? r->tags.v[0] : slice_sub(r->image_digest, 0, 19)));
    if (r->code == ASSESSED_UNHEALTHY)
        add_counts(&line, r);
    else if (r->reasons.texts.n)
        buf_addf(&line, "  %.*s", SLICE_FMT(r->reasons.texts.v[0]));
    /* Until the first results only the bars move: what is known changes while advisories come in. */
    if (w->results_shown && row->line != hash64(buf_slice(&line)))
        watching_line(w, buf_slice(&line));
    row->line = hash64(buf_slice(&line));
    buf_done(&line);
}

static int take_recommendation(struct watching *w, const struct bus_event *ev, struct err *e)
{
    struct recommendation r = {0};
    if (ev->tombstone)
        return 0;
    arena_reset(&w->arena);
    if (codec_decode(reader_codec(w->r), TOPIC_RECOMMENDATIONS, ev->value, &w->arena, &r, e))
        return -1;
    if (!r.registry.n)
        return 0;
    /* Images are known by the key of the topic images: digest, registry/repository. */
    struct slice name = arena_printf(&w->arena, "%.*s,%.*s/%.*s", SLICE_FMT(r.image_digest), SLICE_FMT(r.registry),
                                     SLICE_FMT(r.repository));
    bool told = seen_row(&w->places, name)->flags & SEEN_TOLD;
    seen_mark(&w->images, r.image_digest, SEEN_DONE, r.code != ASSESSED_UNVERIFIED || r.ended);
    if ((r.code != ASSESSED_UNVERIFIED || told)) {
        seen_mark(&w->places, name, SEEN_TOLD, true);
        tell_recommendation(w, seen_row(&w->places, name), &r);
    }
    return 0;
}

/*
 * A key is a digest and what has it: an image and its repository, a layer and its image. The digest is there as long as
 * anything has it. Returns whether it is.
 */
static bool take_use(struct seen_set *digests, struct seen_set *uses, struct slice key, bool there)
{
    struct slice digest = topic_key_head(key);
    bool was = seen_row(uses, key)->flags & SEEN_THERE;
    seen_mark(uses, key, SEEN_THERE, there);
    struct seen *row = seen_row(digests, digest);
    row->uses += there && !was;
    row->uses -= !there && was;
    bool left = row->uses > 0;
    seen_mark(digests, digest, SEEN_THERE, left);
    return left;
}

static int take(struct watching *w, const struct bus_event *ev, struct err *e)
{
    struct pull p = {0};
    switch (ev->topic) {
    case TOPIC_IMAGES:
        /* An image is a digest, however many repositories have it: status, images and the API count it so too. */
        if (!take_use(&w->images, &w->places, ev->key, !ev->tombstone))
            seen_mark(&w->images, topic_key_head(ev->key), SEEN_DONE, false);
        return 0;
    case TOPIC_LAYERS:
        take_use(&w->layers, &w->layer_uses, ev->key, !ev->tombstone);
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
        w->advisories += !ev->tombstone;
        w->advisories_ms = MAX(w->advisories_ms, ev->timestamp_ms);
        return 0;
    default:
        return 0;
    }
}

/* Without a terminal: one line where there would be bars, now and then. */
static void say(struct watching *w, bool now)
{
    int64_t moved = (int64_t)(w->images.there + w->layers.done + w->images.done);
    if (moved == w->said || (!now && clock_mono_ms() - w->said_ms < PLAIN_MS))
        return;
    struct buf line = BUF_INIT(512);
    buf_addf(&line, "%zu images found, %zu of %zu layers pulled, %zu images assessed; %" PRId64 " advisories read",
             w->images.there, w->layers.done, w->layers.there, w->images.done, w->advisories);
    watching_line(w, buf_slice(&line));
    buf_done(&line);
    w->said = moved;
    w->said_ms = clock_mono_ms();
}

static void redraw(struct watching *w)
{
    if (!w->terminal.tty) {
        say(w, false);
        return;
    }
    text_progress_set(w->progress, w->found_bar, (int64_t)w->images.there, 0);
    text_progress_set(w->progress, w->pulled_bar, (int64_t)w->layers.done, (int64_t)w->layers.there);
    text_progress_set(w->progress, w->assessed_bar, (int64_t)w->images.done, (int64_t)w->images.there);
    text_progress_set(w->progress, w->advisories_bar, w->advisories, 0);
    text_progress_tick(w->progress);
}

/* Said once: the number stands below the results. */
static void tell_unread(struct watching *w, const struct err *why)
{
    if (w->unread++)
        return;
    char *line ATTR_CLEANUP(cleanup_free) = xasprintf("a record could not be read: %s", why->text);
    watching_line(w, slice_str(line));
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
        if (take(w, &ev, &mine)) {
            if (mine.kind != ERR_POISON) {
                *e = mine;
                return -1;
            }
            tell_unread(w, &mine);
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

/* How an image is called: the newest of its names that has a tag. */
struct name {
    struct slice digest, text;
};
typedef VEC(struct name) name_vec;

/* An image's findings as far as they are shown: the gravest, and how many there are. */
struct image_found {
    struct findings head;
    size_t n;
};

struct results {
    struct watching *w;
    const char *careen;
    bool passing;
    struct arena arena;
    name_vec names;                         /* sorted by digest: the topic is read in the order of keys */
    struct image_found found[IMAGES_SHOWN]; /* in the arena */
    struct known known;                     /* of the findings in them */
    size_t images, resources;
    struct buf out;
    struct text_terminal terminal;
};

static int take_name(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct results *r = arg;
    const struct image *im = record;
    (void)key, (void)at_ms, (void)e;
    struct name *last = r->names.n ? &r->names.v[r->names.n - 1] : NULL;
    if (last && slice_eq(last->digest, im->digest)) {
        if (!im->tags.n)
            return 0;
    } else {
        last = VEC_ADD(&r->arena, &r->names);
    }
    if (!last)
        return 0;
    last->digest = arena_slice(&r->arena, im->digest);
    last->text = im->tags.n ? arena_printf(&r->arena, "%.*s/%.*s:%.*s", SLICE_FMT(im->registry),
                                           SLICE_FMT(im->repository), SLICE_FMT(im->tags.v[0]))
                            : arena_printf(&r->arena, "%.*s/%.*s@%.*s", SLICE_FMT(im->registry),
                                           SLICE_FMT(im->repository), SLICE_FMT(slice_sub(im->digest, 0, 19)));
    return 0;
}

static struct slice name_of(const struct results *r, struct slice digest)
{
    for (size_t low = 0, high = r->names.n; low < high;) {
        size_t middle = (low + high) / 2;
        int c = slice_cmp(r->names.v[middle].digest, digest);
        if (!c)
            return r->names.v[middle].text;
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return slice_sub(digest, 0, 19);
}

/* "0 findings" is said only of what was judged. n: all of them. */
static void add_found(struct buf *out, const struct findings *f, size_t n)
{
    if (!n && ((!f->packages && f->status != INVENTORY_COMPLETE) || reasons_has(&f->reasons, REASON_NO_ADVISORIES)))
        buf_add_str(out, "not assessed\n");
    else if (!n && f->packages && !f->ecosystem.n)
        buf_add_str(out, "not judged\n");
    else
        buf_addf(out, "%zu finding%s\n", n, n == 1 ? "" : "s");
}

/* Kept, because what is known of the vulnerabilities is read afterwards. */
static int take_findings(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct results *r = arg;
    const struct findings *f = record;
    (void)key, (void)at_ms;
    if (r->images++ >= IMAGES_SHOWN)
        return 0;
    struct image_found *to = &r->found[r->images - 1];
    to->n = f->findings.n;
    to->head = (struct findings){.image_digest = arena_slice(&r->arena, f->image_digest),
                                 .ecosystem = arena_slice(&r->arena, f->ecosystem),
                                 .status = f->status,
                                 .packages = f->packages};
    bool fits = reasons_copy_all(&r->arena, &to->head.reasons, &f->reasons);
    if (f->findings.n)
        qsort(f->findings.v, f->findings.n, sizeof *f->findings.v, report_finding_by_severity);
    for (size_t i = 0; fits && i < MIN(f->findings.n, (size_t)FINDINGS_SHOWN); i++) {
        struct finding *kept = VEC_ADD(&r->arena, &to->head.findings);
        fits = kept && keep_finding(&r->arena, &f->findings.v[i], kept) && known_want(&r->known, kept->vulnerability);
    }
    return fits ? 0 : err_set(e, ERR_FATAL, 0, "the results are more than fit into memory");
}

static void show_findings(struct results *r, const struct image_found *found)
{
    const struct findings *f = &found->head;
    buf_addf(&r->out, "\n%s", text_style_on(&r->terminal, TEXT_BOLD));
    text_add_safe(&r->out, name_of(r, f->image_digest), false);
    buf_addf(&r->out, "%s  %d package%s, ", text_style_off(&r->terminal, TEXT_BOLD), f->packages,
             f->packages == 1 ? "" : "s");
    add_found(&r->out, f, found->n);
    for (size_t i = 0; i < f->reasons.texts.n; i++) {
        buf_add_str(&r->out, "  note: ");
        text_add_safe(&r->out, f->reasons.texts.v[i], false);
        buf_add_byte(&r->out, '\n');
    }
    if (!f->findings.n)
        return;
    struct text_table *t = findings_table_new(findings_have_paths(&f->findings));
    for (size_t i = 0; i < f->findings.n; i++)
        findings_table_add(t, &f->findings.v[i], known_of(&r->known, f->findings.v[i].vulnerability));
    text_table_print(t, &r->terminal, &r->out);
    text_table_free(t);
    if (found->n > f->findings.n)
        buf_addf(&r->out, "… and %zu more\n", found->n - f->findings.n);
}

static int show_recommendation(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct results *r = arg;
    const struct recommendation *x = record;
    (void)key, (void)at_ms, (void)e;
    if (r->resources++ >= IMAGES_SHOWN)
        return 0;
    enum text_style style = x->code == ASSESSED_HEALTHY ? TEXT_GREEN : TEXT_RED;
    buf_addf(&r->out, "%s%s%s  ", text_style_on(&r->terminal, style), assessment_code_names[x->code],
             text_style_off(&r->terminal, style));
    text_add_safe(&r->out, x->registry.n ? name_of(r, x->image_digest) : x->resource_id, false);
    if (x->ended)
        buf_addf(&r->out, "  %spast its end of life since %.*s%s", text_style_on(&r->terminal, TEXT_YELLOW),
                 SLICE_FMT(x->end_of_life), text_style_off(&r->terminal, TEXT_YELLOW));
    buf_add_str(&r->out, "\n  ");
    text_add_safe(&r->out, x->description, false);
    if (x->remediation.n)
        buf_add_str(&r->out, "\n  ");
    text_add_safe(&r->out, x->remediation, false);
    buf_add_byte(&r->out, '\n');
    return 0;
}

/* Which advisories these results rest on, and how to see the rest. */
static void show_sources(struct results *r)
{
    const struct watching *w = r->w;
    const struct settings *s = &w->settings;
    char when[CLOCK_TEXT_MAX];
    buf_addf(&r->out, "\nAdvisories  %" PRId64 " from %s", w->advisories,
             r->passing     ? "the set that comes with Careen"
             : s->feeds_dir ? "the folder "
                            : "their publishers");
    if (s->feeds_dir && !r->passing)
        text_add_safe(&r->out, slice_str(s->feeds_dir), false);
    if (w->advisories)
        buf_addf(&r->out, ", the newest read at %.*s UTC",
                 SLICE_FMT(slice_sub(slice_str(clock_format(w->advisories_ms, when)), 0, 19)));
    buf_add_byte(&r->out, '\n');
    if (!r->careen)
        return;
    buf_addf(&r->out, "See more    %s findings ", r->careen);
    text_add_safe(&r->out, r->names.n ? r->names.v[0].text : SLICE("IMAGE"), false);
    buf_addf(&r->out, " --bus %s\n            also recommendations, images, status, tail alerts\n", s->bus);
}

static int fill_results(struct results *r, struct reader *reader, struct err *e)
{
    if (reader_all(reader, TOPIC_IMAGES, take_name, r, e) || reader_all(reader, TOPIC_FINDINGS, take_findings, r, e) ||
        known_read(&r->known, reader, e))
        return -1;
    for (size_t i = 0; i < MIN(r->images, (size_t)IMAGES_SHOWN); i++)
        show_findings(r, &r->found[i]);
    if (r->images > IMAGES_SHOWN)
        buf_addf(&r->out, "\n… and %zu more images\n", r->images - IMAGES_SHOWN);
    buf_addf(&r->out, "\n%sRecommendations%s\n", text_style_on(&r->terminal, TEXT_BOLD),
             text_style_off(&r->terminal, TEXT_BOLD));
    if (reader_all(reader, TOPIC_RECOMMENDATIONS, show_recommendation, r, e))
        return -1;
    if (r->resources > IMAGES_SHOWN)
        buf_addf(&r->out, "… and %zu more\n", r->resources - IMAGES_SHOWN);
    return 0;
}

void watching_results(struct watching *w, const char *careen, bool passing)
{
    /* The watching reader follows its own topics; a second one reads what is true now. */
    struct results r = {.w = w,
                        .careen = careen,
                        .passing = passing,
                        .arena = ARENA_INIT((size_t)256 << 20),
                        .out = BUF_INIT((size_t)16 << 20)};
    struct reader *reader = NULL;
    struct err e = ERR_INIT;
    r.known.arena = &r.arena;
    text_terminal_open(STDOUT_FILENO, &r.terminal);
    if (w->terminal.tty)
        text_progress_clear(w->progress);
    else
        say(w, true);
    if (reader_open(&w->settings, &reader, &e) || fill_results(&r, reader, &e) || reader_check(reader, &e))
        fprintf(stderr, "careen up: %s\n", e.text);
    reader_close(reader);
    w->results_shown = true;
    show_sources(&r);
    text_write(STDOUT_FILENO, buf_slice(&r.out));
    buf_done(&r.out);
    arena_done(&r.arena);
}

size_t watching_found(const struct watching *w)
{
    return w->images.there;
}
