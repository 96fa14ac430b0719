/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workloads.h: what runs in a cluster, from the PodList of `kubectl get pods -A -o json`
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/). Pure; any thread.
 *
 * A workload is one container of one owner on one image digest, with the number of its running copies. The owner is the
 * pod's controller; a ReplicaSet named <name>-<pod-template-hash> stands for the Deployment <name>, a Job named
 * <name>-<scheduled minute> for the CronJob <name>; a pod without an owner is its own.
 */
#ifndef CAREEN_DISCOVER_WORKLOADS_H
#define CAREEN_DISCOVER_WORKLOADS_H

#include "base/err.h"
#include "model/records.h"

#define WORKLOADS_MAX_BYTES ((size_t)256 << 20)

typedef VEC(struct workload) workload_vec;

struct workloads_told {
    size_t pods, running; /* containers that run on a known digest */
    size_t no_digest;     /* containers that run on an image without one: built on the node, never pushed */
    size_t malformed;     /* pods or containers left out for what is missing */
};

/*
 * Sorted by digest, namespace, owner, container, each once. ERR_POISON: no list of pods; a list that is cut short is
 * one, so that nothing is taken for stopped because a transfer broke.
 */
int workloads_parse(struct arena *a, struct slice body, struct slice cluster, workload_vec *ret_workloads,
                    struct workloads_told *ret_told, struct err *e);

/* "docker-pullable://host/repo@sha256:…", "host/repo@sha256:…" to the digest; SLICE_NONE when it names none. */
struct slice workload_digest(struct slice image_id);

#endif
