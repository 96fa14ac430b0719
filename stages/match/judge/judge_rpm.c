/* SPDX-License-Identifier: Apache-2.0 */
/* What rpm's packages need beside the order of versions: epochs that one side doesn't state, modules, architectures. */
#include "match/judge/judge_internal.h"

static bool split_epoch(struct slice v, struct slice *ret_rest)
{
    ptrdiff_t colon = slice_find(v, ':');
    *ret_rest = colon < 0 ? v : slice_from(v, (size_t)colon + 1);
    return colon >= 0;
}

int judge_compare(struct judge_order k, struct slice version, struct slice bound, int *ret_cmp, struct err *e)
{
    struct slice v, b;
    if (k.kind == VERSION_RPM) {
        bool stated = split_epoch(version, &v), bound_stated = split_epoch(bound, &b);
        if ((stated && !bound_stated) || (!stated && bound_stated && k.source))
            return version_order(k.kind, v, b, ret_cmp, e);
    }
    return version_order(k.kind, version, bound, ret_cmp, e);
}

/* ---- architectures ---- */

static struct slice architecture_family(struct slice a)
{
    static const char *const same[][2] = {{"i386", "i686"}, {"i486", "i686"}, {"i586", "i686"}, {"athlon", "i686"}};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (slice_eq_str(a, same[i][0]))
            return slice_str(same[i][1]);
    return a;
}

static bool of_any_machine(struct slice a)
{
    return slice_eq_str(a, "all") || slice_eq_str(a, "noarch") || slice_eq_str(a, "any") || slice_eq_str(a, "src");
}

bool judge_architecture(const struct package *p, const struct advisory *a)
{
    bool applies = !p->architecture.n || !a->architectures.n || of_any_machine(p->architecture);
    for (size_t i = 0; i < a->architectures.n && !applies; i++)
        applies = of_any_machine(a->architectures.v[i]) ||
                  slice_eq(architecture_family(a->architectures.v[i]), architecture_family(p->architecture));
    return applies;
}

/* ---- modules ---- */

/* "nodejs:18:8090020231116:a75119d5" -> "nodejs:18". */
static struct slice name_stream(struct slice label)
{
    ptrdiff_t first = slice_find(label, ':');
    ptrdiff_t second = first < 0 ? -1 : slice_find(slice_from(label, (size_t)first + 1), ':');
    return second < 0 ? label : slice_sub(label, 0, (size_t)(first + 1 + second));
}

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

bool judge_build(const struct package *p, const struct advisory *a)
{
    struct slice own = version_rpm_flavour(p->version);
    bool stated = false;
    for (size_t i = 0; p->type == PKG_RPM && i < a->ranges.n; i++) {
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

enum judge_module judge_module(const struct package *p, const struct advisory *a)
{
    struct slice topic = a->module;
    if (slice_take_prefix(&topic, SLICE("extras:")))
        return of_topic(p, a, topic);
    bool by_label = p->type != PKG_RPM || (a->module.n && p->module.n), tagged = false, unsure = false;
    if (by_label)
        return !a->module.n || slice_eq(name_stream(a->module), name_stream(p->module)) ? MODULE_SAME : MODULE_OTHER;
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
