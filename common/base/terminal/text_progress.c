/* SPDX-License-Identifier: Apache-2.0 */
#include "base/terminal/text.h"

#include <pthread.h>

#include "base/clock.h"

#define REDRAW_MS        100
#define PLAIN_MS         10000
#define RATE_MS          500 /* the rate is looked at this often */
#define BAR_MAX          30
#define NAME_MAX_COLUMNS 32

struct bar {
    struct buf name, note;
    int64_t done, total, begun_ms, said_ms, said_done;
    int64_t rate_ms, rate_done; /* when and where the rate was last looked at */
    double rate;                /* a second; negative: not known yet */
    enum text_unit unit;
    bool used;
};

struct text_progress {
    pthread_mutex_t lock;
    struct text_terminal terminal;
    int64_t (*now)(void);
    struct bar *bars;
    size_t n;
    size_t drawn; /* lines on the terminal now; the cursor is behind the last */
    int64_t drawn_ms;
    struct buf shown; /* what is drawn: the same again is not written again */
    bool ever_drawn;
};

struct text_progress *text_progress_new(const struct text_terminal *terminal, int64_t (*now)(void))
{
    struct text_progress *p = xcalloc(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    p->terminal = *terminal;
    p->now = now ? now : clock_mono_ms;
    p->shown = BUF_INIT((size_t)1 << 20);
    return p;
}

static void amount(struct buf *out, enum text_unit unit, int64_t n)
{
    char text[TEXT_HUMAN_MAX];
    buf_add_str(out, unit == TEXT_BYTES ? text_size(n, text) : text_count(n, text));
}

/* "45%  12 MiB of 27 MiB  4.2 MiB/s  3.5 s left" */
static void describe(struct buf *out, const struct bar *b)
{
    char text[TEXT_HUMAN_MAX];
    if (b->total > 0)
        buf_addf(out, "%3d%%  ", (int)((double)MIN(b->done, b->total) * 100 / (double)b->total));
    amount(out, b->unit, b->done);
    if (b->total > 0) {
        buf_add_str(out, " of ");
        amount(out, b->unit, b->total);
    }
    if (b->rate >= 0.5) {
        buf_add_str(out, "  ");
        amount(out, b->unit, (int64_t)(b->rate + 0.5));
        buf_add_str(out, "/s");
        double left = b->total > b->done ? (double)(b->total - b->done) / b->rate : 0;
        if (left >= 1 && left < 86400.0 * 30)
            buf_addf(out, "  %s left", text_duration((int64_t)left * 1000, text));
    }
    if (b->note.n) {
        buf_add_str(out, "  ");
        buf_add_slice(out, buf_slice(&b->note));
    }
}

static void look_at_rate(struct bar *b, int64_t now)
{
    int64_t span = now - b->rate_ms;
    if (span < RATE_MS)
        return;
    double fresh = (double)MAX(b->done - b->rate_done, 0) * 1000 / (double)span;
    b->rate = b->rate < 0 ? fresh : 0.7 * b->rate + 0.3 * fresh;
    b->rate_ms = now;
    b->rate_done = b->done;
}

static void add_bar(struct buf *out, const struct bar *b, size_t columns)
{
    size_t filled = b->total > 0 ? (size_t)((double)MIN(b->done, b->total) * (double)columns / (double)b->total) : 0;
    buf_add_byte(out, '[');
    for (size_t i = 0; i < columns; i++)
        buf_add_byte(out, i < filled ? '#' : '.');
    buf_add_str(out, "]  ");
}

static size_t name_columns(const struct text_progress *p)
{
    size_t widest = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->bars[i].used)
            widest = MAX(widest, text_width(buf_slice(&p->bars[i].name)));
    return MIN(widest, MIN((size_t)NAME_MAX_COLUMNS, p->terminal.width / 3));
}

/*
 * Writes exactly one line of the terminal, without a line end: one that wraps would spoil the count of lines to go up.
 */
