/* SPDX-License-Identifier: Apache-2.0 */
/* distro_product.c: SUSE's advisories name products; which system's packages they speak of. */
#include "model/distro/distro.h"

/*
 * Products of one code base: what they start with, and the words of the ecosystem that they count as. NULL: not a
 * system's own packages, or packages that a system's owner has only with another contract.
 */
static const struct {
    const char *start, *ecosystem;
} products[] = {
    {"SUSE Linux Enterprise Micro ", "SUSE:Linux Enterprise Micro "},
    {"SUSE Linux Micro ", "SUSE:Linux Micro "},
    {"SUSE Linux Enterprise Server for SAP", NULL},
    {"SUSE Linux Enterprise Server ", "SUSE:Linux Enterprise Server "},
    {"SUSE Linux Enterprise Desktop ", "SUSE:Linux Enterprise Server "},
    {"SUSE Linux Enterprise High Performance Computing ", "SUSE:Linux Enterprise Server "},
    {"SUSE Linux Enterprise Software Development Kit ", "SUSE:Linux Enterprise Server "},
    {"SUSE Linux Enterprise Workstation Extension ", "SUSE:Linux Enterprise Server "},
    {"SUSE Linux Enterprise Module for ", "SUSE:Linux Enterprise Server "},
    {"SUSE Package Hub ", "SUSE:Linux Enterprise Server "},
    {"openSUSE Leap Micro ", "openSUSE:Leap Micro "},
    {"openSUSE Leap ", "openSUSE:Leap "},
    {"openSUSE Tumbleweed", "openSUSE:Tumbleweed"},
};

/* "Basesystem 15 SP5" -> "15 SP5": the last number that begins a word, and what stands behind it. */
static struct slice tail_of(struct slice s)
{
    for (size_t i = s.n; i-- > 0;)
        if (s.p[i] >= '0' && s.p[i] <= '9' && (i == 0 || s.p[i - 1] == ' '))
            return slice_from(s, i);
    return SLICE("");
}

static bool is_release(struct slice s)
{
    struct slice number = SLICE_NONE, rest = s;
    slice_take_token(&rest, ' ', &number);
    for (size_t i = 0; i < number.n; i++)
        if ((number.p[i] < '0' || number.p[i] > '9') && number.p[i] != '.')
            return false;
    if (!rest.n)
        return number.n != 0;
    if (!slice_take_prefix(&rest, SLICE("SP")) || !rest.n)
        return false;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] < '0' || rest.p[i] > '9')
            return false;
    return true;
}

struct slice distro_product_ecosystem(struct slice product, struct arena *arena)
{
    static const char *const subscriptions[] = {"-LTSS-Extended-Security", "-LTSS", "-ESPOS", "-BCL"};
    struct slice release = SLICE_NONE;
    const char *ecosystem = NULL;
    bool subscription = false;
    if (slice_starts(product, SLICE("SUSE:")) || slice_starts(product, SLICE("openSUSE:")))
        product = arena_printf(arena, "%.*s %.*s", (int)slice_find(product, ':'), (const char *)product.p,
                               SLICE_FMT(slice_from(product, (size_t)slice_find(product, ':') + 1)));
    for (size_t i = 0; i < ARRAY_LEN(products); i++)
        if (slice_starts(product, slice_str(products[i].start))) {
            ecosystem = products[i].ecosystem;
            release = slice_from(product, strlen(products[i].start));
            break;
        }
    if (!ecosystem)
        return SLICE_NONE;
    if (!slice_ends(slice_str(ecosystem), SLICE(" ")))
        return release.n ? SLICE_NONE : slice_str(ecosystem);
    for (size_t i = 0; i < ARRAY_LEN(subscriptions) && !subscription; i++)
        if (slice_ends(release, slice_str(subscriptions[i]))) {
            subscription = true;
            release.n -= strlen(subscriptions[i]);
        }
    release = tail_of(release);
    /* Its name changed with 6.0, and some documents still have the old one. */
    if (slice_eq_str(slice_str(ecosystem), "SUSE:Linux Enterprise Micro ") && slice_starts(release, SLICE("6.")))
        ecosystem = "SUSE:Linux Micro ";
    return is_release(release)
               ? arena_printf(arena, "%s%.*s%s", ecosystem, SLICE_FMT(release), subscription ? "-LTSS" : "")
               : SLICE_NONE;
}
