/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discover_internal.h: tables, work and shared helpers of the discover stage, of which other stages see nothing.
 *
 * A repository belongs to the partition that "registry/repository" hashes to, and only that partition writes its images
 * and layers. The partition keeps them in its table `images`, which is filled from the process's whole table when the
 * partition becomes live without state.
 */
#ifndef CAREEN_DISCOVER_DISCOVER_INTERNAL_H
#define CAREEN_DISCOVER_DISCOVER_INTERNAL_H

#include "discover/discover_stage.h"
#include "discover/plan.h"
#include "discover/clusters/workloads.h"
#include "stage/registries.h"
#include "stage/metrics.h"

/*
 * Tables of a partition. NAME is hash128 of "registry/repository", CLUSTER hash128 of a cluster's name; what stands one
 * behind the other is put together, and 0 is a NUL byte.
 *
 *   table    key                              value
 *   images   NAME digest                      the image's record, as it was written
 *   pushes   NAME digest 0 tag                time of the push, i64
 *   pulled   NAME digest                      time of the last pull that was told, i64
 *   names    NAME                             registry 0 repository
 *            words ("taken over", "aliases")  marks of this process, as text
 *            "configured " registry           hash128 of its settings
 *            CLUSTER "waiting"                "1": some of its images are not known yet
 *   failed   kind of work u8, hash128 of its  failures in a row, u32
 *            subject
 *   running  CLUSTER hash128                  a workload's record as the cluster told it: its digest is what the cluster
 *                                             calls the image; the hash is of digest, namespace, owner, container and
 *                                             platform
 */
enum { TABLE_IMAGES, TABLE_PUSHES, TABLE_PULLED, TABLE_NAMES, TABLE_FAILED, TABLE_RUNNING };

/*
 * Tables of a process. An image goes by its digest, its configuration's, and those of indexes that name it.
 *
 *   table      key                                        value
 *   images     registry/repository 0 digest               the image's record as it came
 *   workloads  key on the topic, hashed (step_key)        the workload's record as it came
 *   clusters   cluster 0 key on the topic                 the same
 *   aliases    what an image goes by 0 its digest 0 NAME  os 0 architecture 0 variant 0 os version 0
 */
enum { WHOLE_IMAGES, WHOLE_WORKLOADS, WHOLE_CLUSTERS, WHOLE_ALIASES };

enum { WORK_PUSH, WORK_REPOSITORY, WORK_WALK, WORK_CLUSTER, WORK_PULLED, WORK_RUNNING, WORK_UNWATCHED };

/* Which work is done first; less is earlier. */
enum {
    DISCOVER_PRIORITY_PUSH,     /* somebody waits for what was pushed */
    DISCOVER_PRIORITY_DELETION, /* a registry told of one: what is gone should not be shown */
    DISCOVER_PRIORITY_TICK,     /* walks and clusters, and what follows from them */
    DISCOVER_PRIORITY_LISTING,  /* of one repository: a walk asks for thousands */
    DISCOVER_PRIORITY_PULLED,   /* only a time in a record */
    DISCOVER_PRIORITY_UNWATCHED
};

/* Why something that is configured could not be asked the last time; "": it could. */
typedef char discover_trouble[200];

struct discover_process {
    struct discover_config config;
    struct registries *registries;
    struct runner *runner;
    uint64_t life;                               /* a number that no other process has */
    uint64_t aliases;                            /* grows with every new alias of an image */
    discover_trouble *trouble, *cluster_trouble; /* of each configured registry; of each cluster */
};

extern struct metric discover_failing, discover_clusters_failing;
extern struct metric discover_images, discover_gone, discover_walks, discover_failures, discover_events,
    discover_left_out;

/* "registry/repository", in the arena. */
struct slice discover_full_name(struct arena *a, struct slice registry, struct slice repository);
/* Whether the configuration covers a repository. r: discover_registry_of its registry. */
bool discover_is_watched(const struct registry_settings *r, struct slice repository);
const struct registry_settings *discover_registry_of(const struct discover_process *p, struct slice host);

