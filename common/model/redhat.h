/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redhat.h: names of Red Hat's products. Red Hat says what an advisory holds for by CPE 2.2 URIs
 * ("cpe:/a:redhat:rhel_eus:9.2::appstream"), and what an image was built from by content sets
 * ("rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_2") or CPEs of os-release and labels. Here all of them become one short
 * product name, which stands behind "Red Hat:" as an ecosystem and in os_info.products:
 *  - "9": the mainline of Red Hat Enterprise Linux 9, whatever the repository (::appstream, ::crb) and minor release;
 *  - "rhel_eus:9.2", "rhel_aus:8.2", "rhel_els:7": the releases that are supported longer, without their repository
 *    (enterprise_linux_eus:10.0 is rhel_eus:10.0);
 *  - "openshift:4.12::el8", "satellite:6.14::el8", "ansible_engine:2": layered products, with their system if stated.
 *
 * The rules for content sets were written against Red Hat's own repository-to-cpe.json, and a test holds every name
 * that is mapped against it; a name that no rule knows is of no product, and only the mainline is judged. Pure.
 */
#ifndef CAREEN_REDHAT_H
#define CAREEN_REDHAT_H

#include "base/arena.h"

/* SLICE_NONE when it is no CPE of Red Hat's or the arena is full. */
struct slice redhat_product_of_cpe(struct slice cpe, struct arena *arena);
/* version_id: os-release's, for the content sets of longer supported releases that don't state theirs. */
struct slice redhat_product_of_content_set(struct slice name, struct slice version_id, struct arena *arena);
/* A bare number: the system itself, no product beside it. */
bool redhat_is_mainline(struct slice product);
/* What may be said of all releases of a product: "openshift:4.12::el8" -> "openshift:4"; SLICE_NONE when the same. */
struct slice redhat_general_product(struct slice product, struct arena *arena);
/*
 * A vulnerability that is fixed in two minor releases: the version that the later one began with, from which on `fix`
 * counts, after those that `before` fixed ("7.76.1-23.el9_2.4", "7.76.1-26.el9_3.2" -> "7.76.1-24"). SLICE_NONE when
 * nothing can lie between: builds of one minor release, or the same build for both. Takes rpm versions with a release.
 */
struct slice redhat_release_began(struct slice before, struct slice fix, struct arena *arena);

#endif
