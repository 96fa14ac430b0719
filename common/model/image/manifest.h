/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h: image manifests, indexes and configs of the OCI image specification 1.1 and of Docker's schema 2, from
 * hostile bytes into structs in an arena. Pure; any thread.
 *
 * A well-formed manifest that is not a readable image is no error. Charts, signatures, attestations and caches are
 * MANIFEST_ARTIFACT: there is nothing to assess. Schema 1 and unknown kinds of manifests are MANIFEST_UNKNOWN_FORMAT:
 * there may be something. `reason` says why; it becomes the reason of struct image.
 */
#ifndef CAREEN_MODEL_IMAGE_MANIFEST_H
#define CAREEN_MODEL_IMAGE_MANIFEST_H

#include "base/err.h"
#include "model/image/media_type.h"
#include "model/records.h"

#define MANIFEST_MAX_BYTES ((size_t)4 << 20) /* the distribution specification asks registries to take 4 MiB */
#define CONFIG_MAX_BYTES   ((size_t)8 << 20)

/* To be raised when manifests are read differently: images that an older version read are then asked for again. */
#define MANIFEST_READ_VERSION 1

struct platform {
    struct slice os, architecture, variant, os_version; /* empty: any, or not said */
};
typedef VEC(struct platform) platform_vec;

struct descriptor {
    struct slice media_type, digest, artifact_type;
    int64_t size;
    slice_vec urls;
    struct platform platform;
    struct slice ref_name;   /* annotation org.opencontainers.image.ref.name */
    struct slice image_name; /* annotation io.containerd.image.name: the whole name where ref_name is only a tag */
    enum entry_kind kind;    /* for entries of an index; BuildKit's unknown/unknown ones are no images */
    struct slice why;        /* with ENTRY_UNREAD: why; with ENTRY_NO_IMAGE, when it was read: what it is */
};
typedef VEC(struct descriptor) descriptor_vec;

enum manifest_kind { MANIFEST_IMAGE, MANIFEST_INDEX, MANIFEST_ARTIFACT, MANIFEST_UNKNOWN_FORMAT };
struct manifest {
    enum manifest_kind kind;
    struct slice media_type, artifact_type, subject; /* subject: digest of what this artifact is about */
    struct reason reason;                            /* of MANIFEST_ARTIFACT and MANIFEST_UNKNOWN_FORMAT */
    struct descriptor config;
    descriptor_vec layers;    /* of an image, base first */
    bool unsure;              /* no type, of config or layer, says that it is an image; the config's content decides */
    descriptor_vec manifests; /* of an index; entries that are no image or can't be read are marked, not dropped */
};

struct image_config {
    struct platform platform;
    slice_vec diff_ids;
    int64_t created_ms;
};

/*
 * content_type is the registry's type of it, perhaps with parameters; SLICE_NONE when there is none. It must agree with
 * the body's own mediaType. ERR_POISON: not JSON, against the format, or over a limit.
 */
int manifest_parse(struct arena *a, struct slice body, struct slice content_type, struct manifest *ret_manifest,
                   struct err *e);
int image_config_parse(struct arena *a, struct slice body, struct image_config *ret_config, struct err *e);

/* Fills media_type, config_digest, platform, created_ms, layers with their diff ids, status and reason of *image. */
int manifest_fill_image(struct arena *a, const struct manifest *m, const struct image_config *c, struct image *image,
                        struct err *e);

/* Whether this version may read an image differently than the older version that wrote the record did. */
bool manifest_reads_anew(const struct image *known);

/*
 * Why an index leads to nothing that can be assessed, by its entries' types; absent when one of them may be an image.
 * *ret_artifact: it is no image at all (a BuildKit cache, attestations, nothing); otherwise its entries can't be read.
 */
struct reason manifest_index_reason(struct arena *a, const struct manifest *m, bool *ret_artifact);

/* "os/arch[/variant]". ERR_USAGE otherwise. */
int platform_parse(struct arena *a, struct slice text, struct platform *ret_platform, struct err *e);
struct platform platform_here(void); /* linux on this machine's architecture */
struct slice platform_format(struct arena *a, const struct platform *p);
/* Whether an image for platform `have` can be used for `want`; arm64 is arm64/v8, amd64 is amd64/v1, arm is arm/v7. */
bool platform_matches(const struct platform *want, const struct platform *have);
/*
 * Chooses the entry for want; with want NULL, the one for platform_here() or else the only image there is. Only entries
 * of kind ENTRY_IMAGE count. A lone entry that doesn't state its platform is chosen: its config will tell. *ret_index
 * is its index in list; ERR_USAGE lists what there is.
 */
int platform_choose(struct arena *a, const descriptor_vec *list, const struct platform *want, size_t *ret_index,
                    struct err *e);

#endif