static void add_line(struct buf *out, const struct text_progress *p, struct bar *b, size_t names)
{
    struct buf line = BUF_INIT(4096);
    text_add_cut(&line, buf_slice(&b->name), names, true);
    buf_add_str(&line, "  ");
    if (b->total > 0 && p->terminal.width >= names + 60)
        add_bar(&line, b, MIN((size_t)BAR_MAX, p->terminal.width - names - 50));
    describe(&line, b);
    text_add_cut(out, buf_slice(&line), p->terminal.width - 1, false);
    buf_done(&line);
}

/* Goes back to where the first bar began and clears everything behind. */
static void erase(struct text_progress *p, struct buf *out)
{
    if (!p->drawn)
        return;
    buf_add_byte(out, '\r');
    if (p->drawn > 1)
        buf_addf(out, "\x1b[%zuA", p->drawn - 1);
    buf_add_str(out, "\x1b[J");
    p->drawn = 0;
}

/* Writes the bars' lines into p->shown and returns how many they are. */
static size_t render(struct text_progress *p)
{
    int64_t now = p->now();
    size_t names = name_columns(p), hidden = 0, lines = 0;
    size_t most = p->terminal.height > 2 ? p->terminal.height - 2 : 1;
    buf_clear(&p->shown);
    for (size_t i = 0; i < p->n; i++) {
        struct bar *b = &p->bars[i];
        if (!b->used)
            continue;
        look_at_rate(b, now);
        if (lines == most) {
            hidden++;
            continue;
        }
        buf_add_str(&p->shown, lines ? "\n" : "");
        add_line(&p->shown, p, b, names);
        lines++;
    }
    if (hidden) {
        buf_addf(&p->shown, "\n  and %zu more", hidden);
        lines++;
    }
    p->drawn_ms = now;
    p->ever_drawn = true;
    return lines;
}

static void draw(struct text_progress *p, struct buf *out)
{
    erase(p, out);
    p->drawn = render(p);
    buf_add_slice(out, buf_slice(&p->shown));
}

static void redraw(struct text_progress *p)
{
    struct buf out = BUF_INIT((size_t)1 << 20);
    if (p->terminal.tty && (!p->ever_drawn || p->now() - p->drawn_ms >= REDRAW_MS)) {
        struct buf before = p->shown;
        p->shown = BUF_INIT((size_t)1 << 20);
        size_t lines = render(p);
        if (!slice_eq(buf_slice(&before), buf_slice(&p->shown))) {
            erase(p, &out);
            buf_add_slice(&out, buf_slice(&p->shown));
            p->drawn = lines;
        }
        buf_done(&before);
        text_write(p->terminal.fd, buf_slice(&out));
    }
    buf_done(&out);
}

/* Writes one line that stays. The text has gone through text_add_safe. */
static void say(struct text_progress *p, struct slice text)
{
    struct buf out = BUF_INIT((size_t)1 << 20);
    erase(p, &out);
    buf_add_slice(&out, text);
    buf_add_byte(&out, '\n');
    if (p->terminal.tty)
        draw(p, &out);
    text_write(p->terminal.fd, buf_slice(&out));
    buf_done(&out);
}

static void say_bar(struct text_progress *p, struct bar *b)
{
    struct buf line = BUF_INIT(4096);
    look_at_rate(b, p->now());
    buf_add_slice(&line, buf_slice(&b->name));
    buf_add_str(&line, ": ");
    describe(&line, b);
    say(p, buf_slice(&line));
    b->said_ms = p->now();
    b->said_done = b->done;
    buf_done(&line);
}

static struct bar *find_bar(struct text_progress *p, int bar)
{
    ASSERT(bar >= 0 && (size_t)bar < p->n && p->bars[bar].used);
    return &p->bars[bar];
}

