/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/pipeline/sorted_stream.h"

#include <unistd.h>

#define OUT_BUFFER ((size_t)256 << 10)

/* ---- out ---- */

struct sorted_out sorted_out_to(int fd)
{
    return (struct sorted_out){.fd = fd, .buffer = xmalloc(OUT_BUFFER)};
}

void sorted_out_done(struct sorted_out *out)
{
    free(STEAL(out->buffer));
}

int sorted_out_flush(struct sorted_out *out, struct err *e)
{
    for (size_t at = 0; at < out->n;) {
        ssize_t n = write(out->fd, out->buffer + at, out->n - at);
        if (n < 0 && errno != EINTR)
            return err_errno(e, ERR_RETRY, errno, "cannot write a sorted file");
        at += n > 0 ? (size_t)n : 0;
    }
    out->n = 0;
    return 0;
}

static int add(struct sorted_out *out, const void *bytes, size_t n, struct err *e)
{
    const uint8_t *from = bytes;
    out->written += n;
    while (n) {
        size_t some = MIN(n, OUT_BUFFER - out->n);
        if (!some) {
            if (sorted_out_flush(out, e))
                return -1;
            continue;
        }
        memcpy(out->buffer + out->n, from, some);
        out->n += some;
        from += some;
        n -= some;
    }
    return 0;
}

static int add_head(struct sorted_out *out, struct slice key, size_t value_n, struct err *e)
{
    const uint32_t lengths[2] = {(uint32_t)key.n, (uint32_t)value_n};
    if (key.n)
        memcpy(out->last, key.p, key.n);
    out->last_n = key.n;
    out->records++;
    return add(out, lengths, sizeof lengths, e) || add(out, key.p, key.n, e) ? -1 : 0;
}

int sorted_out_record(struct sorted_out *out, struct slice key, struct slice value, struct err *e)
{
    return add_head(out, key, value.n, e) ? -1 : add(out, value.p, value.n, e);
}

/* ---- in ---- */

struct sorted_in sorted_in_from(int fd, uint64_t from, uint64_t to, size_t room)
{
    return (struct sorted_in){.fd = fd, .at = from, .to = to, .room = room};
}

void sorted_in_done(struct sorted_in *in)
{
    free(STEAL(in->buffer));
    *in = (struct sorted_in){.fd = -1};
}

static int damaged(struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, 0, "a sorted file is damaged");
}

/* Has the buffer hold at least `need` bytes: 1, 0 when the file ends before. */
static int fill(struct sorted_in *in, size_t need, struct err *e)
{
    if (in->n >= need)
        return 1;
    if (in->from)
        memmove(in->buffer, in->buffer + in->from, in->n);
    in->from = 0;
    if (in->cap < MAX(need, in->room)) {
        in->cap = MAX(need, in->room);
        in->buffer = xrealloc(in->buffer, in->cap);
    }
    while (in->n < need && in->at < in->to) {
        size_t want = (size_t)MIN((uint64_t)(in->cap - in->n), in->to - in->at);
        ssize_t n = pread(in->fd, in->buffer + in->n, want, (off_t)in->at);
        if (n < 0 && errno != EINTR)
            return err_errno(e, ERR_RETRY, errno, "cannot read a sorted file");
        if (n == 0)
            return damaged(e);
        in->n += n > 0 ? (size_t)n : 0;
        in->at += n > 0 ? (size_t)n : 0;
    }
    return in->n >= need;
}

static void take(struct sorted_in *in, size_t n)
{
    in->from += n;
    in->n -= n;
    in->at_record = false;
}

int sorted_in_head(struct sorted_in *in, struct err *e)
{
    uint32_t lengths[2];
    if (in->at_record)
        return 1;
    int r = fill(in, SORTED_HEAD, e);
    if (r <= 0)
        return r < 0 ? -1 : in->n ? damaged(e) : 0;
    memcpy(lengths, in->buffer + in->from, sizeof lengths);
    if (lengths[0] > SORTED_KEY_MAX || lengths[1] > SORTED_VALUE_MAX)
        return damaged(e);
    if ((r = fill(in, SORTED_HEAD + lengths[0], e)) <= 0)
        return r < 0 ? -1 : damaged(e);
    in->key = slice_of(in->buffer + in->from + SORTED_HEAD, lengths[0]);
    in->value_n = lengths[1];
    in->at_record = true;
    return 1;
}

int sorted_in_value(struct sorted_in *in, struct slice *ret_value, struct err *e)
{
    size_t before = SORTED_HEAD + in->key.n, value_n = in->value_n;
    int r = fill(in, before + value_n, e);
    if (r <= 0)
        return r < 0 ? -1 : damaged(e);
    *ret_value = slice_of(in->buffer + in->from + before, value_n);
    take(in, before + value_n);
    return 0;
}

/* In pieces of what the buffer has, since a value may be larger than it. out NULL: nothing is written. */
static int pass_value(struct sorted_in *in, struct sorted_out *out, struct err *e)
{
    size_t left = in->value_n;
    take(in, SORTED_HEAD + in->key.n);
    while (left) {
        int r = fill(in, 1, e);
        if (r <= 0)
            return r < 0 ? -1 : damaged(e);
        size_t some = MIN(left, in->n);
        if (out && add(out, in->buffer + in->from, some, e))
            return -1;
        take(in, some);
        left -= some;
    }
    return 0;
}

int sorted_in_copy(struct sorted_in *in, struct sorted_out *out, struct err *e)
{
    return add_head(out, in->key, in->value_n, e) ? -1 : pass_value(in, out, e);
}

int sorted_in_skip(struct sorted_in *in, struct err *e)
{
    return pass_value(in, NULL, e);
}
