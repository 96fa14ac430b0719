/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as JSON that is pulled. The first byte says what is let pass and how long a stream's pieces are: in memory,
 * from a stream and by skipping, the same must be read and the same refused, at the same place. The elements of an
 * array, as they are written, are the array.
 */
#include "unit/io/json_forms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int pull(struct slice text, size_t piece, unsigned lets, bool skip, struct buf *out, struct err *e)
{
    struct json_pieces pieces = {.rest = text, .size = piece};
    struct json_pull p;
    if (piece)
        json_pull_stream(&p, (struct byte_source){.read = json_pieces_read, .arg = &pieces});
    else
        json_pull_text(&p, text, NULL);
    p.lets = lets;
    if (skip)
        json_pull_skip(&p);
    else
        json_write_pulled(&p, out);
    int rc = json_pull_end(&p, e);
    json_pull_done(&p);
    buf_done(&pieces.piece);
    return rc;
}

static void pull_raw(struct slice text, size_t piece)
{
    struct json_pieces pieces = {.rest = text, .size = piece};
    struct json_pull p;
    size_t at = 0;
    json_pull_stream(&p, (struct byte_source){.read = json_pieces_read, .arg = &pieces});
    if (json_pull_kind(&p) == JSON_PULL_ARRAY && json_pull_array(&p))
        while (json_pull_item(&p)) {
            struct slice one = json_pull_raw(&p, 100);
            ptrdiff_t found = one.p ? slice_find_slice(slice_from(text, at), one) : 0;
            ASSERT(one.n <= 100 && found >= 0 && (!one.p || one.n));
            at += (size_t)found + one.n;
        }
    json_pull_end(&p, NULL);
    json_pull_done(&p);
    buf_done(&pieces.piece);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct slice text = slice_of(data + 1, size - 1);
    unsigned lets = data[0] & 3;
    size_t piece = 1 + (data[0] >> 2) % 32;
    struct buf here = BUF_INIT(SIZE_MAX / 2), there = BUF_INIT(SIZE_MAX / 2);
    struct err e[3] = {ERR_INIT, ERR_INIT, ERR_INIT};
    int rc = pull(text, 0, lets, false, &here, &e[0]);
    ASSERT(pull(text, piece, lets, false, &there, &e[1]) == rc && pull(text, piece, lets, true, NULL, &e[2]) == rc);
    ASSERT(slice_eq(buf_slice(&here), buf_slice(&there)));
    ASSERT(strcmp(e[0].text, e[1].text) == 0 && strcmp(e[0].text, e[2].text) == 0);
    pull_raw(text, piece);
    buf_done(&here);
    buf_done(&there);
    return 0;
}
