/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redhat.h: names of Red Hat's products. Red Hat's advisories name the products that they hold for by CPE 2.2 URIs
 * ("cpe:/a:redhat:rhel_eus:9.2::appstream"). What an image was built from is named by content sets
 * ("rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_2"), or by CPEs in os-release and labels. All of them become one short
 * product name here, which stands behind "Red Hat:" in ecosystems, and in os_info.products:
 *
 *  - "9": the mainline of Red Hat Enterprise Linux 9, whatever the repository (::appstream, ::crb) and minor release;
 *    "enterprise_linux" without a version is every mainline;
 *  - "rhel_eus:9.2", "rhel_aus:8.2", "rhel_els:7": the releases that are supported longer, without their repository
 *    (enterprise_linux_eus:10.0 is rhel_eus:10.0);
 *  - "openshift:4.12::el8", "satellite:6.14::el8", "ansible_engine:2": layered products, with their system if stated.
 *    One that leaves the system, the minor version or the version out, or has a wildcard there, holds for all of them.
 *
 * The rules for content sets were written against Red Hat's own repository-to-cpe.json, and a test holds every name
 * that is mapped against it; a name that no rule knows is of no product, and only the mainline is judged. Pure.
 */
#ifndef CAREEN_MODEL_DISTRO_REDHAT_H
#define CAREEN_MODEL_DISTRO_REDHAT_H

#include "base/arena.h"

/* SLICE_NONE: it is not a CPE of Red Hat's, or the arena is full. */
struct slice redhat_product_of_cpe(struct slice cpe, struct arena *arena);
/* version_id: from os-release, for content sets of longer supported releases that don't state the release. */
struct slice redhat_product_of_content_set(struct slice name, struct slice version_id, struct arena *arena);
/* Whether it is the mainline (a bare number), and not a product beside it. */
bool redhat_is_mainline(struct slice product);
/*
 * The more general products whose advisories hold for this one too, the narrowest first: "openshift:4.12::el8" ->
 * "openshift:4.12", "openshift:4", "openshift". Slices of product or in the arena; absent where that is full.
 */
#define REDHAT_GENERALS_MAX 4
size_t redhat_general_products(struct slice product, struct arena *arena, struct slice to[REDHAT_GENERALS_MAX]);

/*
 * Every minor release gets a fix with a version of its own. A build's dist tag says for which one it was made: "el9_4"
 * or ".module+el8.9.0"; "el9" names no minor release. Without a tag the slices are absent. Derivatives of Red Hat keep
 * the tags.
 */
struct redhat_stream {
    struct slice major, minor;
};
struct redhat_stream redhat_stream_of(struct slice version);
bool redhat_same_stream(struct redhat_stream a, struct redhat_stream b);
/*
 * Whether a fix is about other builds than this one: for another major release, or another minor one if it names one.
 */
bool redhat_other_stream(struct redhat_stream build, struct redhat_stream fix);
/*
 * For a vulnerability that is fixed in two streams, in `before` and in the higher `fix`: the version from which on
 * `fix` decides. "0" where `before` names its minor release, since builds of it can then be recognised; otherwise what
 * follows the release of `before` ("1.0-2.el9", "1.0-8.el9_4.1" -> "1.0-3"). SLICE_NONE when nothing can lie between
 * the two. Both are rpm versions with a release.
 */
struct slice redhat_release_began(struct slice before, struct slice fix, struct arena *arena);
/* The products under which a build's minor release gets fixes after the mainline moved on: "rhel_eus:9.4", … */
#define REDHAT_LONGER_MAX 4
size_t redhat_longer_products(struct slice version, struct arena *arena, struct slice to[REDHAT_LONGER_MAX]);

/*
 * A module's label, as rpm keeps it (RPMTAG_MODULARITYLABEL): "nodejs:18:8100020240416094130:489197e6" are name,
 * stream, version and context. The version is the platform ("81000" is 8.10) and a time of 14 digits; versions compare
 * as numbers.
 */
struct redhat_module {
    struct slice stream;  /* "nodejs:18"; absent: no label */
    struct slice version; /* absent when the label has none */
};
struct redhat_module redhat_module_of(struct slice label);
bool redhat_is_module_version(struct slice s);
/* The same as redhat_release_began for module versions: where the next minor release begins. */
struct slice redhat_module_began(struct slice before, struct slice fix, struct arena *arena);

#endif
