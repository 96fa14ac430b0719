/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg.c: dpkg's database (man dpkg, "FILES"): what is installed, and which package owns which path. status.d is where
 * images built without dpkg put one control paragraph a package, beside the other files of the package.
 *
 * A paragraph is deb-control(5)'s, and its Status is told by dpkg(1), "package states". opkg's status and control files have the
 * same form but for the Source: there that is a folder of the build, and the source's name is SourceName. Fields other
 * than those below are passed over.
 */
#include "packages/dpkg/dpkg.h"

#include "packages/format.h"
#include "packages/owners.h"
#include "packages/parse_internal.h"

#define MAINTAINER_MAX 256

enum field {
    FIELD_PACKAGE,
    FIELD_VERSION,
    FIELD_ARCHITECTURE,
    FIELD_SOURCE,
    FIELD_STATUS,
    FIELD_MAINTAINER,
    FIELD_MAX,
    FIELD_OTHER
};
static const char *const dpkg_fields[FIELD_MAX] = {"Package", "Version", "Architecture",
                                                   "Source",  "Status",  "Maintainer"};
static const char *const opkg_fields[FIELD_MAX] = {"Package",    "Version", "Architecture",
                                                   "SourceName", "Status",  "Maintainer"};

struct paragraph {
    enum package_type type;
    struct slice fields[FIELD_MAX];
    enum field last;    /* whose value a continuation line goes on */
    size_t first_line;  /* 0: nothing yet */
    size_t broken_line; /* 0: it is sound */
    const char *broken; /* why */
};

static void breaks(struct paragraph *g, size_t line, const char *why)
{
    if (!g->broken_line) {
        g->broken_line = line;
        g->broken = why;
    }
}

static enum field field_of(enum package_type type, struct slice name)
{
    const char *const *names = type == PKG_OPKG ? opkg_fields : dpkg_fields;
    for (int i = 0; i < FIELD_MAX; i++) /* most fields are others: the first letter tells */
        if ((names[i][0] ^ name.p[0]) % 32 == 0 && slice_eq_nocase(name, slice_str(names[i])))
            return (enum field)i;
    return FIELD_OTHER;
}

static void take_line(struct paragraph *g, struct slice line, size_t number)
{
    if (!g->first_line)
        g->first_line = number;
    if (line.p[0] == ' ' || line.p[0] == '\t') {
        if (g->last < FIELD_MAX && g->last != FIELD_MAINTAINER) {
            struct slice more = slice_trim(line);
            if (g->fields[g->last].n && more.n)
                breaks(g, number, "a field of one line goes on in a second");
            else if (more.n)
                g->fields[g->last] = more;
        } else if (number == g->first_line) {
            breaks(g, number, "it begins with a continuation line");
        }
        return;
    }
    if (line.p[0] == '#') /* a comment, as in deb822(5) */
        return;
    ptrdiff_t colon = slice_find(line, ':');
    g->last = FIELD_OTHER;
    if (colon <= 0) {
        breaks(g, number, "a line is no field");
        return;
    }
    enum field f = field_of(g->type, slice_sub(line, 0, (size_t)colon));
    if (f == FIELD_OTHER)
        return;
    if (g->fields[f].p && f != FIELD_MAINTAINER)
        breaks(g, number, "a field is there twice");
    g->fields[f] = slice_trim(slice_from(line, (size_t)colon + 1));
    g->last = f;
}

enum state { STATE_INSTALLED, STATE_HALF, STATE_ABSENT, STATE_UNKNOWN };

