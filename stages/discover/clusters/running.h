/* SPDX-License-Identifier: Apache-2.0 */
/*
 * running.h: which image runs where a cluster names an index, or an image's configuration. Pure; any thread.
 *
 * containerd (so most clusters) calls a container's image by the digest that was asked for: of a multi-platform tag
 * that is the index's, while findings belong to one platform's image.
 */
#ifndef CAREEN_DISCOVER_CLUSTERS_RUNNING_H
#define CAREEN_DISCOVER_CLUSTERS_RUNNING_H

#include "discover/clusters/workloads.h"
#include "model/image/manifest.h"

/* An image that goes by the digest in question. */
struct candidate {
    struct slice digest;
    struct platform platform;
};
typedef VEC(struct candidate) candidate_vec;

/*
 * The image that a node of that platform ("os/architecture", of Windows with its build; empty: not known) runs. Not
 * known: the only one there is, or linux/amd64, or the first, which is assumed. false when there is none for the
 * platform.
 */
bool running_choose(const candidate_vec *all, struct slice platform, size_t *ret_index, bool *ret_assumed);

#endif
