/* SPDX-License-Identifier: Apache-2.0 */
/* What a record costs: small ones by the million, and inventories and findings of 10,000 packages. */
#include "base/clock.h"
#include "bus/codec/codec.h"
#include "../unit/codec_fill.h"

#define PACKAGES 10000

static void fail_on(int rc, const struct err *e)
{
    if (rc) {
        fprintf(stderr, "%s\n", e->text);
        exit(1);
    }
}

static void measure(struct codec *c, enum topic t, const void *record, const char *what, int rounds)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_INIT(TOPIC_RECORD_MAX), json = BUF_INIT((size_t)64 << 20);
    struct arena arena = ARENA_INIT((size_t)256 << 20);
    uint64_t back[CODEC_RECORD_SIZE_MAX / 8];
    fail_on(codec_encode(c, t, record, &out, &e), &e);
    int64_t start = clock_mono_ms();
    for (int i = 0; i < rounds; i++) {
        buf_clear(&out);
        fail_on(codec_encode(c, t, record, &out, &e), &e);
    }
    int64_t encoded = clock_mono_ms();
    for (int i = 0; i < rounds; i++) {
        arena_reset(&arena);
        fail_on(codec_decode(c, t, buf_slice(&out), &arena, back, &e), &e);
    }
    int64_t decoded = clock_mono_ms();
    for (int i = 0; i < rounds; i++) {
        buf_clear(&json);
        fail_on(codec_to_json(c, t, record, &json, &e), &e);
    }
    int64_t written = clock_mono_ms();
    printf("%-28s %8zu bytes  encode %9.2f us  decode %9.2f us  json %9.2f us\n", what, out.n,
           (double)(encoded - start) * 1000 / rounds, (double)(decoded - encoded) * 1000 / rounds,
           (double)(written - decoded) * 1000 / rounds);
    buf_done(&out);
    buf_done(&json);
    arena_done(&arena);
}

static void fill_package(struct arena *a, struct package *p, int i)
{
    *p = (struct package){
        .type = PKG_DPKG,
        .name = arena_printf(a, "lib%s%d", i % 2 ? "perl" : "gnutls", i),
        .version = arena_printf(a, "1:%d.%d-%ddeb12u1", i % 9, i % 31, i % 7),
        .architecture = SLICE("amd64"),
        .source_name = arena_printf(a, "source%d", i / 3),
        .vendor = SLICE("Some Team <team@example.org>"),
        .location = SLICE("var/lib/dpkg/status"),
        .purl = arena_printf(a, "pkg:deb/debian/lib%d@1.%d?arch=amd64&distro=debian-12", i, i % 31),
        .layer = SLICE("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    };
}

int main(void)
{
    struct err e = ERR_INIT;
    struct codec *c = NULL;
    int64_t start = clock_mono_ms();
    fail_on(codec_open(NULL, &c, &e), &e);
    printf("open %d ms\n", (int)(clock_mono_ms() - start));
    struct arena a = ARENA_INIT((size_t)256 << 20);
    struct fill filler = {&a, 7, 3, 40};
    for (int t = 0; t < TOPIC_MAX; t++) {
        uint64_t record[CODEC_RECORD_SIZE_MAX / 8] = {0};
        fill_record(&filler, codec_tables[t], record);
        measure(c, (enum topic)t, record, topics[t].name, 20000);
    }
    struct inventory inventory = {.packages = {arena_zalloc(&a, PACKAGES * sizeof(struct package)), PACKAGES, 0}};
    for (int i = 0; i < PACKAGES; i++)
        fill_package(&a, &inventory.packages.v[i], i);
    measure(c, TOPIC_INVENTORIES, &inventory, "inventory, 10,000 packages", 20);
    struct layer_content content = {.bytes = {arena_zalloc(&a, 512 << 10), 512 << 10}};
    measure(c, TOPIC_LAYER_CONTENTS, &content, "layer content, 512 KiB", 200);
    codec_close(c);
    arena_done(&a);
    return 0;
}