/* "want flag state": the third word says what is on disk. */
static enum state state_of(struct slice status)
{
    static const struct {
        const char *word;
        enum state state;
    } states[] = {
        {"installed", STATE_INSTALLED},        {"unpacked", STATE_INSTALLED},
        {"half-configured", STATE_INSTALLED},  {"triggers-awaited", STATE_INSTALLED},
        {"triggers-pending", STATE_INSTALLED}, {"half-installed", STATE_HALF},
        {"config-files", STATE_ABSENT},        {"not-installed", STATE_ABSENT},
        {"post-inst-failed", STATE_INSTALLED}, {"removal-failed", STATE_HALF}, /* opkg's */
    };
    struct slice word = SLICE_NONE, rest = status;
    int words = 0;
    while (slice_take_token(&rest, ' ', &word))
        words += word.n > 0;
    for (size_t i = 0; words == 3 && i < ARRAY_LEN(states); i++)
        if (slice_eq_str(word, states[i].word))
            return states[i].state;
    return STATE_UNKNOWN;
}

/* Source is "name" or "name (version)"; what equals the package's own stays absent. False: neither. */
static bool take_source(struct slice source, struct package *package)
{
    struct slice name = source, version = SLICE_NONE;
    ptrdiff_t open = slice_find(source, '(');
    if (open >= 0) {
        if (!slice_ends(source, SLICE(")")))
            return false;
        name = slice_trim(slice_sub(source, 0, (size_t)open));
        version = slice_trim(slice_sub(source, (size_t)open + 1, source.n - (size_t)open - 2));
        if (!parse_is_token(version))
            return false;
    }
    if (!parse_is_token(name))
        return false;
    package->source_name = slice_eq(name, package->name) ? SLICE_NONE : name;
    package->source_version = slice_eq(version, package->version) ? SLICE_NONE : version;
    return true;
}

/*
 * Who made it, where that can matter (origin.h): the distributions' own addresses are left out, so that thousands of
 * packages don't each carry one.
 */
static struct slice vendor_of(struct slice maintainer)
{
    static const char *const own[] = {"debian.org>", "ubuntu.com>", "canonical.com>"};
    if (maintainer.n > MAINTAINER_MAX || !slice_is_text(maintainer))
        return SLICE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (slice_ends(maintainer, slice_str(own[i])))
            return SLICE_NONE;
    return maintainer;
}

static void end_paragraph(struct parse *p, struct paragraph *g, struct parsed_file *file)
{
    const struct slice *f = g->fields;
    struct package package = {.type = g->type,
                              .name = f[FIELD_PACKAGE],
                              .version = f[FIELD_VERSION],
                              .architecture = f[FIELD_ARCHITECTURE],
                              .vendor = vendor_of(f[FIELD_MAINTAINER])};
    enum state state = STATE_INSTALLED;
    if (!g->first_line)
        return;
    if (f[FIELD_STATUS].p)
        state = state_of(f[FIELD_STATUS]);
    if (!g->broken_line && state == STATE_ABSENT)
        return;
    if (state == STATE_UNKNOWN)
        breaks(g, g->first_line, "its Status is no status");
    if (!parse_is_token(package.name))
        breaks(g, g->first_line, "it has no sound Package");
    if (!parse_is_token(package.version))
        breaks(g, g->first_line, "it has no sound Version");
    if (package.architecture.n && !parse_is_token(package.architecture))
        breaks(g, g->first_line, "its Architecture is not sound");
    if (f[FIELD_SOURCE].n && !take_source(f[FIELD_SOURCE], &package))
        breaks(g, g->first_line, "its Source is not sound");
    if (g->broken_line) {
        bool named = parse_is_token(package.name);
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "line %zu: %s%.*s is left out: %s", g->broken_line,
                     named ? "package " : "a paragraph", named ? (int)MIN(package.name.n, (size_t)100) : 0,
                     (const char *)package.name.p, g->broken);
        return;
    }
    if (state == STATE_HALF)
        parse_reason(p, REASON_PACKAGE_HALF_INSTALLED,
                     "line %zu: package %.*s is half-installed: what is there of it is unknown", g->first_line,
                     (int)MIN(package.name.n, (size_t)100), (const char *)package.name.p);
    parse_add_package(p, file, &package);
}

