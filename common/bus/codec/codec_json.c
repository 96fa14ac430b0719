/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/codec.h"

#include <math.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "bus/codec/codec_tables.h"

#define BYTES_SHOWN   ((size_t)1024)
#define YEAR_10000_MS INT64_C(253402300800000)

static void json_bytes(struct jsonw *w, struct slice s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t text[(BYTES_SHOWN + 2) / 3 * 4];
    size_t n = 0;
    if (s.n > BYTES_SHOWN) {
        jsonw_object(w);
        jsonw_pair_int(w, "omitted_bytes", (int64_t)s.n);
        jsonw_end(w);
        return;
    }
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t v = (uint32_t)s.p[i] << 16;
        v |= i + 1 < s.n ? (uint32_t)s.p[i + 1] << 8 : 0;
        v |= i + 2 < s.n ? s.p[i + 2] : 0;
        text[n++] = (uint8_t)digits[v >> 18];
        text[n++] = (uint8_t)digits[v >> 12 & 63];
        text[n++] = i + 1 < s.n ? (uint8_t)digits[v >> 6 & 63] : '=';
        text[n++] = i + 2 < s.n ? (uint8_t)digits[v & 63] : '=';
    }
    jsonw_str(w, slice_of(text, n));
}

/* The shortest decimal that reads back as the same number; JSON has no infinities. */
static void json_double(struct jsonw *w, double v)
{
    char text[40];
    if (!isfinite(v)) {
        jsonw_null(w);
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (!(strtod(text, NULL) < v) && !(strtod(text, NULL) > v))
            break;
    }
    jsonw_raw(w, slice_str(text));
}

static void json_text(struct jsonw *w, struct slice s)
{
    jsonw_str(w, s.n ? s : SLICE(""));
}

static void json_record(struct jsonw *w, const struct codec_table *table, const void *record);

static void json_list(struct jsonw *w, const struct codec_field *field, const void *member)
{
    struct vec_any list;
    memcpy(&list, member, sizeof list);
    jsonw_array(w);
    for (size_t i = 0; i < list.n && !w->b->overflow; i++)
        if (field->kind == FIELD_RECORDS)
            json_record(w, field->sub, (const uint8_t *)list.v + i * field->sub->size);
        else
            json_text(w, ((const struct slice *)list.v)[i]);
    jsonw_end(w);
}

static void json_field(struct jsonw *w, const struct codec_field *field, const void *member)
{
    int32_t i;
    int64_t t;
    switch (field->kind) {
    case FIELD_STRING:
        json_text(w, *(const struct slice *)member);
        return;
    case FIELD_BYTES:
        json_bytes(w, *(const struct slice *)member);
        return;
    case FIELD_INT:
        jsonw_int(w, *(const int32_t *)member);
        return;
    case FIELD_LONG:
        jsonw_int(w, *(const int64_t *)member);
        return;
    case FIELD_TIME:
        t = *(const int64_t *)member;
        if (t < 0 || t >= YEAR_10000_MS)
            jsonw_int(w, t);
        else
            jsonw_time(w, t);
        return;
    case FIELD_DOUBLE:
        json_double(w, *(const double *)member);
        return;
    case FIELD_BOOL:
        jsonw_bool(w, *(const bool *)member);
        return;
    case FIELD_ENUM:
        memcpy(&i, member, sizeof i);
        if (i < 0 || i >= field->names_n)
            jsonw_int(w, i);
        else
            jsonw_str(w, slice_str(field->names[i]));
        return;
    case FIELD_STRINGS:
    case FIELD_RECORDS:
        json_list(w, field, member);
        return;
    case FIELD_RECORD:
        json_record(w, field->sub, member);
        return;
    case FIELD_KIND_MAX:
        break;
    }
    BUG("field %s of kind %d", field->name, (int)field->kind);
}

static void json_record(struct jsonw *w, const struct codec_table *table, const void *record)
{
    jsonw_object(w);
    for (size_t i = 0; i < table->n; i++) {
        jsonw_key(w, table->fields[i].name);
        json_field(w, &table->fields[i], (const uint8_t *)record + table->fields[i].offset);
    }
    jsonw_end(w);
}

int codec_to_json(struct codec *c, enum topic t, const void *record, struct buf *out, struct err *e)
{
    (void)c;
    struct jsonw w;
    jsonw_init(&w, out, 0);
    json_record(&w, codec_tables[t], record);
    return out->overflow ? err_set(e, ERR_POISON, 0, "%s: more than %zu bytes of JSON", topics[t].name, out->max) : 0;
}
