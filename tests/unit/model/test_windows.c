/* SPDX-License-Identifier: Apache-2.0 */
/* Windows images: names, hives that another implementation (hivex) wrote, assembly, feeds and the judge's verdicts. */
#include "unit/feeds_support.h"
#include "packages/windows/hive.h"
#include "unit/windows_world.h"
#include "match/judge/judge.h"
#include "model/distro/distro.h"
#include "model/distro/eol.h"
#include "model/purl.h"
#include "model/distro/windows.h"

#define SOFTWARE "Files/Windows/System32/config/SOFTWARE"
#define STORE    "Files/Windows/servicing/Packages/"

static struct arena arena = {.max = (size_t)64 << 20};

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct slice data_file(const char *name)
{
    char path[512];
    uint8_t *bytes = arena_alloc(&arena, 1 << 20);
    snprintf(path, sizeof path, TEST_DATA "/fuzz/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return slice_of(bytes, n);
}

/* ---- names ---- */

static void test_builds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned build, ubr;
    } rows[] = {
        {"10.0.20348.2340", 20348, 2340},
        {"20348.2340", 20348, 2340},
        {"10.0.17763", 17763, 0},
        {"17763", 17763, 0},
        {"", 0, 9},
        {"10.0.", 0, 9},
        {"10.0.x.1", 0, 9},
        {"6.1.7601.1", 0, 9},
        {"10.0.20348.2340.1", 0, 9},
        {".", 0, 9},
        {"10..20348.1", 0, 9},
        {"99999999999.1", 0, 9},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsigned ubr = 9;
        if (windows_build_of(slice_str(rows[i].text), &ubr) != rows[i].build || ubr != rows[i].ubr)
            fail_msg("%s: %u.%u", rows[i].text, windows_build_of(slice_str(rows[i].text), NULL), ubr);
    }
}

static void test_products(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        unsigned build;
    } rows[] = {
        {"Windows Server 2022", "Windows Server 2022", 20348},
        {"Windows Server 2016  ", "Windows Server 2016", 14393},
        {"Windows Server 2019  (Server Core installation)", "Windows Server 2019 (Server Core installation)", 17763},
        {"Windows Server, version 1803 (Server Core Installation)",
         "Windows Server, version 1803 (Server Core installation)", 17134},
        {"Windows Server, version 1803", "Windows Server, version 1803 (Server Core installation)", 17134},
        {"Windows Server, version 23H2 (Server Core installation)",
         "Windows Server 2022, 23H2 Edition (Server Core installation)", 25398},
        {"Windows Server 2012 R2", NULL, 0},
        {"Microsoft .NET Framework 4.8 on Windows Server 2022", NULL, 0},
        {"Windows Server 2022 Datacenter: Azure Edition", NULL, 0},
        {" (Server Core installation)", NULL, 0},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool core = false;
        const struct windows_release *r = windows_release_named(slice_str(rows[i].text), &core);
        if (!r != !rows[i].name ||
            (r && (r->build != rows[i].build || !slice_eq_str(windows_product(r, core, &arena), rows[i].name))))
            fail_msg("%s", rows[i].text);
    }
    for (size_t i = 0; windows_release_at(i); i++) {
        const struct windows_release *r = windows_release_at(i);
        assert_ptr_equal(windows_release_of(r->build), r);
        struct os_info os = {.id = SLICE("windows"), .ecosystem = arena_printf(&arena, "Windows:10.0.%u", r->build)};
        assert_true(eol_is_date(eol_date(&os)));
    }
}

