/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_dpkg.c: what is particular to packages of dpkg: signed copies of the kernel, rebuilds of a source, Raspberry Pi
 * OS's marks, Ubuntu's builds for FIPS 140.
 */
#include "match/judge/judge_family.h"

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

/*
 * The kernel's source where a package is built from its signed copy, else absent: "linux-signed-aws" -> "linux-aws".
 * Only whether it is absent is known with arena NULL.
 */
static struct slice kernel_source(const struct package *p, struct arena *arena)
{
    /* Debian has a signed copy for each machine, Ubuntu one for each flavour. */
    static const char *const machines[] = {"-amd64", "-arm64", "-i386"};
    struct slice flavour = p->source_name;
    if (!slice_take_prefix(&flavour, SLICE("linux-signed")))
        return SLICE_NONE;
    if (flavour.n && flavour.p[0] != '-')
        return SLICE_NONE;
    ends_with_word(&flavour, machines, ARRAY_LEN(machines));
    return arena ? arena_printf(arena, "linux%.*s", SLICE_FMT(flavour)) : SLICE("linux");
}

static bool without_code(const struct package *p)
{
    return judge_of_source(p, "linux-meta") || judge_kernel_without_code(p, "linux");
}

/* ---- versions ---- */

static size_t digits_at(struct slice v, size_t at)
{
    size_t n = at;
    while (n < v.n && v.p[n] >= '0' && v.p[n] <= '9')
        n++;
    return n - at;
}

/* Without the first "+rpi1", "+rpt2"; what is behind it ("+deb12u5") stays. */
static struct slice without_pi_mark(struct slice v, struct arena *arena)
{
    static const char *const marks[] = {"+rpi", "+rpt"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        ptrdiff_t at = slice_find_slice(v, slice_str(marks[i]));
        size_t end = at < 0 ? 0 : (size_t)at + strlen(marks[i]), digits = at < 0 ? 0 : digits_at(v, end);
        if (at <= 0 || !digits)
            continue;
        struct slice before = slice_sub(v, 0, (size_t)at), behind = slice_from(v, end + digits);
        return behind.n ? arena_printf(arena, "%.*s%.*s", SLICE_FMT(before), SLICE_FMT(behind)) : before;
    }
    return v;
}

/* A dpkg rebuild ("1.2-3+b1") has the source version without its suffix, and only sometimes says so itself. */
static struct slice source_version(const struct package *p, struct arena *arena)
{
    if (kernel_source(p, NULL).n)
        return p->version;
    struct slice v = p->source_version.n ? p->source_version : p->version;
    size_t n = v.n;
    while (n && v.p[n - 1] >= '0' && v.p[n - 1] <= '9')
        n--;
    bool rebuilt = !p->source_version.n && n < v.n && n > 2 && v.p[n - 1] == 'b' && v.p[n - 2] == '+';
    return without_pi_mark(rebuilt ? slice_sub(v, 0, n - 2) : v, arena);
}

/* ---- FIPS ---- */

static bool has_nocase(struct slice s, struct slice word)
{
    for (size_t i = 0; i + word.n <= s.n; i++)
        if (slice_eq_nocase(slice_sub(s, i, word.n), word))
            return true;
    return false;
}

/*
 * Ubuntu's builds for FIPS 140 ("2.fips.2.8", "+Fips1") have advisories and versions of their own: the list is replaced
 * by their ecosystems.
 */
static size_t ecosystems(const struct package *p, struct arena *arena, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX],
                         size_t n, bool *ret_apart)
{
    static const char *const pockets[] = {"FIPS", "FIPS-updates", "FIPS-preview"};
    struct judge_ecosystem fips[JUDGE_ECOSYSTEMS_MAX];
    size_t count = 0;
    if (!has_nocase(p->version, SLICE("fips")))
        return n;
    for (size_t i = 0; i < n; i++) {
        struct slice release = to[i].name;
        if (!slice_take_prefix(&release, SLICE("Ubuntu:Pro:")))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(pockets) && count < JUDGE_ECOSYSTEMS_MAX; k++)
            fips[count++] = (struct judge_ecosystem){
                .name = arena_printf(arena, "Ubuntu:Pro:%s:%.*s", pockets[k], SLICE_FMT(release)),
                .subscription = true};
    }
    if (!count)
        return n;
    memcpy(to, fips, count * sizeof *to);
    *ret_apart = true;
    return count;
}

const struct judge_family judge_dpkg = {
    .source_name = kernel_source,
    .source_version = source_version,
    .without_code = without_code,
    .ecosystems = ecosystems,
};
