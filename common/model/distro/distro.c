/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distro/distro_table.h"
#include "model/distro/windows.h"

const struct distro *distro_by_id(struct slice id)
{
    for (size_t i = 0; i < distros_n; i++)
        if (slice_eq_str(id, distros[i].id))
            return &distros[i];
    return NULL;
}

/* Whether the row's releases stand under this ecosystem; how much of it the row's own words take. */
static bool row_speaks(const struct distro *d, struct slice ecosystem, size_t *ret_n)
{
    struct slice rest = ecosystem, name = SLICE_NONE;
    if (!d->ecosystem || !slice_take_token(&rest, ':', &name) || !slice_eq_str(name, d->ecosystem))
        return false;
    struct slice prefix = slice_str(d->prefix);
    *ret_n = prefix.n;
    return !rest.n || slice_starts(rest, prefix);
}

const struct distro *distro_of_ecosystem(struct slice ecosystem)
{
    const struct distro *best = NULL;
    size_t best_n = 0, n;
    for (size_t i = 0; i < distros_n; i++)
        if (row_speaks(&distros[i], ecosystem, &n) && (!best || n > best_n)) {
            best = &distros[i];
            best_n = n;
        }
    return best;
}

const struct distro *distro_of(const struct os_info *os)
{
    const struct distro *d = distro_of_ecosystem(os->ecosystem);
    return d ? d : distro_by_id(os->id);
}

bool distro_codename_release(struct slice id, struct slice codename, struct slice *ret_release)
{
    for (size_t i = 0; i < distro_codenames_n; i++)
        if (slice_eq_str(id, distro_codenames[i].id) && slice_eq_str(codename, distro_codenames[i].codename)) {
            *ret_release = slice_str(distro_codenames[i].release);
            return true;
        }
    return false;
}

/* The first count dot-separated numbers of s ("3.20.3", 2 -> "3.20"); empty when there are fewer. */
static struct slice leading_numbers(struct slice s, int count)
{
    size_t n = 0;
    for (int i = 0; i < count; i++) {
        size_t start = i ? n + 1 : 0, end = start;
        if (i && (n >= s.n || s.p[n] != '.'))
            return SLICE("");
        while (end < s.n && s.p[end] >= '0' && s.p[end] <= '9')
            end++;
        if (end == start || end - start > 4)
            return SLICE("");
        n = end;
    }
    return slice_sub(s, 0, n);
}

/* Ubuntu's April releases of even years are its LTS releases; 6.06 came late. */
static bool ubuntu_lts(struct slice release)
{
    struct slice rest = release, year = SLICE_NONE;
    uint64_t y;
    slice_take_token(&rest, '.', &year);
    return slice_eq_str(release, "6.06") || (slice_parse_u64(year, &y) && y % 2 == 0 && slice_eq_str(rest, "04"));
}

/* 15.5 and 15-SP5 -> "15 SP5", 15 -> "15"; from 16 on without service packs: 16.0. */
static struct slice sle_release(struct slice version_id, struct arena *arena)
{
    ptrdiff_t pack = slice_find_slice(version_id, SLICE("SP"));
    if (pack > 1 && slice_eq(slice_sub(version_id, 0, (size_t)pack - 1), leading_numbers(version_id, 1)))
        version_id = arena_printf(arena, "%.*s.%.*s", (int)pack - 1, (const char *)version_id.p,
                                  SLICE_FMT(slice_from(version_id, (size_t)pack + 2)));
    struct slice major = leading_numbers(version_id, 1), both = leading_numbers(version_id, 2);
    uint64_t n;
    if (!slice_parse_u64(major, &n) || n >= 16 || !both.n || slice_ends(both, SLICE(".0")))
        return n >= 16 ? both : major;
    return arena_printf(arena, "%.*s SP%.*s", SLICE_FMT(major), SLICE_FMT(slice_from(both, major.n + 1)));
}

/*
 * Amazon Linux 1 was numbered by year and month, 2011.09 to 2018.03. Since 2022 a release is its year, and what follows
 * is a state of it: 2023.3.20240304.
 */
static struct slice amazon_release(struct slice version_id)
{
    struct slice first = leading_numbers(version_id, 1);
    uint64_t year;
    return slice_parse_u64(first, &year) && year >= 2011 && year <= 2018 ? SLICE("1") : first;
}

/* 22.03-LTS-SP4, 23.09: what stands behind the numbers is part of the release. */
static struct slice openeuler_release(struct slice version_id)
{
    struct slice numbers = leading_numbers(version_id, 2), rest = slice_from(version_id, numbers.n);
    for (size_t i = 0; i < rest.n; i++)
        if ((rest.p[i] < 'A' || rest.p[i] > 'Z') && (rest.p[i] < '0' || rest.p[i] > '9') && rest.p[i] != '-')
            return SLICE("");
    return numbers.n && rest.n <= 16 ? version_id : SLICE("");
}

static struct slice alpine_release(struct slice version_id, struct arena *arena)
{
    if (slice_eq_str(version_id, "edge") || slice_find_slice(version_id, SLICE("_alpha")) >= 0)
        return SLICE("edge");
    slice_take_prefix(&version_id, SLICE("v"));
    struct slice r = leading_numbers(version_id, 2);
    return r.n ? arena_printf(arena, "v%.*s", SLICE_FMT(r)) : r;
}

/* The part of the ecosystem behind the row's prefix; empty when version_id is no release. */
static struct slice release_text(const struct distro *d, struct slice version_id, struct arena *arena)
{
    struct slice r;
    switch (d->release) {
    case RELEASE_NONE:
        return SLICE("");
    case RELEASE_DEBIAN:
    case RELEASE_MAJOR:
        return leading_numbers(version_id, 1);
    case RELEASE_MINOR:
        return leading_numbers(version_id, 2);
    case RELEASE_UBUNTU:
        r = leading_numbers(version_id, 2);
        return ubuntu_lts(r) ? arena_printf(arena, "%.*s:LTS", SLICE_FMT(r)) : r;
    case RELEASE_ALPINE:
        return alpine_release(version_id, arena);
    case RELEASE_WINDOWS:
        return windows_build_of(version_id, NULL) ? arena_printf(arena, "10.0.%u", windows_build_of(version_id, NULL))
                                                  : SLICE("");
    case RELEASE_AMAZON:
        return amazon_release(version_id);
    case RELEASE_SLE:
        return sle_release(version_id, arena);
    case RELEASE_STREAM:
        return slice_eq_str(version_id, "stream") ? version_id : leading_numbers(version_id, 1);
    case RELEASE_OPENEULER:
        return openeuler_release(version_id);
    }
    BUG("release form %d", (int)d->release);
}

struct slice distro_ecosystem(const struct distro *d, struct slice version_id, struct arena *arena)
{
    if (!d || !d->ecosystem)
        return SLICE_NONE;
    struct slice release = release_text(d, version_id, arena), prefix = slice_str(d->prefix);
    if (d->release != RELEASE_NONE && !release.n)
        return SLICE_NONE;
    return arena_printf(arena, "%s%s%.*s%.*s", d->ecosystem, prefix.n || release.n ? ":" : "", SLICE_FMT(prefix),
                        SLICE_FMT(release));
}
