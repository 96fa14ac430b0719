/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_support.h: for tests of the feeds: a sink that keeps what it is given as lines of text, and zips made in
 * memory. */
#ifndef CAREEN_TESTS_UNIT_FEEDS_SUPPORT_H
#define CAREEN_TESTS_UNIT_FEEDS_SUPPORT_H

#include "feeds/table/publishers.h"
#include "feeds/formats/formats.h"

#include <archive.h>
#include <archive_entry.h>

struct told {
    struct buf text; /* one line a record, in order */
    struct arena arena;
    struct feed_stats stats;
    struct err err;
    int rc;
};

ATTR_UNUSED static void told_list(struct buf *b, const char *name, const slice_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        buf_addf(b, "%s%.*s", i ? "," : name, SLICE_FMT(v->v[i]));
}

ATTR_UNUSED static int told_advisory(void *arg, const struct advisory *a, struct err *e)
{
    (void)e;
    struct told *t = arg;
    struct buf *b = &t->text;
    buf_addf(b, "A %.*s|%.*s|%.*s %s", SLICE_FMT(a->ecosystem), SLICE_FMT(a->package), SLICE_FMT(a->id),
             verdict_names[a->verdict]);
    for (size_t i = 0; i < a->ranges.n; i++)
        buf_addf(b, " [%.*s,%.*s%s%.*s)", SLICE_FMT(a->ranges.v[i].introduced), SLICE_FMT(a->ranges.v[i].fixed),
                 a->ranges.v[i].last_affected.n ? "<=" : "", SLICE_FMT(a->ranges.v[i].last_affected));
    told_list(b, " versions=", &a->versions);
    told_list(b, " cves=", &a->cves);
    told_list(b, " aliases=", &a->aliases);
    if (a->name_kind == NAME_BINARY)
        buf_addf(b, " binary");
    told_list(b, " arch=", &a->architectures);
    told_list(b, " systems=", &a->systems);
    told_list(b, " symbols=", &a->symbols);
    if (a->kind)
        buf_addf(b, " kind=%s", advisory_kind_names[a->kind]);
    if (a->module.n)
        buf_addf(b, " module=%.*s", SLICE_FMT(a->module));
    if (a->severity.n)
        buf_addf(b, " severity=%.*s", SLICE_FMT(a->severity));
    if (a->fix_reference.n)
        buf_addf(b, " fix=%.*s", SLICE_FMT(a->fix_reference));
    for (size_t i = 0; i < a->scores.n; i++)
        buf_addf(b, " %.*s=%.*s", SLICE_FMT(a->scores.v[i].kind), SLICE_FMT(a->scores.v[i].vector));
    buf_add_byte(b, '\n');
    return 0;
}

ATTR_UNUSED static int told_vulnerability(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)e;
    struct told *t = arg;
    struct buf *b = &t->text;
    buf_addf(b, "V %.*s", SLICE_FMT(v->id));
    told_list(b, " aliases=", &v->aliases);
    if (v->summary.n)
        buf_addf(b, " summary=%.*s", SLICE_FMT(v->summary));
    told_list(b, " references=", &v->references);
    told_list(b, " cwes=", &v->cwes);
    for (size_t i = 0; i < v->exploits.n; i++)
        buf_addf(b, " exploit=%.*s/%.*s/%.*s/%d", SLICE_FMT(v->exploits.v[i].source), SLICE_FMT(v->exploits.v[i].id),
                 SLICE_FMT(v->exploits.v[i].kind), v->exploits.v[i].verified);
    if (v->kev)
        buf_addf(b, " kev=%.*s/%.*s/%d", SLICE_FMT(v->kev_added), SLICE_FMT(v->kev_due), v->kev_ransomware);
    if (v->epss >= 0)
        buf_addf(b, " epss=%.5f/%.5f", v->epss, v->epss_percentile);
    if (v->withdrawn)
        buf_addf(b, " withdrawn");
    buf_add_byte(b, '\n');
    return 0;
}

ATTR_UNUSED static int told_skipped(void *arg, struct slice id, const char *reason, struct err *e)
{
    (void)e;
    struct told *t = arg;
    buf_addf(&t->text, "S %.*s: %s\n", SLICE_FMT(id), reason);
    return 0;
}

ATTR_UNUSED static void told_done(struct told *t)
{
    buf_done(&t->text);
    arena_done(&t->arena);
}

/* Reads a feed's bytes; what came of it is in *t, which the caller releases. */
ATTR_UNUSED static int told_parse(struct told *t, const struct feed *f, struct slice bytes)
{
    *t = (struct told){.text = BUF_INIT((size_t)64 << 20), .arena = ARENA_INIT((size_t)64 << 20), .err = ERR_INIT};
    struct byte_source_memory m = {.left = bytes};
    struct feed_sink sink = {
        .arg = t, .advisory = told_advisory, .vulnerability = told_vulnerability, .skipped = told_skipped};
    t->rc = feed_parse(f, byte_source_of_memory(&m), &sink, &t->arena, &t->stats, &t->err);
    return t->rc;
}

struct test_file {
    const char *name, *text;
};

/* A deflated zip as publishers make them, in out. */
ATTR_UNUSED static void test_zip(const struct test_file *files, size_t n, struct buf *out)
{
    size_t cap = (size_t)1 << 20, used = 0;
    for (size_t i = 0; i < n; i++)
        cap += strlen(files[i].text) * 2;
    uint8_t *bytes = xmalloc(cap);
    struct archive *a = archive_write_new();
    archive_write_set_format_zip(a);
    archive_write_open_memory(a, bytes, cap, &used);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, files[i].name);
        archive_entry_set_size(entry, (la_int64_t)strlen(files[i].text));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        if (archive_write_header(a, entry) != ARCHIVE_OK)
            BUG("cannot write a test zip");
        archive_write_data(a, files[i].text, strlen(files[i].text));
        archive_entry_free(entry);
    }
    archive_write_close(a);
    archive_write_free(a);
    buf_add(out, bytes, used);
    free(bytes);
}

/* A tar, compressed by filter (NULL: not), in out. */
ATTR_UNUSED static void test_tar_bytes(const struct test_file *files, size_t n, int (*filter)(struct archive *),
                                       struct buf *out)
{
    size_t cap = (size_t)1 << 20, used = 0;
    uint8_t *bytes = xmalloc(cap);
    struct archive *a = archive_write_new();
    archive_write_set_format_ustar(a);
    if (filter)
        filter(a);
    archive_write_open_memory(a, bytes, cap, &used);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, files[i].name);
        archive_entry_set_size(entry, (la_int64_t)strlen(files[i].text));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        if (archive_write_header(a, entry) != ARCHIVE_OK)
            BUG("cannot write a test tar");
        archive_write_data(a, files[i].text, strlen(files[i].text));
        archive_entry_free(entry);
    }
    archive_write_close(a);
    archive_write_free(a);
    buf_add(out, bytes, used);
    free(bytes);
}

#endif
