/* SPDX-License-Identifier: Apache-2.0 */
/* Records to Avro and back: every topic, every truncation, damage, limits, text repair, JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "bus/codec/codec.h"
#include "bus/codec/schema.h"
#include "unit/codec_fill.h"

struct fixture {
    struct codec *codec;
    struct arena arena;
    struct buf out;
    struct err e;
    _Alignas(16) uint8_t record[CODEC_RECORD_SIZE_MAX], back[CODEC_RECORD_SIZE_MAX];
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    f->arena = ARENA_INIT((size_t)256 << 20);
    f->out = BUF_INIT((size_t)64 << 20);
    *state = f;
    return codec_open(NULL, &f->codec, &f->e);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    codec_close(f->codec);
    arena_done(&f->arena);
    buf_done(&f->out);
    free(f);
    return 0;
}

static void fill(struct fixture *f, enum topic t, uint64_t seed, size_t list_max, size_t bytes_max)
{
    struct fill filler = {&f->arena, seed, list_max, bytes_max};
    memset(f->record, 0, sizeof f->record);
    fill_record(&filler, codec_tables[t], f->record);
}

static void encode(struct fixture *f, enum topic t)
{
    buf_clear(&f->out);
    if (codec_encode(f->codec, t, f->record, &f->out, &f->e))
        fail_msg("%s: %s", topics[t].name, f->e.text);
}

static int decode(struct fixture *f, enum topic t, struct slice value)
{
    f->e = ERR_INIT;
    return codec_decode(f->codec, t, value, &f->arena, f->back, &f->e);
}

static void check_round_trip(struct fixture *f, enum topic t)
{
    encode(f, t);
    memset(f->back, 0xA5, sizeof f->back);
    if (decode(f, t, buf_slice(&f->out)))
        fail_msg("%s: %s", topics[t].name, f->e.text);
    const char *field = fill_differs(codec_tables[t], f->record, f->back);
    if (field)
        fail_msg("%s: field %s differs", topics[t].name, field);
}

static void test_round_trip(void **state)
{
    struct fixture *f = *state;
    for (int t = 0; t < TOPIC_MAX; t++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            fill(f, (enum topic)t, seed, 1 + seed % 5, 1 + seed * 7);
            check_round_trip(f, (enum topic)t);
        }
}

static void test_empty_round_trip(void **state)
{
    struct fixture *f = *state;
    for (int t = 0; t < TOPIC_MAX; t++) {
        memset(f->record, 0, sizeof f->record);
        check_round_trip(f, (enum topic)t);
        /* A full record decoded before must not show through. */
        fill(f, (enum topic)t, 1, 3, 20);
        check_round_trip(f, (enum topic)t);
        memset(f->record, 0, sizeof f->record);
        check_round_trip(f, (enum topic)t);
    }
}

static void test_deterministic(void **state)
{
    struct fixture *f = *state;
    struct codec *other = NULL;
    assert_int_equal(codec_open(NULL, &other, &f->e), 0);
    for (int t = 0; t < TOPIC_MAX; t++) {
        struct buf first = BUF_INIT(TOPIC_RECORD_MAX), second = BUF_INIT(TOPIC_RECORD_MAX);
        fill(f, (enum topic)t, 5, 4, 30);
        assert_int_equal(codec_encode(f->codec, (enum topic)t, f->record, &first, &f->e), 0);
        assert_int_equal(codec_encode(other, (enum topic)t, f->record, &second, &f->e), 0);
        assert_true(first.n > 10 && slice_eq(buf_slice(&first), buf_slice(&second)));
        buf_done(&first);
        buf_done(&second);
    }
    codec_close(other);
}

static void test_appends(void **state)
{
    struct fixture *f = *state;
    fill(f, TOPIC_TICKS, 1, 1, 8);
    buf_add_str(&f->out, "head");
    assert_int_equal(codec_encode(f->codec, TOPIC_TICKS, f->record, &f->out, &f->e), 0);
    assert_memory_equal(f->out.p, "head\xC3\x01", 6);
    assert_int_equal(decode(f, TOPIC_TICKS, slice_from(buf_slice(&f->out), 4)), 0);
}

