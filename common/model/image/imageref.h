/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imageref.h: names of images as people write them.
 *
 *   [docker://][registry/]repository[:tag][@digest]   with Docker's defaults: docker.io, library/, latest
 *   registry:registry/repository…                     the same, as some tools spell it
 *   http://registry/repository…                       a registry without TLS
 *   oci:DIR[:ref]              an OCI image layout folder
 *   oci-archive:FILE[:ref]     the same in an uncompressed tar
 *   docker-archive:FILE[:ref]  what `docker save` writes
 *   sbom:FILE                  a list of packages instead of an image
 *
 * Names of other places that other tools know ("docker-daemon:x", "podman:x", "dir:x") are refused, because they would
 * be read as repositories of Docker Hub. A real repository of such a name is written with its registry:
 * docker.io/library/docker:24.
 *
 * ref is a name that stands in the file, its place in the file's list ("@7"), or "@sha256:…" (also DIR@sha256:…). FILE
 * and DIR end at the first colon. The grammar of repository, tag and digest is that of the OCI distribution
 * specification 1.1 ("Pulling manifests") and of the image specification ("Digests"). Pure; any thread.
 */
#ifndef CAREEN_MODEL_IMAGE_IMAGEREF_H
#define CAREEN_MODEL_IMAGE_IMAGEREF_H

#include "base/arena.h"
#include "base/err.h"

/* A form of names that begins with a scheme and a colon. The forms that exist are in images/image_kind.h. */
struct imageref_form {
    const char *scheme; /* "oci" */
    bool folder;        /* the path names a folder, not a file */
    bool several; /* there may be several images, and ":ref" behind the path says which; the path then has no colon */
};

/* All slices are NUL-terminated copies in the arena. */
struct imageref {
    const struct imageref_form *form; /* NULL: an image in a registry */
    struct slice registry;            /* "docker.io", "host:5000"; in lower case unless only capitals make it a host */
    struct slice repository;          /* "library/alpine" */
    struct slice tag;                 /* "latest" when neither tag nor digest is written; empty with only a digest */
    struct slice digest;              /* empty without */
    struct slice path;                /* of the file forms */
    struct slice ref;                 /* of the file forms; empty without */
    bool plain_http;                  /* http:// stood in front */
};

/* forms: the known ones, NULL-terminated. ERR_USAGE says what is wrong and where. */
int imageref_parse(struct arena *a, struct slice text, const struct imageref_form *const *forms,
                   struct imageref *ret_ref, struct err *e);
/* Reads only names in registries, as they stand in pods and in files' tags: "docker:24" is the repository docker. */
int imageref_parse_name(struct arena *a, struct slice text, struct imageref *ret_ref, struct err *e);
/*
 * "registry/repository:tag@digest", with http:// where only that makes the first part a registry; or the file's form.
 */
struct slice imageref_format(struct arena *a, const struct imageref *r);

/* sha256:<64 hex digits in lower case>, the only algorithm in use; records hold no other. */
bool imageref_digest_valid(struct slice s);
bool imageref_registry_valid(
    struct slice s); /* a name or IPv4 address, or an IPv6 one in brackets, with an optional port */
bool imageref_repository_valid(struct slice s);
bool imageref_tag_valid(struct slice s);

#endif
