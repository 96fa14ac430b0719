/* SPDX-License-Identifier: Apache-2.0 */
/* match_facts.h: facts told to the match stage in one line each, and what it says, for test_match*.c. */
#ifndef CAREEN_TESTS_UNIT_MATCH_FACTS_H
#define CAREEN_TESTS_UNIT_MATCH_FACTS_H

#include "match_world.h"

#include <setjmp.h>
#include <cmocka.h>

#define DAY ((int64_t)86400 * 1000)

static ATTR_UNUSED struct world *w;

static ATTR_UNUSED int setup(void **state)
{
    (void)state;
    w = world_open(true);
    return 0;
}

static ATTR_UNUSED int teardown(void **state)
{
    (void)state;
    world_close(w);
    return 0;
}

static ATTR_UNUSED struct slice S(const char *s) {
    return slice_str(s);
}

static ATTR_UNUSED struct slice
digest(unsigned n)
{
    static char text[8][72];
    static unsigned turn;
    char *to = text[turn++ % 8];
    snprintf(to, 72, "sha256:%064x", n);
    return slice_str(to);
}

static ATTR_UNUSED void image_seen(unsigned n, const char *where, int64_t pushed_ms, int64_t pulled_ms)
{
    char key[256];
    snprintf(key, sizeof key, "%.*s,%s", SLICE_FMT(digest(n)), where);
    struct image i = {.registry = S("r"),
                      .repository = S(where),
                      .digest = digest(n),
                      .pushed_ms = pushed_ms,
                      .pulled_ms = pulled_ms};
    world_give(w, TOPIC_IMAGES, S(key), &i);
}

static ATTR_UNUSED void image_gone(unsigned n, const char *where)
{
    char key[256];
    snprintf(key, sizeof key, "%.*s,%s", SLICE_FMT(digest(n)), where);
    world_give(w, TOPIC_IMAGES, S(key), NULL);
}

static ATTR_UNUSED void workload(unsigned n, int running)
{
    char key[256];
    snprintf(key, sizeof key, "%.*s,c/n/o/x", SLICE_FMT(digest(n)));
    struct workload x = {.digest = digest(n), .cluster = S("c"), .running = running};
    world_give(w, TOPIC_WORKLOADS, S(key), running < 0 ? NULL : &x);
}

/* packages: "name version layer;name version layer" */
static ATTR_UNUSED void inventory_part(unsigned n, const char *ecosystem, const char *packages, int part, int parts)
{
    static struct arena a = ARENA_INIT(64 << 20);
    struct inventory v = {
        .image_digest = digest(n), .os = {.id = S("test"), .ecosystem = S(ecosystem)}, .part = part, .parts = parts};
    struct slice rest = S(packages), one, name, version;
    char key[128];
    arena_reset(&a);
    slice_vec_add(&a, &v.layers, digest(1000));
    slice_vec_add(&a, &v.layers, digest(1001));
    while (slice_take_token(&rest, ';', &one)) {
        slice_take_token(&one, ' ', &name);
        slice_take_token(&one, ' ', &version);
        *VEC_ADD(&a, &v.packages) =
            (struct package){.type = PKG_DPKG,
                             .name = name,
                             .version = version,
                             .architecture = S("amd64"),
                             .location = S("var/lib/dpkg/status"),
                             .layer = arena_slice(&a, digest(slice_eq(one, S("2")) ? 1001 : 1000))};
    }
    snprintf(key, sizeof key, part ? "%.*s,part %d" : "%.*s", SLICE_FMT(digest(n)), part);
    world_give(w, TOPIC_INVENTORIES, S(key), &v);
}

static ATTR_UNUSED void inventory(unsigned n, const char *packages)
{
    inventory_part(n, "Debian:12", packages, 0, 1);
}

static ATTR_UNUSED void advisory_in(const char *ecosystem, const char *package, const char *id, const char *fixed)
{
    struct version_range range = {S("0"), S(fixed), SLICE_NONE};
    struct advisory a = {
        .ecosystem = S(ecosystem), .package = S(package), .id = S(id), .feed = S("f"), .ranges = {&range, 1, 1}};
    char key[200];
    snprintf(key, sizeof key, "%s,%s,%s", ecosystem, package, id);
    world_give(w, TOPIC_ADVISORIES, S(key), fixed ? &a : NULL);
}

static ATTR_UNUSED void advisory(const char *package, const char *id, const char *fixed)
{
    advisory_in("Debian:12", package, id, fixed);
}

/* The findings of an image as "vulnerability package version layer;…", or "-" when nothing is out. */
static ATTR_UNUSED const char *out(unsigned n)
{
    static char text[4096];
    struct findings f;
    size_t at = 0;
    if (!world_out(w, digest(n), &f))
        return "-";
    text[0] = 0;
    for (size_t i = 0; i < f.findings.n; i++) {
        const struct finding *x = &f.findings.v[i];
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%.*s %.*s %.*s %c", i ? ";" : "",
                               SLICE_FMT(x->vulnerability), SLICE_FMT(x->package), SLICE_FMT(x->version),
                               x->layer.n ? x->layer.p[x->layer.n - 1] : '?');
    }
    return text;
}

static ATTR_UNUSED uint64_t rows(unsigned table)
{
    uint64_t n;
    W(store_count(w->txn, w->tables[table], &n, &we));
    return n;
}

static ATTR_UNUSED void tick_at(int64_t at_ms)
{
    struct tick t = {.kind = TICK_RESCAN, .subject = S("0"), .at_ms = at_ms};
    world_give(w, TOPIC_TICKS, S("rescan,0"), &t);
}

#endif
