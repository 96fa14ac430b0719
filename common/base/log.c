/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/jsonw.h"

#include <unistd.h>

static enum log_level log_least = LOG_INFO;
static const char *log_stage = "careen";
static const char *const level_names[] = {"debug", "info", "warn", "error", "off"};

void log_setup(enum log_level least, const char *stage)
{
    log_least = least;
    if (stage)
        log_stage = stage;
}

bool log_level_parse(struct slice s, enum log_level *ret_level)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++)
        if (slice_eq_str(s, level_names[i])) {
            *ret_level = (enum log_level)i;
            return true;
        }
    return false;
}

void log_write(enum log_level level, const char *message, const struct log_field *fields, size_t n)
{
    if (level < log_least || level >= LOG_OFF)
        return;
    struct buf b = BUF_INIT(65536);
    struct jsonw w;
    char when[CLOCK_TEXT_MAX];
    jsonw_init(&w, &b, 0);
    jsonw_object(&w);
    jsonw_pair_str(&w, "time", clock_format(clock_wall_ms(), when));
    jsonw_pair_str(&w, "level", level_names[level]);
    jsonw_pair_str(&w, "stage", log_stage);
    jsonw_pair_str(&w, "message", message);
    for (size_t i = 0; i < n; i++) {
        jsonw_key(&w, fields[i].key);
        if (fields[i].text.p)
            jsonw_str(&w, slice_sub(fields[i].text, 0, 4096));
        else
            jsonw_int(&w, fields[i].number);
    }
    jsonw_end(&w);
    buf_add_byte(&b, '\n');
    if (b.n && !b.overflow && write(STDERR_FILENO, b.p, b.n) < 0) {
        /* Nowhere left to say it. */
    }
    buf_done(&b);
}
