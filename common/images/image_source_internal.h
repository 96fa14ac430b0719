/* SPDX-License-Identifier: Apache-2.0 */
/* image_source_internal.h: what the kinds of image sources share. */
#ifndef CAREEN_IMAGES_IMAGE_SOURCE_INTERNAL_H
#define CAREEN_IMAGES_IMAGE_SOURCE_INTERNAL_H

#include "images/image_source.h"
#include "io/archive/tarindex.h"

struct docker_layer {
    struct slice digest;
    const struct tar_member *member;
};

struct image_source {
    const struct image_kind *kind;
    struct imageref ref;
    struct arena memory;
    struct registry *registry;
    int fd; /* the folder or the archive */
    tar_member_vec members;
    VEC(struct docker_layer) docker_layers;
};

/* The entries of an index and of the indexes within it, in one list. */
struct source_entries {
    descriptor_vec list;
    slice_vec indexes; /* for each entry: the digest of its index */
    VEC(size_t) tops;  /* for each entry: the entry of the outermost index that leads to it */
    int indexes_read;  /* bounded, since a few indexes may name each other many times */
};
int source_flatten(struct image_source *s, struct arena *a, const descriptor_vec *list, struct slice index,
                   struct source_entries *entries, struct err *e);
/* Reads the configs of entries without a platform, which is optional in an index, to know theirs. */
int source_know_platforms(struct image_source *s, struct arena *a, struct source_entries *entries, struct err *e);

/*
 * Chooses from list, down through nested indexes, and fills *image. When nothing leads to an image: 0, with the status
 * and the reason in *image.
 */
int source_choose(struct image_source *s, struct arena *a, const descriptor_vec *list, const struct platform *want,
                  struct image *image, struct err *e);
/* Fills *image from a parsed manifest: reads the config, and compares its platform with want unless that is NULL. */
int source_finish(struct image_source *s, struct arena *a, const struct manifest *m, struct slice digest,
                  const struct platform *want, struct image *image, struct err *e);
int source_manifest(struct image_source *s, struct arena *a, struct slice digest, struct manifest *m, struct err *e);
int source_config(struct image_source *s, struct arena *a, const struct manifest *m, struct image_config *ret_config,
                  struct err *e);
int source_check_platform(struct arena *a, const struct platform *want, const struct image *image, struct err *e);
/* Reads a whole piece of a file, at most max bytes, into out. */
int source_read(const struct source_file *f, size_t max, struct buf *out, struct err *e);
/* Streams a piece of a file and checks its digest. */
int source_stream(const struct source_file *f, struct slice digest, registry_sink sink, void *arg, struct err *e);
/* The `open` of kinds that are a tar file; it indexes the members. */
int source_open_archive(struct image_source *s, const struct registry_options *o, struct err *e);
int source_member(struct image_source *s, const struct tar_member *m, struct source_file *ret_file, struct err *e);

/* One image of several in a file, as a refusal lists it. */
struct source_candidate {
    size_t number; /* its place in the file's own list, as "@number" names it */
    struct slice name, digest, platforms;
};
/* ERR_USAGE that lists the images and says how to name one. why: "it holds several images", "it has no image x". */
int source_refuse(const struct imageref *ref, const char *why, const struct source_candidate *list, size_t n,
                  struct err *e);
/*
 * How well a name in a file fits the name that was asked for: 3: it is the same; 2: it means the same ("app:v1" is
 * "docker.io/library/app:v1"); 1: the name asked for is its tag; 0: not at all.
 */
int source_name_fits(struct slice name, struct slice asked);
/* Whether the name asked for is a number ("@7"), or a digest ("@sha256:…", "sha256:…"). */
bool source_asked_number(struct slice asked, size_t *ret_number);
bool source_asked_digest(struct slice asked, struct slice *ret_digest);

#endif
