/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec against another implementation of Avro, avro-c: it reads what the codec writes of every topic, value by
 * value, and writes it again to the same bytes; what it writes by every schema, the released ones too, the codec reads.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <avro.h>

#include "bus/codec/codec.h"
#include "bus/codec/schema.h"
#include "bus/codec/schema_texts.h"
#include "unit/codec_fill.h"

#define FRAME_N ((size_t)10) /* C3 01 and the fingerprint */
#define SEEDS   20

struct fixture {
    struct codec *codec;
    struct arena arena;
    struct fill filler;
    struct buf out;
    struct err e;
    _Alignas(16) uint8_t record[CODEC_RECORD_SIZE_MAX], back[CODEC_RECORD_SIZE_MAX];
    /* of the schema at hand */
    avro_schema_t schema;
    avro_value_iface_t *kind;
    avro_value_t value;
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

static void schema_begin(struct fixture *f, const struct schema_text *text)
{
    if (avro_schema_from_json_length(text->text, text->length, &f->schema))
        fail_msg("%s: %s", text->name, avro_strerror());
    f->kind = avro_generic_class_from_schema(f->schema);
    assert_int_equal(avro_generic_value_new(f->kind, &f->value), 0);
}

static void schema_end(struct fixture *f)
{
    avro_value_decref(&f->value);
    avro_value_iface_decref(f->kind);
    avro_schema_decref(f->schema);
    arena_reset(&f->arena);
}

static const char *topic_text(enum topic t)
{
    return topics[t].schema;
}

/* The first topic with records of this schema; TOPIC_MAX: none. */
static enum topic topic_of(const char *schema)
{
    int t = 0;
    while (t < TOPIC_MAX && strcmp(topic_text((enum topic)t), schema) != 0)
        t++;
    return (enum topic)t;
}

/* ---- avro-c's value against a record ---- */

static void check_record(const avro_value_t *value, const struct codec_table *table, const void *record);

static void check_text(const avro_value_t *value, struct slice expected)
{
    const char *text = NULL;
    size_t n = 0;
    assert_int_equal(avro_value_get_string(value, &text, &n), 0);
    assert_int_equal(n, expected.n + 1); /* avro-c counts the NUL */
    if (expected.n)
        assert_memory_equal(text, expected.p, expected.n);
}

static void check_list(const avro_value_t *value, const struct codec_field *field, const void *member)
{
    struct vec_any list;
    size_t n = 0;
    memcpy(&list, member, sizeof list);
    assert_int_equal(avro_value_get_size(value, &n), 0);
    assert_int_equal(n, list.n);
    for (size_t i = 0; i < n; i++) {
        avro_value_t item;
        assert_int_equal(avro_value_get_by_index(value, i, &item, NULL), 0);
        if (field->kind == FIELD_RECORDS)
            check_record(&item, field->sub, (const uint8_t *)list.v + i * field->sub->size);
        else
            check_text(&item, ((const struct slice *)list.v)[i]);
    }
}

static void check_number(const avro_value_t *value, enum field_kind kind, const void *member)
{
    int32_t small = 0;
    int64_t large = 0;
    double real = 0;
    int boolean = 0;
    if (kind == FIELD_INT) {
        assert_int_equal(avro_value_get_int(value, &small), 0);
        assert_int_equal(small, *(const int32_t *)member);
    } else if (kind == FIELD_DOUBLE) {
        assert_int_equal(avro_value_get_double(value, &real), 0);
        assert_memory_equal(&real, member, sizeof real);
    } else if (kind == FIELD_BOOL) {
        assert_int_equal(avro_value_get_boolean(value, &boolean), 0);
        assert_int_equal(boolean, *(const bool *)member);
    } else {
        assert_int_equal(avro_value_get_long(value, &large), 0);
        assert_true(large == *(const int64_t *)member);
    }
}

static void check_field(const avro_value_t *value, const struct codec_field *field, const void *member)
{
    const void *bytes = NULL;
    const struct slice *expected = member;
    size_t n = 0;
    switch (field->kind) {
    case FIELD_STRING:
        check_text(value, *expected);
        return;
    case FIELD_BYTES:
        assert_int_equal(avro_value_get_bytes(value, &bytes, &n), 0);
        assert_true(slice_eq(slice_of(bytes, n), *expected));
        return;
    case FIELD_ENUM:
        check_text(value, slice_str(field->names[*(const int32_t *)member]));
        return;
    case FIELD_STRINGS:
    case FIELD_RECORDS:
        check_list(value, field, member);
        return;
    case FIELD_RECORD:
        check_record(value, field->sub, member);
        return;
    default:
        check_number(value, field->kind, member);
    }
}

/* What a released schema does not have yet must be zero in the record. */
static void check_record(const avro_value_t *value, const struct codec_table *table, const void *record)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct codec_field *field = &table->fields[i];
        const uint8_t *member = (const uint8_t *)record + field->offset;
        const struct vec_any *list = (const void *)member;
        avro_value_t child;
        if (avro_value_get_by_name(value, field->name, &child, NULL) == 0)
            check_field(&child, field, member);
        else if (field->kind == FIELD_STRINGS || field->kind == FIELD_RECORDS)
            assert_int_equal(list->n, 0);
        else if (field->kind == FIELD_INT || field->kind == FIELD_ENUM)
            assert_int_equal(*(const int32_t *)(const void *)member, 0);
        else if (field->kind == FIELD_STRING)
            assert_int_equal(((const struct slice *)(const void *)member)->n, 0);
    }
}

