/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_status_print.c: the two forms of feeds_status.h. */
#include "base/clock.h"
#include "base/jsonw.h"
#include "base/terminal/text.h"
#include "careen/feeds/feeds_age.h"
#include "careen/feeds/feeds_status.h"
#include "feeds/table/families.h"
#include "feeds/fetch/refresh.h"

static const char *age_text(int64_t ms, char *text)
{
    const int64_t day = (int64_t)24 * 3600 * 1000;
    if (ms >= 100 * day) {
        snprintf(text, TEXT_HUMAN_MAX, "%lldd", (long long)(ms / day));
        return text;
    }
    return ms < 60000 ? "now" : text_duration(ms, text);
}

static struct slice day_text(int64_t at, char *text)
{
    return at ? slice_sub(slice_str(clock_format(at, text)), 0, 10) : SLICE("-");
}

static bool stands_still(const struct feeds_status *s, const struct feed_meta *m)
{
    const struct feed *f = feed_by_name(m->name);
    return f && feed_stands_still(f, m->modified_ms, s->now_ms);
}

/* ---- tables ---- */

static struct slice judged_text(const struct system_status *one, char *text, size_t max)
{
    if (one->failed.n) /* the list below says why */
        snprintf(text, max, "no: %.*s could not be had", SLICE_FMT(one->failed));
    else if (!one->judged)
        snprintf(text, max, "no: %.*s", SLICE_FMT(one->why));
    else if (one->still.n)
        snprintf(text, max, "yes, but %.*s%s still", SLICE_FMT(one->still.v[0]),
                 one->still.n > 1 ? " and others stand" : " stands");
    else
        snprintf(text, max, "yes");
    return slice_str(text);
}

/* The words of *text that go into so many columns, at least one; the rest stays in *text. */
static struct slice take_line(struct slice *text, size_t width)
{
    size_t end = 0;
    for (size_t i = 1; i <= text->n; i++)
        if ((i == text->n || text->p[i] == ' ') && (!end || text_width(slice_sub(*text, 0, i)) <= width))
            end = i;
    struct slice line = slice_sub(*text, 0, end);
    *text = slice_from(*text, MIN(end + 1, text->n));
    return line;
}

/* What is left of a terminal's line beside the other columns. */
static size_t judged_width(const struct feeds_status *s, const struct text_terminal *terminal)
{
    size_t others = strlen("99d 23h  2026-11-30  ADVISORIES") + 4, name = 0;
    for (size_t i = 0; i < s->systems.n; i++)
        name = MAX(name, s->systems.v[i].name.n);
    return !terminal->width ? SIZE_MAX : terminal->width > others + name + 20 ? terminal->width - others - name : 20;
}

static void systems_table(const struct feeds_status *s, const struct text_terminal *terminal, struct buf *out)
{
    static const struct text_column columns[] = {
        {.title = "SYSTEM"}, {.title = "JUDGED", .least = 20},       {.title = "AS OF", .right = true},
        {.title = "NEWEST"}, {.title = "ADVISORIES", .right = true},
    };
    struct text_table *t = text_table_new(columns, ARRAY_LEN(columns));
    size_t width = judged_width(s, terminal);
    for (size_t i = 0; i < s->systems.n; i++) {
        const struct system_status *one = &s->systems.v[i];
        char age[TEXT_HUMAN_MAX], day[CLOCK_TEXT_MAX], count[TEXT_HUMAN_MAX], judged[300];
        int64_t old = MAX(s->now_ms - one->as_of_ms, 0);
        struct slice text = judged_text(one, judged, sizeof judged);
        enum text_style style = !one->judged ? TEXT_DIM : one->still.n ? TEXT_YELLOW : TEXT_GREEN;
        const struct text_cell cells[] = {
            {one->name, TEXT_PLAIN},
            {take_line(&text, width), style},
            {one->as_of_ms  ? slice_str(age_text(old, age))
             : one->feeds.n ? SLICE("unknown")
                            : SLICE("-"),
             old > FEEDS_OLD_MS ? TEXT_YELLOW : TEXT_PLAIN},
            {one->newest_ms || !one->feeds.n ? day_text(one->newest_ms, day) : SLICE("undated"), TEXT_PLAIN},
            {one->judged ? slice_str(text_count((int64_t)one->advisories, count)) : SLICE("-"), TEXT_PLAIN},
        };
        text_table_add(t, cells);
        while (text.n) {
            const struct text_cell more[ARRAY_LEN(columns)] = {[1] = {take_line(&text, width), style}};
            text_table_add(t, more);
        }
    }
    text_table_print(t, terminal, out);
    text_table_free(t);
}

