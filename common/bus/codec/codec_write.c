/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_write.c: a record's bytes in Avro's binary encoding, by its table. codec_open has compared the table with the
 * current schema, so the table says everything that is needed. A list is one block.
 */
#include "bus/codec/codec_plan.h"

struct writer {
    struct buf *out;
    size_t end; /* of out, past which the record would be too large */
    size_t values;
    struct err *e;
};

static int full(const struct writer *w)
{
    return err_set(w->e, ERR_POISON, 0, "with it the record takes more than %zu bytes",
                   MIN(TOPIC_RECORD_MAX, w->out->max));
}

static bool has_room(const struct writer *w, size_t n)
{
    return n <= w->end && w->out->n <= w->end - n;
}

/* Zigzag: small numbers of either sign take few bytes. */
static int put_long(const struct writer *w, int64_t v)
{
    return buf_add_varint(w->out, (uint64_t)v << 1 ^ (uint64_t)(v >> 63)) ? full(w) : 0;
}

static int put_bytes(const struct writer *w, struct slice s)
{
    if (put_long(w, (int64_t)s.n))
        return -1;
    return !has_room(w, s.n) || buf_add_slice(w->out, s) ? full(w) : 0;
}

/* Where s stops being UTF-8, or its end. */
static size_t valid_until(struct slice s)
{
    size_t at = 0, len;
    while (at < s.n) {
        if (s.p[at] < 0x80)
            at++;
        else if (slice_utf8(slice_from(s, at), NULL, &len))
            at += len;
        else
            break;
    }
    return at;
}

/* Writes s (out NULL: only measures it) with U+FFFD in place of every sequence that is not UTF-8. */
static size_t repair(struct slice s, struct buf *out)
{
    size_t written = 0, len;
    for (;;) {
        size_t good = valid_until(s);
        if (out)
            buf_add(out, s.p, good);
        written += good;
        if (good == s.n)
            return written;
        s = slice_from(s, good);
        slice_utf8(s, NULL, &len);
        s = slice_from(s, len);
        written += 3;
        if (out)
            buf_add_str(out, "\xEF\xBF\xBD");
    }
}

static int put_text(const struct writer *w, struct slice s)
{
    if (valid_until(s) == s.n)
        return put_bytes(w, s);
    size_t n = repair(s, NULL);
    if (put_long(w, (int64_t)n))
        return -1;
    if (!has_room(w, n))
        return full(w);
    repair(s, w->out);
    return w->out->overflow ? full(w) : 0;
}

static int put_enum(const struct writer *w, const struct codec_field *field, const void *member)
{
    int32_t i = *(const int32_t *)member;
    if (i < 0 || i >= field->names_n)
        return err_set(w->e, ERR_POISON, 0, "value %d has no name", i);
    return put_bytes(w, slice_str(field->names[i]));
}

static int put_double(const struct writer *w, double v)
{
    uint64_t bits;
    _Static_assert(sizeof bits == sizeof v, "IEEE 754 binary64");
    memcpy(&bits, &v, sizeof bits);
    return buf_add_u64(w->out, bits) ? full(w) : 0;
}

static int put_record(struct writer *w, const struct codec_table *table, const void *record);

static int put_list(struct writer *w, const struct codec_field *field, const void *member)
{
    struct vec_any list;
    memcpy(&list, member, sizeof list);
    size_t size = field->kind == FIELD_RECORDS ? field->sub->size : sizeof(struct slice);
    if (list.n && put_long(w, (int64_t)list.n))
        return -1;
    for (size_t i = 0; i < list.n; i++) {
        const uint8_t *from = (const uint8_t *)list.v + i * size;
        w->values++;
        if (field->kind == FIELD_RECORDS ? put_record(w, field->sub, from)
                                         : put_text(w, *(const struct slice *)(const void *)from))
            return err_wrap(w->e, "item %zu", i);
        if (w->values > SCHEMA_VALUES_MAX)
            return err_set(w->e, ERR_POISON, 0, "more than %zu values in one record", SCHEMA_VALUES_MAX);
    }
    return put_long(w, 0);
}

static int put_field(struct writer *w, const struct codec_field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_STRING:
        return put_text(w, *(const struct slice *)member);
    case FIELD_BYTES:
        return put_bytes(w, *(const struct slice *)member);
    case FIELD_INT:
        return put_long(w, *(const int32_t *)member);
    case FIELD_LONG:
    case FIELD_TIME:
        return put_long(w, *(const int64_t *)member);
    case FIELD_DOUBLE:
        return put_double(w, *(const double *)member);
    case FIELD_BOOL:
        return buf_add_byte(w->out, *(const bool *)member) ? full(w) : 0;
    case FIELD_ENUM:
        return put_enum(w, field, member);
    case FIELD_STRINGS:
    case FIELD_RECORDS:
        return put_list(w, field, member);
    case FIELD_RECORD:
        return put_record(w, field->sub, member);
    case FIELD_KIND_MAX:
        break;
    }
    BUG("field %s of kind %d", field->name, (int)field->kind);
}

static int put_record(struct writer *w, const struct codec_table *table, const void *record)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct codec_field *field = &table->fields[i];
        w->values++;
        if (put_field(w, field, (const uint8_t *)record + field->offset))
            return err_wrap(w->e, "%s", field->name);
    }
    return 0;
}

int codec_write(const struct codec_table *table, const void *record, struct buf *out, struct err *e)
{
    struct writer w = {.out = out, .end = out->n + TOPIC_RECORD_MAX, .values = 1, .e = e};
    return put_record(&w, table, record);
}
