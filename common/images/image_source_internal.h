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

/* Entries of an index and of those that it names in one list. */
struct source_entries {
    descriptor_vec list;
    slice_vec indexes; /* each entry's own index */
    VEC(size_t) tops;  /* and from which entry of the outermost one it comes */
    int indexes_read;  /* a few that name each other often must not keep us busy */
};
int source_flatten(struct image_source *s, struct arena *a, const descriptor_vec *list, struct slice index,
                   struct source_entries *entries, struct err *e);
/* Platforms are optional in an index: the configs of entries without one tell. */
int source_know_platforms(struct image_source *s, struct arena *a, struct source_entries *entries, struct err *e);

/*
 * Chooses from list, down through nested indexes, and fills *image. What leads to no image at all comes back with 0
 * and the status and reason of that.
 */
int source_choose(struct image_source *s, struct arena *a, const descriptor_vec *list, const struct platform *want,
                  struct image *image, struct err *e);
/* The image of a parsed manifest: reads the config, compares its platform with want where that is asked for. */
int source_finish(struct image_source *s, struct arena *a, const struct manifest *m, struct slice digest,
                  const struct platform *want, struct image *image, struct err *e);
int source_manifest(struct image_source *s, struct arena *a, struct slice digest, struct manifest *m, struct err *e);
int source_config(struct image_source *s, struct arena *a, const struct manifest *m, struct image_config *ret_config,
                  struct err *e);
int source_check_platform(struct arena *a, const struct platform *want, const struct image *image, struct err *e);
/* Reads a whole file piece, at most max bytes, into out. */
int source_read(const struct source_file *f, size_t max, struct buf *out, struct err *e);
/* Streams a file piece and checks its digest. */
int source_stream(const struct source_file *f, struct slice digest, registry_sink sink, void *arg, struct err *e);
/* `open` of kinds that are a file, a tar whose members are then known. */
int source_open_archive(struct image_source *s, const struct registry_options *o, struct err *e);
int source_member(struct image_source *s, const struct tar_member *m, struct source_file *ret_file, struct err *e);

/* One image of several in a file, as a refusal lists it. */
struct source_candidate {
    size_t number; /* its place in the file's own list, as "@number" names it */
    struct slice name, digest, platforms;
};
/* ERR_USAGE: what there is and how to say which one is meant. why: "it holds several images", "it has no image x". */
int source_refuse(const struct imageref *ref, const char *why, const struct source_candidate *list, size_t n,
                  struct err *e);
/*
 * How well a name that stands in a file fits what was asked for: 3 it is the same, 2 it means the same ("app:v1" is
 * "docker.io/library/app:v1"), 1 what was asked for is its tag, 0 not at all.
 */
int source_name_fits(struct slice name, struct slice asked);
/* "@7" as a number, "@sha256:…" or "sha256:…" as a digest; both give true. */
bool source_asked_number(struct slice asked, size_t *ret_number);
bool source_asked_digest(struct slice asked, struct slice *ret_digest);

#endif
