/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/secdb_item.h"

#include "feeds/reading.h"
#include "model/version/version.h"

#define VERSION_MAX 128

static uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}

static bool is_letter(uint8_t c)
{
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

static struct slice take_digits(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && byte_is_digit(s->p[n]))
        n++;
    struct slice digits = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return digits;
}

static void skip_marks(struct slice *s)
{
    while (s->n && !byte_is_digit(s->p[0]) && !is_letter(s->p[0]) && s->p[0] != '?')
        *s = slice_from(*s, 1);
}

/* Begins with CVE, CAN (its name before 2005) or with CVE's letters in another order. */
static bool take_cve_word(struct slice *s)
{
    uint8_t w[3];
    for (size_t i = 0; i < 3; i++)
        w[i] = i < s->n ? upper(s->p[i]) : 0;
    bool c = w[0] == 'C' || w[1] == 'C' || w[2] == 'C', v = w[0] == 'V' || w[1] == 'V' || w[2] == 'V',
         e = w[0] == 'E' || w[1] == 'E' || w[2] == 'E';
    if (!(c && v && e) && memcmp(w, "CAN", 3) != 0)
        return false;
    *s = slice_from(*s, 3);
    return true;
}

/* "2019-1234", "_2019_1234.patch" -> CVE-2019-1234; SLICE_NONE when that is not what follows. */
static struct slice cve_number(struct arena *arena, struct slice s)
{
    skip_marks(&s);
    struct slice year = take_digits(&s);
    size_t before = s.n;
    skip_marks(&s);
    struct slice number = take_digits(&s);
    if (year.n != 4 || before == s.n + number.n || (s.n && (is_letter(s.p[0]) || s.p[0] == '?')))
        return SLICE_NONE;
    struct slice id = arena_printf(arena, "CVE-%.*s-%.*s", SLICE_FMT(year), SLICE_FMT(number));
    return reading_is_cve(id) ? id : SLICE_NONE;
}

/* Without what a sentence or a file's name adds. */
static struct slice bare(struct slice word)
{
    static const char *const ends[] = {".patch", ".diff"};
    while (word.n && !is_letter(word.p[0]) && !byte_is_digit(word.p[0]))
        word = slice_from(word, 1);
    while (word.n && !is_letter(word.p[word.n - 1]) && !byte_is_digit(word.p[word.n - 1]))
        word.n--;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (slice_ends(word, slice_str(ends[i])))
            word.n -= strlen(ends[i]);
    return word;
}

/* An id of whoever publishes ids: begins with a letter, and "XSA-200" or "VSV00019" in its form. */
static bool is_id(struct slice s)
{
    size_t letters = 0, digits = 0, marks = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool mark = s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '.';
        if (!mark && !is_letter(s.p[i]) && !byte_is_digit(s.p[i]))
            return false;
        marks += mark;
        digits += byte_is_digit(s.p[i]);
        letters += !marks && !digits && is_letter(s.p[i]);
    }
    if (!s.n || s.n > 64 || !is_letter(s.p[0]))
        return false;
    if (slice_starts(s, SLICE("GHSA-")))
        return s.n == strlen("GHSA-2222-2222-2222");
    return digits && (slice_find(s, '-') > 0 || (letters >= 2 && digits >= 3 && !marks));
}

static struct slice ghsa(struct arena *arena, struct slice word)
{
    if (word.n < 5 || !slice_eq_nocase(slice_sub(word, 0, 5), SLICE("GHSA-")))
        return word;
    struct slice copy = arena_slice(arena, word);
    uint8_t *p = (uint8_t *)(uintptr_t)copy.p;
    for (size_t i = 0; copy.p && i < copy.n; i++)
        p[i] = i < 4 ? upper(p[i]) : byte_lower(p[i]);
    return copy;
}

/* The next word, between blanks and the marks that people put between ids. */
static bool take_word(struct slice *item, struct slice *ret_word)
{
    size_t from = 0, to;
    while (from < item->n && (item->p[from] <= ' ' || strchr(",;/|&+\"'", item->p[from])))
        from++;
    for (to = from; to < item->n && item->p[to] > ' ' && !strchr(",;/|&+\"'", item->p[to]);)
        to++;
    *ret_word = slice_sub(*item, from, to - from);
    *item = slice_from(*item, to);
    return ret_word->n > 0;
}

size_t secdb_item_ids(struct arena *arena, struct slice item, struct slice ids[SECDB_ITEM_IDS_MAX])
{
    size_t n = 0;
    struct slice word;
    bool bare_cve = false;
    while (n < SECDB_ITEM_IDS_MAX && take_word(&item, &word)) {
        struct slice id = SLICE_NONE, rest = word;
        if (word.p[0] == '#' || word.p[0] == '(')
            break;
        bool cve = take_cve_word(&rest) || bare_cve;
        struct slice behind = rest;
        skip_marks(&behind);
        bare_cve = cve && !behind.n;
        if (bare_cve)
            continue;
        id = cve ? cve_number(arena, rest) : ghsa(arena, bare(word));
        bool known = !is_id(id);
        for (size_t i = 0; i < n; i++)
            known |= slice_eq(ids[i], id);
        if (!known)
            ids[n++] = id;
    }
    return n;
}

/* ---- versions ---- */

static bool is_apk(struct slice v)
{
    return version_valid(VERSION_APK, v, NULL);
}

/* Takes "-r0" off the end, and "r0", ".r0", ".-r0", "-0", which were meant for it. */
static bool take_release(struct slice *v, struct slice *ret_digits)
{
    size_t n = v->n;
    while (n && byte_is_digit(v->p[n - 1]))
        n--;
    *ret_digits = slice_from(*v, n);
    if (!ret_digits->n || n < 2)
        return false;
    bool dash = v->p[n - 1] == '-', r = v->p[n - 1] == 'r' && !is_letter(v->p[n - 2]) && !byte_is_digit(v->p[n - 2]);
    if (!dash && !r)
        return false;
    n--;
    while (n && (v->p[n - 1] == '-' || v->p[n - 1] == '.'))
        n--;
    v->n = n;
    return n > 0;
}

struct slice secdb_version(struct arena *arena, struct slice version)
{
    struct slice v = reading_version(arena, version), body = v, digits;
    uint8_t dotted[VERSION_MAX];
    if (is_apk(v) || !take_release(&body, &digits) || body.n >= sizeof dotted)
        return v;
    for (size_t i = 0; i < body.n; i++)
        dotted[i] = body.p[i] == '-' ? '.' : body.p[i];
    struct slice meant = arena_printf(arena, "%.*s-r%.*s", SLICE_FMT(slice_of(dotted, body.n)), SLICE_FMT(digits));
    return meant.p && is_apk(meant) ? meant : v;
}
