/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workloads.h: what runs in a cluster, from the PodList of `kubectl get pods -A -o json`
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/). Pure; any thread.
 *
 * A workload is one container of one owner on one image digest, with the number of its running copies. The owner is the
 * pod's controller; a ReplicaSet named <name>-<pod-template-hash> stands for the Deployment <name>, a Job named
 * <name>-<scheduled minute> for the CronJob <name>; a pod without an owner is its own.
 *
 * What runs is called by what the container runtime says: the digest of a manifest, of the index that was asked for
 * (containerd), or of the image's configuration (images that were never pulled, some CRI-O). running.h tells them
 * apart.
 */
#ifndef CAREEN_DISCOVER_CLUSTERS_WORKLOADS_H
#define CAREEN_DISCOVER_CLUSTERS_WORKLOADS_H

#include "base/err.h"
#include "model/records.h"

#define WORKLOADS_MAX_BYTES ((size_t)256 << 20)

struct workloads_told {
    size_t pods, running; /* containers that run on a known digest */
    size_t no_digest;     /* containers whose image nothing names by a digest */
    size_t nodes;         /* whose platform was told */
    size_t malformed;     /* pods or containers left out for what is missing */
};

/*
 * body: the pods; nodes, which may be SLICE_NONE: a NodeList, or the metadata of one. Nodes may also stand among the
 * pods (kubectl get pods,nodes). What is no list of nodes is the same as none. Platforms: "os/architecture", from the
 * node, else from what the pod demands of its node; of Windows also the build, "windows/amd64/10.0.20348".
 *
 * Sorted by digest, namespace, owner, container, platform, each once. ERR_POISON: no list of pods; a list that is cut
 * short is one, so that nothing is taken for stopped because a transfer broke.
 */
int workloads_parse(struct arena *a, struct slice body, struct slice nodes, struct slice cluster,
                    workload_vec *ret_workloads, struct workloads_told *ret_told, struct err *e);

/* Sorts, and makes one of those with the same topic key; by_platform: and on the same platform. */
void workloads_join(workload_vec *v, bool by_platform);

/*
 * "docker-pullable://host/repo@sha256:…", "host/repo@sha256:…", "docker://sha256:…", "sha256:…" and CRI-O's bare "<64
 * hex>" to the digest; SLICE_NONE when it names none. *ret_named: a repository stands before it, so that it is no
 * config's.
 */
struct slice workload_digest(struct arena *a, struct slice image_id, bool *ret_named);

#endif
