/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_match [images [packages-an-image [distinct packages [libraries-an-image [distinct libraries]]]]]: what a changed
 * advisory, a new inventory and the daily rescan cost, in one partition on one core, over real tables in TMPDIR.
 * Default: 100000 images of 300 of 5000 packages, and no libraries of a language, each of which has a place of its own.
 * Ends with 1 when a limit of the design is passed: 1 s from the advisory to the last finding, 60 s for the rescan, with
 * libraries 2 ms an image, 64 MB of private memory, 150 ms for one settle (which bounds the transactions).
 */
#include "../unit/match_world.h"

#include "base/log.h"

#include <sys/resource.h>

static unsigned seed = 1;

static unsigned next_random(unsigned below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Private pages, maps of files aside. */
static int64_t private_kb(void)
{
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen("/proc/self/status", "r");
    char line[200];
    uint64_t kb = 0;
    while (f && fgets(line, sizeof line, f)) {
        struct slice s = slice_str(line);
        if (slice_take_prefix(&s, SLICE("RssAnon:"))) {
            struct slice number;
            s = slice_trim(s);
            slice_take_token(&s, ' ', &number);
            slice_parse_u64(number, &kb);
        }
    }
    return (int64_t)kb;
}

static void give_advisory(struct world *w, const char *package, const char *id, const char *fixed)
{
    char key[200];
    struct version_range range = {SLICE("0"), slice_str(fixed), SLICE_NONE};
    struct slice cve = slice_str(id);
    struct score score = {SLICE("NVD"), SLICE("CVSS:3.1"), SLICE("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")};
    struct advisory a = {.ecosystem = SLICE("Debian:12"),
                         .package = slice_str(package),
                         .id = slice_str(id),
                         .feed = SLICE("osv-debian"),
                         .ranges = {&range, 1, 1},
                         .cves = {&cve, 1, 1},
                         .scores = {&score, 1, 1},
                         .severity = SLICE("medium")};
    snprintf(key, sizeof key, "Debian:12,%s,%s", package, id);
    world_give(w, TOPIC_ADVISORIES, slice_str(key), &a);
}

/* Ten advisories a name, of which one in five affects its version: about 60 findings an image of 300. */
static void give_advisories(struct world *w, unsigned distinct)
{
    char package[32], id[32];
    for (unsigned i = 0; i < distinct; i++)
        for (unsigned k = 0; k < 10; k++) {
            snprintf(package, sizeof package, "package-%u", i);
            snprintf(id, sizeof id, "CVE-%u-%u", 2010 + k, 1000 + i);
            give_advisory(w, package, id, k == 9 && i % 5 == 0 ? "2.0-1+deb12u1" : "1.9-1");
        }
}

/* Of npm, for one library in twenty: GitHub's, and another's of the same; every second one affects. */
static void give_library_advisories(struct world *w, unsigned distinct)
{
    char package[32], id[2][32], key[200];
    struct version_range range = {SLICE("0"), SLICE_NONE, SLICE_NONE};
    for (unsigned i = 0; i < distinct; i += 20)
        for (unsigned k = 0; k < 8; k++) {
            snprintf(package, sizeof package, "library-%u", i);
            snprintf(id[0], sizeof id[0], "GHSA-%u-%u", i, k / 2);
            snprintf(id[1], sizeof id[1], "OTHER-%u-%u", i, k / 2);
            struct slice alias = slice_str(id[!(k & 1)]);
            range.fixed = i % 40 ? SLICE("1.9.0") : SLICE("2.0.1");
            struct advisory a = {.ecosystem = SLICE("npm"),
                                 .package = slice_str(package),
                                 .id = slice_str(id[k & 1]),
                                 .feed = SLICE("osv-npm"),
                                 .name_kind = NAME_EITHER,
                                 .ranges = {&range, 1, 1},
                                 .aliases = {&alias, 1, 1},
                                 .severity = k & 1 ? SLICE_NONE : SLICE("HIGH")};
            snprintf(key, sizeof key, "npm,%s,%s", package, id[k & 1]);
            world_give(w, TOPIC_ADVISORIES, slice_str(key), &a);
        }
}

/* What an image is made of. */
static struct {
    unsigned packages, distinct, libraries, distinct_libraries;
} of = {300, 5000, 0, 50000};

static void add_libraries(struct arena *a, struct inventory *v)
{
    for (unsigned i = 0; i < of.libraries; i++) {
        struct slice name = arena_printf(a, "library-%u", next_random(of.distinct_libraries));
        *VEC_ADD(a, &v->packages) =
            (struct package){.type = PKG_NPM,
                             .ecosystem = SLICE("npm"),
                             .name = name,
                             .version = SLICE("2.0.0"),
                             .certainty = CERTAINTY_INSTALLED,
                             .evidence = SLICE("node-package"),
                             .location = arena_printf(a, "usr/src/app/node_modules/%.*s/package.json", SLICE_FMT(name)),
                             .layer = v->layers.v[i % 8]};
    }
}

static void give_image(struct world *w, unsigned n, bool hit)
{
    static struct arena a = ARENA_INIT(64 << 20);
    char key[200], digest[72];
    snprintf(digest, sizeof digest, "sha256:%064x", n + 1);
    snprintf(key, sizeof key, "%s,registry.example/team/app-%u", digest, n);
    struct image image = {.digest = slice_str(digest), .pushed_ms = w->now_ms};
    world_give(w, TOPIC_IMAGES, slice_str(key), &image);
    arena_reset(&a);
    struct inventory v = {
        .image_digest = slice_str(digest), .os = {.id = SLICE("debian"), .ecosystem = SLICE("Debian:12")}, .parts = 1};
    for (unsigned i = 0; i < 8; i++)
        slice_vec_add(&a, &v.layers, arena_printf(&a, "sha256:%064x", i * 7919 + n % 50));
    for (unsigned i = 0; i < of.packages; i++)
        *VEC_ADD(&a, &v.packages) = (struct package){.type = PKG_DPKG,
                                                     .name = arena_printf(&a, "package-%u", next_random(of.distinct)),
                                                     .version = SLICE("2.0-1"),
                                                     .architecture = SLICE("amd64"),
                                                     .location = SLICE("var/lib/dpkg/status"),
                                                     .layer = v.layers.v[i % 8]};
    add_libraries(&a, &v);
    if (hit)
        *VEC_ADD(&a, &v.packages) = (struct package){.type = PKG_DPKG,
                                                     .name = SLICE("rare"),
                                                     .version = SLICE("1"),
                                                     .architecture = SLICE("amd64"),
                                                     .layer = v.layers.v[0]};
    world_give(w, TOPIC_INVENTORIES, slice_str(digest), &v);
}

/* Processor time: the limits are for one core, whoever else uses the machine. */
static int64_t cpu_ms(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (int64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000;
}

static int64_t slowest_ms;

static int64_t drain(struct world *w)
{
    int64_t cpu = cpu_ms(), batch = clock_mono_ms();
    int more;
    do {
        struct step s = world_step(w);
        struct err e = ERR_INIT;
        more = match_stage.idle(&s, &e);
        world_check(more, &e, "idle");
    } while (more);
    for (int64_t before = cpu; world_work_one(w);) {
        int64_t now = cpu_ms();
        slowest_ms = MAX(slowest_ms, now - before);
        before = now;
        if (clock_mono_ms() - batch > 100) {
            world_commit(w);
            before = cpu_ms();
            batch = clock_mono_ms();
        }
    }
    world_commit(w);
    return cpu_ms() - cpu;
}

static uint64_t argument(int argc, char **argv, int i, uint64_t otherwise)
{
    uint64_t v;
    return i < argc && slice_parse_u64(slice_str(argv[i]), &v) ? v : otherwise;
}

int main(int argc, char **argv)
{
    unsigned images = (unsigned)argument(argc, argv, 1, 100000);
    of.packages = (unsigned)argument(argc, argv, 2, of.packages);
    of.distinct = (unsigned)argument(argc, argv, 3, of.distinct);
    of.libraries = (unsigned)argument(argc, argv, 4, of.libraries);
    of.distinct_libraries = (unsigned)argument(argc, argv, 5, of.distinct_libraries);
    log_setup(LOG_ERROR, "bench");
    struct world *w = world_open(false);
    give_advisories(w, of.distinct);
    if (of.libraries)
        give_library_advisories(w, of.distinct_libraries);
    /* As much at once as the runner takes, whatever an image holds. */
    unsigned batch = MAX(1, 150000 / MAX(1, of.packages + of.libraries));
    int64_t began = cpu_ms();
    for (unsigned i = 0; i < images; i++) {
        give_image(w, i, images < 100 || i % (images / 100) == 0);
        if (i % batch == batch - 1)
            world_commit(w);
    }
    world_commit(w);
    int64_t loaded = cpu_ms() - began, settled = drain(w);
    printf("%u images of %u packages, %u distinct, and %u libraries, %u distinct\n", images, of.packages, of.distinct,
           of.libraries, of.distinct_libraries);
    printf("inventories applied     %8.1f s\n", (double)loaded / 1000);
    printf("first findings          %8.1f s, %.1f KB a record\n", (double)settled / 1000,
           (double)w->emitted_bytes / (double)MAX(w->emitted, 1) / 1024);
    printf("state                   %8.1f MB, of the process %.1f MB\n", (double)store_used_bytes(w->part) / 1048576,
           (double)store_used_bytes(w->whole) / 1048576);
    uint64_t emitted = w->emitted;
    int64_t judged = match_judged.value;
    give_advisory(w, "rare", "CVE-2024-0001", "2");
    int64_t changed = drain(w);
    printf("one advisory            %8.3f s, %" PRIu64 " images, %" PRIi64 " packages judged\n", (double)changed / 1000,
           w->emitted - emitted, match_judged.value - judged);
    slowest_ms = 0;
    struct tick t = {.kind = TICK_RESCAN, .subject = SLICE("0"), .at_ms = 1};
    world_give(w, TOPIC_TICKS, SLICE("rescan,0"), &t);
    int64_t rescan = drain(w), kb = private_kb();
    printf("rescan                  %8.1f s, %" PRIi64 " images, %" PRIi64 " differences, slowest portion %" PRIi64
           " ms\n",
           (double)rescan / 1000, match_rescan_images.value, match_rescan_differences.value, slowest_ms);
    printf("private memory          %8.1f MB\n", (double)kb / 1024);
    int64_t limit = of.libraries ? 2 * (int64_t)images : 60000;
    bool good = changed <= 1000 && rescan <= limit && kb <= 64 * 1024 && slowest_ms <= 150 &&
                !match_rescan_differences.value && match_rescan_images.value == images;
    world_close(w);
    return good ? 0 : 1;
}
