/* SPDX-License-Identifier: Apache-2.0 */
/* Which minor release a build was made for: dist tags of rpm versions, and versions of modules. */
#include "model/distro/redhat.h"

#include "model/version/version.h"

static size_t digits_end(struct slice s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at;
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where the digits behind the first "el" of a release begin, which nothing of a word stands before; 0: nowhere. */
static size_t dist_digits(struct slice version)
{
    for (size_t i = (size_t)(slice_rfind(version, '-') + 1); i + 2 < version.n; i++)
        if (version.p[i] == 'e' && version.p[i + 1] == 'l' && (!i || !is_word(version.p[i - 1])) &&
            digits_end(version, i + 2) > i + 2)
            return i + 2;
    return 0;
}

struct redhat_stream redhat_stream_of(struct slice version)
{
    struct redhat_stream r = {0};
    size_t from = dist_digits(version), end = digits_end(version, from);
    if (!from || end - from > 4)
        return r;
    r.major = slice_sub(version, from, end - from);
    /* "el9_4", "module+el8.9.0+1+a" */
    bool modular = slice_find_slice(version, SLICE(".module")) >= 0;
    if (end < version.n && version.p[end] == (modular ? '.' : '_')) {
        size_t minor = digits_end(version, end + 1);
        if (minor > end + 1 && minor - end <= 5)
            r.minor = slice_sub(version, end + 1, minor - end - 1);
    }
    return r;
}

bool redhat_same_stream(struct redhat_stream a, struct redhat_stream b)
{
    return a.major.n && slice_eq(a.major, b.major) && slice_eq(a.minor, b.minor);
}

bool redhat_other_stream(struct redhat_stream build, struct redhat_stream fix)
{
    return build.major.n && fix.major.n &&
           (!slice_eq(build.major, fix.major) || (build.minor.n && !slice_eq(build.minor, fix.minor)));
}

struct slice redhat_release_began(struct slice before, struct slice fix, struct arena *arena)
{
    struct redhat_stream a = redhat_stream_of(before), b = redhat_stream_of(fix);
    size_t head = (size_t)(slice_rfind(before, '-') + 1), end = digits_end(before, head);
    uint64_t number;
    int c;
    if (!slice_eq(a.major, b.major) || a.minor.n)
        return SLICE("0");
    if (!b.minor.n || !slice_parse_u64(slice_sub(before, head, end - head), &number) || number > 1000000000)
        return SLICE_NONE;
    struct slice from = slice_eq(slice_sub(before, 0, end), slice_sub(fix, 0, end)) && digits_end(fix, end) == end
                            ? slice_sub(fix, 0, (size_t)(b.minor.p - fix.p) + b.minor.n)
                            : arena_printf(arena, "%.*s%" PRIu64, SLICE_FMT(slice_sub(before, 0, head)), number + 1);
    return from.n && !version_order(VERSION_RPM, from, fix, &c, NULL) && c < 0 ? from : SLICE_NONE;
}

size_t redhat_longer_products(struct slice version, struct arena *arena, struct slice to[REDHAT_LONGER_MAX])
{
    static const char *const streams[REDHAT_LONGER_MAX] = {"eus", "e4s", "aus", "tus"};
    struct redhat_stream s = redhat_stream_of(version);
    for (size_t i = 0; s.minor.n && i < REDHAT_LONGER_MAX; i++)
        to[i] = arena_printf(arena, "rhel_%s:%.*s.%.*s", streams[i], SLICE_FMT(s.major), SLICE_FMT(s.minor));
    return s.minor.n ? REDHAT_LONGER_MAX : 0;
}

/* ---- modules ---- */

#define MODULE_TIME  14 /* digits of the time that a module's version ends with */
#define MODULE_MINOR 100

bool redhat_is_module_version(struct slice s)
{
    return s.n >= MODULE_TIME + 4 && s.n <= MODULE_TIME + 6 && digits_end(s, 0) == s.n;
}

struct redhat_module redhat_module_of(struct slice label)
{
    struct redhat_module m = {0};
    struct slice rest = label, name, stream, version;
    if (!slice_take_token(&rest, ':', &name) || !slice_take_token(&rest, ':', &stream) || !name.n || !stream.n)
        return m;
    m.stream = slice_sub(label, 0, name.n + 1 + stream.n);
    if (slice_take_token(&rest, ':', &version) && redhat_is_module_version(version))
        m.version = version;
    return m;
}

static bool platform_of(struct slice version, uint64_t *ret)
{
    return redhat_is_module_version(version) && slice_parse_u64(slice_sub(version, 0, version.n - MODULE_TIME), ret);
}

struct slice redhat_module_began(struct slice before, struct slice fix, struct arena *arena)
{
    uint64_t a, b;
    if (!platform_of(before, &a) || !platform_of(fix, &b) || a >= b)
        return SLICE_NONE;
    return arena_printf(arena, "%" PRIu64 "%0*d", a + MODULE_MINOR, MODULE_TIME, 0);
}
