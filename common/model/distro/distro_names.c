/* SPDX-License-Identifier: Apache-2.0 */
/* distro_names.c: systems as others than their own files name them: SBOM producers, package URLs, CPEs. */
#include "model/distro/distro_table.h"

#define NAME_MAX_BYTES 64

/* Small letters and digits of s in to; 0: there are none, or too many. */
static size_t bare(struct slice s, uint8_t to[NAME_MAX_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = byte_lower(s.p[i]);
        if (!byte_is_digit(c) && (c < 'a' || c > 'z'))
            continue;
        if (n == NAME_MAX_BYTES)
            return 0;
        to[n++] = c;
    }
    return n;
}

const struct distro *distro_by_name(struct slice name)
{
    uint8_t text[NAME_MAX_BYTES], id[NAME_MAX_BYTES];
    const struct distro *exact = distro_by_id(name);
    struct slice given = slice_of(text, bare(name, text));
    if (exact || !given.n)
        return exact;
    for (size_t i = 0; i < distros_n; i++)
        if (slice_eq(given, slice_of(id, bare(slice_str(distros[i].id), id))))
            return &distros[i];
    for (size_t i = 0; i < distro_aliases_n; i++)
        if (slice_eq_str(given, distro_aliases[i].name))
            return distro_by_id(slice_str(distro_aliases[i].id));
    return NULL;
}

/* The first word of s that begins with a digit, and what stands before it; SLICE_NONE: no word does. */
static struct slice numbered_word(struct slice s, struct slice *ret_before)
{
    struct slice rest = s, word;
    while (slice_take_token(&rest, ' ', &word))
        if (word.n && byte_is_digit(word.p[0])) {
            *ret_before = slice_trim(slice_sub(s, 0, (size_t)(word.p - s.p)));
            return word;
        }
    *ret_before = s;
    return SLICE_NONE;
}

/* ---- CPE ---- */

struct cpe {
    struct slice vendor, product, version, update;
};

/* "cpe:2.3:o:debian:debian_linux:12:*:…" or "cpe:/o:debian:debian_linux:12": of operating systems alone. */
static bool cpe_read(struct slice s, struct cpe *ret)
{
    struct slice *const fields[] = {&ret->vendor, &ret->product, &ret->version, &ret->update};
    if (!slice_take_prefix(&s, SLICE("cpe:2.3:o:")) && !slice_take_prefix(&s, SLICE("cpe:/o:")))
        return false;
    *ret = (struct cpe){.vendor = SLICE_NONE};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        slice_take_token(&s, ':', fields[i]);
        if (slice_eq_str(*fields[i], "*") || slice_eq_str(*fields[i], "-"))
            *fields[i] = SLICE_NONE;
    }
    return ret->product.n > 0;
}

static const struct distro *row_of_cpe(const struct cpe *c, struct arena *arena)
{
    const struct distro *d =
        distro_by_name(arena_printf(arena, "%.*s%.*s", SLICE_FMT(c->vendor), SLICE_FMT(c->product)));
    d = d ? d : distro_by_name(c->product);
    return d;
}

/* sles:15:sp4 is 15.4. */
static struct slice version_of_cpe(const struct cpe *c, struct arena *arena)
{
    struct slice pack = c->update;
    if (c->version.n && slice_find(c->version, '.') < 0 && slice_take_prefix(&pack, SLICE("sp")) && pack.n)
        return arena_printf(arena, "%.*s.%.*s", SLICE_FMT(c->version), SLICE_FMT(pack));
    return c->version;
}

/* ---- what was said ---- */

void distro_identify_said(const struct distro_said *said, struct arena *arena, struct os_info *ret)
{
    struct slice name = said->name, version = said->version, before, release, codename = said->codename;
    const struct distro *d = distro_by_name(name);
    struct cpe cpe;
    if (!d) {
        struct slice number = numbered_word(name, &before);
        d = number.n ? distro_by_name(before) : NULL;
        name = d ? before : name;
        version = d && !version.n ? number : version;
    }
    if ((!d || !version.n) && cpe_read(said->cpe, &cpe)) {
        const struct distro *of = row_of_cpe(&cpe, arena);
        if (of && (!d || d == of) && (cpe.version.n || !version.n))
            version = version_of_cpe(&cpe, arena);
        d = d ? d : of;
    }
    struct slice number = numbered_word(version, &before), plain = number.n ? number : version;
    if (!number.n) {
        struct slice rest = version;
        slice_take_token(&rest, '/', &plain); /* bookworm/sid */
        if (d && distro_codename_release(slice_str(d->id), plain, &release) && !codename.n) {
            codename = plain;
            plain = SLICE_NONE;
        }
    }
    const struct fact facts[] = {
        {SLICE("ID"), d ? slice_str(d->id) : name},
        {SLICE("VERSION_ID"), plain},
        {SLICE("VERSION"), version},
        {SLICE("PRETTY_NAME"), said->description},
        {SLICE("VERSION_CODENAME"), codename},
        {SLICE("ID_LIKE"), said->like},
    };
    distro_identify(facts, ARRAY_LEN(facts), arena, ret);
    /* Without a sentence about it the name alone hides which release was said. */
    version = slice_sub(said->version, 0, 100);
    if (!said->description.n && ret->name.n && version.n && slice_find_slice(ret->name, version) < 0)
        ret->name = arena_printf(arena, "%.*s %.*s", SLICE_FMT(ret->name), SLICE_FMT(version));
}
