/* SPDX-License-Identifier: Apache-2.0 */
/* image_source_internal.h: what the kinds of image sources share. */
#ifndef CAREEN_IMAGE_SOURCE_INTERNAL_H
#define CAREEN_IMAGE_SOURCE_INTERNAL_H

#include "io/tarindex.h"
#include "model/image_source.h"

struct docker_layer {
    struct slice digest;
    const struct tar_member *member;
};

struct image_source {
    const struct image_source_ops *ops;
    struct imageref ref;
    struct arena memory;
    struct registry *registry;
    int fd; /* the folder or the archive */
    tar_member_vec members;
    VEC(struct docker_layer) docker_layers;
};

struct image_source_ops {
    int (*image)(struct image_source *s, struct arena *a, const struct platform *want, struct image *image,
                 struct err *e);
    /* The bytes of a manifest, checked; *media_type is what the source calls it or SLICE_NONE, in a. */
    int (*manifest)(struct image_source *s, struct arena *a, struct slice digest, struct buf *body,
                    struct slice *media_type, struct err *e);
    int (*blob)(struct image_source *s, struct slice digest, int64_t size, registry_sink sink, void *arg,
                struct err *e);
    int (*file)(struct image_source *s, struct slice digest, struct layer_file *ret_file, struct err *e);
    void (*close)(struct image_source *s); /* may be NULL */
};
extern const struct image_source_ops source_registry, source_layout, source_docker;
int source_registry_open(struct image_source *s, const struct registry_options *o, struct err *e);

/* Chooses from list, down through nested indexes, and fills *image. */
int source_choose(struct image_source *s, struct arena *a, const descriptor_vec *list, const struct platform *want,
                  struct image *image, struct err *e);
/* The image of a parsed manifest: reads the config, compares its platform with want where that is asked for. */
int source_finish(struct image_source *s, struct arena *a, const struct manifest *m, struct slice digest,
                  const struct platform *want, struct image *image, struct err *e);
int source_check_platform(struct arena *a, const struct platform *want, const struct image *image, struct err *e);
/* Reads a whole file piece, at most max bytes, into out. */
int source_read(const struct layer_file *f, size_t max, struct buf *out, struct err *e);
/* Streams a file piece and checks its digest. */
int source_stream(const struct layer_file *f, struct slice digest, registry_sink sink, void *arg, struct err *e);
int source_open_archive(struct image_source *s, struct err *e);
int source_member(struct image_source *s, const struct tar_member *m, struct layer_file *ret_file, struct err *e);

#endif
