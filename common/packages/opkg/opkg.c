/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opkg.c: opkg's database, on OpenWrt in usr/lib, elsewhere in var/lib: what is installed, each package's own control
 * file (which alone names the source) and the paths that it owns.
 */
#include "packages/dpkg/dpkg.h"
#include "packages/format.h"
#include "packages/owners.h"

static void parse_opkg(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    dpkg_paragraphs(p, bytes, file, PKG_OPKG);
}

/* A path a line, perhaps with a tab and the file's mode behind it. */
static int owns_list(struct owners *o, struct slice path, struct slice bytes)
{
    struct slice line, owned, package = dpkg_package_of(path, SLICE(".list"));
    int r = 0;
    while (!r && slice_take_line(&bytes, &line))
        if (slice_take_token(&line, '\t', &owned))
            r = owners_give(o, owned, package);
    return r;
}

#define DATABASE(folder)                                                                                               \
    {.path = folder "/status", .max = KEEP_LARGE, .parser = "opkg-status", .parse = parse_opkg},                       \
        {.path = folder "/info/*.control", .max = KEEP_SMALL, .parser = "opkg-status", .parse = parse_opkg},           \
    {                                                                                                                  \
        .path = folder "/info/*.list", .max = KEEP_SMALL * 16, .owns = owns_list                                       \
    }

static const struct package_rule rules[] = {
    DATABASE("usr/lib/opkg"),
    DATABASE("var/lib/opkg"),
    {.path = NULL},
};

const struct package_format format_opkg = {
    .name = "opkg", .keeps_version = 1, .reads_version = 1, .type = PKG_OPKG, .rules = rules};