static void test_identities(void **state)
{
    (void)state;
    struct windows_identity id;
    assert_true(windows_identity_parse(SLICE("Package_for_KB5034129~31bf3856ad364e35~amd64~~20348.2227.1.5.mum"), &id));
    assert_true(slice_eq_str(id.name, "Package_for_KB5034129") && slice_eq_str(id.architecture, "amd64"));
    assert_true(slice_eq_str(id.version, "20348.2227.1.5"));
    assert_true(slice_eq_str(windows_update_in(id.name), "KB5034129"));
    static const char *const none[] = {"Package_for_KB5034129", "Package_for_KB5034129~a~b~c", "x~a~b~~1.0",
                                       "Package_~a~b~~v1",      "Package_for_KB1~a~b~~1.0~",   ""};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (windows_identity_parse(slice_str(none[i]), &id))
            fail_msg("%s", none[i]);
    assert_true(slice_eq_str(windows_update_in(SLICE("C:\\x\\windows10.0-kb5035857-x64.cab")), "kb5035857"));
    assert_true(slice_eq_str(windows_update_in(SLICE("Package_1_for_KB5035857")), "KB5035857"));
    assert_null(windows_update_in(SLICE("Package_for_RollupFix")).p);
    assert_null(windows_update_in(SLICE("Package_for_KB123")).p);
    assert_null(windows_update_in(SLICE("BACKB5034129")).p);
    assert_true(windows_has_update(SLICE("KB5034129,KB5035857"), SLICE("kb5035857")));
    assert_false(windows_has_update(SLICE("KB5034129,KB5035857"), SLICE("KB503585")));
}

