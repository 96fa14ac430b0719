/* SPDX-License-Identifier: Apache-2.0 */
/* What another implementation wrote, with the current schemas and with older ones: tests/data/avro. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "bus/codec/codec.h"

struct fixture {
    struct codec *codec;
    struct arena arena;
    struct buf texts[2];
    struct schema_text more[3];
    struct err e;
};

static void read_file(const char *name, struct buf *out)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/avro/%s", TEST_DATA, name);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s is missing", path);
    out->n = fread(buf_reserve(out, 1 << 16), 1, 1 << 16, f);
    fclose(f);
}

/* Hex digits on lines of their own; # begins a comment line. */
static struct slice read_hex(struct arena *a, const char *name)
{
    struct buf text = BUF_INIT(1 << 17), bytes = BUF_INIT(1 << 16);
    read_file(name, &text);
    struct slice rest = buf_slice(&text), line;
    uint64_t v;
    while (slice_take_line(&rest, &line))
        for (; line.n > 1 && line.p[0] != '#'; line = slice_from(line, 2)) {
            assert_true(slice_parse_hex(slice_sub(line, 0, 2), &v));
            buf_add_byte(&bytes, (uint8_t)v);
        }
    struct slice copy = arena_slice(a, buf_slice(&bytes));
    assert_true(copy.n > 10);
    buf_done(&text);
    buf_done(&bytes);
    return copy;
}

static int setup(void **state)
{
    static const char *const files[] = {"image.v0.avsc", "vulnerability.v0.avsc"};
    struct fixture *f = xcalloc(1, sizeof *f);
    f->arena = ARENA_INIT(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        f->texts[i] = BUF_INIT(1 << 17);
        read_file(files[i], &f->texts[i]);
        f->more[i] = (struct schema_text){files[i], 1, (const char *)f->texts[i].p, f->texts[i].n};
    }
    *state = f;
    return codec_open_with(NULL, f->more, &f->codec, &f->e);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    codec_close(f->codec);
    arena_done(&f->arena);
    buf_done(&f->texts[0]);
    buf_done(&f->texts[1]);
    free(f);
    return 0;
}

static struct slice repeat(struct arena *a, char c)
{
    char hex[65] = {0};
    memset(hex, c, 64);
    return arena_printf(a, "sha256:%s", hex);
}

static void decode(struct fixture *f, enum topic t, const char *file, void *record)
{
    if (codec_decode(f->codec, t, read_hex(&f->arena, file), &f->arena, record, &f->e))
        fail_msg("%s: %s", file, f->e.text);
}

/* Decodes a golden record of the current schema, and encodes it to the same bytes. */
static void check_same(struct fixture *f, enum topic t, const char *file, void *record)
{
    struct buf out = BUF_INIT(1 << 16);
    decode(f, t, file, record);
    assert_int_equal(codec_encode(f->codec, t, record, &out, &f->e), 0);
    assert_true(slice_eq(buf_slice(&out), read_hex(&f->arena, file)));
    buf_done(&out);
}

static void test_image(void **state)
{
    struct fixture *f = *state;
    struct image i;
    check_same(f, TOPIC_IMAGES, "image.hex", &i);
    assert_true(slice_eq_str(i.registry, "registry.example:5000") && slice_eq_str(i.repository, "shop/cart"));
    assert_true(slice_eq(i.digest, repeat(&f->arena, 'a')) && slice_eq(i.config_digest, repeat(&f->arena, 'c')));
    assert_true(slice_eq_str(i.os, "linux") && slice_eq_str(i.architecture, "arm64") && slice_eq_str(i.variant, "v8"));
    assert_true(i.tags.n == 2 && slice_eq_str(i.tags.v[1], "latest") && i.indexes.n == 1 && i.layers.n == 2);
    assert_int_equal(i.layers.v[0].size, 31415926535);
    assert_true(slice_eq_str(i.layers.v[1].urls.v[0], "https://example.org/\xC3\xA9"));
    assert_int_equal(i.created_ms, 1700000000123);
    assert_int_equal(i.pulled_ms, 0);
    assert_int_equal(i.first_seen_ms, 1700000002000);
    assert_int_equal(i.status, IMAGE_UNSUPPORTED);
    assert_true(slice_eq_str(i.reason.text, "why not"));
    assert_int_equal(reason_code(i.reason), REASON_NOT_AN_IMAGE);
    assert_int_equal(i.read_version, 3);
    assert_int_equal(i.unwatched_ms, 1700000003000);
    assert_int_equal(i.names_left_out, 70000);
}

static void test_image_without_code(void **state)
{
    struct fixture *f = *state;
    struct image i;
    memset(&i, 0xA5, sizeof i);
    decode(f, TOPIC_IMAGES, "image.v2.hex", &i);
    assert_true(slice_eq_str(i.reason.text, "why not") && !i.reason.code.n);
    assert_int_equal(reason_code(i.reason), REASON_UNSPECIFIED);
}

