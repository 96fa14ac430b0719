/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_kind.h: the kinds of places that an image, or a list of its packages, can come from. A kind is one file with a
 * struct image_kind and one line in a list below. The files of kinds are referred to by the tables alone, so a program
 * that uses only image_kinds_local is linked without the libraries of HTTP.
 */
#ifndef CAREEN_IMAGES_IMAGE_KIND_H
#define CAREEN_IMAGES_IMAGE_KIND_H

#include "io/oci/registry.h"
#include "model/image/imageref.h"
#include "model/image/manifest.h"

/* X(name): the kind is image_kind_<name>. In this order they are told to people. */
#define IMAGE_KINDS_REMOTE(X) X(registry)
#define IMAGE_KINDS_LOCAL(X)                                                                                           \
    X(layout)                                                                                                          \
    X(layout_archive)                                                                                                  \
    X(docker_archive)                                                                                                  \
    X(cyclonedx)

struct image_source;
struct source_file;

struct image_kind {
    struct imageref_form form; /* how a name of it begins; scheme NULL: a name without any is a registry's */
    const char *takes;         /* how it is written, for people: "oci:DIR[:ref]" */
    bool remote;               /* its layers come over the network, so that each worker opens a source of its own */

    /* A list of packages has `list` alone. It reads foreign bytes: call it in a sandboxed child. All in arena. */
    int (*list)(struct slice bytes, struct arena *arena, struct inventory *ret_inventory, struct err *e);

    /* An image has the others. o: what registries are asked with, may be NULL. */
    int (*open)(struct image_source *s, const struct registry_options *o, struct err *e);
    int (*image)(struct image_source *s, struct arena *a, const struct platform *want, struct image *image,
                 struct err *e);
    /* The bytes of a manifest, checked; *media_type is what the source calls it or SLICE_NONE, in a. */
    int (*manifest)(struct image_source *s, struct arena *a, struct slice digest, struct buf *body,
                    struct slice *media_type, struct err *e);
    int (*blob)(struct image_source *s, struct slice digest, int64_t size, registry_sink sink, void *arg,
                struct err *e);
    int (*file)(struct image_source *s, struct slice digest, struct source_file *ret_file, struct err *e);
    void (*close)(struct image_source *s); /* may be NULL */
};

/* Both end with NULL. */
extern const struct image_kind *const image_kinds[];       /* all there are */
extern const struct image_kind *const image_kinds_local[]; /* those that need no network */

/* The kind among `kinds` that a name is of; NULL: none of these. */
const struct image_kind *image_kind_of(const struct image_kind *const *kinds, const struct imageref *ref);
/* A person's name of an image of one of these kinds, or of a registry's whether it is among them or not. */
int image_kind_parse(const struct image_kind *const *kinds, struct arena *a, struct slice text,
                     struct imageref *ret_ref, struct err *e);

#endif
