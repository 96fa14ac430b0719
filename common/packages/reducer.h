/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reducer.h: evidence that is made of a file while its bytes stream by, for files that are too large to keep, or of
 * which little counts. A reducer sees each file once, in pieces, and holds a bounded part of it; what it puts becomes
 * entries of its format in the layer's evidence.
 *
 * Of each layer: begin, feed for each piece, end, for one file after the other; then layer_end. When the layer breaks
 * off within a file, end is not called for it. All run in the sandboxed child, in one thread.
 */
#ifndef CAREEN_PACKAGES_REDUCER_H
#define CAREEN_PACKAGES_REDUCER_H

#include "model/reason.h"
#include "packages/format.h"

/* Where evidence goes. Slices and texts are copied. */
struct reducer_out {
    /* A file entry of the format, with these bytes as its content. */
    void (*put)(void *arg, const struct package_format *format, struct slice path, struct slice bytes);
    /* What could not be read makes the layer partial; text is a sentence that names the file. */
    void (*reason)(void *arg, enum reason_code code, const char *text);
    void *arg;
    const struct package_format *format; /* whose entry it becomes */
};

struct reduced_file {
    const struct package_rule *rule; /* that wants it, of the reducer's own format */
    struct slice path;               /* canonical; ends with begin */
    uint64_t size;
    bool linked; /* a second name of a file (a hard link): no content comes */
    /* Of a linked one the path of the content, canonical, in this layer or one below; absent: it leads out of them. */
    struct slice target;
};

struct reducer {
    size_t state_size; /* of the state that each call gets: one a layer, zeros at first */
    /* Rules of several formats name it, and a file is looked at once for all: each put says whose entry it is. */
    bool shared;
    /* True when the content is wanted. Of a file that is known by its content the first bytes are fed too. */
    bool (*begin)(void *state, const struct reduced_file *file, const struct reducer_out *out);
    /* Pieces in rising order; what lies between two of them is zeros. */
    void (*feed)(void *state, uint64_t at, struct slice bytes);
    void (*end)(void *state, const struct reducer_out *out);
    void (*layer_end)(void *state, const struct reducer_out *out);
    /*
     * begin is told of hard links to files of other wanted paths, and what becomes of these is its own matter. Without it
     * such a link is another name of what the format has at the target, where the layers are put together. A link to what
     * nobody wants by its path brings its content for either, in another pass (pull/collect_links.h).
     */
    bool takes_links;
    /* begin is told of symbolic links, too, wherever they lead; target is then what the link says, and no more. */
    bool takes_symlinks;
};

#endif
