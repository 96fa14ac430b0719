/* SPDX-License-Identifier: Apache-2.0 */
#include "model/links.h"

#define ID_MAX 100

/* Addresses as their publishers document them. */
static const struct {
    const char *prefix, *page; /* the id is put behind it */
} pages[] = {
    {"CVE-", "https://www.cve.org/CVERecord?id="},
    {"GHSA-", "https://github.com/advisories/"},
    {"DSA-", "https://security-tracker.debian.org/tracker/"},
    {"DLA-", "https://security-tracker.debian.org/tracker/"},
    {"TEMP-", "https://security-tracker.debian.org/tracker/"},
    {"USN-", "https://ubuntu.com/security/notices/"},
    {"RHSA-", "https://access.redhat.com/errata/"},
    {"RHBA-", "https://access.redhat.com/errata/"},
    {"RHEA-", "https://access.redhat.com/errata/"},
    {"ELSA-", "https://linux.oracle.com/errata/"},
};

/* It becomes part of an address. */
static bool is_plain(struct slice id)
{
    for (size_t i = 0; i < id.n; i++) {
        uint8_t c = id.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == ':' ||
              c == '.' || c == '_'))
            return false;
    }
    return id.n && id.n <= ID_MAX;
}

struct slice link_of_vulnerability(struct slice id, const struct vulnerability *known, struct arena *arena)
{
    for (size_t i = 0; i < ARRAY_LEN(pages) && is_plain(id); i++)
        if (slice_starts(id, slice_str(pages[i].prefix)))
            return slice_starts(id, SLICE("ELSA-")) ? arena_printf(arena, "%s%.*s.html", pages[i].page, SLICE_FMT(id))
                                                    : arena_printf(arena, "%s%.*s", pages[i].page, SLICE_FMT(id));
    for (size_t i = 0; known && i < known->references.n; i++)
        if (slice_starts(known->references.v[i], SLICE("https://")))
            return known->references.v[i];
    return SLICE_NONE;
}
