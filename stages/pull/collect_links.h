/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_links.h: hard links from wanted paths to files that are not wanted under their own names (OSTree's images
 * have all files in sysroot/ostree/repo/objects and link them to the places where they are seen). Such a link comes
 * behind the bytes of its target, so the layer is read again: the first pass finds the links, the next one keeps the
 * content of each target under the wanted path. A target that is a link itself takes one pass more. The list of links
 * goes from pass to pass as bytes (links_write):
 *
 *     path | what its link names | where the content is to be found          (each with its length, sorted by path)
 *
 * The paths take at most LINKS_BYTES_MAX; further links stay links in the evidence, and are reported as leading
 * nowhere. Pure; one thread at a time.
 */
#ifndef CAREEN_PULL_COLLECT_LINKS_H
#define CAREEN_PULL_COLLECT_LINKS_H

#include "base/arena.h"
#include "base/buf.h"

#define LINKS_BYTES_MAX ((size_t)1 << 20)

struct wanted_link {
    struct slice path, names, content; /* canonical */
    struct slice next;                 /* content is a hard link to this: where the next pass looks */
    const struct wanted_link *kept;    /* under whose path the content is in the evidence; NULL: it did not come */
    bool hidden;                       /* something else went under that path after it */
    bool closed;                       /* the link came: a later file of the content's name is another one */
};

struct collect_links {
    struct arena arena;
    VEC(struct wanted_link) given; /* sorted by path */
    VEC(struct wanted_link *) by;  /* sorted by content, then path */
    VEC(struct wanted_link) found; /* wanted links to unwanted targets as they come; of one path the last holds */
    size_t found_bytes;
};

/* Reads what an earlier pass wrote; false when it is something else. */
bool links_read(struct collect_links *l, struct slice given);
void links_done(struct collect_links *l);

/* The first of the links that still need the content at path; NULL: none does. */
struct wanted_link *links_want(struct collect_links *l, struct slice path);
/* The content is kept now, under w's path, for all links that need it. */
void links_keep(struct collect_links *l, struct wanted_link *w);
/* There is no content there, but a further hard link, to target. */
void links_move(struct collect_links *l, struct wanted_link *w, struct slice target);
/* Another entry for path goes into the evidence. */
void links_hide(struct collect_links *l, struct slice path);

/*
 * A hard link at a wanted path, naming what nobody wants, came. Gives the name of its content in the evidence:
 * SLICE_NONE when that is under path itself already.
 */
struct slice links_close(struct collect_links *l, struct slice path, struct slice names);

/* For the next pass, when that can find more: may_find says so of a name (the layer may have it, nobody else keeps it).
 */
void links_write(struct collect_links *l, bool (*may_find)(void *arg, struct slice path), void *arg, struct buf *out);

/*
 * Where a symbolic link points, as the kernel would see it within the layer: relative to the link's folder, ".." at the
 * root is the root. 0..max bytes; false when it does not fit.
 */
bool links_symlink_target(struct slice link, struct slice target, uint8_t *to, size_t max, size_t *ret_n);

#endif
