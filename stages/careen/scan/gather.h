/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather.h: from what a person calls an image to its inventory, in this process: the source (images/image_source.h),
 * the layers that are not remembered read in sandboxed children (pull/layer.h, inventory/parsed.h), the inventory
 * assembled (inventory/assemble/assemble.h). A list of packages (CycloneDX) is read in a sandboxed child too.
 *
 * Everything is a pure function of the image: what is remembered and how many cores there are change the time only.
 *
 * Lifetimes: what is given lives in the caller's arena. Threads: call it from the main thread while it is the only one
 * (it forks the sandbox); its own threads have ended when it returns.
 */
#ifndef CAREEN_CAREEN_SCAN_GATHER_H
#define CAREEN_CAREEN_SCAN_GATHER_H

#include "base/terminal/text.h"
#include "images/image_kind.h"
#include "io/sandbox/sandbox.h"

struct gather_options {
    const struct image_kind *const *kinds; /* that the program has */
    struct imageref ref;
    struct platform platform; /* os empty: this machine's */
    const char *layers_dir;   /* of layer_cache.h; NULL: nothing is remembered */
    struct registry_options registry;
    struct text_progress *progress; /* NULL: none */
};

struct gathered {
    struct image image; /* digest absent: an SBOM */
    struct inventory inventory;
    size_t layers, remembered;
    struct slice cache_trouble; /* why layers are not remembered, absent when they are */
};

/*
 * 0 when there is an inventory, partial ones included. ERR_POISON, ERR_NOT_FOUND, ERR_REFUSED, ERR_RETRY, ERR_USAGE:
 * the image can't be assessed, the text says why (whoever shows it names the image); also when no layer could be read.
 */
int gather(const struct gather_options *o, struct arena *arena, struct gathered *ret, struct err *e);

/* The table of children's mains, for gather.c and gather_sbom.c. */
enum { GATHER_COLLECT, GATHER_PARSE, GATHER_LIST };
int gather_sandbox(struct sandbox **ret_sandbox, struct err *e);
/* The child's and the parent's side of reading a list of packages; the argument is its kind's scheme. */
int gather_list_child(struct sandbox_child *c, struct slice scheme);
int gather_list(const struct image_kind *kind, struct slice path, struct arena *arena, struct inventory *ret,
                struct err *e);

#endif
