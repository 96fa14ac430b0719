/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather.h: makes the inventory of an image that a person named, in this process: opens the source
 * (images/image_source.h), reads the layers that are not in the cache in sandboxed children (pull/layer.h,
 * inventory/parsed.h), and assembles the inventory (inventory/assemble/assemble.h). A list of packages (CycloneDX) is
 * read in a sandboxed child too.
 *
 * The result is a pure function of the image: the cache and the number of cores only change how long it takes.
 *
 * Lifetimes: results live in the caller's arena. Threads: it must be called from the main thread while that is the only
 * one, since it forks the sandbox; its own threads have ended when it returns.
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
    const char *layers_dir;   /* the folder of layer_cache.h; NULL: no cache */
    struct registry_options registry;
    struct text_progress *progress; /* NULL: none */
};

struct gathered {
    struct image image; /* digest absent: an SBOM */
    struct inventory inventory;
    size_t layers, remembered;  /* how many layers there are, and how many of them were in the cache */
    struct slice cache_trouble; /* why there is no cache; absent when there is one */
};

/*
 * 0: there is an inventory, perhaps a partial one. ERR_POISON, ERR_NOT_FOUND, ERR_REFUSED, ERR_RETRY, ERR_USAGE: the
 * image can't be assessed, also when no layer could be read; the text says why, and the caller adds the image's name.
 */
int gather(const struct gather_options *o, struct arena *arena, struct gathered *ret, struct err *e);

/* The table of children's mains, for gather.c and gather_list.c. */
enum { GATHER_COLLECT, GATHER_PARSE, GATHER_LIST };
int gather_sandbox(struct sandbox **ret_sandbox, struct err *e);
/* The child's and the parent's side of reading a list of packages; the argument is its kind's scheme. */
int gather_list_child(struct sandbox_child *c, struct slice scheme);
int gather_list(const struct image_kind *kind, struct slice path, struct arena *arena, struct inventory *ret,
                struct err *e);

#endif
