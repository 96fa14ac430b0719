/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real package databases (CAREEN_SHARED/images/db) against what their own package managers list (images/expect): every
 * package, version and source, and nothing else.
 */
#include "unit/cases.h"
#include "inventory/assemble/assemble.h"
#include "packages/parse.h"
#include "model/evidence.h"
#include "model/purl.h"
#include "pull/collect.h"

#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>
#include <setjmp.h>
#include <cmocka.h>

static struct arena arena = {.max = (size_t)256 << 20};

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void write_link(struct buf *out, struct slice path, struct archive_entry *entry, const char *target)
{
    uint8_t canonical[4096];
    char joined[4096];
    size_t n;
    ptrdiff_t slash = slice_rfind(path, '/');
    if (target[0] != '/' && !archive_entry_hardlink(entry))
        snprintf(joined, sizeof joined, "%.*s/%s", (int)MAX(slash, 0), (const char *)path.p, target);
    else
        snprintf(joined, sizeof joined, "%s", target);
    assert_true(evidence_path(slice_str(joined), canonical, sizeof canonical, &n));
    struct evidence_entry link = {.kind = EVIDENCE_LINK,
                                  .collector = SLICE("os"),
                                  .path = path,
                                  .bytes = slice_of(canonical, n),
                                  .hard = archive_entry_hardlink(entry) != NULL};
    assert_int_equal(evidence_write(out, &link), 0);
}

/* A layer's tar to evidence, of the paths that some parser wants; false when there is no such file. */
static bool evidence_of(const char *tar, struct buf *out)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    uint64_t entries = 0;
    archive_read_support_format_tar(a);
    archive_read_support_filter_gzip(a);
    if (archive_read_open_filename(a, tar, 65536) != ARCHIVE_OK) {
        archive_read_free(a);
        return false;
    }
    assert_int_equal(evidence_begin(out), 0);
    while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
        uint8_t path[4096];
        size_t n;
        entries++;
        if (!evidence_path(slice_str(archive_entry_pathname(entry)), path, sizeof path, &n) ||
            !parse_wants(slice_of(path, n)))
            continue;
        const char *target =
            archive_entry_symlink(entry) ? archive_entry_symlink(entry) : archive_entry_hardlink(entry);
        if (target) {
            write_link(out, slice_of(path, n), entry, target);
            continue;
        }
        size_t size = (size_t)archive_entry_size(entry);
        uint8_t *bytes = xmalloc(size + 1);
        assert_int_equal(archive_read_data(a, bytes, size), (la_ssize_t)size);
        struct evidence_entry file = {.kind = EVIDENCE_FILE,
                                      .collector = SLICE("any"),
                                      .path = slice_of(path, n),
                                      .bytes = slice_of(bytes, size),
                                      .size = size};
        assert_int_equal(evidence_write(out, &file), 0);
        free(bytes);
    }
    assert_int_equal(evidence_write(out, &(struct evidence_entry){.kind = EVIDENCE_END, .entries = entries}), 0);
    archive_read_free(a);
    return true;
}

static void keep(void *arg, struct slice bytes)
{
    buf_add_slice(arg, bytes);
}

/* The same layer's evidence by pull's own collectors. */
static void collected(const char *tar, struct buf *out)
{
    struct buf given = BUF_INIT((size_t)64 << 20);
    struct collect_result result;
    struct err e = ERR_INIT;
    char piece[4096];
    size_t n;
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(tar, "rb");
    assert_non_null(f);
    struct collect *c = collect_new(SLICE("application/vnd.oci.image.layer.v1.tar+gzip"), NULL, keep, &given);
    while ((n = fread(piece, 1, sizeof piece, f)))
        collect_feed(c, slice_of(piece, n));
    collect_end(c);
    collect_free(c);
    if (collect_result_read(buf_slice(&given), &arena, &result, &e))
        fail_msg("%s: %s", tar, e.text);
    assert_int_equal(result.status, PULL_GOOD);
    size_t room = (size_t)64 << 20;
    uint8_t *to = buf_reserve(out, room);
    n = ZSTD_decompress(to, room, result.evidence.p, result.evidence.n);
    assert_false(ZSTD_isError(n));
    out->n += n;
    buf_done(&given);
}

/* The version without its epoch: what a source package's file name has. */
static struct slice plain(struct slice version)
{
    ptrdiff_t colon = slice_find(version, ':');
    return colon < 0 ? version : slice_from(version, (size_t)colon + 1);
}