/* Rows of TABLE_IMAGES. */
size_t discover_image_row_key(uint8_t *key, struct slice name, struct slice digest);
/* All images of a repository as last written, decoded into a. */
int discover_known_images(struct step *s, struct slice name, struct arena *a, image_vec *ret, struct err *e);
/*
 * Write or delete an image, and its layers, which tell pull what to get. Layers are written first, with a step_flush in
 * between: a new owner of the partition reads the images back and takes the layers of these for written, and a flush
 * that an outage ends may have stored any part of the batch.
 */
int discover_write_layers(struct step *s, struct slice name, const struct image *im, enum layer_priority priority,
                          struct err *e);
int discover_delete_layers(struct step *s, struct slice name, const struct image *im, struct err *e);
int discover_write_image(struct step *s, struct slice name, const struct image *im, struct err *e);
int discover_delete_image(struct step *s, struct slice name, const struct image *im, struct err *e);
/* Remembers the name behind the hash, so that jobs can be made from subjects. */
int discover_remember_name(struct step *s, struct slice registry, struct slice repository, struct err *e);
/*
 * Asks for the work again after a failure: later each time, and never earlier than the other side asked for. name: the
 * subject's name in the log.
 */
int discover_retry_later(struct step *s, unsigned kind, struct slice subject, unsigned priority, struct slice name,
                         const struct err *why, struct err *e);
bool discover_is_failing(struct step *s, unsigned kind, struct slice subject);
int discover_retry_clear(struct step *s, unsigned kind, struct slice subject, struct err *e);
/* Ask for a walk of every registry, or a reading of every cluster, of this partition. */
int discover_walk_all(struct step *s, struct err *e);
int discover_clusters_all(struct step *s, struct err *e);
size_t discover_routes(struct runner *r, void *stage, struct httpd_route *to, size_t max);

/*
 * clusters/running_settle.c. What a cluster reported is kept as it came. What is written to the topic names images, which are
 * found by the digests that the cluster gave; it is made anew when more images are known.
 */
enum alias_change { ALIAS_PUT, ALIAS_DROP };
int discover_aliases_change(struct step *s, struct slice name, const struct image *im, enum alias_change change,
                            struct err *e);
int discover_running_replace(struct step *s, struct slice cluster, const workload_vec *told, struct err *e);
int discover_running_settle(struct step *s, struct slice cluster, struct err *e);
int discover_running_all(struct step *s, struct err *e); /* for the clusters of this partition that wait for images */

/*
 * walk/watched.c. Compares the configuration with the one before. A registry that is new, is configured
 * differently, or failed before this process began, is walked at once; clusters are always asked. Images of registries
 * and repositories that are no longer configured are marked, not deleted.
 */
int discover_watched_begin(struct step *s, struct err *e); /* once each time that this process gets the partition */
int discover_unwatched_settle(struct step *s, struct slice name_hash, struct err *e);
/* Records how a walk ended, for health and metrics; why NULL: without a failure. */
void discover_walk_told(struct discover_process *p, struct slice registry, const char *why);
/* The same for reading a cluster's pods. */
void discover_cluster_told(struct discover_process *p, struct slice cluster, const char *why);

/* The jobs: walk/repository.c, walk/walk.c, clusters/cluster.c. */
int discover_push_prepare(struct step *s, struct slice subject, void **ret_data, struct err *e);
int discover_push_finish(struct step *s, struct slice subject, void *data, struct err *e);
int discover_repository_prepare(struct step *s, struct slice subject, void **ret_data, struct err *e);
void discover_repository_run(struct runner *runner, void *data);
int discover_repository_finish(struct step *s, struct slice subject, void *data, struct err *e);
void discover_repository_discard(void *data);
int discover_walk_prepare(struct step *s, struct slice registry, void **ret_data, struct err *e);
void discover_walk_run(struct runner *runner, void *data);
int discover_walk_finish(struct step *s, struct slice registry, void *data, struct err *e);
void discover_walk_discard(void *data);
int discover_cluster_prepare(struct step *s, struct slice cluster, void **ret_data, struct err *e);
void discover_cluster_run(struct runner *runner, void *data);
int discover_cluster_finish(struct step *s, struct slice cluster, void *data, struct err *e);
void discover_cluster_discard(void *data);

#endif
