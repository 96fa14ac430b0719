/* SPDX-License-Identifier: Apache-2.0 */
/*
 * running.h: which image is running when a cluster names an index, or the configuration of an image. Pure; any thread.
 *
 * containerd, and so most clusters, names a container's image by the digest that was asked for. For a multi-platform
 * tag that is the index's digest, whereas findings belong to one platform's image.
 */
#ifndef CAREEN_DISCOVER_CLUSTERS_RUNNING_H
#define CAREEN_DISCOVER_CLUSTERS_RUNNING_H

#include "discover/clusters/workloads.h"
#include "model/image/manifest.h"

/* An image that the digest in question may mean. */
struct candidate {
    struct slice digest;
    struct platform platform;
};
typedef VEC(struct candidate) candidate_vec;

/*
 * The image that a node of that platform runs: "os/architecture", on Windows with its build, or empty when it is not
 * known. In that case it is assumed to be the only one there is, else the one for linux/amd64, else the first. False
 * when there is none for the platform.
 */
bool running_choose(const candidate_vec *all, struct slice platform, size_t *ret_index, bool *ret_assumed);

#endif
