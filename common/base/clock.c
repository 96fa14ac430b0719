/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>

static int64_t clock_read_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * For tests: CAREEN_TEST_CLOCK names a file that says by how many milliseconds the wall clock is wrong. It is read each
 * time, so that a test can make the clock jump under a running process.
 */
static int64_t wrong_by(void)
{
#ifdef CAREEN_CRASH_POINTS
    static _Atomic int opened = -2; /* -1: there is no such file */
    int fd = opened, none = -2;
    if (fd == -2) {
        const char *path = getenv("CAREEN_TEST_CLOCK");
        fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (!atomic_compare_exchange_strong(&opened, &none, fd)) {
            cleanup_close(&fd);
            fd = none;
        }
    }
    char text[32];
    ssize_t n = fd < 0 ? 0 : pread(fd, text, sizeof text, 0);
    struct slice s = slice_trim(slice_of(text, (size_t)MAX(n, 0)));
    bool back = slice_take_prefix(&s, SLICE("-"));
    uint64_t ms;
    return slice_parse_u64(s, &ms) ? back ? -(int64_t)ms : (int64_t)ms : 0;
#else
    return 0;
#endif
}

int64_t clock_wall_ms(void)
{
    return clock_read_ms(CLOCK_REALTIME) + wrong_by();
}

int64_t clock_mono_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

char *clock_format(int64_t wall_ms, char *text)
{
    int64_t ms = wall_ms % 1000;
    time_t s = (time_t)((wall_ms - ms) / 1000);
    if (ms < 0) {
        ms += 1000;
        s--;
    }
    struct tm tm;
    if (!gmtime_r(&s, &tm))
        memset(&tm, 0, sizeof tm);
    size_t n = strftime(text, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + n, CLOCK_TEXT_MAX - n, ".%03dZ", (int)ms);
    return text;
}

static bool digits(struct slice *s, size_t n, int *ret_v)
{
    uint64_t v;
    if (s->n < n || !slice_parse_u64(slice_sub(*s, 0, n), &v))
        return false;
    *ret_v = (int)v;
    *s = slice_from(*s, n);
    return true;
}

static bool take_fraction(struct slice *s, int64_t *ret_ms)
{
    int64_t ms = 0, unit = 100;
    if (!s->n || s->p[0] < '0' || s->p[0] > '9')
        return false;
    for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; *s = slice_from(*s, 1), unit /= 10)
        ms += (s->p[0] - '0') * unit;
    *ret_ms = ms;
    return true;
}

static bool take_zone(struct slice *s, int64_t *ret_offset_ms)
{
    int h, m;
    if (slice_take_prefix(s, SLICE("Z")) || slice_take_prefix(s, SLICE("z"))) {
        *ret_offset_ms = 0;
        return true;
    }
    bool west = slice_starts(*s, SLICE("-"));
    if (!west && !slice_starts(*s, SLICE("+")))
        return false;
    *s = slice_from(*s, 1);
    if (!digits(s, 2, &h) || !slice_take_prefix(s, SLICE(":")) || !digits(s, 2, &m))
        return false;
    *ret_offset_ms = (west ? -1 : 1) * ((int64_t)h * 60 + m) * 60000;
    return true;
}

bool clock_parse(struct slice s, int64_t *ret_wall_ms)
{
    struct tm tm = {0};
    int64_t ms = 0, offset = 0;
    if (!digits(&s, 4, &tm.tm_year) || !slice_take_prefix(&s, SLICE("-")) || !digits(&s, 2, &tm.tm_mon) ||
        !slice_take_prefix(&s, SLICE("-")) || !digits(&s, 2, &tm.tm_mday))
        return false;
    if (s.n) {
        if (s.p[0] != 'T' && s.p[0] != 't' && s.p[0] != ' ')
            return false;
        s = slice_from(s, 1);
        if (!digits(&s, 2, &tm.tm_hour) || !slice_take_prefix(&s, SLICE(":")) || !digits(&s, 2, &tm.tm_min) ||
            !slice_take_prefix(&s, SLICE(":")) || !digits(&s, 2, &tm.tm_sec))
            return false;
        if (slice_take_prefix(&s, SLICE(".")) && !take_fraction(&s, &ms))
            return false;
        if (s.n && !take_zone(&s, &offset))
            return false;
    }
    if (s.n || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
        tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *ret_wall_ms = (int64_t)timegm(&tm) * 1000 + ms - offset;
    return true;
}
