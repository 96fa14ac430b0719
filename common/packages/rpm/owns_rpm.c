/* SPDX-License-Identifier: Apache-2.0 */
/* owns_rpm.c: the paths that the headers of rpm's databases list. What is damaged there the parser tells. */
#include "packages/layer_files.h"
#include "packages/owners.h"
#include "packages/rpm/rpm.h"
#include "packages/rpm/rpm_header.h"
#include "packages/rpm/rpmdb.h"

struct walk {
    struct owners *owners;
    struct slice package;
    int stop; /* what owners_give gave */
};

static void pass_over(void *ctx, const char *text)
{
    (void)ctx, (void)text;
}

static int take_path(void *ctx, struct slice folder, struct slice base_name)
{
    struct walk *w = ctx;
    uint8_t path[OWNED_PATH_MAX];
    if (folder.n + base_name.n > sizeof path)
        return 0;
    memcpy(path, folder.p, folder.n);
    memcpy(path + folder.n, base_name.p, base_name.n);
    w->stop = owners_give(w->owners, slice_of(path, folder.n + base_name.n), w->package);
    return w->stop ? 1 : 0;
}

static int take_header(void *ctx, uint32_t number, struct slice bytes)
{
    struct walk *w = ctx;
    struct rpm_header h;
    const char *why;
    (void)number;
    if (rpm_header_read(bytes, &h))
        return 0;
    w->package = h.name;
    return rpm_header_files(&h, take_path, w, &why) > 0;
}

int rpm_owns_database(struct owners *o, struct slice path, struct slice bytes)
{
    struct walk w = {.owners = o};
    const struct rpmdb_visitor visitor = {take_header, pass_over, &w};
    const struct evidence_entry *last = layer_file(&o->files, path), *log = NULL;
    char log_path[OWNED_PATH_MAX];
    if (!last || last->bytes.p != bytes.p) /* the same layer replaces it */
        return 0;
    int n = snprintf(log_path, sizeof log_path, "%.*s" RPMDB_LOG_ENDING, SLICE_FMT(path));
    if (rpmdb_kind_of(path) == RPMDB_SQLITE)
        log = layer_file(&o->files, slice_of(log_path, (size_t)n));
    rpmdb_read(rpmdb_kind_of(path), bytes, log && log->kind == EVIDENCE_FILE ? log->bytes : SLICE_NONE, &visitor);
    return w.stop;
}
