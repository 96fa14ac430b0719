/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/reading/line_feed.h"

void line_feed_begin(struct line_feed *f, size_t max, line_take_fn *take)
{
    buf_clear(&f->held);
    f->held.max = max;
    f->take = take;
    f->at = 0;
    f->over = f->cut = false;
}

static void hold(struct line_feed *f, struct slice bytes)
{
    size_t room = f->held.max - f->held.n;
    f->cut |= bytes.n > room;
    buf_add_slice(&f->held, slice_sub(bytes, 0, room));
}

static void give(struct line_feed *f, struct slice line, void *arg)
{
    f->cut |= line.n > f->held.max;
    line = slice_sub(line, 0, f->held.max);
    if (!f->cut && line.n && line.p[line.n - 1] == '\r')
        line.n--;
    f->over = !f->take(arg, line, f->cut);
    f->cut = false;
}

void line_feed(struct line_feed *f, uint64_t at, struct slice bytes, void *arg)
{
    if (at > f->at && !f->over)
        hold(f, SLICE("\0"));
    f->at = at + bytes.n;
    while (bytes.n && !f->over) {
        ptrdiff_t end = slice_find(bytes, '\n');
        if (end < 0) {
            hold(f, bytes);
            return;
        }
        struct slice line = slice_sub(bytes, 0, (size_t)end);
        bytes = slice_from(bytes, line.n + 1);
        if (f->held.n || f->cut) {
            hold(f, line);
            line = buf_slice(&f->held);
        }
        give(f, line, arg);
        buf_clear(&f->held);
    }
}

void line_feed_end(struct line_feed *f, void *arg)
{
    if (f->held.n && !f->over)
        give(f, buf_slice(&f->held), arg);
    buf_clear(&f->held);
}

void line_feed_done(struct line_feed *f)
{
    buf_done(&f->held);
}
