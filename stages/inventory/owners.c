/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/owners.h"

#include "model/evidence.h"

#define OWNED_PATH_MAX 4096

struct walk {
    owned_path_fn *fn;
    void *ctx;
    size_t bad_lines;
    struct slice bad_file; /* the first that had such a line */
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

static int walk_file(struct walk *w, struct slice path, struct slice bytes)
{
    bool info = slice_starts(path, SLICE("var/lib/dpkg/info/")),
         beside = slice_starts(path, SLICE("var/lib/dpkg/status.d/"));
    if ((info || beside) && slice_ends(path, SLICE(".list")))
        return walk_list(w, path, bytes);
    if ((info || beside) && slice_ends(path, SLICE(".md5sums")))
        return walk_md5sums(w, path, bytes);
    if (slice_eq_str(path, "lib/apk/db/installed") || slice_eq_str(path, "usr/lib/apk/db/installed"))
        return walk_apk(w, path, bytes);
    return 0;
}

int parse_owned_paths(struct slice evidence, owned_path_fn *fn, void *ctx, struct err *e)
{
    struct walk w = {.fn = fn, .ctx = ctx};
    struct evidence_entry entry;
    struct err why = ERR_INIT;
    int r;
    if (evidence_open(&evidence, e))
        return -1;
    while ((r = evidence_next(&evidence, &entry, &why)) == 1) {
        int stop = entry.kind == EVIDENCE_FILE ? walk_file(&w, entry.path, entry.bytes) : 0;
        if (stop)
            return stop;
    }
    if (r < 0)
        return err_set(e, ERR_PARTIAL, 0, "%s", why.text);
    if (w.bad_lines)
        return err_set(e, ERR_PARTIAL, 0, "%.*s: %zu lines there and behind are no paths", SLICE_FMT(w.bad_file),
                       w.bad_lines);
    return 0;
}
