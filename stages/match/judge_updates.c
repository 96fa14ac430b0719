/* SPDX-License-Identifier: Apache-2.0 */
/* Advisories that name the updates which fix them instead of a version: rule 0 of judge.h. */
#include "match/judge_internal.h"

#include "model/windows.h"

/* What the package says is installed in it, and the cumulative update that makes its build. */
static struct slice installed_updates(const struct judge *j)
{
    const struct package *p = j->package;
    unsigned ubr, build = p->type == PKG_WINDOWS ? windows_build_of(p->version, &ubr) : 0;
    uint32_t kb = build ? windows_update_of_build(build, ubr) : 0;
    if (!kb)
        return p->updates;
    return arena_printf(j->arena, "%.*s%sKB%" PRIu32, SLICE_FMT(p->updates), p->updates.n ? "," : "", kb);
}

static bool installed(struct slice updates, const struct advisory *a)
{
    for (size_t i = 0; i < a->fixed_by.n; i++)
        if (windows_has_update(updates, a->fixed_by.v[i]))
            return true;
    return false;
}

bool judge_by_updates(const struct advisory *a)
{
    return a->fixed_by.n && !a->ranges.n && !a->versions.n && a->verdict != VERDICT_NOT_AFFECTED;
}

void judge_form_by_updates(struct judge *j, opinion_vec *opinions)
{
    struct slice updates = SLICE_NONE;
    bool looked = false, told = false;
    for (size_t i = 0; i < opinions->n; i++) {
        struct opinion *o = &opinions->v[i];
        if (!judge_by_updates(o->advisory))
            continue;
        if (!looked)
            updates = installed_updates(j);
        looked = o->by_updates = true;
        o->kind = updates.n && installed(updates, o->advisory) ? OPINION_FIXED : OPINION_UNKNOWN;
        told |= o->kind == OPINION_FIXED;
    }
    /* Where none of all that advisories know is installed, what is there was not seen, rather than missing. */
    for (size_t i = 0; i < opinions->n && told; i++)
        if (opinions->v[i].kind == OPINION_UNKNOWN)
            opinions->v[i].kind = OPINION_HIT;
}

size_t judge_builds_first(struct judge *j, struct vote *votes, size_t n)
{
    bool by_version = false, decided = false;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const struct opinion *o = votes[i].opinion;
        by_version |= !o->by_updates && o->kind != OPINION_NONE;
        decided |= o->kind != OPINION_UNKNOWN;
    }
    j->unknown += !decided;
    for (size_t i = 0; i < n; i++)
        if (!by_version || !votes[i].opinion->by_updates)
            votes[kept++] = votes[i];
    return kept;
}
