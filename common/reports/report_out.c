/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/report_out.h"

#define PIECE ((size_t)64 << 10)

static int hand_on(struct report_out *o, size_t least, struct err *e)
{
    if (o->buf->overflow)
        return err_set(e, ERR_PARTIAL, 0, "the report is longer than %zu bytes", o->buf->max);
    if (!o->write || o->buf->n < least)
        return 0;
    int rc = o->write(o->arg, buf_slice(o->buf), e);
    buf_clear(o->buf);
    return rc;
}

int report_out_row(struct report_out *o, struct err *e)
{
    return hand_on(o, PIECE, e);
}

int report_out_end(struct report_out *o, struct err *e)
{
    return hand_on(o, 1, e);
}
