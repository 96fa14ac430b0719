/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/feeds_shown.h"

#include "base/text.h"
#include "careen/image_options.h"

struct shown {
    const char *name;
    struct text_progress *progress;
    const struct feed *feed; /* whose bar it is */
    int bar;
    enum feed_state state;
    bool quiet;
};

static void ended(struct shown *s, const struct feed_report *r)
{
    char result[256], records[TEXT_HUMAN_MAX], changed[TEXT_HUMAN_MAX];
    const char *what = feed_state_names[r->state];
    if (r->state == FEED_DONE)
        snprintf(result, sizeof result, "%s records, %s changed%s", text_count((int64_t)r->records, records),
                 text_count((int64_t)(r->changed + r->removed), changed), r->skipped ? ", some could not be read" : "");
    else
        snprintf(result, sizeof result, "%s%s%s", what, r->text ? ": " : "", r->text ? r->text : "");
    if (s->progress && s->feed == r->feed)
        text_progress_end(s->progress, s->bar, result);
    else if (r->state == FEED_FAILED || !s->quiet)
        command_say(s->name, "%s: %s", r->feed ? r->feed->name : "feeds", result);
    s->feed = NULL;
}

static void report(void *arg, const struct feed_report *r)
{
    struct shown *s = arg;
    if (r->state == FEED_WAITING) {
        if (!s->quiet)
            command_say(s->name, "waiting for another update to end");
        return;
    }
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

int feeds_update_shown(const char *name, struct feeds_update *u, bool quiet, struct err *e)
{
    struct text_terminal terminal;
    struct shown s = {.name = name, .quiet = quiet};
    text_terminal_open(STDERR_FILENO, &terminal);
    /* Beside a report a line for each of so many feeds says little: an update of its own tells them all. */
    s.quiet = quiet || (!terminal.tty && strcmp(name, "feeds") != 0);
    if (terminal.tty && !quiet)
        s.progress = text_progress_new(&terminal, NULL);
    u->progress = report;
    u->arg = &s;
    int rc = feeds_update_database(u, e);
    text_progress_free(s.progress);
    return rc;
}
