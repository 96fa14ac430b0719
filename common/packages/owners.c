/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/owners.h"

#include "packages/layer_files.h"
#include "packages/parse.h"
#include "packages/rpm/rpm_header.h"
#include "packages/rpm/rpmdb.h"

#define OWNED_PATH_MAX 4096

struct walk {
    owned_path_fn *fn;
    void *ctx;
    struct layer_files files;
    size_t bad_lines;
    struct slice bad_file; /* the first that had such a line */
    char trouble[256];     /* the first of a database */
};

static int give(struct walk *w, struct slice file, struct slice path, struct slice package)
{
    uint8_t canonical[OWNED_PATH_MAX];
    size_t n;
    if (!evidence_path(path, canonical, sizeof canonical, &n)) {
        if (!w->bad_lines++)
            w->bad_file = file;
        return 0;
    }
    return w->fn(w->ctx, slice_of(canonical, n), package);
}

/* "libc6:amd64.list" -> "libc6". */
static struct slice package_of(struct slice file, struct slice ending)
{
    ptrdiff_t slash = slice_rfind(file, '/');
    struct slice name = slice_from(file, slash < 0 ? 0 : (size_t)slash + 1);
    name.n -= ending.n;
    ptrdiff_t colon = slice_find(name, ':');
    return colon < 0 ? name : slice_sub(name, 0, (size_t)colon);
}

/* A path a line; "/." is the root, which nobody owns. */
static int walk_list(struct walk *w, struct slice file, struct slice bytes)
{
    struct slice line, package = package_of(file, SLICE(".list"));
    int r = 0;
    while (!r && slice_take_line(&bytes, &line))
        if (line.n && !slice_eq_str(line, "/.") && !slice_eq_str(line, "/"))
            r = give(w, file, line, package);
    return r;
}

/* "sum  path" a line, as md5sum(1) prints it. */
static int walk_md5sums(struct walk *w, struct slice file, struct slice bytes)
{
    struct slice line, sum, package = package_of(file, SLICE(".md5sums"));
    int r = 0;
    while (!r && slice_take_line(&bytes, &line)) {
        if (!line.n || !slice_take_token(&line, ' ', &sum))
            continue;
        if (line.n && (line.p[0] == ' ' || line.p[0] == '*'))
            line = slice_from(line, 1);
        r = give(w, file, line, package);
    }
    return r;
}

/* P: a package, F: a folder of it, R: a file in the folder above. */
static int walk_apk(struct walk *w, struct slice file, struct slice bytes)
{
    struct slice line, package = SLICE(""), folder = SLICE("");
    char path[OWNED_PATH_MAX];
    int r = 0;
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
            r = folder.n ? give(w, file, folder, package) : 0;
        } else if (line.p[0] == 'R') {
            int n = snprintf(path, sizeof path, "%.*s/%.*s", SLICE_FMT(folder), SLICE_FMT(value));
            r = give(w, file, slice_of(path, MIN((size_t)n, sizeof path - 1)), package);
        }
    }
    return r;
}

/* A path a line, perhaps with a tab and the file's mode behind it. */
static int walk_opkg(struct walk *w, struct slice file, struct slice bytes)
{
    struct slice line, path, package = package_of(file, SLICE(".list"));
    int r = 0;
    while (!r && slice_take_line(&bytes, &line))
        if (slice_take_token(&line, '\t', &path) && path.n && !slice_eq_str(path, "/"))
            r = give(w, file, path, package);
    return r;
}

/* "…/local/name-version-release/files": from the line %FILES% to an empty one a path a line, folders with a slash. */
static int walk_pacman(struct walk *w, struct slice file, struct slice bytes)
{
    struct slice line, package = slice_sub(file, 0, (size_t)slice_rfind(file, '/'));
    bool wanted = false;
    int r = 0;
    package = slice_from(package, (size_t)(slice_rfind(package, '/') + 1));
    for (int i = 0; i < 2; i++)
        package.n = (size_t)MAX(slice_rfind(package, '-'), 0);
    while (package.n && !r && slice_take_line(&bytes, &line)) {
        if (!line.n || slice_eq_str(line, "%FILES%"))
            wanted = line.n > 0;
        else if (wanted)
            r = give(w, file, line, package);
    }
    return r;
}

/* ---- rpm ---- */

struct rpm_walk {
    struct walk *walk;
    struct slice file, package;
    int stop; /* what the caller's function gave */
};

static void rpm_trouble(void *ctx, const char *text)
{
    struct rpm_walk *r = ctx;
    if (!r->walk->trouble[0])
        snprintf(r->walk->trouble, sizeof r->walk->trouble, "%.*s: %s", SLICE_FMT(r->file), text);
}