static void test_truncated(void **state)
{
    struct fixture *f = *state;
    for (int t = 0; t < TOPIC_MAX; t++) {
        fill(f, (enum topic)t, 3, 2, 12);
        encode(f, (enum topic)t);
        memset(f->back, 0x5A, sizeof f->back);
        for (size_t cut = 0; cut < f->out.n; cut++) {
            uint8_t *exact = xmemdup(f->out.p, cut); /* AddressSanitizer sees a read past the end */
            assert_int_equal(decode(f, (enum topic)t, slice_of(exact, cut)), -1);
            assert_int_equal(f->e.kind, ERR_POISON);
            assert_ptr_equal(strstr(f->e.text, topics[t].name), f->e.text);
            free(exact);
        }
        for (size_t i = 0; i < sizeof f->back; i++)
            assert_int_equal(f->back[i], 0x5A); /* untouched on failure */
    }
}

static void test_left_over(void **state)
{
    struct fixture *f = *state;
    fill(f, TOPIC_LAYERS, 3, 2, 12);
    encode(f, TOPIC_LAYERS);
    buf_add_byte(&f->out, 0);
    assert_int_equal(decode(f, TOPIC_LAYERS, buf_slice(&f->out)), -1);
    assert_string_equal(f->e.text, "layers: the record ends with 1 bytes left");
}

/* Damage never crashes; what still decodes encodes again. */
static void test_bit_flips(void **state)
{
    struct fixture *f = *state;
    struct fill random = {.state = 42};
    size_t poisoned = 0, survived = 0;
    for (int t = 0; t < TOPIC_MAX; t++) {
        fill(f, (enum topic)t, 9, 2, 16);
        encode(f, (enum topic)t);
        for (int round = 0; round < 500; round++) {
            uint8_t *copy = xmemdup(f->out.p, f->out.n);
            for (uint64_t flips = 1 + fill_next(&random) % 3; flips; flips--)
                copy[10 + fill_next(&random) % (f->out.n - 10)] ^= (uint8_t)(1u << fill_next(&random) % 8);
            if (decode(f, (enum topic)t, slice_of(copy, f->out.n))) {
                assert_int_equal(f->e.kind, ERR_POISON);
                poisoned++;
            } else {
                struct buf again = BUF_INIT(TOPIC_RECORD_MAX);
                assert_int_equal(codec_encode(f->codec, (enum topic)t, f->back, &again, &f->e), 0);
                buf_done(&again);
                survived++;
            }
            free(copy);
        }
        arena_reset(&f->arena);
    }
    assert_true(poisoned > 500 && survived > 500);
}

/* Expected text: what Python's bytes.decode("utf-8", "replace") gives. */
static void test_utf8_repair(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x9A\xA2", "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x9A\xA2"},
        {"\xFF", "\xEF\xBF\xBD"},
        {"a\xFC"
         "b",
         "a\xEF\xBF\xBD"
         "b"},
        {"\xE2\x82", "\xEF\xBF\xBD"},
        {"\xE2\x82x", "\xEF\xBF\xBDx"},
        {"\xF0\x9F\x9A"
         "A",
         "\xEF\xBF\xBD"
         "A"},
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xE0\x80\x80z", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz"},
        {"\x80\xC3\xA9\x80", "\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice list[] = {slice_str(cases[i].in)};
        struct image in = {.registry = list[0], .tags = {.v = list, .n = 1}}, out;
        buf_clear(&f->out);
        assert_int_equal(codec_encode(f->codec, TOPIC_IMAGES, &in, &f->out, &f->e), 0);
        assert_int_equal(codec_decode(f->codec, TOPIC_IMAGES, buf_slice(&f->out), &f->arena, &out, &f->e), 0);
        assert_true(slice_eq_str(out.registry, cases[i].out));
        assert_true(slice_eq_str(out.tags.v[0], cases[i].out));
    }
    struct image nul = {.registry = SLICE("a\0b")}, out;
    buf_clear(&f->out);
    assert_int_equal(codec_encode(f->codec, TOPIC_IMAGES, &nul, &f->out, &f->e), 0);
    assert_int_equal(codec_decode(f->codec, TOPIC_IMAGES, buf_slice(&f->out), &f->arena, &out, &f->e), 0);
    assert_true(slice_eq(out.registry, SLICE("a\0b")));
}

