/* SPDX-License-Identifier: Apache-2.0 */
/* Names that are more than text: the kernel's packages, and ids of one thing under several names. */
#include "match/judge/judge_internal.h"

/* ---- the kernel ---- */

static bool ends_with_word(struct slice *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_ends(*s, slice_str(words[i]))) {
            s->n -= strlen(words[i]);
            return true;
        }
    return false;
}

struct slice judge_kernel_source(const struct package *p, struct arena *arena)
{
    /* Debian has a signed copy for each machine, Ubuntu one for each flavour. */
    static const char *const machines[] = {"-amd64", "-arm64", "-i386"};
    struct slice flavour = p->source_name;
    if (p->type != PKG_DPKG || !slice_take_prefix(&flavour, SLICE("linux-signed")))
        return SLICE_NONE;
    if (flavour.n && flavour.p[0] != '-')
        return SLICE_NONE;
    ends_with_word(&flavour, machines, ARRAY_LEN(machines));
    return arena ? arena_printf(arena, "linux%.*s", SLICE_FMT(flavour)) : SLICE("linux");
}

static bool is_source(const struct package *p, const char *name)
{
    struct slice source = p->source_name.n ? p->source_name : p->name;
    return slice_take_prefix(&source, slice_str(name)) && (!source.n || source.p[0] == '-');
}

bool judge_kernel_without_code(const struct package *p)
{
    static const char *const starts[] = {"linux-libc-dev", "linux-headers-", "linux-doc",    "linux-source",
                                         "kernel-headers", "kernel-doc",     "kernel-source"};
    if (p->type == PKG_DPKG && is_source(p, "linux-meta"))
        return true;
    if (p->type == PKG_DPKG ? !is_source(p, "linux") : p->type != PKG_RPM || !is_source(p, "kernel"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (slice_starts(p->name, slice_str(starts[i])))
            return true;
    /* "linux-aws-headers-5.15.0-1055", "kernel-rt-headers" */
    return slice_find_slice(p->name, SLICE("-headers-")) >= 0 || slice_ends(p->name, SLICE("-headers"));
}

/* ---- FIPS ---- */

static bool has_nocase(struct slice s, struct slice word)
{
    for (size_t i = 0; i + word.n <= s.n; i++)
        if (slice_eq_nocase(slice_sub(s, i, word.n), word))
            return true;
    return false;
}

bool judge_fips(const struct package *p, struct arena *arena, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX],
                size_t *n)
{
    static const char *const pockets[] = {"FIPS", "FIPS-updates", "FIPS-preview"};
    struct judge_ecosystem fips[JUDGE_ECOSYSTEMS_MAX];
    size_t count = 0;
    if (p->type != PKG_DPKG || !has_nocase(p->version, SLICE("fips")))
        return false;
    for (size_t i = 0; i < *n; i++) {
        struct slice release = to[i].name;
        if (!slice_take_prefix(&release, SLICE("Ubuntu:Pro:")))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(pockets) && count < JUDGE_ECOSYSTEMS_MAX; k++)
            fips[count++] = (struct judge_ecosystem){
                .name = arena_printf(arena, "Ubuntu:Pro:%s:%.*s", pockets[k], SLICE_FMT(release)),
                .subscription = true};
    }
    if (!count)
        return false;
    memcpy(to, fips, count * sizeof *to);
    *n = count;
    return true;
}

/* ---- ids ---- */

struct slice judge_known_as(const opinion_vec *opinions, struct slice id)
{
    for (size_t i = 0; i < opinions->n; i++) {
        const struct advisory *a = opinions->v[i].advisory;
        for (size_t k = 0; a->cves.n == 1 && k < a->aliases.n; k++)
            if (slice_eq(a->aliases.v[k], id))
                return a->cves.v[0];
    }
    return id;
}