static int rpm_path(void *ctx, struct slice folder, struct slice base_name)
{
    struct rpm_walk *r = ctx;
    uint8_t path[OWNED_PATH_MAX];
    if (folder.n + base_name.n > sizeof path) {
        rpm_trouble(r, "a path is too long");
        return 0;
    }
    memcpy(path, folder.p, folder.n);
    memcpy(path + folder.n, base_name.p, base_name.n);
    r->stop = give(r->walk, r->file, slice_of(path, folder.n + base_name.n), r->package);
    return r->stop ? 1 : 0;
}

static int rpm_header(void *ctx, uint32_t number, struct slice bytes)
{
    struct rpm_walk *r = ctx;
    struct rpm_header h;
    const char *list = NULL, *why = rpm_header_read(bytes, &h);
    char text[128];
    if (!why) {
        r->package = h.name;
        if (rpm_header_files(&h, rpm_path, r, &list) > 0)
            return 1;
        why = list;
    }
    if (why) {
        snprintf(text, sizeof text, "package %" PRIu32 ": %s", number, why);
        rpm_trouble(r, text);
    }
    return 0;
}

static int walk_rpm(struct walk *w, struct slice file, struct slice bytes)
{
    struct rpm_walk r = {.walk = w, .file = file};
    const struct rpmdb_visitor visitor = {rpm_header, rpm_trouble, &r};
    const struct evidence_entry *last = layer_file(&w->files, file), *log = NULL;
    char path[OWNED_PATH_MAX];
    if (!last || last->bytes.p != bytes.p) /* the same layer replaces it */
        return 0;
    int n = snprintf(path, sizeof path, "%.*s" RPMDB_LOG_ENDING, SLICE_FMT(file));
    if (rpmdb_kind_of(file) == RPMDB_SQLITE)
        log = layer_file(&w->files, slice_of(path, (size_t)n));
    rpmdb_read(rpmdb_kind_of(file), bytes, log && log->kind == EVIDENCE_FILE ? log->bytes : SLICE_NONE, &visitor);
    return r.stop;
}

static int walk_file(struct walk *w, struct slice path, struct slice bytes)
{
    bool info = slice_starts(path, SLICE("var/lib/dpkg/info/")),
         beside = slice_starts(path, SLICE("var/lib/dpkg/status.d/"));
    if ((info || beside) && slice_ends(path, SLICE(".list")))
        return walk_list(w, path, bytes);
    if ((info || beside) && slice_ends(path, SLICE(".md5sums")))
        return walk_md5sums(w, path, bytes);
    if ((slice_starts(path, SLICE("usr/lib/opkg/info/")) || slice_starts(path, SLICE("var/lib/opkg/info/"))) &&
        slice_ends(path, SLICE(".list")))
        return walk_opkg(w, path, bytes);
    if (slice_starts(path, SLICE("var/lib/pacman/local/")) && slice_ends(path, SLICE("/files")))
        return walk_pacman(w, path, bytes);
    if (slice_eq_str(path, "lib/apk/db/installed") || slice_eq_str(path, "usr/lib/apk/db/installed"))
        return walk_apk(w, path, bytes);
    if (rpmdb_kind_of(path) && parse_wants(path))
        return walk_rpm(w, path, bytes);
    return 0;
}

static void walk_done(struct walk *w)
{
    layer_files_done(&w->files);
}

int parse_owned_paths(struct slice evidence, owned_path_fn *fn, void *ctx, struct err *e)
{
    struct walk w ATTR_CLEANUP(walk_done) = {.fn = fn, .ctx = ctx};
    struct evidence_entry entry;
    struct err why = ERR_INIT;
    int r;
    if (evidence_open(&evidence, e))
        return -1;
    layer_files_init(&w.files, evidence);
    while ((r = evidence_next(&evidence, &entry, &why)) == 1) {
        int stop = entry.kind == EVIDENCE_FILE ? walk_file(&w, entry.path, entry.bytes) : 0;
        if (stop)
            return stop;
    }
    if (r < 0)
        return err_set(e, ERR_PARTIAL, 0, "%s", why.text);
    if (w.trouble[0])
        return err_set(e, ERR_PARTIAL, 0, "%s", w.trouble);
    if (w.bad_lines)
        return err_set(e, ERR_PARTIAL, 0, "%.*s: %zu lines there and behind are no paths", SLICE_FMT(w.bad_file),
                       w.bad_lines);
    return 0;
}
