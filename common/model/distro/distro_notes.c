/* SPDX-License-Identifier: Apache-2.0 */
/* distro_notes.c: whose advisories a system is judged by, in a sentence, where that is not its own publisher's. */
#include "model/distro/distro.h"
#include "model/ecosystem/ecosystem.h"

/* "Ubuntu:22.04:LTS" -> "Ubuntu 22.04". */
static struct slice in_words(struct slice ecosystem, struct arena *arena)
{
    struct slice name = SLICE_NONE;
    if (slice_ends(ecosystem, SLICE(":LTS")))
        ecosystem.n -= strlen(":LTS");
    slice_take_token(&ecosystem, ':', &name);
    return ecosystem.n ? arena_printf(arena, "%.*s %.*s", SLICE_FMT(name), SLICE_FMT(ecosystem)) : name;
}

struct slice distro_in_words(const struct os_info *os, struct arena *arena)
{
    if (os->name.n || !os->id.n || !os->version_id.n)
        return os->name.n ? os->name : os->id;
    return arena_printf(arena, "%.*s %.*s", SLICE_FMT(os->id), SLICE_FMT(os->version_id));
}

struct slice distro_no_release(const struct os_info *os, enum distro_witness by, struct arena *arena)
{
    return arena_printf(arena, "no advisories for %.*s: %s", SLICE_FMT(distro_in_words(os, arena)),
                        by == DISTRO_BY_FILES ? "its files don't say which release it is"
                                              : "the document names no release of it that is known");
}

void distro_notes(const struct os_info *os, enum distro_witness by, struct arena *arena, struct reasons *notes)
{
    const struct distro *self = distro_by_id(os->id), *of = distro_of_ecosystem(os->ecosystem);
    struct slice name = distro_in_words(os, arena);
    if (!os->id.n || (self && self->ecosystem && os->ecosystem.n) || (!self && !os->ecosystem.n))
        return;
    if (!os->ecosystem.n) {
        if (distro_published(self))
            reasons_add(arena, notes, REASON_RELEASE_UNKNOWN, distro_no_release(os, by, arena));
        else
            reasons_addf(arena, notes, REASON_NOBODY_PUBLISHES,
                         "no advisories for %.*s: nobody is known to publish them for this system", SLICE_FMT(name));
        return;
    }
    reasons_addf(arena, notes, REASON_ADVISORIES_BORROWED, "the advisories of %.*s are used for %.*s%s",
                 SLICE_FMT(in_words(os->ecosystem, arena)), SLICE_FMT(name),
                 of && slice_eq_str(os->id, "centos") && slice_starts(os->name, SLICE("CentOS Stream"))
                     ? ", whose packages come before theirs: it may have a fix in another version"
                     : "");
}

bool distro_published(const struct distro *d)
{
    return d && (d->ecosystem || d->parent);
}

enum distro_judged distro_judged(const struct os_info *os, const package_vec *packages)
{
    const struct distro *self = distro_by_id(os->id);
    size_t unpublished = 0, others = 0, systems = 0;
    if (os->ecosystem.n)
        return DISTRO_JUDGED;
    for (size_t i = 0; i < packages->n; i++) {
        bool own = ecosystem_of_package(&packages->v[i], os).n > 0;
        unpublished += ecosystem_of_type(packages->v[i].type)->unpublished;
        others += own;
        systems += !own && ecosystem_of_systems(packages->v[i].type);
    }
    /* What is there has advisories of its own, whatever the system is. */
    if (others && !systems)
        return DISTRO_JUDGED;
    if (os->id.n)
        return distro_published(self) ? DISTRO_RELEASE_UNKNOWN : self ? DISTRO_NOBODYS : DISTRO_SYSTEM_UNKNOWN;
    /* An image that Nix built has no os-release, and nobody publishes for Nix's packages wherever they are. */
    return packages->n && unpublished + others == packages->n ? DISTRO_NOBODYS : DISTRO_SYSTEM_UNKNOWN;
}

struct slice distro_not_known(const struct os_info *os, struct arena *arena)
{
    if (os->id.n)
        return arena_printf(arena, DISTRO_NOT_KNOWN "\"%.*s\" is none of those that Careen knows",
                            SLICE_FMT(slice_sub(os->id, 0, 100)));
    return os->name.n ? SLICE(DISTRO_NOT_KNOWN "its files don't name it by an ID")
                      : SLICE(DISTRO_NOT_KNOWN "there is no os-release");
}

enum reason_code distro_no_advisories_code(struct slice ecosystem)
{
    const struct ecosystem *row = ecosystem_of_advisories(ecosystem);
    return row && row->advisories ? REASON_ECOSYSTEM_EMPTY : REASON_NO_ADVISORIES;
}

bool distro_no_advisories(struct slice ecosystem, struct arena *arena, struct reasons *reasons)
{
    return reasons_addf(arena, reasons, distro_no_advisories_code(ecosystem), "no advisories of %.*s are known",
                        SLICE_FMT(slice_sub(ecosystem, 0, 100)));
}