/* Facts of Microsoft's update histories, one of each release. */
static void test_updates_of_builds(void **state)
{
    (void)state;
    static const uint32_t rows[][3] = {{20348, 5035857, 2340},
                                       {17763, 5035849, 5576},
                                       {14393, 5035855, 6796},
                                       {16299, 4493441, 1087},
                                       {17763, 4549949, 1158},
                                       {18363, 5003169, 1556},
                                       {19042, 5016616, 1889},
                                       {26100, 5046617, 2314},
                                       {20348, 5034130, 0},
                                       /* As Microsoft's CVE records have it: CVE-2022-44698, CVE-2023-36025,
                                          CVE-2024-43451. */
                                       {17763, 5021237, 3770},
                                       {20348, 5021249, 1366},
                                       {14393, 5021235, 5582},
                                       {17763, 5032196, 5122},
                                       {20348, 5032198, 2113},
                                       {25398, 5032202, 531},
                                       {14393, 5032197, 6452},
                                       {17763, 5046615, 6532},
                                       {20348, 5046616, 2849},
                                       {25398, 5046618, 1251},
                                       {14393, 5046612, 7515}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(windows_build_of_update(rows[i][0], rows[i][1]), rows[i][2]);
    assert_false(windows_update_known(20348, 1, 5012170));
    assert_true(windows_update_known(20348, 2340, 5012170));
    assert_true(windows_update_known(20348, 2340, 9999999));
    assert_false(windows_update_known(20348, 99999, 9999999));
    assert_true(windows_update_known(20348, 99999, 5012170));
    assert_false(windows_update_known(6001, 1, 1));
}

/* ---- hives ---- */

static bool count_key(void *arg, struct hive *h, uint32_t key, struct slice name)
{
    (void)h, (void)key;
    ++*(size_t *)arg;
    return name.n != 0;
}

static void test_hive(void **state)
{
    (void)state;
    struct slice bytes = data_file("fuzz_hive/software.hive"), value, data;
    struct err e = ERR_INIT;
    struct hive h;
    char text[64];
    uint32_t number = 0, type;
    size_t keys = 0;
    assert_int_equal(hive_open(bytes, &h, &e), 0);
    uint32_t key = hive_path(&h, h.root, SLICE("microsoft\\WINDOWS nt\\CurrentVersion"));
    assert_true(key != HIVE_NONE);
    assert_true(hive_text(&h, key, "productname", text, sizeof text, &value));
    assert_true(slice_eq_str(value, "Windows Server 2022 Datacenter"));
    assert_false(hive_text(&h, key, "ProductName", text, 8, &value));
    assert_true(hive_number(&h, key, "UBR", &number) && number == 2340);
    assert_false(hive_number(&h, key, "CurrentBuild", &number));
    assert_false(hive_value(&h, key, "CurrentBuil", &type, &data));
    assert_true(hive_value(&h, key, "CurrentBuild", &type, &data) && type == HIVE_SZ && data.n == 12);
    assert_int_equal(hive_path(&h, h.root, SLICE("Microsoft\\Nothing\\CurrentVersion")), HIVE_NONE);
    hive_each(&h,
              hive_path(&h, h.root, SLICE("Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages")),
              count_key, &keys);
    assert_int_equal(keys, 3);
    assert_int_equal(h.broken, 0);
    /* A list of keys that holds its own key. */
    assert_int_equal(hive_open(data_file("fuzz_hive/circle.hive"), &h, &e), 0);
    hive_path(&h, h.root, SLICE("ROOT\\ROOT\\ROOT\\Microsoft"));
    assert_int_equal(hive_open(SLICE("regf"), &h, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
}

/* Every single flipped byte and every cut: no crash, and a cut one says so. */
static void test_hive_damaged(void **state)
{
    (void)state;
    struct slice bytes = data_file("fuzz_hive/software.hive");
    uint8_t *copy = arena_alloc(&arena, bytes.n);
    memcpy(copy, bytes.p, bytes.n);
    for (size_t i = 0; i < bytes.n; i += i < 4096 ? 64 : 1) {
        struct hive h;
        size_t keys = 0;
        copy[i] ^= 0xFF;
        if (!hive_open(slice_of(copy, bytes.n), &h, NULL)) {
            hive_path(&h, h.root, SLICE("Microsoft\\Windows NT\\CurrentVersion"));
            hive_each(&h, h.root, count_key, &keys);
        }
        copy[i] ^= 0xFF;
    }
    for (size_t cut = 0; cut < bytes.n; cut += 7) {
        struct hive h;
        if (!hive_open(slice_sub(bytes, 0, cut), &h, NULL))
            hive_path(&h, h.root, SLICE("Microsoft\\Windows NT\\CurrentVersion"));
    }
    struct buf b = ev_begin();
    struct layer_packages layer;
    struct err e = ERR_INIT;
    ev_write(&b, EVIDENCE_FILE, SOFTWARE, slice_sub(bytes, 0, 8400), bytes.n, false);
    ev_end(&b);
    assert_int_equal(parse_layer(buf_slice(&b), &arena, &layer, &e), 0);
    assert_int_equal(layer.status, PULL_PARTIAL);
    assert_int_equal(layer.reasons.texts.n, 2);
    buf_done(&b);
}

/* ---- images ---- */

static void check(const struct inventory *inv, const char *want)
{
    struct buf b = BUF_INIT(1 << 16);
    buf_addf(&b, "%s %.*s %.*s", inventory_status_names[inv->status], SLICE_FMT(inv->os.ecosystem),
             SLICE_FMT(inv->os.name));
    for (size_t i = 0; i < inv->packages.n; i++) {
        const struct package *p = &inv->packages.v[i];
        buf_addf(&b, "\n%.*s|%.*s|%.*s|%.*s|%.*s", SLICE_FMT(p->name), SLICE_FMT(p->version), SLICE_FMT(p->source_name),
                 SLICE_FMT(p->updates), SLICE_FMT(p->layer));
    }
    for (size_t i = 0; i < inv->notes.texts.n; i++)
        buf_addf(&b, "\nnote %.*s", SLICE_FMT(inv->notes.texts.v[i]));
    for (size_t i = 0; i < inv->reasons.texts.n; i++)
        buf_addf(&b, "\nreason %.*s", SLICE_FMT(inv->reasons.texts.v[i]));
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void test_images(void **state)
{
    (void)state;
    struct layer_packages foreign = {.layer_digest = SLICE("f"), .status = PULL_FOREIGN, .final = true};
    struct layer_packages layers[3] = {foreign};
    struct inventory inv = windows_assemble(&arena, "10.0.20348.2340", layers, 1);
    check(&inv, "complete Windows:10.0.20348 Windows Server 2022\n"
                "Windows Server 2022|10.0.20348.2340|||f\n"
                "note the base layer f is held by its publisher only; the updates in it are not checked");
    assert_true(slice_eq_str(inv.os.end_of_life, "2031-10-14"));
    layers[0] = windows_layer_of(&arena, "b", SOFTWARE, data_file("fuzz_hive/software.hive"));
    inv = windows_assemble(&arena, "10.0.20348.2340", layers, 1);
    check(&inv, "complete Windows:10.0.20348 Windows Server 2022 Datacenter\n"
                "KB5034129|20348.2227.1.5|||b\n"
                "KB5035857|20348.2340.1.9|||b\n"
                "Windows Server 2022 (Server Core installation)|10.0.20348.2340|Windows Server 2022|"
                "KB5034129,KB5035857|b");
    /* The base's publisher alone knows which others there are. */
    layers[1] = layers[0];
    layers[0] = foreign;
    inv = windows_assemble(&arena, "10.0.20348.2340", layers, 2);
    check(&inv, "complete Windows:10.0.20348 Windows Server 2022 Datacenter\n"
                "KB5034129|20348.2227.1.5|||b\n"
                "KB5035857|20348.2340.1.9|||b\n"
                "Windows Server 2022 (Server Core installation)|10.0.20348.2340|Windows Server 2022|"
                "KB5034129,KB5035857,?|b\n"
                "note the base layer f is held by its publisher only; the updates in it are not checked");
    layers[0] = layers[1];
    layers[1] = windows_layer_of(&arena, "x", "Hives/Software_Delta", data_file("fuzz_hive/empty.hive"));
    inv = windows_assemble(&arena, "10.0.20348.2340", layers + 1, 1);
    check(&inv, "complete Windows:10.0.20348 Windows Server 2022\n"
                "Windows Server 2022|10.0.20348.2340|||x\n"
                "note no layer has a registry or a list of updates; the updates in it are not checked");
    /* A later layer's delta goes before; a third layer without a build keeps it, and its updates stay. */
    layers[1] = windows_layer_of(&arena, "d", "Hives/Software_Delta", data_file("fuzz_hive/delta.hive"));
    layers[2] = windows_layer_of(&arena, "e", "Hives/Software_Delta", data_file("fuzz_hive/empty.hive"));
    inv = windows_assemble(&arena, "10.0.20348.2340", layers, 3);
    check(&inv, "complete Windows:10.0.20348 Windows Server 2022 Datacenter\n"
                "KB5034129|20348.2227.1.5|||b\n"
                "KB5035857|20348.2340.1.9|||b\n"
                "KB5036909|20348.2402.1.5|||d\n"
                "Windows Server 2022 (Server Core installation)|10.0.20348.2402|Windows Server 2022|"
                "KB5034129,KB5035857,KB5036909|d\n"
                "note the image's os.version is 10.0.20348.2340, its registry says 10.0.20348.2402, which is taken");
    layers[0] = windows_layer_of(&arena, "s", STORE "Package_for_KB5034129~31bf3856ad364e35~amd64~~20348.2227.1.5.mum",
                                 SLICE(""));
    inv = windows_assemble(&arena, "10.0.17134.1", layers, 1);
    check(&inv, "complete Windows:10.0.17134 Windows Server, version 1803\n"
                "KB5034129|20348.2227.1.5|||s\n"
                "Windows Server, version 1803 (Server Core installation)|10.0.17134.1|Windows Server, version 1803|"
                "KB5034129|s");
    layers[0] = foreign;
    inv = windows_assemble(&arena, "", layers, 1);
    check(&inv, "partial  Windows\nnote no advisories for Windows: its files don't say which release it is\nreason "
                "layer f: it is held by its publisher only and was not read\n"
                "reason which build of Windows it is, neither its os.version nor a registry hive says");
}

/* A foreign layer in an image of anything else: nobody knows what is in it. */
static void test_foreign_elsewhere(void **state)
{
    (void)state;
    struct layer_packages layer = {.layer_digest = SLICE("f"), .status = PULL_FOREIGN, .final = true};
    struct inventory inv;
    struct err e = ERR_INIT;
    struct image image = {.digest = SLICE("sha256:i"), .os = SLICE("linux")};
    assert_int_equal(assemble_image(&image, &layer, 1, &arena, &inv, &e), 0);
    assert_int_equal(inv.status, INVENTORY_FAILED);
    assert_int_equal(inv.reasons.texts.n, 1);
    assert_int_equal(inv.notes.texts.n, 0);
}

static void test_purls(void **state)
{
    (void)state;
    struct layer_packages layers[1] = {windows_layer_of(&arena, "b", SOFTWARE, data_file("fuzz_hive/software.hive"))};
    struct inventory inv = windows_assemble(&arena, "", layers, 1);
    struct package *product = &inv.packages.v[2], back;
    struct os_info os;
    struct purl u;
    struct err e = ERR_INIT;
    assert_true(slice_eq_str(product->purl,
                             "pkg:generic/windows/Windows%20Server%202022%20%28Server%20Core%20installation%29@"
                             "10.0.20348.2340?arch=amd64&distro=windows-10.0.20348.2340&updates=KB5034129%2CKB5035857&"
                             "upstream=Windows%20Server%202022"));
    assert_int_equal(purl_parse(product->purl, &arena, &u, &e), 0);
    assert_true(purl_to_package(&u, &arena, &back, &os));
    assert_int_equal(back.type, PKG_WINDOWS);
    assert_true(slice_eq(back.name, product->name) && slice_eq(back.version, product->version));
    assert_true(slice_eq(back.source_name, product->source_name) && slice_eq(back.updates, product->updates));
    assert_true(slice_eq_str(os.ecosystem, "Windows:10.0.20348"));
    assert_int_equal(purl_parse(SLICE("pkg:generic/openssl@1.0"), &arena, &u, &e), 0);
    assert_true(purl_to_package(&u, &arena, &back, &os) && back.type == PKG_GENERIC);
}

/* ---- feeds and verdicts ---- */

static advisory_vec known;

static int keep_advisory(void *arg, const struct advisory *a, struct err *e)
{
    (void)arg, (void)e;
    struct advisory *to = VEC_ADD(&arena, &known);
    *to = *a;
    struct slice *fields[] = {&to->ecosystem, &to->package, &to->id, &to->feed, &to->severity, &to->fix_reference};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        *fields[i] = arena_slice(&arena, *fields[i]);
    slice_vec *lists[] = {&to->fixed_by, &to->cves};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        slice_vec from = *lists[i];
        *lists[i] = (slice_vec){0};
        for (size_t k = 0; k < from.n; k++)
            slice_vec_add(&arena, lists[i], arena_slice(&arena, from.v[k]));
    }
    version_range_vec ranges = to->ranges;
    to->ranges = (version_range_vec){0};
    for (size_t i = 0; i < ranges.n; i++)
        *VEC_ADD(&arena, &to->ranges) = (struct version_range){arena_slice(&arena, ranges.v[i].introduced),
                                                               arena_slice(&arena, ranges.v[i].fixed), SLICE_NONE};
    return 0;
}

static int keep_vulnerability(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)arg, (void)v, (void)e;
    return 0;
}

static void read_feed(const char *name, const char *file, int (*parse)(struct feed_reading *r, struct err *e))
{
    struct feed feed = {.name = name, .ecosystem = "Windows", .parse = parse};
    struct byte_source_memory bytes = {data_file(file)};
    struct feed_sink sink = {.advisory = keep_advisory, .vulnerability = keep_vulnerability};
    struct arena scratch = ARENA_INIT((size_t)16 << 20);
    struct feed_stats stats;
    struct err e = ERR_INIT;
    if (feed_parse(&feed, byte_source_of_memory(&bytes), &sink, &scratch, &stats, &e))
        fail_msg("%s: %s", file, e.text);
    arena_done(&scratch);
}

static void test_feeds(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 16);
    known = (advisory_vec){0};
    read_feed("w", "fuzz_wesng/good.zip", format_wesng);
    read_feed("b", "fuzz_winbuild/good.tar", format_winbuild);
    read_feed("m", "fuzz_msrc_cvrf/good.tar", format_msrc_cvrf);
    for (size_t i = 0; i < known.n; i++) {
        const struct advisory *a = &known.v[i];
        buf_addf(&b, "%.*s|%.*s|%.*s %s %.*s fix=%.*s", SLICE_FMT(a->ecosystem), SLICE_FMT(a->package),
                 SLICE_FMT(a->id), name_kind_names[a->name_kind], SLICE_FMT(a->severity), SLICE_FMT(a->fix_reference));
        for (size_t k = 0; k < a->ranges.n; k++)
            buf_addf(&b, " [%.*s,%.*s)", SLICE_FMT(a->ranges.v[k].introduced), SLICE_FMT(a->ranges.v[k].fixed));
        told_list(&b, " by=", &a->fixed_by);
        told_list(&b, " cves=", &a->cves);
        buf_add_byte(&b, '\n');
    }
    assert_string_equal(
        buf_cstr(&b),
        "Windows:10.0.20348|Windows Server 2022|ADV240001 binary  fix=KB5034770 [10.0.20348.0,10.0.20348.2322) "
        "by=KB5034770\n"
        "Windows:10.0.20348|Windows Server 2022|WES-CVE-2024-20674 binary Critical fix=KB5034129 "
        "[10.0.20348.0,10.0.20348.2227) by=KB5034129,KB5034770 cves=CVE-2024-20674\n"
        "Windows:10.0.20348|Windows Server 2022 (Server Core installation)|WES-CVE-2024-21338 binary Important "
        "fix=KB5034770 [10.0.20348.0,10.0.20348.2322) by=KB5034770 cves=CVE-2024-21338\n"
        "Windows:10.0.20348|Windows Server 2022|WVF-CVE-2026-20930 source  fix=KB5082142 "
        "[10.0.20348.0,10.0.20348.5020) by=KB5082142 cves=CVE-2026-20930\n"
        "Windows:10.0.20348|Windows Server 2022|CVE-2024-20674 binary Critical fix=KB5034129 "
        "[10.0.20348.0,10.0.20348.2227) by=KB5034129 cves=CVE-2024-20674\n"
        "Windows:10.0.20348|Windows Server 2022 (Server Core installation)|CVE-2024-20674 binary  fix= "
        "[10.0.20348.0,) cves=CVE-2024-20674\n");
    buf_done(&b);
}

static int lookup(void *arg, struct slice ecosystem, struct slice package, struct arena *a, advisory_vec *out,
                  struct err *e)
{
    (void)arg, (void)e;
    for (size_t i = 0; i < known.n; i++)
        if (slice_eq(known.v[i].ecosystem, ecosystem) && slice_eq(known.v[i].package, package))
            *VEC_ADD(a, out) = known.v[i];
    return 0;
}

static void add(const char *id, const char *fixed, const char *by)
{
    struct advisory *a = VEC_ADD(&arena, &known);
    struct slice list = slice_str(by), one;
    *a = (struct advisory){.ecosystem = SLICE("Windows:10.0.20348"),
                           .package = SLICE("Windows Server 2022"),
                           .id = arena_printf(&arena, "%s%s", *fixed ? "B-" : "U-", id),
                           .feed = SLICE("test"),
                           .name_kind = NAME_EITHER};
    slice_vec_add(&arena, &a->cves, slice_str(id));
    if (*fixed)
        *VEC_ADD(&arena, &a->ranges) = (struct version_range){SLICE("10.0.20348.0"), slice_str(fixed), SLICE_NONE};
    while (slice_take_token(&list, ',', &one))
        slice_vec_add(&arena, &a->fixed_by, one);
    if (a->fixed_by.n)
        a->fix_reference = a->fixed_by.v[0];
}

/* "CVE fixed version" of each finding, "?" and the count of what is not known. */
static void judged(const char *version, const char *updates, const char *want)
{
    struct os_info os = {.ecosystem = SLICE("Windows:10.0.20348")};
    struct package p = {.type = PKG_WINDOWS,
                        .name = SLICE("Windows Server 2022 (Server Core installation)"),
                        .source_name = SLICE("Windows Server 2022"),
                        .version = slice_str(version),
                        .architecture = SLICE("amd64"),
                        .updates = slice_str(updates)};
    struct advisory_source source = {lookup, NULL, NULL};
    finding_vec found = {0};
    struct reasons reasons = {0};
    struct err e = ERR_INIT;
    struct buf b = BUF_INIT(1 << 16);
    assert_int_equal(judge_package(&os, &p, &source, &arena, &found, &reasons, &e), 0);
    for (size_t i = 0; i < found.n; i++) {
        bool holds = false;
        buf_addf(&b, "%s%.*s %.*s", i ? ", " : "", SLICE_FMT(found.v[i].vulnerability),
                 SLICE_FMT(found.v[i].fixed_version));
        if (judge_rule_holds(found.v[i].rule, &holds, &e) || !holds)
            fail_msg("%.*s: %s", SLICE_FMT(found.v[i].rule), e.text);
    }
    for (size_t i = 0; i < reasons.texts.n; i++) {
        ptrdiff_t at = slice_find_slice(reasons.texts.v[i], SLICE(": "));
        struct slice rest = slice_from(reasons.texts.v[i], (size_t)at + 2), word;
        assert_true(at > 0 && slice_take_token(&rest, ' ', &word));
        buf_addf(&b, " ?%.*s", SLICE_FMT(word));
    }
    if (strcmp(buf_cstr(&b), want))
        fail_msg("%s with %s: want \"%s\", got \"%s\"", version, updates, want, buf_cstr(&b));
    buf_done(&b);
}

static void test_judge(void **state)
{
    (void)state;
    known = (advisory_vec){0};
    add("CVE-2024-0001", "10.0.20348.2340", "KB5035857,KB5036909");
    add("CVE-2024-0002", "", "KB5034129,KB5034770,KB5035857"); /* cumulative ones, by name only */
    add("CVE-2024-0003", "", "KB5012170");                     /* one that makes no build */
    add("CVE-2024-0004", "", "KB5999999");                     /* later than what is known */
    /* The build decides, whatever is installed by name. */
    judged("10.0.20348.2339", "KB5035857",
           "CVE-2024-0001 10.0.20348.2340, CVE-2024-0003 KB5012170, "
           "CVE-2024-0004 KB5999999");
    judged("10.0.20348.2340", "KB5000001", "CVE-2024-0003 KB5012170, CVE-2024-0004 KB5999999");
    /* Without a list of updates, or with one that lacks some, one that makes no build may be there. */
    judged("10.0.20348.2340", "", "CVE-2024-0004 KB5999999 ?1");
    judged("10.0.20348.2340", "KB5000001,?", "CVE-2024-0004 KB5999999 ?1");
    judged("10.0.20348.2340", "KB5012170,?", "CVE-2024-0004 KB5999999");
    judged("10.0.20348.2226", "", "CVE-2024-0001 10.0.20348.2340, CVE-2024-0002 KB5034129, CVE-2024-0004 KB5999999 ?1");
    judged("10.0.20348.2400", "KB5012170", "CVE-2024-0004 KB5999999");
    /* Before and behind the builds whose updates are known, only names tell. */
    judged("10.0.20348.1", "", "CVE-2024-0001 10.0.20348.2340 ?3");
    judged("10.0.20348.1", "KB5034770",
           "CVE-2024-0001 10.0.20348.2340, CVE-2024-0003 KB5012170, CVE-2024-0004 KB5999999");
    judged("10.0.20348.1", "KB5034770,?", "CVE-2024-0001 10.0.20348.2340 ?2");
    judged("10.0.20348.90000", "", " ?2");
    judged("10.0.20348.90000", "KB5000001", "CVE-2024-0003 KB5012170 ?1");
    judged("10.0.20348.90000", "KB5999999", "CVE-2024-0003 KB5012170");
    /* Another feed's build goes before names. */
    add("CVE-2024-0003", "10.0.20348.100", "");
    judged("10.0.20348.2340", "", "CVE-2024-0004 KB5999999");
    judged("10.0.20348.90", "", "CVE-2024-0001 10.0.20348.2340, CVE-2024-0003 10.0.20348.100 ?2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_builds, teardown),
        cmocka_unit_test_teardown(test_products, teardown),
        cmocka_unit_test_teardown(test_identities, teardown),
        cmocka_unit_test_teardown(test_updates_of_builds, teardown),
        cmocka_unit_test_teardown(test_hive, teardown),
        cmocka_unit_test_teardown(test_hive_damaged, teardown),
        cmocka_unit_test_teardown(test_images, teardown),
        cmocka_unit_test_teardown(test_foreign_elsewhere, teardown),
        cmocka_unit_test_teardown(test_purls, teardown),
        cmocka_unit_test_teardown(test_feeds, teardown),
        cmocka_unit_test_teardown(test_judge, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
