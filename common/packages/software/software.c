/* SPDX-License-Identifier: Apache-2.0 */
/*
 * software.c: software of which nothing is read yet (model/software.h has the kinds): files that a kind is known by, and
 * programs by their content (software_programs.c). What is found becomes an entry of its own: the path with the kind's
 * id as its content. Of a kind with more than SOFTWARE_NAMED_MAX files in one layer one entry more comes at the end,
 * whose path is the id, and whose content is the id, a blank and how many more there were.
 *
 * A format that reads one of these files has it first, so that it is not told here any more.
 */
#include "packages/software/software.h"

#include "packages/executable/executable.h"

static void put(const struct reducer_out *out, struct slice path, struct slice text)
{
    out->put(out->arg, out->format, path, text);
}

void software_tell(struct software_told *t, const struct reducer_out *out, struct slice path, const char *kind)
{
    size_t i = 0;
    while (i < SOFTWARE_KINDS_MAX && t->seen[i].kind && strcmp(t->seen[i].kind, kind) != 0)
        i++;
    ASSERT(i < SOFTWARE_KINDS_MAX);
    t->seen[i].kind = kind;
    if (path.n > SOFTWARE_PATH_MAX)
        t->seen[i].unnamed++;
    else if (t->seen[i].n++ < SOFTWARE_NAMED_MAX)
        put(out, path, slice_str(kind));
}

void software_told_end(const struct software_told *t, const struct reducer_out *out)
{
    for (size_t i = 0; i < SOFTWARE_KINDS_MAX && t->seen[i].kind; i++) {
        char text[80];
        uint32_t n = t->seen[i].unnamed + MAX(t->seen[i].n, (uint32_t)SOFTWARE_NAMED_MAX) - SOFTWARE_NAMED_MAX;
        if (!n)
            continue;
        snprintf(text, sizeof text, "%s %" PRIu32, t->seen[i].kind, n);
        put(out, slice_str(t->seen[i].kind), slice_str(text));
    }
}

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    software_tell(state, out, file->path, file->rule->kind);
    return false;
}

static void layer_end(void *state, const struct reducer_out *out)
{
    software_told_end(state, out);
}

static const struct reducer reducer = {
    .state_size = sizeof(struct software_told), .begin = begin, .layer_end = layer_end, .takes_links = true};

#define SEEN(path_, kind_)                                                                                             \
    {                                                                                                                  \
        .path = path_, .kind = kind_, .reducer = &reducer                                                              \
    }

static const struct package_rule rules[] = {
    SEEN("**/conaninfo.txt", "cpp"),
    SEEN("**/*.vcpkg.spdx.json", "cpp"),
    SEEN("**/vcpkg.spdx.json", "cpp"),
    SEEN("**/stack.yaml.lock", "haskell"),
    SEEN("**/cabal.project.freeze", "haskell"),
    SEEN("**/Podfile.lock", "swift"),
    SEEN("**/Cellar/*/*/INSTALL_RECEIPT.json", "homebrew"),
    SEEN("**/*.snap", "bundle"),
    SEEN("**/*.AppImage", "bundle"),
    SEEN("**/flatpak/app/*/*/*/*/deploy", "bundle"),
    SEEN("**/flatpak/runtime/*/*/*/*/deploy", "bundle"),
    SEEN("var/db/xbps/pkgdb-*", "database"),
    SEEN("var/lib/pkgtools/packages/*", "database"),
    SEEN("var/log/packages/*", "database"),
    SEEN("var/db/pkg/local.sqlite", "database"),
    SEEN("var/guix/db/db.sqlite", "database"),
    SEEN("var/lib/eopkg/package/*/metadata.xml", "database"),
    SEEN("usr/share/clear/bundles/*", "database"),
    EXECUTABLE_RULE("\177ELF"),
    {.path = NULL},
};

/* What is below is told by its own packages, or is there a second time under its true name. */
static const char *const stores[] = {"nix/store", "gnu/store", "sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_software = {.name = PARSER_SOFTWARE,
                                               .keeps_version = 1,
                                               .reads_version = 1,
                                               .tells = TELLS_SOFTWARE,
                                               .rules = rules,
                                               .not_below = stores,
                                               .read = software_read,
                                               .read_owned = software_read_owned};
