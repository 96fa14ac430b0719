/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workloads.h: what runs in a cluster, from the PodList of `kubectl get pods -A -o json`
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/). Pure; any thread.
 *
 * A workload is one container of one owner on one image digest, with the number of its running copies. The owner is the
 * pod's controller; a ReplicaSet named <name>-<pod-template-hash> stands for the Deployment <name>, a Job named
 * <name>-<scheduled minute> for the CronJob <name>; a pod without an owner is its own.
 *
 * A running image is named by the digest that the container runtime gives: of a manifest, of the index that was asked
 * for (containerd), or of the image's configuration (images that were never pulled, and some versions of CRI-O).
 * running.h finds out which.
 */
#ifndef CAREEN_DISCOVER_CLUSTERS_WORKLOADS_H
#define CAREEN_DISCOVER_CLUSTERS_WORKLOADS_H

#include "base/err.h"
#include "model/records.h"

#define WORKLOADS_MAX_BYTES ((size_t)256 << 20)

struct workloads_told {
    size_t pods, running; /* containers that run on a known digest */
    size_t no_digest;     /* containers whose image nothing names by a digest */
    size_t nodes;         /* nodes with a known platform */
    size_t malformed;     /* pods or containers that were left out because something is missing */
};

/*
 * body: the list of pods. nodes: a NodeList, or the metadata of one; SLICE_NONE, or anything else, counts as none.
 * Nodes may also stand among the pods (kubectl get pods,nodes). A platform is "os/architecture", from the node, else
 * from what the pod demands of its node; on Windows also the build: "windows/amd64/10.0.20348".
 *
 * The workloads are sorted by digest, namespace, owner, container and platform, each once. ERR_POISON: body is no list
 * of pods, or one that is cut, so that nothing is taken for stopped because a transfer broke.
 */
int workloads_parse(struct arena *a, struct slice body, struct slice nodes, struct slice cluster,
                    workload_vec *ret_workloads, struct workloads_told *ret_told, struct err *e);

/* Sorts, and joins workloads with the same topic key (with by_platform: and the same platform) into one. */
enum workloads_joined { WORKLOADS_BY_PLATFORM, WORKLOADS_OF_ALL_PLATFORMS };
void workloads_join(workload_vec *v, enum workloads_joined which);

/*
 * The digest in "docker-pullable://host/repo@sha256:…", "host/repo@sha256:…", "docker://sha256:…", "sha256:…" and
 * CRI-O's bare "<64 hex>"; SLICE_NONE when there is none. *ret_named: a repository stands before it, so that it is not
 * the digest of a config.
 */
struct slice workload_digest(struct arena *a, struct slice image_id, bool *ret_named);

#endif