/* A package as expect/ spells it. apk lists the origin alone, dpkg the source and its version, rpm the source's file.
 */
static struct slice line_of(const struct package *p)
{
    struct slice source = p->source_name.n ? p->source_name : p->name;
    struct slice version = p->source_version.n ? p->source_version : p->version;
    if (p->type == PKG_APK)
        version = SLICE_NONE;
    if (p->type == PKG_RPM)
        return arena_printf(&arena, "rpm\t%.*s\t%.*s\t%.*s-%.*s.src.rpm", SLICE_FMT(p->name), SLICE_FMT(p->version),
                            SLICE_FMT(source), SLICE_FMT(plain(version)));
    return arena_printf(&arena, "%s\t%.*s\t%.*s\t%.*s%s%.*s", package_type_names[p->type], SLICE_FMT(p->name),
                        SLICE_FMT(p->version), SLICE_FMT(source), version.n ? " " : "", SLICE_FMT(version));
}

static void read_expected(const char *path, slice_vec *lines)
{
    char text[1024];
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "r");
    assert_non_null(f);
    while (fgets(text, sizeof text, f)) {
        struct slice line = slice_trim(slice_str(text));
        if (line.n && !slice_starts(line, SLICE("rpm\tgpg-pubkey\t"))) /* public keys are no packages */
            assert_true(slice_vec_add(&arena, lines, arena_slice(&arena, line)));
    }
    slice_vec_sort(lines);
}

/* Its purl alone says the same package. */
static void check_purl(const struct package *p)
{
    struct purl purl;
    struct package back;
    struct os_info os;
    struct err e = ERR_INIT;
    if (purl_parse(p->purl, &arena, &purl, &e))
        fail_msg("%s", e.text);
    assert_true(purl_to_package(&purl, &arena, &back, &os));
    if (!slice_eq(line_of(&back), line_of(p)) || !slice_eq(back.architecture, p->architecture) ||
        !slice_eq(back.module, p->module))
        fail_msg("%.*s: %.*s", SLICE_FMT(p->purl), SLICE_FMT(line_of(&back)));
}

static void check_evidence(const char *name, const struct buf *evidence, const char *ecosystem, const slice_vec *want)
{
    struct layer_packages layer;
    struct inventory image;
    struct err e = ERR_INIT;
    slice_vec got = {NULL, 0, 0};
    if (parse_layer(buf_slice(evidence), &arena, &layer, &e))
        fail_msg("%s: %s", name, e.text);
    layer.layer_digest = SLICE("sha256:base");
    if (assemble_image(&(struct image){.digest = SLICE("sha256:image")}, &layer, 1, &arena, &image, &e))
        fail_msg("%s: %s", name, e.text);
    for (size_t i = 0; i < image.reasons.texts.n; i++)
        print_error("%.*s\n", SLICE_FMT(image.reasons.texts.v[i]));
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    if (ecosystem && !slice_eq_str(image.os.ecosystem, ecosystem))
        fail_msg("%s: ecosystem %.*s", name, SLICE_FMT(image.os.ecosystem));
    for (size_t i = 0; i < image.packages.n; i++) {
        assert_true(slice_eq_str(image.packages.v[i].layer, "sha256:base"));
        check_purl(&image.packages.v[i]);
        slice_vec_add(&arena, &got, line_of(&image.packages.v[i]));
    }
    slice_vec_sort(&got);
    for (size_t i = 0; i < MIN(want->n, got.n); i++)
        if (!slice_eq(want->v[i], got.v[i]))
            fail_msg("%s: want %.*s, got %.*s", name, SLICE_FMT(want->v[i]), SLICE_FMT(got.v[i]));
    assert_int_equal(got.n, want->n);
}

static void check(const char *name, const char *ecosystem, size_t least)
{
    struct buf evidence = BUF_INIT((size_t)128 << 20);
    slice_vec want = {NULL, 0, 0};
    if (!evidence_of(shared_path("images/db/%s.tar.gz", name), &evidence))
        skip_case("%s of real images is not here: CAREEN_SHARED", name);
    read_expected(shared_path("images/expect/%s.txt", name), &want);
    assert_true(want.n >= least);
    check_evidence(name, &evidence, ecosystem, &want);
    buf_clear(&evidence);
    collected(shared_path("images/db/%s.tar.gz", name), &evidence);
    check_evidence(name, &evidence, ecosystem, &want);
    print_message("%s: %zu packages\n", name, want.n);
    buf_done(&evidence);
}

