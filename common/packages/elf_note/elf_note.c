/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf_note.c: the note in which a distribution's builders write from which package a program is (UAPI.8, "Package Metadata
 * for Executable Files"): in segments of notes, or the section .pkgnote of PE, JSON under owner "FDO" and type
 * 0xcafe1a7e:
 *
 *     {"type":"rpm","name":the source package,"version":…,"architecture"?,"os"?,"osVersion"?,"osCpe"?}
 *
 * It proves a build and no installation. What a package of the layer owns is listed by that package.
 */
#include "io/binary/numbers.h"
#include "io/text/json.h"
#include "packages/executable/executable.h"
#include "packages/parse_internal.h"

extern const struct package_format format_elf_note;
extern const struct executable_reader executable_reader_elf_note;

#define NOTES_MAX ((size_t)64 << 10) /* bytes of a segment */
enum { SEGMENTS_MAX = 4, NOTE_HEADER = 12 };
#define FDO_TYPE 0xcafe1a7e

/* ---- where layers are pulled ---- */

struct state {
    struct buf notes[SEGMENTS_MAX];
    bool big[SEGMENTS_MAX];
    size_t n;
};

static void begin(void *state, struct executable *x)
{
    struct state *s = state;
    s->n = 0;
    for (size_t i = 0; i < x->programs_n; i++)
        for (size_t k = 0; k < x->programs[i].parts_n && s->n < SEGMENTS_MAX; k++) {
            const struct binary_part *part = &x->programs[i].parts[k];
            if (part->kind != PART_NOTES && strcmp(part->name, ".pkgnote") != 0)
                continue;
            s->notes[s->n].max = NOTES_MAX;
            buf_clear(&s->notes[s->n]);
            s->big[s->n] = x->programs[i].big;
            if (executable_capture(x, (unsigned)s->n, part->offset, MIN(part->size, (uint64_t)NOTES_MAX)))
                s->n++;
        }
}

static bool take(void *state, struct executable *x, unsigned tag, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    (void)x;
    (void)at;
    return !buf_add_slice(&s->notes[tag], bytes);
}

/* The note among others; SLICE_NONE: it is not there. Sizes are padded to four bytes. */
static struct slice package_note(struct slice notes, bool big)
{
    while (notes.n >= NOTE_HEADER) {
        uint64_t name = binary_number(notes, 0, 4, big), size = binary_number(notes, 4, 4, big);
        uint64_t type = binary_number(notes, 8, 4, big), skip = (name + 3) / 4 * 4;
        struct slice behind = slice_from(notes, NOTE_HEADER);
        if (skip > behind.n || size > behind.n - skip)
            return SLICE_NONE;
        if (type == FDO_TYPE && slice_starts(behind, SLICE("FDO\0")))
            return slice_sub(behind, (size_t)skip, (size_t)size);
        notes = slice_from(behind, (size_t)MIN(skip + (size + 3) / 4 * 4, (uint64_t)behind.n));
    }
    return SLICE_NONE;
}

static void end(void *state, struct executable *x, const struct reducer_out *out)
{
    const struct state *s = state;
    for (size_t i = 0; i < s->n; i++) {
        struct slice note = package_note(buf_slice(&s->notes[i]), s->big[i]);
        if (!note.n)
            continue;
        out->put(out->arg, out->format, x->path, note);
        return;
    }
}

static void done(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    for (size_t i = 0; i < SEGMENTS_MAX; i++)
        buf_done(&s->notes[i]);
}

const struct executable_reader executable_reader_elf_note = {.format = &format_elf_note,
                                                             .state_size = sizeof(struct state),
                                                             .begin = begin,
                                                             .take = take,
                                                             .end = end,
                                                             .done = done};

/* ---- what they say ---- */

struct noted {
    struct slice path, json;
};

struct parsed {
    VEC(struct noted) notes;
};

static void read_entry(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed *s = parse_state(p, &format_elf_note, sizeof *s);
    struct noted *to = s ? VEC_ADD(p->arena, &s->notes) : NULL;
    if (to)
        *to = (struct noted){.path = entry->path, .json = entry->bytes};
    owning_ask(&p->owning, entry->path);
}

static enum package_type type_of(struct slice type)
{
    static const struct {
        const char *name;
        enum package_type type;
    } known[] = {{"deb", PKG_DPKG}, {"rpm", PKG_RPM}, {"apk", PKG_APK}, {"alpm", PKG_PACMAN}, {"pacman", PKG_PACMAN}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (slice_eq_str(type, known[i].name))
            return known[i].type;
    return PKG_UNKNOWN;
}

static void read_note(struct parse *p, const struct noted *note)
{
    struct package package = {.certainty = CERTAINTY_INSTALLED, .why = SLICE("a note in a program says so")};
    struct slice key, os = SLICE_NONE, release = SLICE_NONE, json = note->json;
    struct json_pull j;
    struct err e = ERR_INIT;
    while (json.n && !json.p[json.n - 1])
        json.n--;
    p->path = note->path;
    p->reasons_of_file = 0;
    json_pull_text(&j, json, p->arena);
    for (bool object = json_pull_object(&j); object && json_pull_key(&j, &key);) {
        if (slice_eq(key, SLICE("type")))
            package.type = type_of(json_pull_string(&j));
        else if (slice_eq(key, SLICE("name")))
            package.name = json_pull_string(&j);
        else if (slice_eq(key, SLICE("version")))
            package.version = json_pull_string(&j);
        else if (slice_eq(key, SLICE("architecture")))
            package.architecture = json_pull_string(&j);
        else if (slice_eq(key, SLICE("os")))
            os = json_pull_string(&j);
        else if (slice_eq(key, SLICE("osVersion")))
            release = json_pull_string(&j);
        else
            json_pull_skip(&j);
    }
    if (json_pull_end(&j, &e))
        parse_reason(p, REASON_DATABASE_BROKEN, "the note of its package: %s", e.text);
    else if (package.type && parse_is_token(package.name) && parse_is_token(package.version)) {
        struct parsed_file *file = parse_share_file(p, note->path, "elf-note");
        bool named = parse_is_token(os) && parse_is_token(release);
        package.architecture = parse_is_token(package.architecture) ? package.architecture : SLICE_NONE;
        package.not_judged = reason_make(
            REASON_OTHER_REPOSITORY,
            named ? arena_printf(p->arena,
                                 "the program was built for %.*s %.*s and no package that is installed brought it",
                                 SLICE_FMT(os), SLICE_FMT(release))
                  : SLICE("the program was built by a distribution and no package that is installed brought it"));
        if (file)
            parse_add_package(p, file, &package);
    }
    json_pull_done(&j);
}

static void read_owned(struct parse *p)
{
    struct parsed *s = parse_state(p, &format_elf_note, sizeof *s);
    /* Where nothing says which files are the system's packages', all of them may be. */
    bool known = p->owning.paths || !p->owning.has_system;
    for (size_t i = 0; s && known && i < s->notes.n; i++) {
        const struct owning_place *at = owning_of(&p->owning, s->notes.v[i].path);
        if (!at || !at->package.n)
            read_note(p, &s->notes.v[i]);
    }
}

static const struct package_rule rules[] = {EXECUTABLE_RULES, {.path = NULL}};
static const char *const stores[] = {"nix/store", "gnu/store", "sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_elf_note = {.name = "elf-note",
                                               .keeps_version = 1,
                                               .reads_version = 1,
                                               .tells = TELLS_PACKAGES,
                                               .rules = rules,
                                               .not_below = stores,
                                               .read = read_entry,
                                               .read_owned = read_owned};
