/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_rpm.c: what is particular to packages of rpm: epochs that one side doesn't state, modules, builds and topics
 * that are kept apart, minor releases that get fixes of their own.
 */
#include "match/judge/judge_family.h"
#include "model/distro/redhat.h"
#include "model/version/version.h"

/* ---- epochs ---- */

static bool split_epoch(struct slice v, struct slice *ret_rest)
{
    ptrdiff_t colon = slice_find(v, ':');
    *ret_rest = colon < 0 ? v : slice_from(v, (size_t)colon + 1);
    return colon >= 0;
}

/* Leaves the epochs out where one side doesn't state its own (judge.h). */
static void comparable(bool source, struct slice *version, struct slice *bound)
{
    struct slice v, b;
    bool stated = split_epoch(*version, &v), bound_stated = split_epoch(*bound, &b);
    if ((stated && !bound_stated) || (!stated && bound_stated && source)) {
        *version = v;
        *bound = b;
    }
}

/* ---- modules ---- */

/* What stands behind ".module": "18.19.0-1.module+el8.9.0+21387+0ad8b2e1" -> "el8"; absent when nothing does. */
static struct slice module_system(struct slice version)
{
    ptrdiff_t at = slice_find_slice(version, SLICE(".module"));
    if (at < 0)
        return SLICE_NONE;
    struct slice s = slice_from(version, (size_t)at + 7);
    if (!s.n || (s.p[0] != '+' && s.p[0] != '_'))
        return SLICE_NONE;
    size_t n = 1;
    while (n < s.n && s.p[n] != '.' && s.p[n] != '+' && s.p[n] != '_' && s.p[n] != '-')
        n++;
    return slice_sub(s, 1, n - 1);
}

/* The next number of an upstream version, and what follows its dot. */
static bool take_number(struct slice *s, uint64_t *ret)
{
    size_t n = 0;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    if (!slice_parse_u64(slice_sub(*s, 0, n), ret))
        return false;
    *s = slice_from(*s, n < s->n && s->p[n] == '.' ? n + 1 : n);
    return true;
}

#define STREAMS_BY_MAJOR 11 /* from here on nobody keeps two streams of one major version */

/* from here on nobody keeps two streams of one major version */

static enum judge_module same_line(struct slice version, struct slice fix)
{
    uint64_t v, f;
    if (!slice_eq(module_system(version), module_system(fix)))
        return MODULE_OTHER;
    split_epoch(version, &version);
    split_epoch(fix, &fix);
    if (!take_number(&version, &v) || !take_number(&fix, &f))
        return MODULE_UNSURE;
    if (v != f || v >= STREAMS_BY_MAJOR)
        return v == f ? MODULE_SAME : MODULE_OTHER;
    return take_number(&version, &v) && take_number(&fix, &f) && v == f ? MODULE_SAME : MODULE_UNSURE;
}

/* ---- builds and topics ---- */

/* Whether an advisory is about builds of the package's kind (version_rpm_flavour). */
static bool same_build(const struct package *p, const struct advisory *a)
{
    struct slice own = version_rpm_flavour(p->version);
    bool stated = false;
    for (size_t i = 0; i < a->ranges.n; i++) {
        struct slice fix = a->ranges.v[i].fixed.n ? a->ranges.v[i].fixed : a->ranges.v[i].last_affected;
        if (fix.n && slice_eq(version_rpm_flavour(fix), own))
            return true;
        stated |= fix.n > 0;
    }
    return !stated;
}

/* "kernel-5.10" -> "5.10", "postgresql14" -> "14", "livepatch" -> "". */
static struct slice topic_version(struct slice topic)
{
    size_t at = topic.n;
    while (at && ((topic.p[at - 1] >= '0' && topic.p[at - 1] <= '9') || topic.p[at - 1] == '.'))
        at--;
    while (at < topic.n && topic.p[at] == '.')
        at++;
    return slice_from(topic, at);
}

/* Whether an upstream version is of the line: 5.10.205 of "5.10", 1.8.0 of "8" as Java counts. */
static bool of_line(struct slice version, struct slice line)
{
    split_epoch(version, &version);
    struct slice java = version;
    if (slice_take_prefix(&java, SLICE("1.")) && slice_find(line, '.') < 0 && slice_take_prefix(&java, line) &&
        java.n && java.p[0] == '.')
        return true;
    return slice_take_prefix(&version, line) && !(version.n && version.p[0] >= '0' && version.p[0] <= '9');
}

