/* SPDX-License-Identifier: Apache-2.0 */
#include "advisories/rows.h"

static bool take_count(struct slice *s, size_t *ret_n)
{
    uint64_t n;
    /* Each element takes a byte at least, so a count past what is left is a lie. */
    if (!slice_take_varint(s, &n) || n > s->n)
        return false;
    *ret_n = (size_t)n;
    return true;
}

void row_put_list(struct buf *b, const slice_vec *v)
{
    buf_add_varint(b, v->n);
    struct slice before = SLICE_NONE;
    for (size_t i = 0; i < v->n; i++) {
        struct slice x = v->v[i];
        size_t same = 0;
        while (same < x.n && same < before.n && x.p[same] == before.p[same])
            same++;
        buf_add_varint(b, same);
        buf_add_prefixed(b, slice_from(x, same));
        before = x;
    }
}

bool row_take_list(struct slice *s, struct arena *a, slice_vec *ret_v)
{
    size_t n;
    if (!take_count(s, &n))
        return false;
    struct slice before = SLICE_NONE;
    for (size_t i = 0; i < n; i++) {
        uint64_t same;
        struct slice rest, whole;
        if (!slice_take_varint(s, &same) || same > before.n || !slice_take_prefixed(s, &rest))
            return false;
        whole = rest;
        if (same) {
            uint8_t *p = arena_alloc(a, (size_t)same + rest.n);
            if (!p)
                return false;
            memcpy(p, before.p, (size_t)same);
            if (rest.n)
                memcpy(p + same, rest.p, rest.n);
            whole = slice_of(p, (size_t)same + rest.n);
        }
        if (!slice_vec_add(a, ret_v, whole))
            return false;
        before = whole;
    }
    return true;
}

/* The texts, then a word for each. */
void row_put_reasons(struct buf *b, const struct reasons *r)
{
    row_put_list(b, &r->texts);
    for (size_t i = 0; i < r->texts.n; i++)
        buf_add_prefixed(b, reasons_at(r, i).code);
}

bool row_take_reasons(struct slice *s, struct arena *a, struct reasons *ret_r)
{
    slice_vec texts = {0};
    if (!row_take_list(s, a, &texts))
        return false;
    for (size_t i = 0; i < texts.n; i++) {
        struct reason one = {.text = texts.v[i]};
        if (!slice_take_prefixed(s, &one.code) || !reasons_add_one(a, ret_r, one))
            return false;
    }
    return true;
}

/* ---- scores ---- */

/* Base metrics of CVSS 3 in the order of its specification, with their values; index = code. */
static const struct {
    const char *name, *values;
} cvss3[] = {{"AV", "NALP"}, {"AC", "LH"}, {"PR", "NLH"}, {"UI", "NR"},
             {"S", "UC"},    {"C", "NLH"}, {"I", "NLH"},  {"A", "NLH"}};

