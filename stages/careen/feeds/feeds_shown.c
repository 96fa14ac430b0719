/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/feeds/feeds_shown.h"

#include "base/clock.h"
#include "base/terminal/text.h"
#include "careen/feeds/feeds_status.h"
#include "careen/scan/image_options.h"
#include "feeds/pipeline/wire.h"

#define REASONS_MAX 64
#define STILL_MAX   5 /* that are named */

/* Feeds that failed, or are not there, for one and the same reason. */
struct same_reason {
    char *text, *why; /* as it was told of the first, and without what is the feed's own */
    const char *first;
    unsigned n;
};

struct shown {
    const char *name;
    const struct feeds_update *update;
    struct text_progress *progress;
    const struct feed *feed; /* whose bar it is */
    int bar;
    enum feed_state state;
    bool quiet;
    struct same_reason reasons[REASONS_MAX];
    size_t reasons_n, left_out;
    char *still[STILL_MAX];
    size_t still_n;
};

/* "feed NAME: GET https://…: why" without the name, and without the address where others have the same why. */
static void same_reason(struct shown *s, const char *feed, const char *text)
{
    struct slice rest = feed_reason_text(slice_str(feed), slice_str(text)), why = rest;
    const char *behind = slice_starts(rest, SLICE("GET ")) ? strstr((const char *)rest.p, ": ") : NULL;
    if (behind)
        why = slice_str(behind + 2);
    for (size_t i = 0; i < s->reasons_n; i++)
        if (slice_eq_str(why, s->reasons[i].why)) {
            s->reasons[i].n++;
            return;
        }
    if (s->reasons_n == REASONS_MAX)
        s->left_out++;
    else
        s->reasons[s->reasons_n++] = (struct same_reason){slice_dup(rest), slice_dup(why), feed, 1};
}

static void tell_reasons(struct shown *s)
{
    for (size_t i = 0; i < s->reasons_n; i++) {
        struct same_reason *r = &s->reasons[i];
        if (r->n == 1)
            command_say(s->name, "%s: %s", r->first, r->text);
        else
            command_say(s->name, "%s and %u more: %s", r->first, r->n - 1, r->why);
        free(r->text);
        free(r->why);
    }
    if (s->left_out)
        command_say(s->name, "%zu more feeds failed, each for another reason", s->left_out);
}

/* ", 3 of 1,222 left out (first: id: why); statements about container images: 12 not used" */
static void left_out(const struct feed_report *r, char *to, size_t max)
{
    char skipped[TEXT_HUMAN_MAX], documents[TEXT_HUMAN_MAX], containers[TEXT_HUMAN_MAX];
    to[0] = 0;
    if (r->skipped)
        snprintf(to, max, ", %s of %s left out (first: %s)", text_count((int64_t)r->skipped, skipped),
                 text_count((int64_t)r->documents, documents), r->first_skip ? r->first_skip : "not told");
    size_t n = strlen(to);
    if (r->containers)
        snprintf(to + n, max - n, "; statements about container images: %s not used",
                 text_count((int64_t)r->containers, containers));
}

/* Answered well, and yet nothing new in it. */
static void still(struct shown *s, const struct feed_report *r)
{
    char day[CLOCK_TEXT_MAX];
    char *line ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s stands still: its newest date is %.10s", r->feed->name, clock_format(r->newest_ms, day));
    if (s->still_n < STILL_MAX)
        s->still[s->still_n] = STEAL(line);
    s->still_n++;
}

static void tell_still(struct shown *s)
{
    for (size_t i = 0; i < MIN(s->still_n, (size_t)STILL_MAX); i++) {
        command_say(s->name, "%s", s->still[i]);
        free(s->still[i]);
    }
    if (s->still_n > STILL_MAX)
        command_say(s->name, "and %zu more stand still: careen feeds status", s->still_n - STILL_MAX);
}

/* No network can have it. */
static bool without_address(const struct shown *s, const struct feed *f)
{
    return !s->update->feeds_dir && !f->url;
}

