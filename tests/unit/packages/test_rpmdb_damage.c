/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm's databases, made by rpm_writer.h and real ones (CAREEN_SHARED), cut at every page and with bytes flipped: no
 * crash, no loop, and never fewer packages without a reason.
 */
#include "unit/cases.h"
#include "unit/rpm_support.h"

#include <archive.h>
#include <archive_entry.h>

/* One file in evidence, whose bytes can be changed in place. */
struct held {
    struct buf evidence;
    uint8_t *bytes;
    size_t n;
};

static struct held hold(const char *path, struct slice bytes)
{
    struct held h = {.evidence = ev_begin(), .n = bytes.n};
    ev_bytes(&h.evidence, path, bytes);
    size_t end = h.evidence.n;
    ev_end(&h.evidence);
    h.bytes = h.evidence.p + end - bytes.n;
    return h;
}

/* Fewer packages than there are, and nobody says so? */
static void expect_told(const char *what, struct slice evidence, size_t packages, size_t where, unsigned how)
{
    struct layer_packages layer = parse(evidence);
    if (layer.files.v[0].packages.n < packages && layer.status == PULL_GOOD)
        fail_msg("%s: %zu of %zu packages after damage %u at %zu, and no reason", what, layer.files.v[0].packages.n,
                 packages, how, where);
    arena_reset(&arena);
}

static void cut_everywhere(const char *what, const char *path, struct slice db, size_t packages, size_t step)
{
    for (size_t n = 0; n < db.n; n += step) {
        for (int more = 0; more < 2; more++) { /* at the page's end, and within the next */
            struct held h = hold(path, slice_sub(db, 0, MIN(db.n - 1, n + (more ? step / 3 : 0))));
            struct layer_packages layer = parse(buf_slice(&h.evidence));
            if (layer.status == PULL_GOOD)
                fail_msg("%s: cut to %zu of %zu bytes, and no reason", what, h.n, db.n);
            assert_true(layer.files.v[0].packages.n <= packages + 1);
            buf_done(&h.evidence);
            arena_reset(&arena);
        }
    }
}

static void flip_everything(const char *what, const char *path, struct slice db, size_t packages, size_t to,
                            size_t step)
{
    static const uint8_t flips[] = {0xFF, 0x01, 0x80};
    struct held h = hold(path, db);
    for (size_t i = 0; i < MIN(to, h.n); i += step) {
        uint8_t was = h.bytes[i];
        for (unsigned how = 0; how <= ARRAY_LEN(flips); how++) {
            h.bytes[i] = how < ARRAY_LEN(flips) ? was ^ flips[how] : 0;
            if (h.bytes[i] == was)
                continue;
            expect_told(what, buf_slice(&h.evidence), packages, i, how);
        }
        h.bytes[i] = was;
    }
    buf_done(&h.evidence);
}

/* The first pages: of the schema and the first packages, of the metadata and the hash, of the slots. */
static const size_t first[KINDS] = {8192, 4096, 12288, 4096, 4096 + 600};

static void test_damage(void **state)
{
    (void)state;
    for (enum kind k = 0; k < KINDS; k++) {
        struct buf db = make(k, made, MADE);
        cut_everywhere(kind_names[k], kind_paths[k], buf_slice(&db), MADE - 1, 512);
        flip_everything(kind_names[k], kind_paths[k], buf_slice(&db), MADE - 1, first[k], 1);
        flip_everything(kind_names[k], kind_paths[k], buf_slice(&db), MADE - 1, db.n, 19);
        buf_done(&db);
    }
}

/* Every byte of the head, some of the first pages and of all. */
static void damage_all(const char *name, const char *member, struct slice db, size_t page)
{
    struct layer_packages layer = parse_one(member, db);
    size_t packages = layer.files.v[0].packages.n;
    assert_int_equal(layer.status, PULL_GOOD);
    assert_true(packages > 18);
    cut_everywhere(name, member, db, packages, MAX(page, db.n / page / 64 * page));
    flip_everything(name, member, db, packages, 112, 1);
    flip_everything(name, member, db, packages, 4 * page, 59);
    flip_everything(name, member, db, packages, db.n, db.n / 199);
}

