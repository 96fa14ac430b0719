/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/program/program_scan.h"

static bool is_small(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_word(uint8_t c)
{
    return byte_is_digit(c) || is_small(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '+' || c == '-' || c == '_';
}

/* "python3.11": 3.11; "libpython3.11.so.1.0" too; absent without a number. */
static struct slice number_of(struct slice name)
{
    size_t from = 0, n = 0;
    while (from < name.n && !byte_is_digit(name.p[from]))
        from++;
    while (from + n < name.n && (byte_is_digit(name.p[from + n]) || (name.p[from + n] == '.' && from + n + 1 < name.n &&
                                                                     byte_is_digit(name.p[from + n + 1]))))
        n++;
    return n ? slice_sub(name, from, n) : SLICE_NONE;
}

bool program_scan_begin(struct program_scan *s, struct slice path)
{
    struct slice name = slice_path_name(path);
    s->n = s->have = 0;
    s->end = 0;
    if (name.n >= sizeof s->name)
        return false;
    for (size_t i = 0; i < programs_n && s->n < PROGRAM_CANDIDATES_MAX; i++)
        if (program_may_be(&programs[i], name))
            s->candidates[s->n++] = (struct program_candidate){.row = &programs[i]};
    if (!s->n)
        return false;
    memcpy(s->name, name.p, name.n);
    s->stem = number_of(slice_of(s->name, name.n));
    return true;
}

static bool has_patch_level(struct slice version)
{
    return slice_starts(version, SLICE("1.")) || slice_starts(version, SLICE("2.0."));
}

/* How many bytes of s are a version; 0: it begins with none. */
static size_t version_length(struct slice s, enum program_form form)
{
    size_t n = 0, dots = 0;
    while (n < s.n && (byte_is_digit(s.p[n]) || (s.p[n] == '.' && n && n + 1 < s.n && byte_is_digit(s.p[n + 1]))))
        dots += s.p[n++] == '.';
    if (!dots)
        return 0;
    if (form == FORM_LETTER && n < s.n && is_small(s.p[n]) &&
        (n + 1 == s.n || !is_word(s.p[n + 1]) || s.p[n + 1] == '-'))
        n++;
    if (form == FORM_PATCH) {
        if (n + 1 >= s.n || s.p[n] != 'p' || !byte_is_digit(s.p[n + 1]))
            return 0;
        for (n++; n < s.n && byte_is_digit(s.p[n]);)
            n++;
    }
    if (form == FORM_RUBY && n + 1 < s.n && s.p[n] == 'p' && byte_is_digit(s.p[n + 1]) && has_patch_level(s))
        for (n++; n < s.n && byte_is_digit(s.p[n]);)
            n++;
    while (form == FORM_WORD && n < s.n && is_word(s.p[n]))
        n++;
    while (form == FORM_WORD && n && !byte_is_digit(s.p[n - 1]) && !is_small(s.p[n - 1]))
        n--;
    return n <= PROGRAM_VERSION_MAX ? n : 0;
}

/* Addresses look like versions of four numbers. */
static bool is_address(struct slice version)
{
    return slice_starts(version, SLICE("127.")) || slice_starts(version, SLICE("0.0.")) ||
           slice_starts(version, SLICE("255."));
}

static void take_version(struct program_scan *s, struct program_candidate *c, size_t pattern, struct slice version)
{
    if (is_address(version))
        return;
    if (c->row->named && (!s->stem.n || !slice_starts(version, s->stem) ||
                          (version.n > s->stem.n && byte_is_digit(version.p[s->stem.n]))))
        return;
    if (c->version[0] && c->pattern < pattern)
        return;
    if (c->version[0] && c->pattern == pattern) {
        char *first = c->version;
        c->several |= strlen(first) != version.n;
        for (size_t i = 0; i < version.n && !c->several; i++)
            c->several = first[i] != (version.p[i] == 'p' && c->row->form == FORM_RUBY ? '.' : (char)version.p[i]);
        return;
    }
    memcpy(c->version, version.p, version.n);
    c->version[version.n] = 0;
    char *level = c->row->form == FORM_RUBY ? strchr(c->version, 'p') : NULL;
    if (level)
        *level = '.';
    c->pattern = (uint8_t)pattern;
    c->several = false;
}

/* The version that ends where s does; a digit or dot in front of it would make it another one. */
static struct slice version_before(struct slice s, enum program_form form)
{
    size_t from = s.n;
    while (from && s.n - from < PROGRAM_VERSION_MAX && is_word(s.p[from - 1]))
        from--;
    for (; from < s.n; from++)
        if (byte_is_digit(s.p[from]) && (!from || !is_word(s.p[from - 1]) || !byte_is_digit(s.p[from - 1])) &&
            version_length(slice_from(s, from), form) == s.n - from)
            return slice_from(s, from);
    return SLICE_NONE;
}

/* Where the text is next, from at on; limit: nowhere before that. A program is full of NULs: one that frames a version has a
 * digit behind it. */
static size_t next_place(struct slice window, size_t at, size_t limit, struct slice text, bool framed)
{
    if (framed) {
        const size_t end = MIN(limit, window.n - 1);
        while (at < end && (window.p[at] || !byte_is_digit(window.p[at + 1])))
            at++;
        return at < end ? at : limit;
    }
    const uint8_t *hit = at < window.n ? memmem(window.p + at, window.n - at, text.p, text.n) : NULL;
    return hit ? MIN((size_t)(hit - window.p), limit) : limit;
}

/* All places of a pattern's first text that begin within limit. */
static void find_pattern(struct program_scan *s, struct program_candidate *c, size_t pattern, struct slice window,
                         size_t limit)
{
    struct slice p = c->row->patterns[pattern];
    ptrdiff_t mark = slice_find(p, PROGRAM_VERSION[0]);
    struct slice front = slice_sub(p, 0, (size_t)mark), back = slice_from(p, (size_t)mark + 1),
                 text = front.n ? front : back;
    for (size_t at = 0; at < limit;) {
        size_t place = next_place(window, at, limit, text, front.n == 1 && !front.p[0]);
        if (place >= limit)
            return;
        struct slice behind = slice_from(window, place + text.n), version = SLICE_NONE;
        if (front.n) {
            version = slice_sub(behind, 0, version_length(behind, c->row->form));
            if (!slice_starts(slice_from(behind, version.n), back))
                version = SLICE_NONE;
        } else {
            version = version_before(slice_sub(window, 0, place), c->row->form);
        }
        if (version.n)
            take_version(s, c, pattern, version);
        at = place + 1;
    }
}

static bool has_text(struct slice window, struct slice text)
{
    return text.n && memmem(window.p, window.n, text.p, text.n);
}

/* Looks at the window; texts that begin behind limit wait for what follows. */
static void look(struct program_scan *s, size_t limit)
{
    struct slice window = slice_of(s->window, s->have);
    for (size_t i = 0; i < s->n; i++) {
        struct program_candidate *c = &s->candidates[i];
        c->also = c->also || has_text(window, c->row->also);
        c->never = c->never || has_text(window, c->row->never);
        for (size_t k = 0; c->row->patterns[k].p; k++)
            if (!c->version[0] || c->pattern >= k)
                find_pattern(s, c, k, window, limit);
    }
}

static void take(struct program_scan *s, const uint8_t *p, size_t n)
{
    while (n) {
        size_t some = MIN(n, sizeof s->window - s->have);
        if (p)
            memcpy(s->window + s->have, p, some);
        else
            memset(s->window + s->have, 0, some);
        s->have += some;
        p = p ? p + some : NULL;
        n -= some;
        if (s->have < sizeof s->window)
            return;
        look(s, s->have - PROGRAM_WINDOW_TAIL);
        memmove(s->window, s->window + s->have - PROGRAM_WINDOW_TAIL * 2, PROGRAM_WINDOW_TAIL * 2);
        s->have = PROGRAM_WINDOW_TAIL * 2;
    }
}

void program_scan_data(struct program_scan *s, uint64_t at, struct slice bytes)
{
    /* Nothing stands in a long hole: so much of it as parts what is around it. */
    if (at > s->end)
        take(s, NULL, (size_t)MIN(at - s->end, (uint64_t)PROGRAM_WINDOW_TAIL * 2));
    take(s, bytes.p, bytes.n);
    s->end = at + bytes.n;
}

const struct program_candidate *program_scan_end(struct program_scan *s)
{
    take(s, NULL, 1); /* what ends with the file */
    look(s, s->have);
    for (size_t i = 0; i < s->n; i++) {
        const struct program_candidate *c = &s->candidates[i];
        if (c->version[0] && (c->also || !c->row->also.n) && !c->never)
            return c;
    }
    return NULL;
}
