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
 * Names of other places ("docker-daemon:x", "podman:x", "dir:x") are refused by their names: they would be repositories
 * of Docker Hub. What really is one of those is written with its registry, docker.io/library/docker:24.
 *
 * ref is a name that stands in the file, "@7", the place in its list, or "@sha256:…" (also DIR@sha256:…).
 * FILE and DIR end at the first colon. The grammar of repository, tag and digest is that of the OCI distribution
 * specification 1.1 ("Pulling manifests") and of the image specification ("Digests"). Pure; any thread.
 */
#ifndef CAREEN_MODEL_IMAGE_IMAGEREF_H
#define CAREEN_MODEL_IMAGE_IMAGEREF_H

#include "base/arena.h"
#include "base/err.h"

/* A form of names that begins with a scheme and a colon; images/image_kind.h has those there are. */
struct imageref_form {
    const char *scheme; /* "oci" */
    bool folder;        /* the path is a folder's, not a file's */
    bool several; /* there may be several images: ":ref" behind the path says which one, so the path has no colon */
};

/* All slices are NUL-terminated copies in the arena. */
struct imageref {
    const struct imageref_form *form; /* NULL: a registry's */
    struct slice registry;            /* "docker.io", "host:5000"; lower case where it is a host without that too */
    struct slice repository;          /* "library/alpine" */
    struct slice tag;                 /* "latest" when neither tag nor digest is written; empty with only a digest */
    struct slice digest;              /* empty without */
    struct slice path;                /* of the file forms */
    struct slice ref;                 /* of the file forms; empty without */
    bool plain_http;                  /* http:// stood in front */
};

/* forms: those that are known, ends with NULL. ERR_USAGE says what is wrong and where. */
int imageref_parse(struct arena *a, struct slice text, const struct imageref_form *const *forms,
                   struct imageref *ret_ref, struct err *e);
/* Only a registry's name, as pods and tags in files have it: there "docker:24" is the repository docker. */
int imageref_parse_name(struct arena *a, struct slice text, struct imageref *ret_ref, struct err *e);
/* "registry/repository:tag@digest", with http:// where only that tells the registry, or the file form. */
struct slice imageref_format(struct arena *a, const struct imageref *r);

/* sha256:<64 hex>, lower case: the one algorithm in use; records hold no other. */
bool digest_valid(struct slice s);
bool registry_valid(struct slice s); /* a name or IPv4 address, or an IPv6 one in brackets, with an optional port */
bool repository_valid(struct slice s);
bool tag_valid(struct slice s);

#endif