void dpkg_paragraphs(struct parse *p, struct slice bytes, struct parsed_file *file, enum package_type type)
{
    struct paragraph g = {.type = type, .last = FIELD_OTHER};
    struct slice line;
    for (size_t number = 1; slice_take_line(&bytes, &line); number++) {
        if (line.n) {
            take_line(&g, line, number);
            continue;
        }
        end_paragraph(p, &g, file);
        g = (struct paragraph){.type = type, .last = FIELD_OTHER};
    }
    if (!p->cut)
        end_paragraph(p, &g, file);
}

static void parse_status(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    dpkg_paragraphs(p, bytes, file, PKG_DPKG);
}

static void parse_status_d(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    size_t reasons = p->reasons_of_file;
    parse_status(p, bytes, file);
    if (!file->packages.n && p->reasons_of_file == reasons && slice_trim(bytes).n)
        parse_reason(p, REASON_DATABASE_EMPTY, "no package in it");
}

/* ---- whose paths they are ---- */

struct slice dpkg_package_of(struct slice path, struct slice ending)
{
    struct slice name = slice_path_name(path);
    name.n -= ending.n;
    ptrdiff_t colon = slice_find(name, ':');
    return colon < 0 ? name : slice_sub(name, 0, (size_t)colon);
}

/* A path a line; "/." is the root, which nobody owns. */
static int owns_list(struct owners *o, struct slice path, struct slice bytes)
{
    struct slice line, package = dpkg_package_of(path, SLICE(".list"));
    int r = 0;
    while (!r && slice_take_line(&bytes, &line))
        r = owners_give(o, line, package);
    return r;
}

/* "sum  path" a line, as md5sum(1) prints it. */
static int owns_md5sums(struct owners *o, struct slice path, struct slice bytes)
{
    struct slice line, sum, package = dpkg_package_of(path, SLICE(".md5sums"));
    int r = 0;
    while (!r && slice_take_line(&bytes, &line)) {
        if (!line.n || !slice_take_token(&line, ' ', &sum))
            continue;
        if (line.n && (line.p[0] == ' ' || line.p[0] == '*'))
            line = slice_from(line, 1);
        r = owners_give(o, line, package);
    }
    return r;
}

/* ---- the format ---- */

#define STATUS_D "var/lib/dpkg/status.d/"
#define INFO     "var/lib/dpkg/info/"
#define LIST_MAX (KEEP_SMALL * 16)
#define BESIDE_STATUS_D(ending)                                                                                        \
    {                                                                                                                  \
        .path = STATUS_D "*" ending, .max = KEEP_SMALL * 4                                                             \
    }

static const struct package_rule rules[] = {
    {.path = "var/lib/dpkg/status", .max = KEEP_LARGE, .parser = "dpkg-status", .parse = parse_status},
    {.path = STATUS_D "*.list", .max = KEEP_SMALL * 4, .owns = owns_list},
    {.path = STATUS_D "*.md5sums", .max = KEEP_SMALL * 4, .owns = owns_md5sums},
    BESIDE_STATUS_D(".conffiles"),
    BESIDE_STATUS_D(".preinst"),
    BESIDE_STATUS_D(".postinst"),
    BESIDE_STATUS_D(".prerm"),
    BESIDE_STATUS_D(".postrm"),
    BESIDE_STATUS_D(".config"),
    BESIDE_STATUS_D(".templates"),
    BESIDE_STATUS_D(".triggers"),
    BESIDE_STATUS_D(".shlibs"),
    BESIDE_STATUS_D(".symbols"),
    BESIDE_STATUS_D(".sha256sums"),
    {.path = STATUS_D "*", .max = KEEP_SMALL * 4, .parser = "dpkg-status-d", .parse = parse_status_d},
    {.path = INFO "*.list", .max = LIST_MAX, .owns = owns_list},
    {.path = INFO "*.md5sums", .max = LIST_MAX, .owns = owns_md5sums},
    {.path = NULL},
};

const struct package_format format_dpkg = {
    .name = "dpkg", .keeps_version = 1, .reads_version = 2, .type = PKG_DPKG, .rules = rules};
