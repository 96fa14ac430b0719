/* SPDX-License-Identifier: Apache-2.0 */
/* judge_family.c: the table of families, and what several of them share. */
#include "match/judge/judge_family.h"

#include "model/ecosystem/ecosystem.h"

static const struct judge_family plain;

static const struct judge_family *const families[PKG_TYPE_MAX] = {
    [PKG_DPKG] = &judge_dpkg,
    [PKG_RPM] = &judge_rpm,
    [PKG_WINDOWS] = &judge_windows,
};

const struct judge_family *judge_family_of(enum package_type type)
{
    const struct judge_family *own = (unsigned)type < PKG_TYPE_MAX ? families[type] : NULL;
    return own ? own : ecosystem_of_type(type)->advisories ? &judge_language : &plain;
}

/* ---- modules ---- */

/* "nodejs:18:8090020231116:a75119d5" -> "nodejs:18". */
static struct slice name_stream(struct slice label)
{
    ptrdiff_t first = slice_find(label, ':');
    ptrdiff_t second = first < 0 ? -1 : slice_find(slice_from(label, (size_t)first + 1), ':');
    return second < 0 ? label : slice_sub(label, 0, (size_t)(first + 1 + second));
}

enum judge_module judge_module_by_label(const struct package *p, const struct advisory *a)
{
    return !a->module.n || slice_eq(name_stream(a->module), name_stream(p->module)) ? MODULE_SAME : MODULE_OTHER;
}

/* ---- the kernel ---- */

bool judge_of_source(const struct package *p, const char *name)
{
    struct slice source = p->source_name.n ? p->source_name : p->name;
    return slice_take_prefix(&source, slice_str(name)) && (!source.n || source.p[0] == '-');
}

bool judge_kernel_without_code(const struct package *p, const char *source)
{
    static const char *const starts[] = {"linux-libc-dev", "linux-headers-", "linux-doc",    "linux-source",
                                         "kernel-headers", "kernel-doc",     "kernel-source"};
    if (!judge_of_source(p, source))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (slice_starts(p->name, slice_str(starts[i])))
            return true;
    /* "linux-aws-headers-5.15.0-1055", "kernel-rt-headers" */
    return slice_find_slice(p->name, SLICE("-headers-")) >= 0 || slice_ends(p->name, SLICE("-headers"));
}
