/* SPDX-License-Identifier: Apache-2.0 */
/* distro_spelling.c: one system's ecosystem under all the names that its publishers and subscriptions give it. */
#include "model/distro/distro.h"

#define ELTS "ELTS:"
#define PRO  "Pro:"
#define LTSS "-LTSS"
#define ELS  "rhel_els:"

/* The part behind "Publisher:", without the words in which the spellings differ. */
static struct slice bare_release(const struct distro *d, struct slice ecosystem)
{
    struct slice name;
    slice_take_token(&ecosystem, ':', &name);
    switch (d->release) {
    case RELEASE_UBUNTU:
        if (slice_take_prefix(&ecosystem, SLICE(PRO)) && slice_starts(ecosystem, SLICE("FIPS")))
            slice_take_token(&ecosystem, ':', &name); /* FIPS:, FIPS-updates:, FIPS-preview: */
        if (slice_ends(ecosystem, SLICE(":LTS")))
            ecosystem.n -= strlen(":LTS");
        break;
    case RELEASE_ALPINE:
        slice_take_prefix(&ecosystem, SLICE("v"));
        break;
    case RELEASE_DEBIAN:
        slice_take_prefix(&ecosystem, SLICE(ELTS));
        break;
    case RELEASE_SLE:
        if (slice_ends(ecosystem, SLICE(LTSS)))
            ecosystem.n -= strlen(LTSS);
        break;
    case RELEASE_MAJOR:
        if (d->products)
            slice_take_prefix(&ecosystem, SLICE(ELS));
        break;
    case RELEASE_NONE:
    case RELEASE_MINOR:
    case RELEASE_WINDOWS:
    case RELEASE_AMAZON:
    case RELEASE_STREAM:
    case RELEASE_OPENEULER:
        break;
    }
    return ecosystem;
}

static bool is_numbered(struct slice release)
{
    return release.n && release.p[0] >= '0' && release.p[0] <= '9';
}

size_t distro_spellings(struct slice ecosystem, struct arena *arena, struct distro_spelling to[DISTRO_SPELLINGS_MAX])
{
    const struct distro *d = distro_of_ecosystem(ecosystem);
    struct slice r = d ? bare_release(d, ecosystem) : SLICE_NONE;
    size_t n = 0;
    if (!ecosystem.n)
        return 0;
    if (d && r.n && d->release == RELEASE_UBUNTU) {
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r)), false};
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:%.*s:LTS", d->ecosystem, SLICE_FMT(r)), false};
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:" PRO "%.*s", d->ecosystem, SLICE_FMT(r)), true};
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:" PRO "%.*s:LTS", d->ecosystem, SLICE_FMT(r)), true};
    } else if (d && is_numbered(r) && d->release == RELEASE_ALPINE) {
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:v%.*s", d->ecosystem, SLICE_FMT(r)), false};
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r)), false};
    } else if (d && is_numbered(r) && d->release == RELEASE_DEBIAN) {
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r)), false};
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:" ELTS "%.*s", d->ecosystem, SLICE_FMT(r)), true};
    } else if (d && r.n && d->release == RELEASE_SLE) {
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r)), false};
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:%.*s" LTSS, d->ecosystem, SLICE_FMT(r)), true};
    } else if (d && d->products && is_numbered(r) && d->release == RELEASE_MAJOR) {
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r)), false};
        to[n++] = (struct distro_spelling){arena_printf(arena, "%s:" ELS "%.*s", d->ecosystem, SLICE_FMT(r)), true};
    } else {
        to[n++] = (struct distro_spelling){ecosystem, false};
    }
    return n;
}

struct slice distro_ecosystem_base(struct slice ecosystem, struct arena *arena)
{
    const struct distro *d = distro_of_ecosystem(ecosystem);
    struct slice r = d ? bare_release(d, ecosystem) : SLICE_NONE;
    if (d && d->products)
        return slice_str(d->ecosystem);
    if (d && r.n && d->release == RELEASE_UBUNTU)
        return arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r));
    if (d && is_numbered(r) && d->release == RELEASE_ALPINE)
        return arena_printf(arena, "%s:v%.*s", d->ecosystem, SLICE_FMT(r));
    if (d && r.n && (d->release == RELEASE_DEBIAN || d->release == RELEASE_SLE))
        return arena_printf(arena, "%s:%.*s", d->ecosystem, SLICE_FMT(r));
    return ecosystem;
}