/* The version before read_version. */
static void test_image_without_reader(void **state)
{
    struct fixture *f = *state;
    struct image i;
    memset(&i, 0xA5, sizeof i);
    decode(f, TOPIC_IMAGES, "image.v1.hex", &i);
    assert_true(slice_eq_str(i.reason.text, "why not") && i.layers.n == 2);
    assert_int_equal(i.status, IMAGE_UNSUPPORTED);
    assert_int_equal(i.read_version, 0);
    assert_true(!i.unwatched_ms && !i.names_left_out);
}

static void test_vulnerability(void **state)
{
    struct fixture *f = *state;
    struct vulnerability v;
    check_same(f, TOPIC_VULNERABILITIES, "vulnerability.hex", &v);
    assert_true(slice_eq_str(v.id, "CVE-2024-0001") && v.details.n == 300 && v.references.n == 0);
    assert_true(v.kev && !v.kev_ransomware && v.withdrawn && v.exploits.n == 1 && v.exploits.v[0].verified);
    assert_true(v.epss > 0.12344 && v.epss < 0.12346 && v.epss_percentile < -0.99);
    assert_int_equal(v.published_ms, -1);
    assert_true(slice_eq_str(v.scores.v[0].vector, "AV:N"));
}

static void test_older_image(void **state)
{
    struct fixture *f = *state;
    struct image i;
    memset(&i, 0xA5, sizeof i);
    decode(f, TOPIC_IMAGES, "image.v0.hex", &i);
    assert_true(slice_eq_str(i.registry, "old.example") && slice_eq(i.digest, repeat(&f->arena, 'a')));
    assert_true(i.layers.n == 2 && slice_eq(i.layers.v[1].digest, repeat(&f->arena, '2')));
    assert_int_equal(i.layers.v[0].size, -7); /* an int then */
    assert_int_equal(i.layers.v[1].size, INT32_MAX);
    assert_int_equal(i.status, IMAGE_OK); /* by name: another place in the old enumeration */
    assert_int_equal(i.pushed_ms, 1600000000000);
    assert_int_equal(i.reason.text.n, 0);
    /* What the old version had not is zero. */
    assert_true(!i.tags.n && !i.os.n && !i.created_ms && !i.layers.v[0].diff_id.n && !i.layers.v[0].urls.n);
}

static void test_older_unknown_symbol(void **state)
{
    struct fixture *f = *state;
    struct image i;
    struct slice value = read_hex(&f->arena, "image.v0.lost.hex");
    assert_int_equal(codec_decode(f->codec, TOPIC_IMAGES, value, &f->arena, &i, &f->e), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_string_equal(f->e.text, "images: status: unknown name \"lost\"");
}

static void test_older_vulnerability(void **state)
{
    struct fixture *f = *state;
    struct vulnerability v;
    decode(f, TOPIC_VULNERABILITIES, "vulnerability.v0.hex", &v);
    assert_true(slice_eq_str(v.id, "CVE-1999-0001") && slice_eq_str(v.feed, "old") && v.kev);
    assert_true(v.epss > 0.4999 && v.epss < 0.5001 && v.epss_percentile > 0.999 && v.epss_percentile < 1.001);
    assert_int_equal(v.modified_ms, 86400000);
    assert_true(v.aliases.n == 2 && slice_eq_str(v.aliases.v[1], "C") && v.exploits.n == 2);
    assert_true(!v.exploits.v[0].verified && slice_eq_str(v.exploits.v[0].kind, "local"));
    assert_true(v.exploits.v[1].verified && slice_eq_str(v.exploits.v[1].kind, "dos"));
    decode(f, TOPIC_VULNERABILITIES, "vulnerability.v0.null.hex", &v);
    assert_true(!v.id.n && !v.feed.n && !v.aliases.n && !v.exploits.n && !v.kev);
    assert_true(v.epss > 0.2499 && v.epss < 0.2501);
}

/* The versions before a package had an ecosystem of its own: what they had not is empty or unknown. */
static void test_older_packages(void **state)
{
    struct fixture *f = *state;
    struct inventory v;
    struct findings all;
    memset(&v, 0xA5, sizeof v);
    decode(f, TOPIC_INVENTORIES, "inventory.v2.hex", &v);
    assert_true(v.packages.n == 1 && v.packages.v[0].type == PKG_DPKG && v.status == INVENTORY_PARTIAL);
    assert_true(slice_eq_str(v.os.ecosystem, "Debian:12") && slice_eq_str(v.packages.v[0].layer, "sha256:11"));
    assert_true(!v.packages.v[0].ecosystem.n && !v.packages.v[0].ns.n && !v.packages.v[0].parent.n);
    assert_true(!v.packages.v[0].evidence.n && v.packages.v[0].scope == SCOPE_UNKNOWN);
    assert_int_equal(v.packages.v[0].certainty, CERTAINTY_UNKNOWN);
    memset(&all, 0xA5, sizeof all);
    decode(f, TOPIC_FINDINGS, "findings.v1.hex", &all);
    assert_true(all.findings.n == 1 && slice_eq_str(all.findings.v[0].fixed_version, "3.0.16-1"));
    assert_true(slice_eq_str(all.ecosystem, "Debian:12") && !all.findings.v[0].ecosystem.n);
    assert_true(!all.findings.v[0].ns.n && !all.findings.v[0].parent.n);
    assert_int_equal(all.findings.v[0].certainty, CERTAINTY_UNKNOWN);
}

/* Older versions are foreign bytes too: every prefix, every bit. */
static void test_older_damaged(void **state)
{
    static const struct {
        const char *file;
        enum topic topic;
    } files[] = {{"image.v0.hex", TOPIC_IMAGES}, {"vulnerability.v0.hex", TOPIC_VULNERABILITIES}};
    struct fixture *f = *state;
    _Alignas(16) uint8_t record[CODEC_RECORD_SIZE_MAX];
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct slice value = read_hex(&f->arena, files[i].file);
        uint8_t *copy = xmemdup(value.p, value.n);
        for (size_t cut = 0; cut < value.n; cut++) {
            uint8_t *exact = xmemdup(value.p, cut);
            assert_int_equal(codec_decode(f->codec, files[i].topic, slice_of(exact, cut), &f->arena, record, &f->e),
                             -1);
            free(exact);
            for (int bit = 0; bit < 8; bit++) {
                copy[cut] ^= (uint8_t)(1 << bit);
                if (codec_decode(f->codec, files[i].topic, slice_of(copy, value.n), &f->arena, record, &f->e))
                    assert_int_equal(f->e.kind, ERR_POISON);
                copy[cut] ^= (uint8_t)(1 << bit);
            }
        }
        assert_int_equal(codec_decode(f->codec, files[i].topic, slice_of(copy, value.n), &f->arena, record, &f->e), 0);
        free(copy);
        arena_reset(&f->arena);
    }
}

