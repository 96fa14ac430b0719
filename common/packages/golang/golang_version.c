/* SPDX-License-Identifier: Apache-2.0 */
/* golang_version.c: versions that stand in a program otherwise than as its modules': the toolchain's, and the linker's flags. */
#include "packages/golang/golang.h"

/* ---- the toolchain ---- */

static bool take_digits(struct slice *s, struct slice *ret)
{
    size_t n = 0;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    *ret = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return n > 0;
}

struct slice golang_release(struct slice version, struct arena *arena)
{
    struct slice first, second, third = SLICE("0"), number = SLICE("0");
    const char *word = NULL;
    bool patch = false;
    if (!slice_take_prefix(&version, SLICE("go")) || !take_digits(&version, &first) ||
        !slice_take_prefix(&version, SLICE(".")) || !take_digits(&version, &second))
        return SLICE_NONE;
    if (slice_take_prefix(&version, SLICE("."))) {
        patch = take_digits(&version, &third);
        if (!patch)
            return SLICE_NONE;
    } else if (slice_take_prefix(&version, SLICE("rc"))) {
        word = "rc";
    } else if (slice_take_prefix(&version, SLICE("beta"))) {
        word = "beta";
    }
    if (word && !take_digits(&version, &number))
        return SLICE_NONE;
    return word ? arena_printf(arena, "%.*s.%.*s.0-%s.%.*s", SLICE_FMT(first), SLICE_FMT(second), word,
                               SLICE_FMT(number))
                : arena_printf(arena, "%.*s.%.*s.%.*s", SLICE_FMT(first), SLICE_FMT(second), SLICE_FMT(third));
}

/* ---- the linker's flags ---- */

/* A word as a shell reads it; quotes within are as they are, since values that have some are no versions. */
static bool take_word(struct slice *s, struct slice *ret)
{
    *s = slice_trim(*s);
    if (!s->n)
        return false;
    uint8_t quote = s->p[0];
    if (quote == '\'' || quote == '"') {
        *s = slice_from(*s, 1);
        *ret = SLICE("");
        return slice_take_token(s, quote, ret);
    }
    size_t n = 0;
    uint8_t open = 0;
    for (; n < s->n && (open || (s->p[n] != ' ' && s->p[n] != '\t' && s->p[n] != '\n')); n++)
        if (open ? s->p[n] == open : s->p[n] == '\'' || s->p[n] == '"')
            open = open ? 0 : s->p[n];
    *ret = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return true;
}

static struct slice unquoted(struct slice s)
{
    bool quoted = s.n >= 2 && (s.p[0] == '\'' || s.p[0] == '"') && s.p[s.n - 1] == s.p[0];
    return quoted ? slice_sub(s, 1, s.n - 2) : s;
}

static bool is_version_name(struct slice name)
{
    static const char *const names[] = {"version",        "ver",        "appversion", "buildversion", "releaseversion",
                                        "currentversion", "gitversion", "semver"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (slice_eq_nocase(name, slice_str(names[i])))
            return true;
    return false;
}

/* At least two numbers: a date, a hash or a word is none. */
static bool is_version(struct slice s)
{
    struct slice number;
    if (!parse_is_token(s) || s.n > 128)
        return false;
    slice_take_prefix(&s, SLICE("v"));
    return take_digits(&s, &number) && slice_take_prefix(&s, SLICE(".")) && take_digits(&s, &number);
}

/* Which of several is believed first; -1: it is no variable of the program's own. */
static int class_of(struct slice package, struct slice main)
{
    struct slice rest = package, name = slice_path_name(package);
    bool own = main.n && slice_take_prefix(&rest, main) && (!rest.n || rest.p[0] == '/');
    if (own && slice_starts(rest, SLICE("/cmd/")))
        return 0;
    if (slice_eq(package, SLICE("main")))
        return 1;
    if (!own)
        return -1;
    return slice_eq(name, SLICE("common")) || slice_eq(name, SLICE("version")) || slice_eq(name, SLICE("cmd")) ? 1 : 2;
}

static void take_variable(struct slice word, struct slice main, struct slice found[3], bool differ[3])
{
    ptrdiff_t equals = slice_find(word, '=');
    struct slice key = slice_sub(word, 0, equals < 0 ? 0 : (size_t)equals);
    struct slice value = unquoted(slice_from(word, (size_t)(equals + 1)));
    ptrdiff_t dot = slice_rfind(key, '.');
    if (dot <= 0 || !is_version_name(slice_from(key, (size_t)dot + 1)) || !is_version(value))
        return;
    int class = class_of(slice_sub(key, 0, (size_t)dot), main);
    if (class < 0)
        return;
    struct slice bare = value, other = found[class];
    slice_take_prefix(&bare, SLICE("v"));
    slice_take_prefix(&other, SLICE("v"));
    differ[class] = differ[class] || (other.n && !slice_eq(bare, other));
    found[class] = value;
}

struct slice golang_flags_version(struct slice flags, struct slice main)
{
    struct slice word, found[3] = {SLICE_NONE, SLICE_NONE, SLICE_NONE};
    bool differ[3] = {false};
    while (take_word(&flags, &word)) {
        if (slice_eq(word, SLICE("-X")) || slice_eq(word, SLICE("--X"))) {
            if (take_word(&flags, &word))
                take_variable(word, main, found, differ);
        } else if (slice_take_prefix(&word, SLICE("-X=")) || slice_take_prefix(&word, SLICE("--X="))) {
            take_variable(unquoted(word), main, found, differ);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(found); i++)
        if (found[i].n)
            return differ[i] ? SLICE_NONE : found[i];
    return SLICE_NONE;
}
