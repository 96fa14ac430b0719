/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chisel.c: the manifest of an image that was cut with Chisel, Canonical's tool that installs slices of Ubuntu's packages
 * instead of whole ones ("Chisel manifest" in its documentation). Such an image has no database of dpkg.
 *
 * The manifest is a "jsonwall", packed with zstd: a JSON object a line. The first line is a header,
 * {"jsonwall": "1.0", "schema": "1.0", "count": LINES}; the others have a "kind":
 *
 *     package   "name", "version", "arch", "sha256"
 *     slice     "name": the package's and the slice's with "_" between, which no package's name has: "openssl_bins"
 *     path      "path", "slices" that brought it, "mode", "sha256", "size", …
 *     content   "slice", "path": the same the other way round
 *
 * Other kinds and keys are passed over. A line that can't be read spoils none of the others, and what stands before a
 * break in the packed stream counts. A package's source is nowhere named.
 */
#include "io/archive/inflate.h"
#include "io/text/json.h"
#include "packages/format.h"
#include "packages/owners.h"
#include "packages/parse_internal.h"

#define WALL_MAX         ((uint64_t)64 << 20)
#define WALL_LINE_MAX    ((size_t)256 << 10)
#define WALL_SCRATCH_MAX ((size_t)16 << 20) /* more than a line can need */

enum { KIND, NAME, VERSION, ARCH, PATH, JSONWALL, SCHEMA, TEXTS };
static const char *const keys[TEXTS] = {"kind", "name", "version", "arch", "path", "jsonwall", "schema"};

struct wall {
    int (*entry)(struct wall *w); /* takes a line; what is not 0 ends the walk */
    void *arg;                    /* for entry */
    struct parse *parse;          /* whom problems are told; NULL: nobody */
    struct arena scratch;         /* of the line */
    struct buf held;              /* the beginning of a line that goes on in the next piece */
    size_t number;                /* of the line, from 1 */
    uint64_t count;               /* how many lines the header says there are */
    struct slice texts[TEXTS];    /* what the line says, by the keys above */
    slice_vec slices;
};

static void tell(const struct wall *w, enum reason_code code, const char *why)
{
    if (w->parse)
        parse_reason(w->parse, code, "line %zu: %s", w->number, why);
}

static void read_value(struct wall *w, struct json_pull *json, struct slice key)
{
    size_t i = 0;
    while (i < TEXTS && !slice_eq_str(key, keys[i]))
        i++;
    if (i < TEXTS) {
        w->texts[i] = json_pull_string(json);
    } else if (slice_eq_str(key, "slices")) {
        if (json_pull_array(json))
            while (json_pull_item(json))
                slice_vec_add(&w->scratch, &w->slices, json_pull_string(json));
    } else if (slice_eq_str(key, "count") && w->number == 1) {
        slice_parse_u64(json_pull_scalar(json), &w->count);
    } else {
        json_pull_skip(json);
    }
}

/* NULL, or why the line can't be read. */
static const char *read_line(struct wall *w, struct slice line, struct err *e)
{
    struct json_pull json;
    struct slice key;
    if (line.n > WALL_LINE_MAX || w->held.overflow)
        return "it is too long";
    arena_reset(&w->scratch);
    memset(w->texts, 0, sizeof w->texts);
    w->slices = (slice_vec){0};
    json_pull_text(&json, line, &w->scratch);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key))
        read_value(w, &json, key);
    int malformed = json_pull_end(&json, e);
    json_pull_done(&json);
    if (malformed)
        return e->text;
    if (w->scratch.overflow)
        return "it has too many values";
    return object ? NULL : "it is no object";
}

static int take_line(struct wall *w, struct slice line)
{
    struct err e = ERR_INIT;
    w->number++;
    const char *bad = read_line(w, line, &e);
    if (bad) {
        tell(w, REASON_DATABASE_BROKEN, bad);
        return 0;
    }
    if (w->number == 1 && !w->texts[JSONWALL].n)
        tell(w, REASON_DATABASE_BROKEN, "it is not the header of a jsonwall");
    else if (w->number == 1 &&
             (!slice_starts(w->texts[JSONWALL], SLICE("1.")) || !slice_starts(w->texts[SCHEMA], SLICE("1."))))
        tell(w, REASON_DATABASE_BROKEN, "a version of the form or its schema that is not known");
    else if (w->number > 1 && !w->texts[KIND].n)
        tell(w, REASON_DATABASE_BROKEN, "it has no kind");
    return w->entry(w);
}