static void test_bytes_stay(void **state)
{
    struct fixture *f = *state;
    struct layer_content in = {.bytes = SLICE("\xFF\x00\xC3")}, out;
    assert_int_equal(codec_encode(f->codec, TOPIC_LAYER_CONTENTS, &in, &f->out, &f->e), 0);
    assert_int_equal(codec_decode(f->codec, TOPIC_LAYER_CONTENTS, buf_slice(&f->out), &f->arena, &out, &f->e), 0);
    assert_true(slice_eq(out.bytes, in.bytes));
}

static void test_unknown_names(void **state)
{
    struct fixture *f = *state;
    struct tick in = {.kind = TICK_RESCAN, .subject = SLICE("7")};
    assert_int_equal(codec_encode(f->codec, TOPIC_TICKS, &in, &f->out, &f->e), 0);
    uint8_t *name = memmem(f->out.p, f->out.n, "rescan", 6);
    assert_non_null(name);
    name[5] = 'X';
    assert_int_equal(decode(f, TOPIC_TICKS, buf_slice(&f->out)), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_string_equal(f->e.text, "ticks: kind: unknown name \"rescaX\"");
    in.kind = TICK_MAX;
    size_t before = f->out.n;
    assert_int_equal(codec_encode(f->codec, TOPIC_TICKS, &in, &f->out, &f->e), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_int_equal(f->out.n, before);
}

static void test_frames(void **state)
{
    struct fixture *f = *state;
    fill(f, TOPIC_LAYERS, 1, 2, 9);
    encode(f, TOPIC_LAYERS);
    assert_int_equal(decode(f, TOPIC_IMAGES, buf_slice(&f->out)), -1);
    assert_string_equal(f->e.text, "images: the record is a layer, not a image");
    memcpy(f->out.p + 2, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    assert_int_equal(decode(f, TOPIC_LAYERS, buf_slice(&f->out)), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_non_null(strstr(f->e.text, "0102030405060708"));
    assert_int_equal(decode(f, TOPIC_LAYERS, SLICE("\0\0\0\x01\x02rest")), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_non_null(strstr(f->e.text, "schema id 258 "));
    assert_int_equal(decode(f, TOPIC_LAYERS, SLICE("{\"json\":true}")), -1);
    assert_non_null(strstr(f->e.text, "not an Avro record"));
    assert_int_equal(decode(f, TOPIC_LAYERS, SLICE_NONE), -1);
}

static void test_size_limit(void **state)
{
    struct fixture *f = *state;
    size_t n = TOPIC_RECORD_MAX + 1;
    uint8_t *big = xcalloc(1, n);
    memcpy(big, "\xC3\x01", 2);
    assert_int_equal(decode(f, TOPIC_LAYER_CONTENTS, slice_of(big, n)), -1);
    assert_string_equal(f->e.text, "layer-contents: 8388609 bytes, more than a record may have: 8388608");
    struct layer_content in = {.digest = SLICE("sha256:00"), .bytes = slice_of(big, TOPIC_RECORD_MAX - 64)}, out;
    assert_int_equal(codec_encode(f->codec, TOPIC_LAYER_CONTENTS, &in, &f->out, &f->e), 0);
    assert_int_equal(codec_decode(f->codec, TOPIC_LAYER_CONTENTS, buf_slice(&f->out), &f->arena, &out, &f->e), 0);
    assert_int_equal(out.bytes.n, TOPIC_RECORD_MAX - 64);
    buf_clear(&f->out);
    for (size_t size = TOPIC_RECORD_MAX - 24; size <= n; size++) { /* the frame alone is over, then the bytes */
        in.bytes.n = size;
        assert_int_equal(codec_encode(f->codec, TOPIC_LAYER_CONTENTS, &in, &f->out, &f->e), -1);
        assert_int_equal(f->e.kind, ERR_POISON);
        assert_int_equal(f->out.n, 0);
    }
    /* Text that grows by repair is measured after it. */
    memset(big, 0xFF, n);
    struct vulnerability v = {.details = slice_of(big, TOPIC_RECORD_MAX / 2)};
    assert_int_equal(codec_encode(f->codec, TOPIC_VULNERABILITIES, &v, &f->out, &f->e), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_ptr_equal(strstr(f->e.text, "vulnerabilities: details: "), f->e.text);
    free(big);
}

static void test_too_many_values(void **state)
{
    struct fixture *f = *state;
    struct findings in = {0};
    in.findings.n = SCHEMA_VALUES_MAX / 16;
    in.findings.v = arena_zalloc(&f->arena, in.findings.n * sizeof *in.findings.v);
    assert_non_null(in.findings.v);
    assert_int_equal(codec_encode(f->codec, TOPIC_FINDINGS, &in, &f->out, &f->e), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_non_null(strstr(f->e.text, "more than 4194304 values"));
}

static void test_small_arena(void **state)
{
    struct fixture *f = *state;
    struct arena tiny = ARENA_INIT(200);
    fill(f, TOPIC_FINDINGS, 3, 4, 40);
    encode(f, TOPIC_FINDINGS);
    assert_int_equal(codec_decode(f->codec, TOPIC_FINDINGS, buf_slice(&f->out), &tiny, f->back, &f->e), -1);
    assert_int_equal(f->e.kind, ERR_POISON);
    assert_non_null(strstr(f->e.text, "more than 200 bytes of memory"));
    arena_done(&tiny);
}

static void test_json(void **state)
{
    struct fixture *f = *state;
    struct slice reasons[] = {SLICE("a \"b\"\n"), SLICE_NONE}, codes[] = {SLICE("file-cut"), SLICE_NONE};
    struct collector_ref collectors[] = {{SLICE("dpkg"), 3}};
    struct pull in = {.digest = SLICE("sha256:0\xFF"),
                      .status = PULL_PARTIAL,
                      .reasons = {.texts = {reasons, 2, 2}, .codes = {codes, 2, 2}},
                      .attempts = -1,
                      .pulled_ms = 1700000000123,
                      .size = INT64_MAX,
                      .collectors = {collectors, 1, 1},
                      .path_index = SLICE("\x01\x02\xFF\xFE")};
    assert_int_equal(codec_to_json(f->codec, TOPIC_PULLS, &in, &f->out, &f->e), 0);
    assert_string_equal(
        buf_cstr(&f->out),
        "{\"digest\":\"sha256:0\xEF\xBF\xBD\",\"registry\":\"\",\"repository\":\"\",\"media_type\":\"\","
        "\"evidence_digest\":\"\",\"status\":\"partial\",\"reasons\":[\"a "
        "\\\"b\\\"\\n\",\"\"],\"reason_codes\":[\"file-cut\",\"\"],\"attempts\":-1,"
        "\"chunks\":0,\"pulled_at\":\"2023-11-14T22:13:20.123Z\",\"retry_at\":null,\"size\":9223372036854775807,"
        "\"unpacked_size\":0,\"entries\":0,\"collectors\":[{\"name\":\"dpkg\",\"version\":3}],"
        "\"path_index\":\"AQL//g==\",\"passes\":0}");
    uint8_t large[2000] = {0};
    in = (struct pull){.path_index = slice_of(large, sizeof large), .pulled_ms = INT64_MIN};
    buf_clear(&f->out);
    assert_int_equal(codec_to_json(f->codec, TOPIC_PULLS, &in, &f->out, &f->e), 0);
    assert_non_null(strstr(buf_cstr(&f->out), "\"path_index\":{\"omitted_bytes\":2000}"));
    assert_non_null(strstr(buf_cstr(&f->out), "\"pulled_at\":-9223372036854775808"));
    struct recommendation r = {.ns = SLICE("default"), .top_epss = 0.00043};
    buf_clear(&f->out);
    assert_int_equal(codec_to_json(f->codec, TOPIC_RECOMMENDATIONS, &r, &f->out, &f->e), 0);
    assert_non_null(strstr(buf_cstr(&f->out), "\"namespace\":\"default\""));
    assert_non_null(strstr(buf_cstr(&f->out), "\"top_epss\":0.00043,"));
    struct buf small = BUF_INIT(20);
    assert_int_equal(codec_to_json(f->codec, TOPIC_PULLS, &in, &small, &f->e), -1);
    buf_done(&small);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_round_trip),      T(test_empty_round_trip), T(test_deterministic), T(test_appends),
        T(test_truncated),       T(test_left_over),        T(test_bit_flips),     T(test_utf8_repair),
        T(test_bytes_stay),      T(test_unknown_names),    T(test_frames),        T(test_size_limit),
        T(test_too_many_values), T(test_small_arena),      T(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