#define DATABASE(function, name, ecosystem, least)                                                                     \
    static void function(void **state)                                                                                 \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        check(name, ecosystem, least);                                                                                 \
    }
DATABASE(test_alpine_3_10, "alpine-3.10", "Alpine:v3.10", 14)
DATABASE(test_alpine_3_12, "alpine-3.12", "Alpine:v3.12", 14)
DATABASE(test_alpine_3_14, "alpine-3.14", "Alpine:v3.14", 14)
DATABASE(test_alpine_3_17, "alpine-3.17", "Alpine:v3.17", 14)
DATABASE(test_alpine_3_20, "alpine-3.20", "Alpine:v3.20", 14)
DATABASE(test_alpine_edge, "alpine-edge", "Alpine:edge", 14)
DATABASE(test_debian_11, "debian-11", "Debian:11", 90)
DATABASE(test_debian_12, "debian-12", "Debian:12", 90)
DATABASE(test_ubuntu_18_04, "ubuntu-18.04", "Ubuntu:18.04:LTS", 80)
DATABASE(test_ubuntu_22_04, "ubuntu-22.04", "Ubuntu:22.04:LTS", 80)
/* Berkeley DB big-endian, little-endian; SQLite with an empty log, without one. */
DATABASE(test_almalinux_8, "almalinux-8-micro-s390x", NULL, 19)
DATABASE(test_sles_12, "sles-12.4", NULL, 100)
DATABASE(test_almalinux_9, "almalinux-9-micro-aarch64", NULL, 22)
DATABASE(test_amazon_2023, "amazonlinux-2023", NULL, 100)
DATABASE(test_mariner_2, "cbl-mariner-2.0", NULL, 125)

/* ndb. No other tool here reads it: 36 slots are in use, each of a blob with the right checksum. */
static void test_sles_15(void **state)
{
    const char *tar = shared_path("images/db/sles-15-bci.tar.gz");
    struct buf evidence = BUF_INIT((size_t)128 << 20);
    struct layer_packages layer;
    struct err e = ERR_INIT;
    const struct parsed_file *db = NULL;
    (void)state;
    if (access(tar, R_OK))
        skip_case("sles-15-bci of real images is not here: CAREEN_SHARED");
    collected(tar, &evidence);
    assert_int_equal(parse_layer(buf_slice(&evidence), &arena, &layer, &e), 0);
    assert_int_equal(layer.status, PULL_GOOD);
    for (size_t i = 0; i < layer.files.n; i++)
        if (slice_eq_str(layer.files.v[i].parser, "rpm-ndb"))
            db = &layer.files.v[i];
    assert_non_null(db);
    assert_int_equal(db->packages.n, 36);
    for (size_t i = 0; i < db->packages.n; i++) {
        const struct package *p = &db->packages.v[i];
        assert_true(slice_starts(p->vendor, SLICE("SUSE LLC")));
        assert_true(slice_eq_str(p->architecture, "x86_64") || slice_eq_str(p->architecture, "noarch"));
    }
    buf_done(&evidence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_alpine_3_10, reset),  cmocka_unit_test_teardown(test_alpine_3_12, reset),
        cmocka_unit_test_teardown(test_alpine_3_14, reset),  cmocka_unit_test_teardown(test_alpine_3_17, reset),
        cmocka_unit_test_teardown(test_alpine_3_20, reset),  cmocka_unit_test_teardown(test_alpine_edge, reset),
        cmocka_unit_test_teardown(test_debian_11, reset),    cmocka_unit_test_teardown(test_debian_12, reset),
        cmocka_unit_test_teardown(test_ubuntu_18_04, reset), cmocka_unit_test_teardown(test_ubuntu_22_04, reset),
        cmocka_unit_test_teardown(test_almalinux_8, reset),  cmocka_unit_test_teardown(test_sles_12, reset),
        cmocka_unit_test_teardown(test_almalinux_9, reset),  cmocka_unit_test_teardown(test_amazon_2023, reset),
        cmocka_unit_test_teardown(test_mariner_2, reset),    cmocka_unit_test_teardown(test_sles_15, reset),
    };
    if (access(shared_path("images/db/debian-12.tar.gz"), R_OK))
        return skip_all("the package databases of real images are not here: CAREEN_SHARED");
    return run_cases(tests, NULL, NULL);
}
