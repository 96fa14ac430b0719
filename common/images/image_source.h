/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_source.h: one image from wherever a reference points (image_kind.h): a registry, an OCI layout in a folder or a
 * tar, an archive of `docker save`. Whatever the source, what is read is checked against its digest.
 *
 * An archive of `docker save` has no manifest. The image's digest is then the digest of its config, which Docker calls
 * the image id, and a layer's digest is that of its bytes in the archive (its diff id when it is not compressed).
 *
 * A source belongs to one thread at a time.
 */
#ifndef CAREEN_IMAGES_IMAGE_SOURCE_H
#define CAREEN_IMAGES_IMAGE_SOURCE_H

#include "images/image_kind.h"

struct image_source;
/*
 * kinds: those that the program has (image_kind.h). o: for references to registries, whose host comes from the
 * reference; NULL: defaults. ref is copied. ERR_USAGE: the reference belongs to none of these kinds, or to one without
 * layers.
 */
int image_source_open(const struct image_kind *const *kinds, const struct imageref *ref,
                      const struct registry_options *o, struct image_source **ret_source, struct err *e);
void image_source_close(struct image_source *s);

/*
 * The image for platform want; with NULL, the one for linux on this machine's architecture, else the only one there is.
 * Fills *ret_image, in a: digest, tags, indexes, layers …; registry and repository come from the reference (for files,
 * the repository is the path). Something that is no container image gives 0 and status IMAGE_UNSUPPORTED. ERR_USAGE
 * names the platforms or references there are.
 */
int image_source_image(struct image_source *s, struct arena *a, const struct platform *want, struct image *ret_image,
                       struct err *e);

/* Streams a layer's bytes as they are stored, compressed or not. They are verified only when 0 is returned. */
int image_source_layer(struct image_source *s, const struct layer_ref *layer, registry_sink sink, void *arg,
                       struct err *e);

/*
 * Where a layer's bytes lie on this machine, unverified. 1: found; 0: the source is a registry. The caller closes fd.
 */
struct source_file {
    int fd;
    int64_t offset, size;
};
int image_source_file(struct image_source *s, const struct layer_ref *layer, struct source_file *ret_file,
                      struct err *e);

#endif