int text_progress_begin(struct text_progress *p, const char *name, int64_t total, enum text_unit unit)
{
    pthread_mutex_lock(&p->lock);
    size_t i = 0;
    while (i < p->n && p->bars[i].used)
        i++;
    if (i == p->n) {
        p->bars = xrealloc(p->bars, (p->n + 1) * sizeof *p->bars);
        p->n++;
    }
    struct bar *b = &p->bars[i];
    int64_t now = p->now();
    *b = (struct bar){.name = BUF_INIT(256),
                      .note = BUF_INIT(512),
                      .total = total,
                      .unit = unit,
                      .used = true,
                      .begun_ms = now,
                      .said_ms = now,
                      .rate_ms = now,
                      .rate = -1};
    text_add_safe(&b->name, slice_sub(slice_str(name), 0, 80), false);
    if (p->terminal.tty)
        redraw(p);
    else
        say_bar(p, b);
    pthread_mutex_unlock(&p->lock);
    return (int)i;
}

void text_progress_set(struct text_progress *p, int bar, int64_t done, int64_t total)
{
    pthread_mutex_lock(&p->lock);
    struct bar *b = find_bar(p, bar);
    b->done = done;
    b->total = total;
    if (!p->terminal.tty && b->done != b->said_done && p->now() - b->said_ms >= PLAIN_MS)
        say_bar(p, b);
    redraw(p);
    pthread_mutex_unlock(&p->lock);
}

void text_progress_note(struct text_progress *p, int bar, const char *note)
{
    struct buf safe = BUF_INIT(512);
    text_add_safe(&safe, slice_sub(slice_str(note), 0, 160), false);
    pthread_mutex_lock(&p->lock);
    struct bar *b = find_bar(p, bar);
    bool changed = !slice_eq(buf_slice(&safe), buf_slice(&b->note));
    if (changed) {
        buf_clear(&b->note);
        buf_add_slice(&b->note, buf_slice(&safe));
    }
    if (changed && !p->terminal.tty)
        say_bar(p, b);
    redraw(p);
    pthread_mutex_unlock(&p->lock);
    buf_done(&safe);
}

void text_progress_end(struct text_progress *p, int bar, const char *result)
{
    struct buf line = BUF_INIT(4096);
    char text[TEXT_HUMAN_MAX];
    pthread_mutex_lock(&p->lock);
    struct bar *b = find_bar(p, bar);
    buf_add_slice(&line, buf_slice(&b->name));
    buf_add_str(&line, ": ");
    text_add_safe(&line, slice_sub(slice_str(result), 0, 1000), false);
    buf_addf(&line, " (%s)", text_duration(p->now() - b->begun_ms, text));
    buf_done(&b->name);
    buf_done(&b->note);
    b->used = false;
    say(p, buf_slice(&line));
    pthread_mutex_unlock(&p->lock);
    buf_done(&line);
}

void text_progress_line(struct text_progress *p, struct slice line)
{
    struct buf safe = BUF_INIT((size_t)1 << 16);
    text_add_safe(&safe, slice_sub(line, 0, 1 << 14), false);
    pthread_mutex_lock(&p->lock);
    say(p, buf_slice(&safe));
    pthread_mutex_unlock(&p->lock);
    buf_done(&safe);
}

void text_progress_tick(struct text_progress *p)
{
    pthread_mutex_lock(&p->lock);
    redraw(p);
    pthread_mutex_unlock(&p->lock);
}

void text_progress_clear(struct text_progress *p)
{
    struct buf out = BUF_INIT(256);
    pthread_mutex_lock(&p->lock);
    erase(p, &out);
    text_write(p->terminal.fd, buf_slice(&out));
    pthread_mutex_unlock(&p->lock);
    buf_done(&out);
}

void text_progress_free(struct text_progress *p)
{
    if (!p)
        return;
    struct buf out = BUF_INIT(256);
    erase(p, &out);
    text_write(p->terminal.fd, buf_slice(&out));
    buf_done(&out);
    for (size_t i = 0; i < p->n; i++) {
        buf_done(&p->bars[i].name);
        buf_done(&p->bars[i].note);
    }
    buf_done(&p->shown);
    free(p->bars);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
