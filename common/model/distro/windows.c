/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distro/windows.h"

/* Releases of which there are container images (Microsoft's "Windows container version compatibility"). 1809 has the
 * build of 2019. */
static const struct windows_release releases[] = {
    {14393, "Windows Server 2016", false},         {16299, "Windows Server, version 1709", true},
    {17134, "Windows Server, version 1803", true}, {17763, "Windows Server 2019", false},
    {18362, "Windows Server, version 1903", true}, {18363, "Windows Server, version 1909", true},
    {19041, "Windows Server, version 2004", true}, {19042, "Windows Server, version 20H2", true},
    {20348, "Windows Server 2022", false},         {25398, "Windows Server 2022, 23H2 Edition", true},
    {26100, "Windows Server 2025", false},
};

/* Spellings of a product that advisories use beside the one above. */
static const struct {
    unsigned build;
    const char *product;
} others[] = {
    {17763, "Windows Server, version 1809"},
    {25398, "Windows Server, version 23H2"},
    {25398, "Windows Server 23H2"},
};

const struct windows_release *windows_release_at(size_t i)
{
    return i < ARRAY_LEN(releases) ? &releases[i] : NULL;
}

const struct windows_release *windows_release_of(unsigned build)
{
    for (size_t i = 0; i < ARRAY_LEN(releases); i++)
        if (releases[i].build == build)
            return &releases[i];
    return NULL;
}

const struct windows_release *windows_release_named(struct slice product, bool *ret_core)
{
    struct slice core = SLICE(WINDOWS_SERVER_CORE), name = slice_trim(product);
    bool is_core = false;
    if (name.n > core.n && slice_eq_nocase(slice_from(name, name.n - core.n), core)) {
        name = slice_trim(slice_sub(name, 0, name.n - core.n));
        is_core = true;
    }
    const struct windows_release *r = NULL;
    for (size_t i = 0; i < ARRAY_LEN(releases) && !r; i++)
        if (slice_eq_nocase(name, slice_str(releases[i].product)))
            r = &releases[i];
    for (size_t i = 0; i < ARRAY_LEN(others) && !r; i++)
        if (slice_eq_nocase(name, slice_str(others[i].product)))
            r = windows_release_of(others[i].build);
    if (r && ret_core)
        *ret_core = is_core || r->core_only;
    return r;
}

struct slice windows_product(const struct windows_release *r, bool core, struct arena *arena)
{
    return core || r->core_only ? arena_printf(arena, "%s" WINDOWS_SERVER_CORE, r->product) : slice_str(r->product);
}

static bool take_number(struct slice *s, unsigned *ret_n)
{
    struct slice part;
    uint64_t n;
    if (!slice_take_token(s, '.', &part) || !part.n || part.n > 9 || !slice_parse_u64(part, &n))
        return false;
    *ret_n = (unsigned)n;
    return true;
}

unsigned windows_build_of(struct slice version, unsigned *ret_ubr)
{
    unsigned n[4] = {0}, count = 0, at = 0;
    struct slice rest = version;
    while (count < ARRAY_LEN(n) && rest.n)
        if (!take_number(&rest, &n[count++]))
            return 0;
    if (rest.n || !count || version.p[version.n - 1] == '.')
        return 0;
    if (count >= 3 && n[0] == 10 && n[1] == 0)
        at = 2;
    else if (count > 2)
        return 0;
    if (n[at] && ret_ubr)
        *ret_ubr = at + 1 < count ? n[at + 1] : 0;
    return n[at];
}

struct slice windows_update_in(struct slice s)
{
    for (size_t i = 0; i + 2 < s.n; i++) {
        size_t n = i + 2;
        if ((s.p[i] != 'K' && s.p[i] != 'k') || (s.p[i + 1] != 'B' && s.p[i + 1] != 'b'))
            continue;
        if (i && s.p[i - 1] != '_' && s.p[i - 1] != '-' && s.p[i - 1] != '\\' && s.p[i - 1] != '/')
            continue;
        while (n < s.n && byte_is_digit(s.p[n]))
            n++;
        if (n - i >= 8 && n - i <= 10)
            return slice_sub(s, i, n - i);
    }
    return SLICE_NONE;
}

bool windows_identity_parse(struct slice text, struct windows_identity *ret)
{
    struct windows_identity id = {0};
    struct slice part = SLICE_NONE;
    if (slice_ends(text, SLICE(".mum")))
        text.n -= 4;
    if (slice_ends(text, SLICE("~")) || !slice_starts(text, SLICE("Package_")) || !slice_is_text(text) || text.n > 512)
        return false;
    /* name ~ publisher's key ~ architecture ~ language ~ version */
    for (int i = 0; i < 5; i++) {
        if (!slice_take_token(&text, '~', &part))
            return false;
        if (i == 0)
            id.name = part;
        else if (i == 2)
            id.architecture = part;
        else if (i == 4)
            id.version = part;
    }
    if (text.n || !id.name.n || !id.version.n || !byte_is_digit(id.version.p[0]))
        return false;
    *ret = id;
    return true;
}

bool windows_has_update(struct slice updates, struct slice name)
{
    struct slice one;
    while (slice_take_token(&updates, ',', &one))
        if (slice_eq_nocase(one, name))
            return true;
    return false;
}
