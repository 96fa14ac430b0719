/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_rpmmanifest.c: what Azure Linux and Mariner leave in images without rpm's database, written by rpm when the
 * image is built (their toolkit's documentation, "RPM manifest file"). container-manifest-2 has a package a line,
 * columns between tabs: NAME, VERSION-RELEASE, INSTALLTIME, BUILDTIME, VENDOR, EPOCH, SIZE, ARCH, EPOCHNUM, SOURCERPM;
 * what a package has not is "(none)", and some builds always write that for EPOCH, so that EPOCHNUM (0 without one)
 * tells. container-manifest-1 has NAME-VERSION-RELEASE.ARCH a line, of the same packages; it counts where the other is
 * not.
 */
#include "packages/layer_files.h"
#include "packages/parse_internal.h"
#include "packages/rpm/rpm.h"

enum { NAME, VERSION, VENDOR = 4, EPOCH, ARCH = 7, EPOCHNUM, SOURCERPM, COLUMNS };

static struct slice given(struct slice column)
{
    return slice_eq_str(column, "(none)") ? SLICE_NONE : column;
}

static bool add(struct parse *p, struct parsed_file *file, const struct slice c[COLUMNS])
{
    uint64_t epoch = 0;
    bool has_epoch = slice_parse_u64(c[EPOCH], &epoch) || (slice_parse_u64(c[EPOCHNUM], &epoch) && epoch);
    struct package package = {.type = PKG_RPM,
                              .name = c[NAME],
                              .version = c[VERSION],
                              .architecture = given(c[ARCH]),
                              .vendor = given(c[VENDOR])};
    if (!parse_is_token(c[NAME]) || !parse_is_token(c[VERSION]) || slice_find(c[VERSION], '-') <= 0 ||
        (package.architecture.n && !parse_is_token(package.architecture)) || !slice_is_text(package.vendor))
        return false;
    if (slice_eq_str(c[NAME], "gpg-pubkey"))
        return true;
    if (has_epoch)
        package.version = arena_printf(p->arena, "%" PRIu64 ":%.*s", epoch, SLICE_FMT(c[VERSION]));
    rpm_take_source(p, &package, c[SOURCERPM]);
    parse_add_package(p, file, &package);
    return true;
}

void rpm_parse_manifest_2(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice line;
    for (size_t number = 1; slice_take_line(&bytes, &line); number++) {
        struct slice c[COLUMNS], rest = line;
        size_t n = 0;
        if (!line.n || (p->cut && !bytes.n))
            continue;
        while (n < COLUMNS && slice_take_token(&rest, '\t', &c[n]))
            n++;
        if (n < COLUMNS || !add(p, file, c))
            parse_reason(p, REASON_PACKAGE_LEFT_OUT, "line %zu is left out: it is not a package", number);
    }
    if (!file->packages.n && !p->reasons_of_file)
        parse_reason(p, REASON_DATABASE_EMPTY, "no package in it");
}

/* The columns that a line of the short form holds; the name has no dot rule, so dashes tell from the end. */
static bool split_short(struct slice line, struct slice c[COLUMNS])
{
    ptrdiff_t dot = slice_rfind(line, '.');
    struct slice rest = slice_sub(line, 0, dot < 0 ? 0 : (size_t)dot);
    ptrdiff_t release = slice_rfind(rest, '-');
    ptrdiff_t version = release > 0 ? slice_rfind(slice_sub(rest, 0, (size_t)release), '-') : -1;
    if (version <= 0)
        return false;
    c[NAME] = slice_sub(rest, 0, (size_t)version);
    c[VERSION] = slice_from(rest, (size_t)version + 1);
    c[ARCH] = slice_from(line, (size_t)dot + 1);
    return c[VERSION].n && c[VERSION].p[0] >= '0' && c[VERSION].p[0] <= '9';
}

void rpm_parse_manifest_1(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice line;
    if (layer_file(p->files, SLICE(RPM_MANIFEST_2)))
        return;
    for (size_t number = 1; slice_take_line(&bytes, &line); number++) {
        struct slice c[COLUMNS] = {SLICE_NONE};
        if (!line.n || (p->cut && !bytes.n) || slice_starts(line, SLICE("gpg-pubkey-")))
            continue;
        if (!split_short(line, c) || !add(p, file, c))
            parse_reason(p, REASON_PACKAGE_LEFT_OUT, "line %zu is left out: it is not a package", number);
    }
}
