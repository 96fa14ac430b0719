/* SPDX-License-Identifier: Apache-2.0 */
/* Who publishes OVAL, and what they call the releases that their definitions hold for. */
#include "feeds/oval.h"

static struct slice platform_numbered(struct slice name, const char *words, const char *ecosystem, struct arena *arena)
{
    uint64_t n;
    if (!slice_take_prefix(&name, slice_str(words)) || !slice_parse_u64(name, &n))
        return SLICE_NONE;
    return arena_printf(arena, "%s:%.*s", ecosystem, SLICE_FMT(name));
}

static struct slice oracle_platform(struct slice name, struct arena *arena)
{
    return platform_numbered(name, "Oracle Linux ", "Oracle Linux", arena);
}

static struct slice alma_platform(struct slice name, struct arena *arena)
{
    return platform_numbered(name, "AlmaLinux ", "AlmaLinux", arena);
}

static struct slice anolis_platform(struct slice name, struct arena *arena)
{
    return platform_numbered(name, "Anolis OS ", "Anolis OS", arena);
}

static struct slice photon_platform(struct slice name, struct arena *arena)
{
    struct slice e = platform_numbered(name, "Photon OS ", "Photon OS", arena);
    return e.n ? arena_printf(arena, "%.*s.0", SLICE_FMT(e)) : e;
}

/* "15", "15 SP5", "16.0", "15 SP2-LTSS" */
static bool suse_release(struct slice s, bool *ret_ltss)
{
    *ret_ltss = slice_ends(s, SLICE("-LTSS"));
    if (*ret_ltss)
        s.n -= strlen("-LTSS");
    ptrdiff_t sp = slice_find_slice(s, SLICE(" SP"));
    struct slice major = sp < 0 ? s : slice_sub(s, 0, (size_t)sp),
                 number = sp < 0 ? SLICE("0") : slice_from(s, (size_t)sp + 3);
    double d;
    uint64_t u;
    return slice_parse_double(major, &d) && slice_parse_u64(number, &u);
}

/*
 * A SLES image holds packages of the modules and of the SDK that belong to its release, so these count as the release.
 * Package Hub, live patching, other products and their special support terms are of no interest for what is in images.
 */
static struct slice suse_platform(struct slice name, struct arena *arena)
{
    static const char *const others[] = {"Live Patching ", "Package Hub "};
    struct slice rest = name;
    bool ltss;
    if (slice_take_prefix(&rest, SLICE("SUSE Linux Enterprise Module for "))) {
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
            if (slice_starts(rest, slice_str(others[i])))
                return SLICE_NONE;
        /* The release stands behind the module's name: "Basesystem 15 SP5", "Python 3 15 SP5". */
        ptrdiff_t at = slice_find_slice(rest, SLICE(" 15"));
        at = at < 0 ? slice_find_slice(rest, SLICE(" 12")) : at;
        rest = at < 0 ? SLICE_NONE : slice_from(rest, (size_t)at + 1);
    } else if (!slice_take_prefix(&rest, SLICE("SUSE Linux Enterprise Software Development Kit ")) &&
               !slice_take_prefix(&rest, SLICE("SUSE Linux Enterprise Server "))) {
        if (slice_take_prefix(&rest, SLICE("openSUSE ")))
            return slice_find(rest, ':') < 0 ? arena_printf(arena, "openSUSE:%.*s", SLICE_FMT(rest)) : SLICE_NONE;
        if (slice_starts(name, SLICE("SUSE Linux Enterprise Micro ")) || slice_starts(name, SLICE("SUSE Linux Micro ")))
            return arena_printf(arena, "SUSE:%.*s", SLICE_FMT(slice_from(name, strlen("SUSE "))));
        return SLICE_NONE;
    }
    return suse_release(rest, &ltss) ? arena_printf(arena, "SUSE:Linux Enterprise Server %.*s", SLICE_FMT(rest))
                                     : SLICE_NONE;
}

static const struct oval_publisher publishers[] = {
    {"Oracle Linux", "elsa", NAME_BINARY, oracle_platform}, {"SUSE", NULL, NAME_BINARY, suse_platform},
    {"openSUSE", NULL, NAME_BINARY, suse_platform},         {"Azure Linux", NULL, NAME_SOURCE, NULL},
    {"Photon OS", NULL, NAME_BINARY, photon_platform},      {"Anolis OS", NULL, NAME_BINARY, anolis_platform},
    {"AlmaLinux", "ALSA", NAME_BINARY, alma_platform},
};

const struct oval_publisher *oval_publisher(struct slice ecosystem)
{
    for (size_t i = 0; i < ARRAY_LEN(publishers); i++)
        if (slice_starts(ecosystem, slice_str(publishers[i].ecosystem)))
            return &publishers[i];
    return NULL;
}
