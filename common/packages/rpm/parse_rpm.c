/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_rpm.c: rpm's databases (rpmdb.h) and their headers (rpm_header.h).
 *
 * A version is what rpm -q --qf '%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}' prints: an epoch that the header has is
 * in it, 0 too; version order counts an absent one as 0. The source is SOURCERPM's: its file name has no epoch, so
 * the package's own stands for it; one that is no source package's name counts as none. gpg-pubkey, under which rpm
 * keeps public keys, is no package. MODULARITYLABEL is kept whole: advisories name builds of modules.
 *
 * SQLite's log belongs to the database that stands beside it in the same layer. What comes of a pair that two layers
 * brought is not known: FACT_READ_WITH lets assembly say so.
 */
#include "packages/layer_files.h"
#include "packages/parse_internal.h"
#include "packages/rpm/rpm.h"
#include "packages/rpm/rpm_header.h"
#include "packages/rpm/rpmdb.h"

struct reading {
    struct parse *p;
    struct parsed_file *file;
};

static void on_trouble(void *ctx, const char *text)
{
    struct reading *r = ctx;
    parse_reason(r->p, REASON_DATABASE_BROKEN, "%s", text);
}

/* People's text from old packages may be Latin-1. */
static struct slice clean(struct parse *p, struct slice text)
{
    if (slice_is_text(text))
        return text;
    struct slice copy = arena_slice(p->arena, text);
    for (size_t i = 0; i < copy.n; i++)
        if (copy.p[i] < ' ' || copy.p[i] > '~')
            ((uint8_t *)(uintptr_t)copy.p)[i] = '?';
    return copy;
}

void rpm_take_source(struct parse *p, struct package *package, struct slice file)
{
    ptrdiff_t colon = slice_find(package->version, ':');
    struct slice name, version;
    if (!rpm_source_name(file, &name, &version) || !parse_is_token(name) || !parse_is_token(version))
        return;
    package->source_name = slice_eq(name, package->name) ? SLICE_NONE : name;
    struct slice epoch = slice_sub(package->version, 0, (size_t)(colon + 1));
    if (!slice_eq(version, slice_from(package->version, epoch.n)))
        package->source_version = arena_printf(p->arena, "%.*s%.*s", SLICE_FMT(epoch), SLICE_FMT(version));
}

static const char *take_package(struct reading *r, const struct rpm_header *h)
{
    struct parse *p = r->p;
    if (!parse_is_token(h->name) || !parse_is_token(h->version) || !parse_is_token(h->release))
        return "it has no sound name, version and release";
    if (h->architecture.n && !parse_is_token(h->architecture))
        return "its architecture is not sound";
    if (h->module_label.n && !parse_is_token(h->module_label))
        return "its module is not sound";
    struct slice plain = arena_printf(p->arena, "%.*s-%.*s", SLICE_FMT(h->version), SLICE_FMT(h->release));
    struct package package = {.type = PKG_RPM,
                              .name = h->name,
                              .version = plain,
                              .architecture = h->architecture,
                              .module = h->module_label,
                              .vendor = clean(p, h->vendor)};
    if (h->has_epoch)
        package.version = arena_printf(p->arena, "%" PRIu32 ":%.*s", h->epoch, SLICE_FMT(plain));
    rpm_take_source(p, &package, h->source_rpm);
    parse_add_package(p, r->file, &package);
    return NULL;
}

static int on_header(void *ctx, uint32_t number, struct slice bytes)
{
    struct reading *r = ctx;
    struct rpm_header h;
    const char *why = rpm_header_read(bytes, &h);
    if (!why && slice_eq_str(h.name, "gpg-pubkey"))
        return 0;
    if (!why)
        why = take_package(r, &h);
    if (why)
        parse_reason(r->p, REASON_PACKAGE_LEFT_OUT, "package %" PRIu32 " is left out: %s", number, why);
    return 0;
}

/* The log beside the database, as far as it was kept. */
static struct slice log_beside(struct parse *p, struct slice *ret_path)
{
    *ret_path = arena_printf(p->arena, "%.*s" RPMDB_LOG_ENDING, SLICE_FMT(p->path));
    const struct evidence_entry *log = layer_file(p->files, *ret_path);
    if (log && log->kind == EVIDENCE_LINK) {
        parse_reason(p, REASON_DATABASE_LOG, "its log is a link: it is left out");
        return SLICE_NONE;
    }
    return log ? log->bytes : SLICE_NONE;
}

void rpm_parse_database(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct reading r = {p, file};
    const struct rpmdb_visitor visitor = {on_header, on_trouble, &r};
    const struct evidence_entry *last = layer_file(p->files, p->path);
    enum rpmdb_kind kind = rpmdb_kind_of(p->path);
    struct slice log = SLICE_NONE, log_path;
    if (last && last->bytes.p != bytes.p) /* the same layer replaces it */
        return;
    if (kind == RPMDB_SQLITE && rpmdb_log_counts(log = log_beside(p, &log_path)))
        parse_set_fact(p, file, SLICE(FACT_READ_WITH), log_path);
    rpmdb_read(kind, bytes, log, &visitor);
}

/* Its pages are the database's matter; here it only says whether there are any. */
void rpm_parse_log(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice database = slice_sub(p->path, 0, p->path.n - strlen(RPMDB_LOG_ENDING));
    const struct evidence_entry *last = layer_file(p->files, p->path);
    if (last && last->bytes.p != bytes.p)
        return;
    if (rpmdb_log_counts(bytes))
        parse_set_fact(p, file, SLICE(FACT_READ_WITH), database);
}
