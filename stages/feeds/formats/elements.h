/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elements.h: a feed that is one large JSON text, cut into its elements without holding it: each is read on its own, as
 * a document of the feed (reading.h). One that is no JSON is skipped, and its neighbours are read; where the brackets
 * and quotes around it don't pair the whole feed is refused.
 */
#ifndef CAREEN_FEEDS_FORMATS_ELEMENTS_H
#define CAREEN_FEEDS_FORMATS_ELEMENTS_H

#include "feeds/reading.h"

struct element {
    struct slice outer; /* with ELEMENTS_OF_ALL: the name of the member that it stands in */
    struct slice key;   /* its name where it stands in an object; else empty */
    const json_t *json; /* an object or an array */
};

#define ELEMENTS_OF_ALL "*" /* for `list`: {"a": {"x": …, "y": …}, "b": {"z": …}} gives x, y and z */

struct elements {
    uint64_t max; /* unpacked bytes of the feed */
    /*
     * The member of the top-level object whose elements (of an array) or members (of an object) they are; NULL: they
     * are the top level's own.
     */
    const char *list;
    void *arg;
    /* Called after reading_document; what it gets is valid during the call. 0, or <0: reading ends with that error. */
    int (*element)(struct feed_reading *r, void *arg, const struct element *x, struct err *e);
    /* May be NULL: what stands beside the list, as it is written; over 1 MiB it is passed over. */
    int (*field)(struct feed_reading *r, void *arg, struct slice key, struct slice text, struct err *e);
};

/* Reads the whole source of r. 0, or <0 as a format does. */
int elements_read(struct feed_reading *r, const struct elements *want, struct err *e);

#endif
