/* SPDX-License-Identifier: Apache-2.0 */
/*
 * software.c: software of which nothing is read yet (model/software.h has the kinds): files that a kind is known by, and
 * programs by their content (software_scan.h). What is found becomes an entry of its own: the path with the kind's
 * id as its content. Of a kind with more than SOFTWARE_NAMED_MAX files in one layer one entry more comes at the end,
 * whose path is the id, and whose content is the id, a blank and how many more there were.
 *
 * A format that reads one of these files has it first, so that it is not told here any more.
 */
#include "packages/software/software.h"

#include "io/binary/elf.h"
#include "model/software.h"
#include "packages/reducer.h"
#include "packages/software/software_scan.h"

#define KINDS_MAX 64

struct state {
    struct software_scan scan;
    uint8_t path[4096]; /* of the file being looked at */
    size_t path_n;
    struct {
        const char *kind;
        uint32_t n, unnamed;
    } seen[KINDS_MAX];
};

static void put(const struct reducer_out *out, struct slice path, struct slice text)
{
    out->put(out->arg, out->format, path, text);
}

static void tell(struct state *s, const struct reducer_out *out, struct slice path, const char *kind)
{
    size_t i = 0;
    while (i < KINDS_MAX && s->seen[i].kind && strcmp(s->seen[i].kind, kind) != 0)
        i++;
    ASSERT(i < KINDS_MAX);
    s->seen[i].kind = kind;
    if (path.n > SOFTWARE_PATH_MAX)
        s->seen[i].unnamed++;
    else if (s->seen[i].n++ < SOFTWARE_NAMED_MAX)
        put(out, path, slice_str(kind));
}

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    if (file->rule->kind)
        tell(s, out, file->path, file->rule->kind);
    if (file->rule->kind || file->size <= ELF_HEADER_MAX || file->path.n > sizeof s->path)
        return false;
    memcpy(s->path, file->path.p, file->path.n);
    s->path_n = file->path.n;
    software_scan_begin(&s->scan, file->path);
    return true;
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    software_scan_data(&s->scan, at, bytes);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    const char *kind = software_scan_end(&s->scan);
    if (kind)
        tell(s, out, slice_of(s->path, s->path_n), kind);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    const struct state *s = state;
    for (size_t i = 0; i < KINDS_MAX && s->seen[i].kind; i++) {
        char text[80];
        uint32_t n = s->seen[i].unnamed + MAX(s->seen[i].n, (uint32_t)SOFTWARE_NAMED_MAX) - SOFTWARE_NAMED_MAX;
        if (!n)
            continue;
        snprintf(text, sizeof text, "%s %" PRIu32, s->seen[i].kind, n);
        put(out, slice_str(s->seen[i].kind), slice_str(text));
    }
}

static const struct reducer reducer = {.state_size = sizeof(struct state),
                                       .begin = begin,
                                       .feed = feed,
                                       .end = end,
                                       .layer_end = layer_end,
                                       .takes_links = true};

#define SEEN(path_, kind_)                                                                                             \
    {                                                                                                                  \
        .path = path_, .kind = kind_, .reducer = &reducer                                                              \
    }

static const struct package_rule rules[] = {
    SEEN("**/*.deps.json", "dotnet"),
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
    {.magic = ELF_MAGIC, .reducer = &reducer},
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
