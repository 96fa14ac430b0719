/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h: structured logs: one JSON object per line on stderr, written by one write(2). Any thread may log.
 * Every line has the fields time, level, stage and message. Others are added as pairs of key and value:
 *     log_info("layer pulled", LOG("layer", digest), LOG_I("bytes", n));
 */
#ifndef CAREEN_BASE_LOG_H
#define CAREEN_BASE_LOG_H

#include "base/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

struct log_field {
    const char *key;
    struct slice text; /* when its p is NULL, the value is `number` */
    int64_t number;
};

#define LOG(k, slice_value) ((struct log_field){(k), (slice_value), 0})
#define LOG_S(k, cstr)      ((struct log_field){(k), slice_str(cstr), 0})
#define LOG_I(k, n)         ((struct log_field){(k), SLICE_NONE, (int64_t)(n)})

/* `stage` is not copied: it must stay valid until the process ends. To be called before other threads log. */
void log_setup(enum log_level least, const char *stage);
bool log_level_parse(struct slice s, enum log_level *ret_level); /* debug, info, warn, error, off */
void log_write(enum log_level level, const char *message, const struct log_field *fields, size_t n);

#define LOG_LINE(level, message, ...)                                                                                  \
    do {                                                                                                               \
        const struct log_field log_fields_[] = {LOG_I("", 0), ##__VA_ARGS__};                                          \
        log_write((level), (message), log_fields_ + 1, ARRAY_LEN(log_fields_) - 1);                                    \
    } while (0)
#define log_debug(message, ...) LOG_LINE(LOG_DEBUG, message, ##__VA_ARGS__)
#define log_info(message, ...)  LOG_LINE(LOG_INFO, message, ##__VA_ARGS__)
#define log_warn(message, ...)  LOG_LINE(LOG_WARN, message, ##__VA_ARGS__)
#define log_error(message, ...) LOG_LINE(LOG_ERROR, message, ##__VA_ARGS__)

#endif
