/* SPDX-License-Identifier: Apache-2.0 */
#include "model/evidence.h"

/* On the wire: a reason with a code. EVIDENCE_REASON there is one without, as older versions wrote all of them. */
#define CODED_REASON 7

static const struct slice magic = {(const uint8_t *)"CRN1", 4};

int evidence_begin(struct buf *out)
{
    return buf_add_slice(out, magic);
}

int evidence_file_front(struct buf *out, const struct evidence_entry *entry, uint64_t bytes_n)
{
    buf_add_byte(out, EVIDENCE_FILE);
    buf_add_prefixed(out, entry->collector);
    buf_add_prefixed(out, entry->path);
    buf_add_varint(out, entry->size);
    return buf_add_varint(out, bytes_n);
}

int evidence_write(struct buf *out, const struct evidence_entry *entry)
{
    if (entry->kind == EVIDENCE_FILE) {
        evidence_file_front(out, entry, entry->bytes.n);
        return buf_add_slice(out, entry->bytes);
    }
    buf_add_byte(out, entry->kind == EVIDENCE_REASON && entry->code.n ? CODED_REASON : (uint8_t)entry->kind);
    switch (entry->kind) {
    case EVIDENCE_WHITEOUT:
    case EVIDENCE_OPAQUE:
        buf_add_prefixed(out, entry->path);
        break;
    case EVIDENCE_LINK:
        buf_add_byte(out, entry->hard);
        buf_add_prefixed(out, entry->collector);
        buf_add_prefixed(out, entry->path);
        buf_add_prefixed(out, entry->bytes);
        break;
    case EVIDENCE_REASON:
        if (entry->code.n)
            buf_add_prefixed(out, entry->code);
        buf_add_prefixed(out, entry->bytes);
        break;
    case EVIDENCE_END:
        buf_add_varint(out, entry->entries);
        buf_add_varint(out, entry->size);
        break;
    default:
        BUG("evidence kind %d", (int)entry->kind);
    }
    return out->overflow ? -1 : 0;
}

int evidence_open(struct slice *stream, struct err *e)
{
    if (!slice_take_prefix(stream, magic))
        return err_set(e, ERR_POISON, 0, "not evidence: it does not begin with \"CRN1\"");
    if (!stream->p)
        *stream = SLICE("");
    return 0;
}

static bool take_byte(struct slice *s, uint8_t *ret_c)
{
    if (!s->n)
        return false;
    *ret_c = s->p[0];
    *s = slice_from(*s, 1);
    return true;
}

/* A path field must be what evidence_path gives; the root, "", only where an opaque folder may be it. */
static bool take_path(struct slice *s, bool may_be_root, struct slice *ret_path)
{
    struct slice path;
    uint8_t canonical[4096];
    size_t n;
    if (!slice_take_prefixed(s, &path))
        return false;
    if (path.n == 0 ? !may_be_root
                    : !evidence_path(path, canonical, sizeof canonical, &n) || !slice_eq(path, slice_of(canonical, n)))
        return false;
    *ret_path = path;
    return true;
}

static bool take_entry(struct slice *s, struct evidence_entry *t)
{
    uint8_t kind, hard = 0;
    if (!take_byte(s, &kind))
        return false;
    bool coded = kind == CODED_REASON;
    t->kind = coded ? EVIDENCE_REASON : (enum evidence_kind)kind;
    switch (t->kind) {
    case EVIDENCE_FILE:
        return slice_take_prefixed(s, &t->collector) && take_path(s, false, &t->path) &&
               slice_take_varint(s, &t->size) && slice_take_prefixed(s, &t->bytes);
    case EVIDENCE_WHITEOUT:
        return take_path(s, false, &t->path);
    case EVIDENCE_OPAQUE:
        return take_path(s, true, &t->path);
    case EVIDENCE_LINK:
        if (!take_byte(s, &hard) || hard > 1)
            return false;
        t->hard = hard;
        return slice_take_prefixed(s, &t->collector) && take_path(s, false, &t->path) && take_path(s, true, &t->bytes);
    case EVIDENCE_REASON:
        return (!coded || slice_take_prefixed(s, &t->code)) && slice_take_prefixed(s, &t->bytes);
    case EVIDENCE_END:
        return slice_take_varint(s, &t->entries) && slice_take_varint(s, &t->size) && s->n == 0;
    default:
        return false;
    }
}

int evidence_next(struct slice *stream, struct evidence_entry *ret_entry, struct err *e)
{
    if (!stream->p)
        return 0;
    if (!stream->n)
        return err_set(e, ERR_POISON, 0, "evidence is cut: it has no end entry");
    struct evidence_entry t = {0};
    struct slice s = *stream;
    if (!take_entry(&s, &t))
        return err_set(e, ERR_POISON, 0,
                       "evidence is cut or malformed in an entry of kind %u, %zu bytes before its end", stream->p[0],
                       stream->n);
    /* No p: the mark that the end entry was given. */
    *stream = t.kind == EVIDENCE_END ? SLICE_NONE : s;
    *ret_entry = t;
    return 1;
}

bool evidence_path(struct slice raw, uint8_t *to, size_t max, size_t *ret_n)
{
    size_t n = 0, i = 0;
    if (raw.n && memchr(raw.p, 0, raw.n))
        return false;
    while (i < raw.n) {
        while (i < raw.n && raw.p[i] == '/')
            i++;
        size_t from = i;
        while (i < raw.n && raw.p[i] != '/')
            i++;
        struct slice part = slice_of(raw.p + from, i - from);
        if (part.n == 0 || (part.n == 1 && part.p[0] == '.'))
            continue;
        if (part.n == 2 && part.p[0] == '.' && part.p[1] == '.') {
            if (n == 0)
                return false;
            while (n && to[--n] != '/')
                ;
            continue;
        }
        if (part.n + 1 > max - n)
            return false;
        if (n)
            to[n++] = '/';
        memcpy(to + n, part.p, part.n);
        n += part.n;
    }
    if (n == 0)
        return false;
    *ret_n = n;
    return true;
}
