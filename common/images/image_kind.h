/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_kind.h: the kinds of places that an image, or a list of its packages, can come from. A kind is one file with a
 * struct image_kind and one line in a list below. Only the tables refer to the kinds' files, so that a program which
 * uses image_kinds_local alone is linked without the HTTP libraries.
 */
#ifndef CAREEN_IMAGES_IMAGE_KIND_H
#define CAREEN_IMAGES_IMAGE_KIND_H

#include "io/oci/registry.h"
#include "model/image/imageref.h"
#include "model/image/manifest.h"

/* X(name): the kind is image_kind_<name>. Help and errors list them in this order. */
#define IMAGE_KINDS_REMOTE(X) X(registry)
#define IMAGE_KINDS_LOCAL(X)                                                                                           \
    X(layout)                                                                                                          \
    X(layout_archive)                                                                                                  \
    X(docker_archive)                                                                                                  \
    X(cyclonedx)

struct image_source;
struct source_file;

struct image_kind {
    struct imageref_form form; /* how its names begin; scheme NULL: without a scheme, as names in registries */
    const char *takes;         /* how people write it: "oci:DIR[:ref]" */
    bool remote;               /* layers come over the network: each worker opens a source of its own */

    /* For a list of packages; it has only this. It reads foreign bytes: call it in a sandboxed child. All in arena. */
    int (*list)(struct slice bytes, struct arena *arena, struct inventory *ret_inventory, struct err *e);

    /* For an image. o: how to talk to registries; may be NULL. */
    int (*open)(struct image_source *s, const struct registry_options *o, struct err *e);
    int (*image)(struct image_source *s, struct arena *a, const struct platform *want, struct image *image,
                 struct err *e);
    /*
     * The verified bytes of a manifest; *media_type is the source's type of it, or SLICE_NONE, in a. It is called only by
     * way of source_choose (image_source_internal.h): NULL for a kind that has no manifests.
     */
    int (*manifest)(struct image_source *s, struct arena *a, struct slice digest, struct buf *body,
                    struct slice *media_type, struct err *e);
    int (*blob)(struct image_source *s, struct slice digest, int64_t size, registry_sink sink, void *arg,
                struct err *e);
    /* As image_source_file; NULL where remote. */
    int (*file)(struct image_source *s, struct slice digest, struct source_file *ret_file, struct err *e);
    void (*close)(struct image_source *s); /* may be NULL */
};

/* Both end with NULL. */
extern const struct image_kind *const image_kinds[];       /* all kinds */
extern const struct image_kind *const image_kinds_local[]; /* those that need no network */

/* The kind that a name belongs to; NULL: none of `kinds`. */
const struct image_kind *image_kind_of(const struct image_kind *const *kinds, const struct imageref *ref);
/*
 * Parses a name that a person wrote: of an image of one of these kinds, or in a registry even if that is not among
 * them.
 */
int image_kind_parse(const struct image_kind *const *kinds, struct arena *a, struct slice text,
                     struct imageref *ret_ref, struct err *e);

#endif