static void feeds_table(const struct feeds_status *s, const struct text_terminal *terminal, struct buf *out)
{
    static const struct text_column columns[] = {{.title = "FEED"},
                                                 {.title = "RECORDS", .right = true},
                                                 {.title = "LEFT OUT", .right = true},
                                                 {.title = "AGE", .right = true},
                                                 {.title = "NEWEST"},
                                                 {.title = "FETCHED", .optional = true}};
    struct text_table *t = text_table_new(columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < s->feeds.n; i++) {
        const struct feed_meta *m = &s->feeds.v[i];
        char records[TEXT_HUMAN_MAX], skipped[TEXT_HUMAN_MAX], age[TEXT_HUMAN_MAX], at[CLOCK_TEXT_MAX],
            day[CLOCK_TEXT_MAX], newest[64];
        int64_t old = MAX(s->now_ms - m->fetched_ms, 0);
        bool still = stands_still(s, m);
        snprintf(newest, sizeof newest, "%s%.*s%s", m->undated && m->modified_ms ? "unchanged since " : "",
                 SLICE_FMT(day_text(m->modified_ms, day)), still ? ", stands still" : "");
        const struct text_cell cells[] = {
            {m->name, TEXT_PLAIN},
            {slice_str(text_count((int64_t)m->records, records)), TEXT_PLAIN},
            {m->skipped ? slice_str(text_count((int64_t)m->skipped, skipped)) : SLICE("-"),
             m->skipped ? TEXT_YELLOW : TEXT_DIM},
            {slice_str(age_text(old, age)), old > FEEDS_OLD_MS ? TEXT_YELLOW : TEXT_PLAIN},
            {slice_str(newest), still ? TEXT_YELLOW : TEXT_PLAIN},
            {slice_str(clock_format(m->fetched_ms, at)), TEXT_DIM},
        };
        text_table_add(t, cells);
    }
    text_table_print(t, terminal, out);
    text_table_free(t);
}

static const char *state_text(const struct feeds_status *s)
{
    return s->running                           ? "running"
           : !s->updated.began_ms               ? "unknown"
           : !s->updated.ended_ms               ? "cut off"
           : s->troubles.n || s->updated.failed ? "failed"
                                                : "complete";
}

static void last_update(const struct feeds_status *s, struct buf *out)
{
    char at[CLOCK_TEXT_MAX];
    if (!s->updated.began_ms)
        return;
    clock_format(s->updated.began_ms, at);
    buf_add_byte(out, '\n');
    if (s->running)
        buf_addf(out, "An update runs since %s.\n", at);
    else if (!s->updated.ended_ms)
        buf_addf(out, "The last update, of %s, was cut off: what it had not reached is as it was before.\n", at);
    else if (!feeds_status_failed(s) && s->updated.good == 1)
        buf_addf(out, "The last update, of %s, had the one feed that it asked for.\n", at);
    else if (!feeds_status_failed(s))
        buf_addf(out, "The last update, of %s, had all of its %u feeds.\n", at, s->updated.good);
    else
        buf_addf(out, "The last update, of %s, failed for %u of %u feeds; what they gave before stays.\n", at,
                 s->updated.failed, s->updated.good + s->updated.failed);
    for (size_t i = 0; i < s->troubles.n; i++) {
        if (i == 20) {
            buf_addf(out, "  and %zu more\n", s->troubles.n - i);
            break;
        }
        buf_addf(out, "  %.*s: ", SLICE_FMT(s->troubles.v[i].name));
        text_add_safe(out, feed_reason_text(s->troubles.v[i].name, s->troubles.v[i].reason), false);
        buf_add_byte(out, '\n');
    }
}

