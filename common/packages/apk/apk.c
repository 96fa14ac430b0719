/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apk.c: apk's database (man apk, "FILES"), in its old and its usr-merged place: lines "letter:value", an empty line
 * behind each package. Beside it what tells of the distribution's branch.
 */
#include "packages/format.h"
#include "packages/owners.h"
#include "packages/parse_internal.h"

struct record {
    struct slice name, version, architecture, origin;
    size_t first_line, broken_line;
    const char *broken;
};

static void take_line(struct record *r, struct slice line, size_t number)
{
    if (!r->first_line)
        r->first_line = number;
    if (line.n < 2 || line.p[1] != ':') {
        if (!r->broken_line) {
            r->broken_line = number;
            r->broken = "a line is no field";
        }
        return;
    }
    struct slice value = slice_from(line, 2), *to;
    switch (line.p[0]) {
    case 'P':
        to = &r->name;
        break;
    case 'V':
        to = &r->version;
        break;
    case 'A':
        to = &r->architecture;
        break;
    case 'o':
        to = &r->origin;
        break;
    default:
        return;
    }
    if (to->p && !r->broken_line) {
        r->broken_line = number;
        r->broken = "a field is there twice";
    }
    *to = value;
}

static void end_record(struct parse *p, struct record *r, struct parsed_file *file)
{
    const char *why = r->broken;
    if (!r->first_line)
        return;
    if (!why && !parse_is_token(r->name))
        why = "it has no sound name (P:)";
    if (!why && !parse_is_token(r->version))
        why = "it has no sound version (V:)";
    if (!why && r->architecture.n && !parse_is_token(r->architecture))
        why = "its architecture (A:) is not sound";
    if (!why && r->origin.n && !parse_is_token(r->origin))
        why = "its origin (o:) is not sound";
    if (why) {
        bool named = parse_is_token(r->name);
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "line %zu: %s%.*s is left out: %s",
                     r->broken_line ? r->broken_line : r->first_line, named ? "package " : "a package",
                     named ? (int)MIN(r->name.n, (size_t)100) : 0, (const char *)r->name.p, why);
        return;
    }
    parse_add_package(p, file,
                      &(struct package){.type = PKG_APK,
                                        .name = r->name,
                                        .version = r->version,
                                        .architecture = r->architecture,
                                        .source_name = slice_eq(r->origin, r->name) ? SLICE_NONE : r->origin});
}

static void parse_installed(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct record r = {.first_line = 0};
    struct slice line;
    for (size_t number = 1; slice_take_line(&bytes, &line); number++) {
        if (line.n) {
            take_line(&r, line, number);
            continue;
        }
        end_record(p, &r, file);
        r = (struct record){.first_line = 0};
    }
    if (!p->cut)
        end_record(p, &r, file);
}

/* P: a package, F: a folder of it, R: a file in the folder above. */
static int owns_installed(struct owners *o, struct slice path, struct slice bytes)
{
    struct slice line, package = SLICE(""), folder = SLICE("");
    char joined[OWNED_PATH_MAX];
    int r = 0;
    (void)path;
    while (!r && slice_take_line(&bytes, &line)) {
        if (!line.n)
            package = folder = SLICE("");
        if (line.n < 2 || line.p[1] != ':')
            continue;
        struct slice value = slice_from(line, 2);
        if (line.p[0] == 'P')
            package = value;
        if (line.p[0] == 'F') {
            folder = value;
            r = owners_give(o, folder, package);
        } else if (line.p[0] == 'R') {
            int n = snprintf(joined, sizeof joined, "%.*s/%.*s", SLICE_FMT(folder), SLICE_FMT(value));
            r = owners_give(o, slice_of(joined, MIN((size_t)n, sizeof joined - 1)), package);
        }
    }
    return r;
}

#define INSTALLED(where)                                                                                               \
    {                                                                                                                  \
        .path = where, .max = KEEP_LARGE, .parser = "apk-installed", .parse = parse_installed, .owns = owns_installed  \
    }

static const struct package_rule rules[] = {
    INSTALLED("lib/apk/db/installed"),
    INSTALLED("usr/lib/apk/db/installed"),
    {.path = "etc/apk/repositories", .max = KEEP_SMALL},
    {.path = "etc/apk/arch", .max = KEEP_SMALL},
    {.path = NULL},
};

const struct package_format format_apk = {
    .name = "apk", .keeps_version = 1, .reads_version = 1, .type = PKG_APK, .rules = rules};