/* A topic's notice about a package that is numbered as the topic is speaks of that line alone. */
static enum judge_module of_topic(const struct package *p, const struct advisory *a, struct slice topic)
{
    struct slice line = topic_version(topic);
    for (size_t i = 0; line.n && i < a->ranges.n; i++)
        if (a->ranges.v[i].fixed.n && of_line(a->ranges.v[i].fixed, line))
            return of_line(p->version, line) ? MODULE_SAME : MODULE_OTHER;
    return MODULE_SAME;
}

static enum judge_module module_of(const struct package *p, const struct advisory *a)
{
    struct slice topic = a->module;
    if (slice_take_prefix(&topic, SLICE("extras:")))
        return of_topic(p, a, topic);
    bool tagged = false, unsure = false;
    if (a->module.n && p->module.n)
        return judge_module_by_label(p, a);
    bool modular = p->module.n || module_system(p->version).n;
    for (size_t i = 0; i < a->ranges.n; i++) {
        struct slice fix = a->ranges.v[i].fixed.n ? a->ranges.v[i].fixed : a->ranges.v[i].last_affected;
        if (!module_system(fix).n)
            continue;
        enum judge_module m = same_line(p->version, fix);
        if (modular && m == MODULE_SAME)
            return m;
        tagged = true;
        unsure |= m == MODULE_UNSURE;
    }
    if (!modular)
        return a->module.n || tagged ? MODULE_OTHER : MODULE_SAME;
    if (a->module.n && !tagged)
        return MODULE_UNSURE; /* the package doesn't say its stream, the advisory no version to know it by */
    return unsure ? MODULE_UNSURE : MODULE_OTHER;
}

static bool own_module(const struct package *p, struct slice *ret_name, struct slice *ret_version)
{
    struct redhat_module m = redhat_module_of(p->module);
    *ret_name = m.stream;
    *ret_version = m.version;
    return m.stream.n > 0;
}

/* Red Hat names modules as a whole: without a label it is not known of which one the package is. */
static bool module_unknown(const struct package *p, struct slice ecosystem)
{
    return !p->module.n && slice_starts(ecosystem, SLICE("Red Hat:")) &&
           slice_find_slice(p->version, SLICE(".module")) >= 0;
}

/* ---- minor releases ---- */

/*
 * Adds, for a build of one of Red Hat's minor releases, the products under which that release is supported longer:
 * their fixes are for subscribers, but who has one has it.
 */
static size_t ecosystems(const struct package *p, struct arena *arena, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX],
                         size_t n, bool *ret_apart)
{
    struct slice longer[REDHAT_LONGER_MAX], release = n ? to[0].name : SLICE_NONE;
    (void)ret_apart;
    if (!slice_take_prefix(&release, SLICE("Red Hat:")) || !slice_eq(redhat_stream_of(p->version).major, release))
        return n;
    size_t more = redhat_longer_products(p->version, arena, longer);
    for (size_t i = 0; i < more; i++) {
        size_t before = n;
        n = judge_add_ecosystem(arena_printf(arena, "Red Hat:%.*s", SLICE_FMT(longer[i])), 0, n, to);
        if (n > before)
            to[before].subscription = true;
    }
    return n;
}

static enum judge_release release_of(struct slice build, struct slice fix)
{
    struct redhat_stream own = redhat_stream_of(build), of = redhat_stream_of(fix);
    uint64_t minor, other;
    if (redhat_same_stream(own, of))
        return RELEASE_OWN;
    if (!redhat_other_stream(own, of))
        return RELEASE_UNSAID;
    bool older = slice_eq(own.major, of.major) && slice_parse_u64(own.minor, &minor) &&
                 slice_parse_u64(of.minor, &other) && other < minor;
    return older ? RELEASE_OLDER : RELEASE_OTHER;
}

static bool without_code(const struct package *p)
{
    return judge_kernel_without_code(p, "kernel");
}

const struct judge_family judge_rpm = {
    .without_code = without_code,
    .comparable = comparable,
    .same_build = same_build,
    .module = module_of,
    .own_module = own_module,
    .module_unknown = module_unknown,
    .ecosystems = ecosystems,
    .release = release_of,
};