void feeds_status_table(const struct feeds_status *s, struct buf *out)
{
    struct text_terminal terminal;
    text_terminal_open(STDOUT_FILENO, &terminal);
    systems_table(s, &terminal, out);
    buf_add_byte(out, '\n');
    feeds_table(s, &terminal, out);
    last_update(s, out);
}

/* ---- JSON ---- */

static void json_list(struct jsonw *w, const char *key, const slice_vec *v)
{
    jsonw_key(w, key);
    jsonw_array(w);
    for (size_t i = 0; i < v->n; i++)
        jsonw_str(w, v->v[i]);
    jsonw_end(w);
}

static void json_systems(struct jsonw *w, const struct feeds_status *s)
{
    jsonw_key(w, "systems");
    jsonw_array(w);
    for (size_t i = 0; i < s->systems.n; i++) {
        const struct system_status *one = &s->systems.v[i];
        jsonw_object(w);
        jsonw_pair(w, "name", one->name);
        jsonw_pair_str(w, "kind", one->language ? "language" : "system");
        jsonw_pair_bool(w, "judged", one->judged);
        jsonw_pair(w, "reason", one->why);
        jsonw_key(w, "as_of");
        jsonw_time(w, one->as_of_ms);
        jsonw_key(w, "newest");
        jsonw_time(w, one->newest_ms);
        jsonw_pair_int(w, "advisories", (int64_t)one->advisories);
        json_list(w, "releases", &one->releases);
        json_list(w, "feeds", &one->feeds);
        json_list(w, "stand_still", &one->still);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void json_update(struct jsonw *w, const struct feeds_status *s)
{
    jsonw_key(w, "last_update");
    jsonw_object(w);
    jsonw_pair_str(w, "state", state_text(s));
    jsonw_key(w, "began");
    jsonw_time(w, s->updated.began_ms);
    jsonw_key(w, "ended");
    jsonw_time(w, s->updated.ended_ms);
    jsonw_pair_int(w, "good", s->updated.good);
    jsonw_pair_int(w, "failed", s->updated.failed);
    jsonw_key(w, "failures");
    jsonw_array(w);
    for (size_t i = 0; i < s->troubles.n; i++) {
        jsonw_object(w);
        jsonw_pair(w, "feed", s->troubles.v[i].name);
        jsonw_pair(w, "reason", s->troubles.v[i].reason);
        jsonw_key(w, "tried");
        jsonw_time(w, s->troubles.v[i].tried_ms);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_end(w);
}

void feeds_status_json(const struct feeds_status *s, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out, 2);
    jsonw_object(&w);
    jsonw_pair_int(&w, "format", 1);
    jsonw_key(&w, "feeds");
    jsonw_array(&w);
    for (size_t i = 0; i < s->feeds.n; i++) {
        const struct feed_meta *m = &s->feeds.v[i];
        jsonw_object(&w);
        jsonw_pair(&w, "name", m->name);
        jsonw_key(&w, "fetched");
        jsonw_time(&w, m->fetched_ms);
        jsonw_pair_int(&w, "age_seconds", MAX(s->now_ms - m->fetched_ms, 0) / 1000);
        jsonw_key(&w, "newest");
        jsonw_time(&w, feed_meta_newest(m));
        jsonw_key(&w, "unchanged_since");
        jsonw_time(&w, m->undated ? m->modified_ms : 0);
        jsonw_pair_str(&w, "from", m->from_folder ? "folder" : "publisher");
        jsonw_pair_bool(&w, "stands_still", stands_still(s, m));
        jsonw_pair_int(&w, "records", (int64_t)m->records);
        jsonw_pair_int(&w, "left_out", (int64_t)m->skipped);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    json_systems(&w, s);
    json_update(&w, s);
    jsonw_end(&w);
    buf_add_byte(out, '\n');
}