static void ended(struct shown *s, const struct feed_report *r)
{
    char result[512], left[300], records[TEXT_HUMAN_MAX], changed[TEXT_HUMAN_MAX];
    bool failed = r->state == FEED_FAILED;
    left_out(r, left, sizeof left);
    if (r->state == FEED_DONE && r->feed->kind == FEED_INDEX)
        snprintf(result, sizeof result, "names %s feeds", text_count((int64_t)r->records, records));
    else if (r->state == FEED_DONE)
        snprintf(result, sizeof result, "%s records, %s changed%s", text_count((int64_t)r->records, records),
                 text_count((int64_t)(r->changed + r->removed), changed), left);
    else
        snprintf(result, sizeof result, "%s", feed_state_names[r->state]);
    if (r->state == FEED_ABSENT && without_address(s, r->feed))
        snprintf(result, sizeof result, "read only from a folder (--feeds)");
    if (r->state == FEED_ABSENT && r->text) {
        /* Its index names it already: the addresses say no more than that. */
        const char *why = strstr(r->text, ": status ");
        snprintf(result, sizeof result, "named by its index, but not there yet%s", why ? why : "");
    }
    if (failed || (r->state == FEED_ABSENT && !s->quiet))
        same_reason(s, r->feed->name, failed && r->text ? r->text : result);
    if (r->still && !s->quiet)
        still(s, r);
    if (s->progress && s->feed == r->feed)
        text_progress_end(s->progress, s->bar, result);
    else if (r->state < FEED_ABSENT && !s->quiet)
        command_say(s->name, "%s: %s", r->feed->name, result);
    s->feed = NULL;
}

static void compacting(struct shown *s, const struct feed_report *r)
{
    if (s->progress && s->state != FEED_COMPACTING)
        s->bar = text_progress_begin(s->progress, "database", MAX(r->total, 0), TEXT_BYTES);
    s->state = FEED_COMPACTING;
    if (s->progress && r->text)
        text_progress_end(s->progress, s->bar, r->text);
    else if (s->progress)
        text_progress_set(s->progress, s->bar, (int64_t)r->bytes, MAX(r->total, 0));
    else if (r->text && !s->quiet)
        command_say(s->name, "database: %s", r->text);
}

static void report(void *arg, const struct feed_report *r)
{
    struct shown *s = arg;
    if (r->state == FEED_WAITING) {
        if (!s->quiet)
            command_say(s->name, "waiting for another update to end");
        return;
    }
    if (r->state == FEED_COMPACTING) {
        compacting(s, r);
        return;
    }
    /* Who asks for all feeds doesn't ask for those. */
    if (r->state == FEED_ABSENT && !s->update->names && without_address(s, r->feed))
        return;
    if (s->progress && s->feed != r->feed) {
        s->bar = text_progress_begin(s->progress, r->feed->name, MAX(r->total, 0), TEXT_BYTES);
        s->feed = r->feed;
        s->state = FEED_STATE_MAX;
    }
    if (r->state >= FEED_DONE) {
        ended(s, r);
        return;
    }
    if (!s->progress)
        return;
    if (r->state != s->state)
        text_progress_note(s->progress, s->bar, feed_state_names[r->state]);
    s->state = r->state;
    text_progress_set(s->progress, s->bar, (int64_t)r->bytes, MAX(r->total, 0));
}

static const sandbox_main mains[] = {feed_sandbox_main};

int feeds_update_shown(const char *name, struct feeds_update *u, bool quiet, struct err *e)
{
    static const struct sandbox_limits limits = {
        .prepare = feed_sandbox_prepare, .memory = (size_t)1 << 30, .cpu_seconds = 1800, .output = (size_t)512 << 20};
    struct sandbox *sandbox;
    if (sandbox_start(mains, ARRAY_LEN(mains), &limits, &sandbox, e))
        return -1;
    u->sandbox = sandbox;
    struct text_terminal terminal;
    struct shown s = {.name = name, .update = u, .quiet = quiet};
    text_terminal_open(STDERR_FILENO, &terminal);
    /* Beside a report a line for each of so many feeds says little: an update of its own tells them all. */
    s.quiet = quiet || (!terminal.tty && strcmp(name, "feeds") != 0);
    if (terminal.tty && !quiet)
        s.progress = text_progress_new(&terminal, NULL);
    u->progress = report;
    u->arg = &s;
    int rc = feeds_update_database(u, e);
    text_progress_free(s.progress);
    sandbox_stop(sandbox);
    u->sandbox = NULL;
    tell_reasons(&s);
    tell_still(&s);
    return rc;
}