/* Lists in blocks, as other writers make them: a count with the block's size, then one without. */
static void test_blocks(void **state)
{
    struct fixture *f = *state;
    struct slice urls[] = {SLICE("u1"), SLICE("u2"), SLICE("u3")};
    struct layer in = {.digest = SLICE("d"), .urls = {urls, 3, 3}, .index = 9}, out;
    struct buf one = BUF_INIT(1 << 16), two = BUF_INIT(1 << 16);
    assert_int_equal(codec_encode(f->codec, TOPIC_LAYERS, &in, &one, &f->e), 0);
    static const char single[] = "\x06\x04u1\x04u2\x04u3\x00", blocks[] = "\x03\x0C\x04u1\x04u2\x02\x04u3\x00";
    ptrdiff_t at = slice_find_slice(buf_slice(&one), slice_of(single, sizeof single - 1));
    assert_true(at > 0);
    buf_add(&two, one.p, (size_t)at);
    buf_add(&two, blocks, sizeof blocks - 1);
    buf_add_slice(&two, slice_from(buf_slice(&one), (size_t)at + sizeof single - 1));
    assert_int_equal(codec_decode(f->codec, TOPIC_LAYERS, buf_slice(&two), &f->arena, &out, &f->e), 0);
    assert_true(out.urls.n == 3 && slice_eq_str(out.urls.v[2], "u3") && out.index == 9);
    buf_done(&one);
    buf_done(&two);
}

static void open_fails(const char *json, const char *text)
{
    struct schema_text more[] = {{"x", 1, json, strlen(json)}, {NULL, 0, NULL, 0}};
    struct codec *c = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(codec_open_with(NULL, more, &c, &e), -1);
    assert_null(c);
    if (!strstr(e.text, text))
        fail_msg("wanted \"%s\", got \"%s\"", text, e.text);
}

static void test_bad_released(void **state)
{
    (void)state;
    open_fails("{", "schemas/released/x.avsc: schema: not JSON");
    open_fails("\"string\"", "not a record");
}

/* A version whose field can't be read as ours: told when a record of it comes. */
static void test_incompatible(void **state)
{
    static const char json[] =
        "{\"type\":\"record\",\"name\":\"tick\",\"fields\":[{\"name\":\"at\",\"type\":\"string\"}]}";
    static const struct schema_text more[] = {{"tick.v0", 1, json, sizeof json - 1}, {NULL, 0, NULL, 0}};
    (void)state;
    struct codec *c = NULL;
    struct err e = ERR_INIT;
    struct arena a = ARENA_INIT(1000);
    struct buf b = BUF_INIT(100);
    struct tick t;
    uint64_t fingerprint;
    assert_int_equal(codec_open_with(NULL, more, &c, &e), 0);
    assert_int_equal(codec_fingerprint(slice_str(json), &fingerprint, &e), 0);
    buf_add_str(&b, "\xC3\x01");
    buf_add_u64(&b, fingerprint);
    buf_add(&b, "\x00", 1);
    assert_int_equal(codec_decode(c, TOPIC_TICKS, buf_slice(&b), &a, &t, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_string_equal(e.text, "ticks: field at: string can't be read");
    codec_close(c);
    buf_done(&b);
    arena_done(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_image),
        T(test_image_without_code),
        T(test_image_without_reader),
        T(test_vulnerability),
        T(test_older_image),
        T(test_older_unknown_symbol),
        T(test_older_vulnerability),
        T(test_older_packages),
        T(test_older_damaged),
        T(test_blocks),
        T(test_bad_released),
        T(test_incompatible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
