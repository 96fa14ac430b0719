/* SPDX-License-Identifier: Apache-2.0 */
/* judge_names.c: under which ecosystems and names advisories about a package are looked up. */
#include "match/judge/judge_family.h"
#include "match/judge/judge_internal.h"

#include "model/distro/distro.h"
#include "model/distro/redhat.h"
#include "model/ecosystem/ecosystem.h"

/* ---- ecosystems ---- */

struct slice judge_context(const struct os_info *os, struct arena *arena)
{
    struct slice c = os->ecosystem;
    for (size_t i = 0; c.n && i < os->products.n; i++)
        c = arena_printf(arena, "%.*s;%.*s", SLICE_FMT(c), SLICE_FMT(os->products.v[i]));
    return c;
}

#define ON_WINDOWS ";windows"

struct slice judge_system(const struct os_info *os)
{
    bool windows = slice_eq_str(os->id, "windows") || slice_ends(os->ecosystem, SLICE(ON_WINDOWS));
    return windows ? SLICE("windows") : SLICE("linux");
}

struct slice judge_context_of(const struct package *p, const struct os_info *os, struct arena *arena)
{
    struct slice own = ecosystem_of_package(p, os), given = os->ecosystem;
    if (slice_eq(own, given))
        return judge_context(os, arena);
    if (own.n && slice_take_prefix(&given, own) && slice_eq_str(given, ON_WINDOWS))
        return os->ecosystem;
    return own.n && slice_eq_str(os->id, "windows") ? arena_printf(arena, "%.*s" ON_WINDOWS, SLICE_FMT(own)) : own;
}

size_t judge_add_ecosystem(struct slice name, int rank, size_t n, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX])
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(to[i].name, name)) {
            /* Who says to have it has its fixes. */
            to[i].subscription &= rank <= to[i].rank;
            to[i].rank = MAX(to[i].rank, rank);
            return n;
        }
    if (n < JUDGE_ECOSYSTEMS_MAX)
        to[n++] = (struct judge_ecosystem){.name = name, .rank = rank};
    return n;
}

/*
 * Products stand under their publisher's name: "Red Hat:9;openshift:4.12::el8" -> "Red Hat:openshift:4.12::el8" and,
 * for what is said of more than that, "Red Hat:openshift:4.12", "Red Hat:openshift:4" and "Red Hat:openshift".
 */
static size_t add_products(struct slice publisher, struct slice products, size_t n, struct arena *arena,
                           struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX])
{
    struct slice product, name = SLICE_NONE, generals[REDHAT_GENERALS_MAX];
    slice_take_token(&publisher, ':', &name);
    bool mainline = slice_eq_str(name, "Red Hat") && redhat_is_mainline(publisher);
    if (mainline)
        n = judge_add_ecosystem(SLICE("Red Hat:enterprise_linux"), -1, n, to);
    while (slice_take_token(&products, ';', &product)) {
        if (!product.n)
            continue;
        /* "openshift:4.18" on 9 is "openshift:4.18::el9". */
        if (mainline && slice_find_slice(product, SLICE("::")) < 0 && slice_find(product, ':') > 0)
            n = judge_add_ecosystem(
                arena_printf(arena, "%.*s:%.*s::el%.*s", SLICE_FMT(name), SLICE_FMT(product), SLICE_FMT(publisher)),
                REDHAT_GENERALS_MAX + 2, n, to);
        n = judge_add_ecosystem(arena_printf(arena, "%.*s:%.*s", SLICE_FMT(name), SLICE_FMT(product)),
                                REDHAT_GENERALS_MAX + 1, n, to);
        size_t more = redhat_general_products(product, arena, generals);
        for (size_t i = 0; i < more; i++)
            n = judge_add_ecosystem(arena_printf(arena, "%.*s:%.*s", SLICE_FMT(name), SLICE_FMT(generals[i])),
                                    (int)(more - i), n, to);
    }
    return n;
}

size_t judge_ecosystems(struct slice context, struct arena *arena, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX])
{
    struct distro_spelling spellings[DISTRO_SPELLINGS_MAX];
    struct slice ecosystem = SLICE_NONE;
    if (!context.n || !slice_take_token(&context, ';', &ecosystem))
        return 0;
    size_t n = distro_spellings(ecosystem, arena, spellings);
    for (size_t i = 0; i < n; i++)
        to[i] = (struct judge_ecosystem){.name = spellings[i].name, .subscription = spellings[i].subscription};
    const struct ecosystem *row = ecosystem_of_advisories(ecosystem);
    if (row && row->also)
        n = judge_add_ecosystem(slice_str(row->also), 0, n, to);
    return add_products(ecosystem, context, n, arena, to);
}

struct slice judge_ecosystem_base(struct slice context, struct arena *arena)
{
    struct slice ecosystem = SLICE_NONE;
    slice_take_token(&context, ';', &ecosystem);
    const struct ecosystem *row = ecosystem_of_advisories(ecosystem);
    /* What speaks of two kinds of packages has one name for both. */
    return row && row->also ? slice_str(row->also) : distro_ecosystem_base(ecosystem, arena);
}

/* ---- names ---- */

struct slice judge_own_name(const struct package *p, struct arena *arena)
{
    return ecosystem_name(ecosystem_of_type(p->type), p->ns, p->name, arena);
}

size_t judge_names(const struct package *p, struct arena *arena, struct slice to[JUDGE_NAMES_MAX])
{
    const struct slice name = judge_own_name(p, arena);
    const struct judge_family *family = judge_family_of(p->type);
    struct slice version;
    size_t n = 1;
    to[0] = family->source_name ? family->source_name(p, arena) : SLICE_NONE;
    if (!to[0].n)
        to[0] = p->source_name.n ? p->source_name : name;
    if (!slice_eq(to[0], name))
        to[n++] = name;
    if (family->own_module && family->own_module(p, &to[n], &version))
        n++;
    return n;
}
