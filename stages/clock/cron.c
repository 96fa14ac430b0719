/* SPDX-License-Identifier: Apache-2.0 */
#include "clock/cron.h"

#define MINUTE_MS    ((int64_t)60000)
#define HORIZON_DAYS (8 * 366)

static int bad(struct err *e, struct slice text, const char *why)
{
    return err_set(e, ERR_USAGE, 0,
                   "schedule \"%.*s\": %s; write five cron fields in UTC (\"15 3 * * *\") or \"@every 15m\"",
                   SLICE_FMT(text), why);
}

/* One item of a list: "*", "a", "a-b", each with "/step". */
static bool parse_item(struct slice item, unsigned low, unsigned high, uint64_t *bits)
{
    struct slice range = item, step = SLICE_NONE, from;
    uint64_t a = low, b = high, by = 1;
    ptrdiff_t slash = slice_find(item, '/');
    if (slash >= 0) {
        range = slice_sub(item, 0, (size_t)slash);
        step = slice_from(item, (size_t)slash + 1);
        if (!slice_parse_u64(step, &by) || !by)
            return false;
    }
    if (!slice_eq_str(range, "*")) {
        ptrdiff_t dash = slice_find(range, '-');
        from = dash >= 0 ? slice_sub(range, 0, (size_t)dash) : range;
        if (!slice_parse_u64(from, &a))
            return false;
        if (dash >= 0) {
            if (!slice_parse_u64(slice_from(range, (size_t)dash + 1), &b))
                return false;
        } else if (slash < 0) {
            b = a;
        }
    }
    if (a < low || b > high || a > b)
        return false;
    for (uint64_t v = a; v <= b; v += by)
        *bits |= (uint64_t)1 << v;
    return true;
}

static bool parse_field(struct slice field, unsigned low, unsigned high, uint64_t *ret_bits)
{
    struct slice item;
    uint64_t bits = 0;
    if (!field.n || field.p[field.n - 1] == ',')
        return false;
    while (slice_take_token(&field, ',', &item))
        if (!parse_item(item, low, high, &bits))
            return false;
    *ret_bits = bits;
    return true;
}

static int parse_every(struct slice text, struct slice rest, struct cron *c, struct err *e)
{
    rest = slice_trim(rest);
    int64_t unit = 0;
    uint64_t n;
    switch (rest.n ? rest.p[rest.n - 1] : 0) {
    case 's':
        unit = 1000;
        break;
    case 'm':
        unit = MINUTE_MS;
        break;
    case 'h':
        unit = 60 * MINUTE_MS;
        break;
    case 'd':
        unit = 1440 * MINUTE_MS;
        break;
    default:
        break;
    }
    if (!unit || !slice_parse_u64(slice_sub(rest, 0, rest.n - 1), &n) || !n || n > 366u * 1440 * 60)
        return bad(e, text, "@every wants a number with s, m, h or d");
    c->every_ms = (int64_t)n * unit;
    return 0;
}

int cron_parse(struct slice text, struct cron *ret_cron, struct err *e)
{
    static const struct {
        unsigned low, high;
    } limits[5] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};
    struct cron c = {0};
    struct slice rest = slice_trim(text), field;
    uint64_t bits[5];
    if (slice_take_prefix(&rest, SLICE("@every "))) {
        if (parse_every(text, rest, &c, e))
            return -1;
        *ret_cron = c;
        return 0;
    }
    for (int i = 0; i < 5; i++) {
        rest = slice_trim(rest);
        if (!slice_take_token(&rest, ' ', &field))
            return bad(e, text, "there are fewer than five fields");
        if (!parse_field(field, limits[i].low, limits[i].high, &bits[i]))
            return bad(e, text, "a field is not a list of numbers, ranges and steps within its limits");
        if (i == 2)
            c.any_day = slice_eq_str(field, "*");
        if (i == 4)
            c.any_weekday = slice_eq_str(field, "*");
    }
    if (slice_trim(rest).n)
        return bad(e, text, "there are more than five fields");
    c.minutes = bits[0];
    c.hours = (uint32_t)bits[1];
    c.days = (uint32_t)bits[2];
    c.months = (uint32_t)bits[3];
    c.weekdays = (uint32_t)((bits[4] | bits[4] >> 7) & 0x7F); /* 7 is Sunday as well */
    *ret_cron = c;
    return 0;
}

static bool day_matches(const struct cron *c, const struct tm *tm)
{
    bool day = c->days >> tm->tm_mday & 1, weekday = c->weekdays >> tm->tm_wday & 1;
    if (!(c->months >> (tm->tm_mon + 1) & 1))
        return false;
    if (c->any_day || c->any_weekday)
        return day && weekday;
    return day || weekday;
}

static void day_of(int64_t day, struct tm *tm)
{
    time_t s = (time_t)(day * 86400);
    memset(tm, 0, sizeof *tm);
    gmtime_r(&s, tm);
}

int64_t cron_next(const struct cron *c, int64_t after_ms)
{
    if (c->every_ms)
        return (after_ms / c->every_ms + 1) * c->every_ms;
    int64_t minute = after_ms / MINUTE_MS + 1, first_day = minute / 1440;
    for (int64_t day = first_day; day < first_day + HORIZON_DAYS; day++) {
        struct tm tm;
        day_of(day, &tm);
        if (!day_matches(c, &tm))
            continue;
        for (int64_t m = day == first_day ? minute % 1440 : 0; m < 1440; m++)
            if ((c->hours >> (m / 60) & 1) && (c->minutes >> (m % 60) & 1))
                return (day * 1440 + m) * MINUTE_MS;
    }
    return INT64_MAX;
}

int64_t cron_last(const struct cron *c, int64_t now_ms)
{
    if (c->every_ms)
        return now_ms / c->every_ms * c->every_ms;
    int64_t minute = now_ms / MINUTE_MS, last_day = minute / 1440;
    for (int64_t day = last_day; day > last_day - HORIZON_DAYS && day >= 0; day--) {
        struct tm tm;
        day_of(day, &tm);
        if (!day_matches(c, &tm))
            continue;
        for (int64_t m = day == last_day ? minute % 1440 : 1439; m >= 0; m--)
            if ((c->hours >> (m / 60) & 1) && (c->minutes >> (m % 60) & 1))
                return (day * 1440 + m) * MINUTE_MS;
    }
    return 0;
}