/* Fails unless unpacking gives the same bytes back. */
static bool pack_cvss3(struct slice v, unsigned *ret_code)
{
    unsigned minor = 0, code = 0, scale = 2;
    if (slice_take_prefix(&v, SLICE("CVSS:3.1")))
        minor = 1;
    else if (!slice_take_prefix(&v, SLICE("CVSS:3.0")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(cvss3); i++) {
        if (!slice_take_prefix(&v, SLICE("/")) || !slice_take_prefix(&v, slice_str(cvss3[i].name)) ||
            !slice_take_prefix(&v, SLICE(":")) || !v.n)
            return false;
        const char *at = v.p[0] ? strchr(cvss3[i].values, v.p[0]) : NULL;
        if (!at)
            return false;
        code += scale * (unsigned)(at - cvss3[i].values);
        scale *= (unsigned)strlen(cvss3[i].values);
        v = slice_from(v, 1);
    }
    if (v.n)
        return false;
    *ret_code = code + minor;
    return true;
}

static struct slice unpack_cvss3(unsigned code, struct arena *a)
{
    char text[64] = "CVSS:3.";
    size_t n = 7;
    text[n++] = (char)('0' + code % 2);
    code /= 2;
    /* By hand and not by snprintf: a finding has several of them, and every settle unpacks all. */
    for (size_t i = 0; i < ARRAY_LEN(cvss3); i++) {
        unsigned values = (unsigned)strlen(cvss3[i].values);
        text[n++] = '/';
        for (const char *c = cvss3[i].name; *c; c++)
            text[n++] = *c;
        text[n++] = ':';
        text[n++] = cvss3[i].values[code % values];
        code /= values;
    }
    return arena_slice(a, slice_of(text, n));
}

enum { SCORE_TEXT, SCORE_CVSS3 };

void row_put_scores(struct buf *b, const score_vec *v)
{
    buf_add_varint(b, v->n);
    for (size_t i = 0; i < v->n; i++) {
        const struct score *x = &v->v[i];
        unsigned code;
        row_put_word(b, x->source);
        if (pack_cvss3(x->vector, &code) && slice_eq(x->kind, slice_sub(x->vector, 0, 8))) {
            buf_add_byte(b, SCORE_CVSS3);
            buf_add_varint(b, code);
            continue;
        }
        buf_add_byte(b, SCORE_TEXT);
        row_put_word(b, x->kind);
        row_put_word(b, x->vector);
    }
}

bool row_take_scores(struct slice *s, struct arena *a, score_vec *ret_v)
{
    size_t n;
    if (!take_count(s, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct score *x = VEC_ADD(a, ret_v);
        uint64_t code;
        if (!x || !row_take_word(s, a, &x->source) || !s->n)
            return false;
        uint8_t form = s->p[0];
        *s = slice_from(*s, 1);
        if (form == SCORE_CVSS3) {
            if (!slice_take_varint(s, &code) || code > UINT16_MAX)
                return false;
            x->vector = unpack_cvss3((unsigned)code, a);
            if (!x->vector.p)
                return false;
            x->kind = slice_sub(x->vector, 0, 8);
        } else if (form != SCORE_TEXT || !row_take_word(s, a, &x->kind) || !row_take_word(s, a, &x->vector)) {
            return false;
        }
    }
    return true;
}

/* ---- ids ---- */

/* CVE-YYYY-N with N of the usual four digits or more without a needless zero in front: others are kept as text. */
static bool pack_cve(struct slice id, uint64_t *ret_code)
{
    uint64_t year, number;
    if (id.n < 13 || id.n > 22 || !slice_take_prefix(&id, SLICE("CVE-")) ||
        !slice_parse_u64(slice_sub(id, 0, 4), &year) || id.p[4] != '-' || year < 1990 || year > 2200)
        return false;
    struct slice digits = slice_from(id, 5);
    if ((digits.n > 4 && digits.p[0] == '0') || digits.n > 9 || !slice_parse_u64(digits, &number))
        return false;
    *ret_code = number * 256 + (year - 1990) + 1;
    return true;
}

static size_t put_digits(uint8_t *to, uint64_t v, size_t least)
{
    uint8_t reversed[20];
    size_t n = 0;
    for (; v || n < least; v /= 10)
        reversed[n++] = (uint8_t)('0' + v % 10);
    for (size_t i = 0; i < n; i++)
        to[i] = reversed[n - 1 - i];
    return n;
}

static struct slice unpack_cve(uint64_t code, struct arena *a)
{
    uint8_t text[40] = "CVE-";
    size_t n = 4 + put_digits(text + 4, (code - 1) % 256 + 1990, 4);
    text[n++] = '-';
    n += put_digits(text + n, (code - 1) / 256, 4);
    return arena_slice(a, slice_of(text, n));
}

void row_put_ids(struct buf *b, const slice_vec *v)
{
    buf_add_varint(b, v->n);
    for (size_t i = 0; i < v->n; i++) {
        uint64_t code;
        if (pack_cve(v->v[i], &code)) {
            buf_add_varint(b, code);
        } else {
            buf_add_byte(b, 0);
            buf_add_prefixed(b, v->v[i]);
        }
    }
}

bool row_take_ids(struct slice *s, struct arena *a, slice_vec *ret_v)
{
    size_t n;
    if (!take_count(s, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t code;
        struct slice id;
        if (!slice_take_varint(s, &code))
            return false;
        if (code) {
            id = unpack_cve(code, a);
            if (!id.p)
                return false;
        } else if (!slice_take_prefixed(s, &id)) {
            return false;
        }
        if (!slice_vec_add(a, ret_v, id))
            return false;
    }
    return true;
}

/* ---- words ---- */

/* Places are part of the format: add behind the end only. Longer ones first where one begins another. */
static const char *const words[] = {
    "",
    "Debian:",
    "Ubuntu:Pro:",
    "Ubuntu:",
    "Alpine:v",
    "Alpine:",
    "not yet assigned",
    "unimportant",
    "negligible",
    "low",
    "medium",
    "high",
    "critical",
    "MODERATE",
    "LOW",
    "HIGH",
    "CRITICAL",
    "NVD",
    "CVSS:3.1",
    "CVSS:4.0",
    "CVSS:2.0",
    "CVSS:3.0",
    "GitHub",
    "osv-",
    "DSA-",
    "DLA-",
    "USN-",
};

void row_put_word(struct buf *b, struct slice word)
{
    size_t best = 0;
    for (size_t i = 1; i < ARRAY_LEN(words); i++)
        if (slice_starts(word, slice_str(words[i])) && strlen(words[i]) > strlen(words[best]))
            best = i;
    struct slice rest = slice_from(word, strlen(words[best]));
    /* The upper bit: nothing follows. */
    buf_add_byte(b, (uint8_t)(best | (rest.n ? 0 : 0x80)));
    if (rest.n)
        buf_add_prefixed(b, rest);
}

bool row_take_word(struct slice *s, struct arena *a, struct slice *ret_word)
{
    struct slice in = *s, rest;
    if (!in.n || (in.p[0] & 0x7F) >= ARRAY_LEN(words))
        return false;
    const char *head = words[in.p[0] & 0x7F];
    bool whole = in.p[0] & 0x80;
    in = slice_from(in, 1);
    if (whole) {
        *ret_word = slice_str(head);
    } else {
        if (!slice_take_prefixed(&in, &rest))
            return false;
        size_t n = strlen(head);
        *ret_word = rest;
        if (n) {
            uint8_t *p = arena_alloc(a, n + rest.n);
            if (!p)
                return false;
            memcpy(p, head, n);
            memcpy(p + n, rest.p, rest.n);
            *ret_word = slice_of(p, n + rest.n);
        }
    }
    *s = in;
    return true;
}

/* ---- times ---- */

#define TIME_MAX ((uint64_t)1 << 59)

void row_put_time(struct buf *b, int64_t ms)
{
    /* Bit 0: whole seconds. Times before 1970 and after TIME_MAX mean nothing here and read back as unknown. */
    uint64_t v = ms > 0 && (uint64_t)ms < TIME_MAX ? (uint64_t)ms : 0;
    buf_add_varint(b, v % 1000 ? v << 1 : (v / 1000) << 1 | 1);
}

bool row_take_time(struct slice *s, int64_t *ret_ms)
{
    uint64_t v;
    if (!slice_take_varint(s, &v) || v >> 1 > (v & 1 ? (TIME_MAX - 1) / 1000 : TIME_MAX - 1))
        return false;
    *ret_ms = (int64_t)(v & 1 ? (v >> 1) * 1000 : v >> 1);
    return true;
}