static void test_avro_c_reads(void **state)
{
    struct fixture *f = *state;
    for (int t = 0; t < TOPIC_MAX; t++)
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            const struct schema_text *text = schema_texts;
            while (text->released || strcmp(text->name, topic_text((enum topic)t)) != 0)
                text++;
            struct fill filler = {&f->arena, seed, 1 + seed % 5, 1 + seed * 7};
            memset(f->record, 0, sizeof f->record);
            if (seed) /* the first one is empty */
                fill_record(&filler, codec_tables[t], f->record);
            buf_clear(&f->out);
            if (codec_encode(f->codec, (enum topic)t, f->record, &f->out, &f->e))
                fail_msg("%s: %s", topics[t].name, f->e.text);
            struct slice body = slice_from(buf_slice(&f->out), FRAME_N);
            schema_begin(f, text);
            avro_reader_t reader = avro_reader_memory((const char *)body.p, (int64_t)body.n);
            if (avro_value_read(reader, &f->value))
                fail_msg("%s: %s", topics[t].name, avro_strerror());
            char left;
            assert_int_not_equal(avro_read(reader, &left, 1), 0); /* that was all */
            avro_reader_free(reader);
            check_record(&f->value, codec_tables[t], f->record);
            char *again = xmalloc(body.n);
            avro_writer_t writer = avro_writer_memory(again, (int64_t)body.n);
            assert_int_equal(avro_value_write(writer, &f->value), 0);
            assert_int_equal(avro_writer_tell(writer), body.n);
            assert_memory_equal(again, body.p, body.n);
            avro_writer_free(writer);
            free(again);
            schema_end(f);
        }
}

/* ---- what avro-c writes ---- */

static void set_record(struct fixture *f, const avro_value_t *value, const struct codec_table *table);

static void set_text(const avro_value_t *value, struct slice text)
{
    char *with_nul = xcalloc(1, text.n + 1);
    memcpy(with_nul, text.p, text.n);
    assert_int_equal(avro_value_set_string_len((avro_value_t *)(uintptr_t)value, with_nul, text.n + 1), 0);
    free(with_nul);
}

static void set_field(struct fixture *f, avro_value_t *value, const struct codec_field *field)
{
    uint64_t number = fill_next(&f->filler);
    struct slice bytes = fill_bytes(&f->filler, field->kind != FIELD_BYTES);
    int rc = 0;
    switch (field->kind) {
    case FIELD_STRING:
        set_text(value, bytes);
        break;
    case FIELD_BYTES:
        rc = avro_value_set_bytes(value, (void *)(uintptr_t)bytes.p, bytes.n);
        break;
    case FIELD_ENUM:
        set_text(value, slice_str(field->names[number % (uint64_t)field->names_n]));
        break;
    case FIELD_STRINGS:
    case FIELD_RECORDS:
        for (uint64_t i = 0; i < number % 4; i++) {
            avro_value_t item;
            assert_int_equal(avro_value_append(value, &item, NULL), 0);
            if (field->kind == FIELD_RECORDS)
                set_record(f, &item, field->sub);
            else
                set_text(&item, fill_bytes(&f->filler, true));
        }
        break;
    case FIELD_RECORD:
        set_record(f, value, field->sub);
        break;
    case FIELD_INT:
        rc = avro_value_set_int(value, (int32_t)number);
        break;
    case FIELD_DOUBLE:
        rc = avro_value_set_double(value, (double)number / 1e17);
        break;
    case FIELD_BOOL:
        rc = avro_value_set_boolean(value, number & 1);
        break;
    default:
        rc = avro_value_set_long(value, (int64_t)(number >> number % 63));
    }
    assert_int_equal(rc, 0);
}

static void set_record(struct fixture *f, const avro_value_t *value, const struct codec_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        avro_value_t child;
        if (avro_value_get_by_name(value, table->fields[i].name, &child, NULL) == 0)
            set_field(f, &child, &table->fields[i]);
    }
}

/* The frame and the value's bytes, in f->out. */
static void write_value(struct fixture *f, const struct schema_text *text)
{
    uint64_t fingerprint;
    size_t n;
    assert_int_equal(codec_fingerprint(slice_of(text->text, text->length), &fingerprint, &f->e), 0);
    assert_int_equal(avro_value_sizeof(&f->value, &n), 0);
    buf_clear(&f->out);
    buf_add_str(&f->out, "\xC3\x01");
    buf_add_u64(&f->out, fingerprint);
    uint8_t *to = buf_reserve(&f->out, n);
    avro_writer_t writer = avro_writer_memory((char *)to, (int64_t)n);
    assert_int_equal(avro_value_write(writer, &f->value), 0);
    avro_writer_free(writer);
    f->out.n += n;
}

static void test_avro_c_writes(void **state)
{
    struct fixture *f = *state;
    int released = 0;
    for (const struct schema_text *text = schema_texts; text->name; text++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(text->name, "."), text->name);
            enum topic t = topic_of(name);
            if (t == TOPIC_MAX)
                fail_msg("%s: no topic has such records", text->name);
            released += text->released;
            schema_begin(f, text);
            f->filler = (struct fill){&f->arena, seed, 1 + seed % 5, 1 + seed * 7};
            set_record(f, &f->value, codec_tables[t]);
            write_value(f, text);
            memset(f->back, 0xA5, sizeof f->back);
            if (codec_decode(f->codec, t, buf_slice(&f->out), &f->arena, f->back, &f->e))
                fail_msg("%s: %s", text->name, f->e.text);
            check_record(&f->value, codec_tables[t], f->back);
            schema_end(f);
        }
    assert_true(released > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_avro_c_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_avro_c_writes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
