/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h: image manifests, indexes and configs of the OCI image specification 1.1 and of Docker's schema 2, from
 * hostile bytes into structs in an arena. Pure; any thread.
 *
 * What is well-formed but no container image of files (schema 1, charts, signatures, attestations, unknown types) is
 * not an error: kind is MANIFEST_UNSUPPORTED and reason says why, for struct image's status and reason.
 */
#ifndef CAREEN_MANIFEST_H
#define CAREEN_MANIFEST_H

#include "base/err.h"
#include "model/records.h"

#define MANIFEST_MAX_BYTES ((size_t)4 << 20) /* the distribution specification asks registries to take 4 MiB */
#define CONFIG_MAX_BYTES   ((size_t)8 << 20)

#define MEDIA_OCI_INDEX       "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST    "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG      "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER       "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER    "application/vnd.docker.image.rootfs.diff.tar"

struct platform {
    struct slice os, architecture, variant, os_version; /* empty: any, or not said */
};
typedef VEC(struct platform) platform_vec;

struct descriptor {
    struct slice media_type, digest, artifact_type;
    int64_t size;
    slice_vec urls;
    struct platform platform;
    struct slice ref_name; /* annotation org.opencontainers.image.ref.name */
    bool attestation;      /* BuildKit's unknown/unknown entries: not an image */
};
typedef VEC(struct descriptor) descriptor_vec;

enum manifest_kind { MANIFEST_IMAGE, MANIFEST_INDEX, MANIFEST_UNSUPPORTED };
struct manifest {
    enum manifest_kind kind;
    struct slice media_type, artifact_type, subject; /* subject: digest of what this artifact is about */
    struct slice reason;                             /* of MANIFEST_UNSUPPORTED */
    struct descriptor config;
    descriptor_vec layers;    /* of an image, base first */
    descriptor_vec manifests; /* of an index; attestations are marked, not dropped */
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

/*
 * True for layers that a registry need not hold (image specification, layer.md, "Non-Distributable Layers"; Docker's
 * "foreign" ones). Their urls are never followed: whoever wrote the manifest would choose where we connect to.
 */
bool media_type_foreign(struct slice media_type);

/* "os/arch[/variant]". ERR_USAGE otherwise. */
int platform_parse(struct arena *a, struct slice text, struct platform *ret_platform, struct err *e);
struct platform platform_here(void); /* linux on this machine's architecture */
struct slice platform_format(struct arena *a, const struct platform *p);
/* Whether an image of have can be taken for want; arm64 is arm64/v8, amd64 is amd64/v1, arm is arm/v7. */
bool platform_matches(const struct platform *want, const struct platform *have);
/*
 * The entry for want; with want NULL, platform_here() or else the only image there is. Index in list; ERR_USAGE lists
 * what there is. Attestations never count. A lone entry that doesn't say its platform is taken: its config tells.
 */
int platform_choose(struct arena *a, const descriptor_vec *list, const struct platform *want, size_t *ret_index,
                    struct err *e);

#endif
