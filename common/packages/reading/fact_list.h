/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fact_list.h: what a reducer found in a file, as evidence: pairs of a name and a value, each with its length in front. A
 * reducer writes what the file says as it stands, not what follows from it, so that a better reading needs no new pull.
 * Names are the format's own, short and constant; a name may come several times, and the order is kept.
 *
 * Pure, any thread. Values that are read are slices of the list.
 */
#ifndef CAREEN_PACKAGES_READING_FACT_LIST_H
#define CAREEN_PACKAGES_READING_FACT_LIST_H

#include "base/buf.h"

/* -1 when the buffer is full; it then keeps what it had. */
static inline int fact_list_add(struct buf *to, const char *name, struct slice value)
{
    size_t before = to->n;
    if (!buf_add_prefixed(to, slice_str(name)) && !buf_add_prefixed(to, value))
        return 0;
    to->n = before;
    return -1;
}

/* The next pair. False at the end, and where the list is malformed: then list->n is not 0. */
static inline bool fact_list_take(struct slice *list, struct slice *ret_name, struct slice *ret_value)
{
    struct slice s = *list;
    if (!s.n || !slice_take_prefixed(&s, ret_name) || !slice_take_prefixed(&s, ret_value))
        return false;
    *list = s;
    return true;
}

/* The first value of that name; absent when there is none. */
static inline struct slice fact_list_get(struct slice list, const char *name)
{
    struct slice at, value;
    while (fact_list_take(&list, &at, &value))
        if (slice_eq_str(at, name))
            return value;
    return SLICE_NONE;
}

#endif