static int take_piece(struct wall *w, struct slice piece)
{
    int stop = 0;
    while (!stop && piece.n) {
        ptrdiff_t end = slice_find(piece, '\n');
        struct slice line = end < 0 ? piece : slice_sub(piece, 0, (size_t)end);
        piece = slice_from(piece, line.n + 1);
        if (end < 0 || w->held.n || w->held.overflow) {
            buf_add_slice(&w->held, line);
            line = buf_slice(&w->held);
        }
        if (end < 0)
            break;
        stop = take_line(w, line);
        buf_clear(&w->held);
    }
    return stop;
}

/* Gives every line that can be read to w->entry, until that returns something else than 0, which is returned. */
static int walk(struct wall *w, struct slice bytes)
{
    struct inflate *z = inflate_new(SLICE_NONE, WALL_MAX);
    struct slice piece;
    struct err e = ERR_INIT;
    int r = 0, stop = 0;
    w->scratch = ARENA_INIT(WALL_SCRATCH_MAX);
    w->held = BUF_INIT(WALL_LINE_MAX);
    while (!stop && (r = inflate_next(z, &bytes, &piece, &e)) == 1)
        stop = take_piece(w, piece);
    if (!stop && !r)
        r = inflate_end(z, &e);
    bool cut = r < 0 || (w->parse && w->parse->cut);
    if (!stop && !cut && (w->held.n || w->held.overflow))
        stop = take_line(w, buf_slice(&w->held));
    if (r < 0 && w->parse && !w->parse->cut)
        parse_reason(w->parse, REASON_DATABASE_BROKEN, "%s", e.text);
    else if (!stop && !cut && w->number < MAX(w->count, (uint64_t)1))
        tell(w, REASON_DATABASE_BROKEN, "it ends here, and its header is missing or says that there are more lines");
    inflate_free(z);
    buf_done(&w->held);
    arena_done(&w->scratch);
    return stop;
}

/* ---- packages ---- */

static int add_package(struct wall *w)
{
    struct package package = {.type = PKG_DPKG, .source_unknown = true};
    if (!slice_eq_str(w->texts[KIND], "package"))
        return 0;
    package.name = w->texts[NAME];
    package.version = w->texts[VERSION];
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        tell(w, REASON_PACKAGE_LEFT_OUT, "a package without a sound name and version");
        return 0;
    }
    if (parse_is_token(w->texts[ARCH]))
        package.architecture = w->texts[ARCH];
    parse_add_package(w->parse, w->arg, &package);
    return 0;
}

static void parse_manifest(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct wall w = {.entry = add_package, .arg = file, .parse = p};
    size_t reasons = p->reasons_of_file;
    walk(&w, bytes);
    if (!file->packages.n && p->reasons_of_file == reasons)
        parse_reason(p, REASON_DATABASE_EMPTY, "no package in it");
}

/* ---- whose paths they are ---- */

static int give_path(struct wall *w)
{
    struct slice before = SLICE_NONE;
    int r = 0;
    for (size_t i = 0; !r && slice_eq_str(w->texts[KIND], "path") && i < w->slices.n; i++) {
        struct slice package = slice_sub(w->slices.v[i], 0, (size_t)MAX(slice_find(w->slices.v[i], '_'), 0));
        if (package.n && !slice_eq(package, before))
            r = owners_give(w->arg, w->texts[PATH], package);
        before = package;
    }
    return r;
}

static int owns_manifest(struct owners *o, struct slice path, struct slice bytes)
{
    struct wall w = {.entry = give_path, .arg = o};
    (void)path;
    return walk(&w, bytes);
}

/* ---- the format ---- */

static const struct package_rule rules[] = {
    {.path = "var/lib/chisel/manifest.wall",
     .max = KEEP_SMALL * 16,
     .parser = "chisel-manifest",
     .parse = parse_manifest,
     .owns = owns_manifest},
    {.path = NULL},
};

const struct package_format format_chisel = {
    .name = "chisel", .keeps_version = 1, .reads_version = 1, .type = PKG_DPKG, .rules = rules};
