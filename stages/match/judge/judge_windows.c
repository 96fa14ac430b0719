/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_windows.c: advisories that name the updates which fix them instead of a version, as those about Windows do, and
 * what a build of Windows tells of the updates in it.
 */
#include "match/judge/judge_family.h"
#include "match/judge/judge_internal.h"

#include "model/distro/windows.h"

/* What is installed: updates by name, and every cumulative update up to the build. */
struct installed {
    struct slice names;
    bool whole; /* names are all there are, besides those that make builds */
    unsigned build, ubr;
};

static uint32_t number_of(struct slice name)
{
    uint64_t kb;
    return slice_take_prefix(&name, SLICE("KB")) && slice_parse_u64(name, &kb) && kb <= UINT32_MAX ? (uint32_t)kb : 0;
}

/*
 * Whether the build, or the names where they are all, tell that an update is missing: one that makes builds would have
 * made another one, one that came after the last known build can't be in an older one.
 */
static bool is_missing(const struct installed *in, uint32_t kb, uint32_t ubr)
{
    bool later = !windows_update_known(in->build, UINT_MAX, kb);
    return windows_update_known(in->build, in->ubr, kb) && (ubr || later || in->whole);
}

/* HIT: it is known to be missing. *ret_told is set when one of them is among the names. */
static enum opinion_kind look(const struct installed *in, const struct advisory *a, bool *ret_told)
{
    enum opinion_kind kind = OPINION_UNKNOWN;
    for (size_t i = 0; i < a->fixed_by.n; i++) {
        uint32_t kb = in->build ? number_of(a->fixed_by.v[i]) : 0,
                 ubr = kb ? windows_build_of_update(in->build, kb) : 0;
        if (windows_has_update(in->names, a->fixed_by.v[i])) {
            *ret_told = true;
            return OPINION_FIXED;
        }
        if (ubr && ubr <= in->ubr)
            return OPINION_FIXED;
        if (kb && is_missing(in, kb, ubr))
            kind = OPINION_HIT;
    }
    return kind;
}

bool judge_by_updates(const struct advisory *a)
{
    return a->fixed_by.n && !a->ranges.n && !a->versions.n && a->verdict != VERDICT_NOT_AFFECTED;
}

void judge_form_by_updates(struct judge *j, opinion_vec *opinions)
{
    struct installed in = {.names = j->package->updates};
    bool told = false;
    in.whole = in.names.n && !windows_has_update(in.names, SLICE(WINDOWS_UPDATES_UNSEEN));
    if (j->family->build_of)
        in.build = j->family->build_of(j->package->version, &in.ubr);
    for (size_t i = 0; i < opinions->n; i++) {
        struct opinion *o = &opinions->v[i];
        if (!judge_by_updates(o->advisory))
            continue;
        o->by_updates = true;
        o->kind = look(&in, o->advisory, &told);
    }
    /* Where none of the names is one that advisories know, what is installed was not seen, rather than missing. */
    for (size_t i = 0; i < opinions->n && told && in.whole; i++)
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

const struct judge_family judge_windows = {.build_of = windows_build_of};