/* ctest apart: test_real_* */
static void damage_real(const char *name, const char *member, size_t page)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    struct buf db = BUF_INIT((size_t)64 << 20);
    archive_read_support_filter_gzip(a);
    archive_read_support_format_tar(a);
    if (archive_read_open_filename(a, shared_path("images/db/%s.tar.gz", name), 65536) != ARCHIVE_OK) {
        archive_read_free(a);
        skip_case("%s of real images is not here: CAREEN_SHARED", name);
    }
    while (!db.n && archive_read_next_header(a, &entry) == ARCHIVE_OK)
        if (strcmp(archive_entry_pathname(entry), member) == 0) {
            size_t n = (size_t)archive_entry_size(entry);
            assert_int_equal(archive_read_data(a, buf_reserve(&db, n), n), (la_ssize_t)n);
            db.n = n;
        }
    archive_read_free(a);
    damage_all(name, member, buf_slice(&db), page);
    buf_done(&db);
}

/* One that rpm itself wrote, for tests/scenario/distros/test_rpm_images.sh: CAREEN_RPMDB is the file. */
static void test_given(void **state)
{
    (void)state;
    struct buf db = BUF_INIT((size_t)64 << 20);
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(getenv("CAREEN_RPMDB"), "re");
    assert_non_null(f);
    for (size_t n = 1; n;) {
        n = fread(buf_reserve(&db, 65536), 1, 65536, f);
        db.n += n;
    }
    damage_all("rpm's own", kind_paths[SQLITE], buf_slice(&db), 4096);
    buf_done(&db);
}

static void test_real_sqlite(void **state)
{
    (void)state;
    damage_real("almalinux-9-micro-aarch64", "var/lib/rpm/rpmdb.sqlite", 4096);
}

static void test_real_bdb(void **state)
{
    (void)state;
    damage_real("sles-12.4", "var/lib/rpm/Packages", 4096);
}

static void test_real_bdb_big(void **state)
{
    (void)state;
    damage_real("almalinux-8-micro-s390x", "var/lib/rpm/Packages", 4096);
}

static void test_real_ndb(void **state)
{
    (void)state;
    damage_real("sles-15-bci", "usr/lib/sysimage/rpm/Packages.db", 4096);
}

/* Pages that name each other, chains that come back, slots of the same blob. */
static void test_loops(void **state)
{
    (void)state;
    struct buf db = make(BDB, made, MADE);
    for (size_t i = 3; i < db.n / 4096; i++) /* every page of data goes on with itself, then all with the same */
        put32(db.p + i * 4096 + 16, (uint32_t)i, false);
    struct layer_packages layer = parse_one(kind_paths[BDB], buf_slice(&db));
    expect_reason(&layer, "its chain");
    for (size_t i = 3; i < db.n / 4096; i++)
        put32(db.p + i * 4096 + 16, 3, false);
    layer = parse_one(kind_paths[BDB], buf_slice(&db));
    expect_reason(&layer, "its chain leads to a page of another");
    buf_done(&db);
    db = make(SQLITE_SMALL, made, MADE);
    for (size_t i = 1; i < db.n / 512; i++) { /* every page is an interior one whose child is itself */
        memset(db.p + i * 512, 0, 512);
        db.p[i * 512] = 5;
        put16(db.p + i * 512 + 3, 1, true);
        put32(db.p + i * 512 + 8, (uint32_t)i + 1, true);
        put16(db.p + i * 512 + 12, 400, true);
        put32(db.p + i * 512 + 400, (uint32_t)i + 1, true);
    }
    layer = parse_one(kind_paths[SQLITE_SMALL], buf_slice(&db));
    expect_reason(&layer, "is in its tree twice");
    buf_done(&db);
    db = make(NDB, made, MADE);
    for (size_t i = 3; i < 6; i++)
        memcpy(db.p + i * 16, db.p + 32, 16);
    layer = parse_one(kind_paths[NDB], buf_slice(&db));
    expect_reason(&layer, "two packages lie at byte");
    buf_done(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_damage, reset),   cmocka_unit_test_teardown(test_real_sqlite, reset),
        cmocka_unit_test_teardown(test_real_bdb, reset), cmocka_unit_test_teardown(test_real_bdb_big, reset),
        cmocka_unit_test_teardown(test_real_ndb, reset), cmocka_unit_test_teardown(test_loops, reset),
    };
    const struct CMUnitTest given[] = {cmocka_unit_test_teardown(test_given, reset)};
    return getenv("CAREEN_RPMDB") ? run_cases(given, NULL, NULL) : run_cases(tests, NULL, NULL);
}
