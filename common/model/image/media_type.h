/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_type.h: what the media types of manifests, configs and layers say about an object: whether it is an image's
 * files, an image in a form that can't be read, or no image at all. Pure; any thread.
 *
 * Registries hold much that has an image's manifest but is no image (signatures, charts, attestations), and images
 * whose config has a type that says nothing. So only known types decide. An unknown type of a config means an artifact,
 * and an unknown type of a layer means content that is not files.
 */
#ifndef CAREEN_MODEL_IMAGE_MEDIA_TYPE_H
#define CAREEN_MODEL_IMAGE_MEDIA_TYPE_H

#include "base/slice.h"

#define MEDIA_OCI_INDEX       "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST    "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG      "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER       "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER    "application/vnd.docker.image.rootfs.diff.tar"

/* "application/json; charset=utf-8" without its parameters and blanks. */
struct slice media_type_essence(struct slice s);

enum entry_kind {
    ENTRY_IMAGE,    /* an image's manifest, or the type says nothing: to be read */
    ENTRY_INDEX,    /* another index */
    ENTRY_NO_IMAGE, /* a layer, a cache's config, an attestation, an unknown type */
    ENTRY_UNREAD,   /* it may be an image, but can't be fetched; the descriptor's `why` says so */
};
/* What an entry of an index is, by its media type alone. */
enum entry_kind media_type_entry(struct slice media_type);
bool media_type_schema1(struct slice media_type);

enum config_media {
    CONFIG_OF_IMAGE,
    CONFIG_UNSAID,      /* the type says nothing */
    CONFIG_OF_ARTIFACT, /* the config of an artifact */
};
enum config_media media_type_config(struct slice media_type);

enum layer_kind {
    LAYER_FILES,   /* a tar, compressed or not */
    LAYER_GENERIC, /* the type says nothing */
    LAYER_UNREAD,  /* files in a form that can't be read yet: media_type_unread names it */
    LAYER_OTHER,   /* not files of an image: JSON, a chart, a module, … */
};
enum layer_kind media_type_layer(struct slice media_type);
/* "encrypted", "a squashfs file system" …; NULL for everything else. */
const char *media_type_unread(struct slice media_type);

/* What people call an artifact of this type: "a cosign signature", "a Helm chart"; NULL when it is not known. */
const char *media_type_artifact(struct slice media_type);

/*
 * True for layers that a registry need not hold (image specification, layer.md, "Non-Distributable Layers"; Docker's
 * "foreign" ones). Their urls are never followed: whoever wrote the manifest would choose where we connect to.
 */
bool media_type_foreign(struct slice media_type);

#endif
