/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/reading/held_file.h"

bool held_file_begin(struct held_file *h, const struct reduced_file *file, size_t max)
{
    if (file->linked || file->path.n > sizeof h->path_bytes)
        return false;
    memcpy(h->path_bytes, file->path.p, file->path.n);
    h->path = slice_of(h->path_bytes, file->path.n);
    h->rule = file->rule;
    h->size = file->size;
    buf_clear(&h->facts);
    buf_clear(&h->buf);
    h->buf.max = max;
    h->bytes = buf_slice(&h->buf);
    return true;
}

void held_file_feed(void *state, uint64_t at, struct slice bytes)
{
    struct held_file *h = state;
    if (at >= h->buf.max)
        return;
    size_t gap = (size_t)at - h->buf.n;
    uint8_t *to = gap ? buf_reserve(&h->buf, gap) : NULL;
    if (to) {
        memset(to, 0, gap);
        h->buf.n += gap;
    }
    buf_add_slice(&h->buf, slice_sub(bytes, 0, MIN(bytes.n, h->buf.max - h->buf.n)));
    h->bytes = buf_slice(&h->buf);
}

void held_file_put(const struct held_file *h, const struct reducer_out *out)
{
    out->put(out->arg, out->format, h->path, buf_slice(&h->facts));
}

void held_file_tell(const struct held_file *h, const struct reducer_out *out, enum reason_code code, const char *why)
{
    char text[400];
    int path = (int)MIN(h->path.n, (size_t)240);
    if (held_file_cut(h))
        snprintf(text, sizeof text, "%.*s: only the first %zu of its %" PRIu64 " bytes were read", path,
                 (const char *)h->path.p, h->bytes.n, h->size);
    else
        snprintf(text, sizeof text, "%.*s: %s", path, (const char *)h->path.p, why);
    out->reason(out->arg, held_file_cut(h) ? REASON_FILE_CUT : code, text);
}

void held_file_done(struct held_file *h)
{
    buf_done(&h->facts);
    buf_done(&h->buf);
    h->bytes = SLICE_NONE;
}

void held_file_layer_end(void *state, const struct reducer_out *out)
{
    (void)out;
    held_file_done(state);
}
