/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h: image manifests, indexes and configs of the OCI image specification 1.1 and of Docker's schema 2, from
 * hostile bytes into structs in an arena. Pure; any thread.
 *
 * What is well-formed and no image that can be read is not an error. Charts, signatures, attestations, caches are
 * MANIFEST_ARTIFACT: there is nothing to assess. Schema 1 and unknown kinds of manifests are MANIFEST_UNKNOWN_FORMAT:
 * there may be. reason says why, for struct image's status and reason.
 */
#ifndef CAREEN_MODEL_IMAGE_MANIFEST_H
#define CAREEN_MODEL_IMAGE_MANIFEST_H

#include "base/err.h"
#include "model/image/media_type.h"
#include "model/records.h"

#define MANIFEST_MAX_BYTES ((size_t)4 << 20) /* the distribution specification asks registries to take 4 MiB */
#define CONFIG_MAX_BYTES   ((size_t)8 << 20)

/* Grows when manifests are read otherwise: then what an older version said of some is asked for anew. */
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
    struct slice image_name; /* annotation io.containerd.image.name: the whole name where that is only a tag */
    enum entry_kind kind;    /* of an index's entries; BuildKit's unknown/unknown ones are no images */
    struct slice why;        /* with ENTRY_UNREAD; with ENTRY_NO_IMAGE when it was read: what it is */
};
typedef VEC(struct descriptor) descriptor_vec;

enum manifest_kind { MANIFEST_IMAGE, MANIFEST_INDEX, MANIFEST_ARTIFACT, MANIFEST_UNKNOWN_FORMAT };
struct manifest {
    enum manifest_kind kind;
    struct slice media_type, artifact_type, subject; /* subject: digest of what this artifact is about */
    struct slice reason;                             /* of MANIFEST_ARTIFACT and MANIFEST_UNKNOWN_FORMAT */
    struct descriptor config;
    descriptor_vec layers;    /* of an image, base first */
    bool unsure;              /* neither the config's nor any layer's type says that it is an image: the config tells */
    descriptor_vec manifests; /* of an index; what is no image or can't be read is marked, not dropped */
};

struct image_config {
    struct platform platform;
    slice_vec diff_ids;
    int64_t created_ms;
};

/*
 * content_type is what the registry called it, parameters allowed; SLICE_NONE when nobody said. It must agree with the
 * body's own mediaType. ERR_POISON: not JSON, against the format, over a limit.
 */
int manifest_parse(struct arena *a, struct slice body, struct slice content_type, struct manifest *ret_manifest,
                   struct err *e);
int config_parse(struct arena *a, struct slice body, struct image_config *ret_config, struct err *e);

/* Fills media_type, config_digest, platform, created_ms, layers with their diff ids, status and reason of *image. */
int manifest_fill_image(struct arena *a, const struct manifest *m, const struct image_config *c, struct image *image,
                        struct err *e);

/* Whether this version may read the image of an older version's record otherwise: its manifest is to be read again. */
bool manifest_reads_anew(const struct image *known);

/*
 * Why an index leads to nothing that can be assessed, from its entries' types; absent when one may be an image. With
 * *ret_artifact it is no image (a BuildKit cache, attestations, nothing at all), else its entries can't be read.
 */
struct slice manifest_index_reason(struct arena *a, const struct manifest *m, bool *ret_artifact);

/* "os/arch[/variant]". ERR_USAGE otherwise. */
int platform_parse(struct arena *a, struct slice text, struct platform *ret_platform, struct err *e);
struct platform platform_here(void); /* linux on this machine's architecture */
struct slice platform_format(struct arena *a, const struct platform *p);
/* Whether an image of have can be taken for want; arm64 is arm64/v8, amd64 is amd64/v1, arm is arm/v7. */
bool platform_matches(const struct platform *want, const struct platform *have);
/*
 * The entry for want; with want NULL, platform_here() or else the only image there is. Index in list; ERR_USAGE lists
 * what there is. Only ENTRY_IMAGE counts. A lone entry that doesn't say its platform is taken: its config tells.
 */
int platform_choose(struct arena *a, const descriptor_vec *list, const struct platform *want, size_t *ret_index,
                    struct err *e);

#endif
