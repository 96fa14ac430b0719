/* SPDX-License-Identifier: Apache-2.0 */
/* Who publishes OVAL, and what they call the releases that their definitions hold for. */
#include "feeds/formats/oval/oval.h"

#include "model/distro/distro.h"

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

static const struct oval_publisher publishers[] = {
    {"Oracle Linux", "elsa", NAME_BINARY, oracle_platform},    {"SUSE", NULL, NAME_BINARY, distro_product_ecosystem},
    {"openSUSE", NULL, NAME_BINARY, distro_product_ecosystem}, {"Azure Linux", NULL, NAME_SOURCE, NULL},
    {"Photon OS", NULL, NAME_BINARY, photon_platform},         {"Anolis OS", NULL, NAME_BINARY, anolis_platform},
    {"AlmaLinux", "ALSA", NAME_BINARY, alma_platform},
};

const struct oval_publisher *oval_publisher(struct slice ecosystem)
{
    for (size_t i = 0; i < ARRAY_LEN(publishers); i++)
        if (slice_starts(ecosystem, slice_str(publishers[i].ecosystem)))
            return &publishers[i];
    return NULL;
}
