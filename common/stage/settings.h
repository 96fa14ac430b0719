/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h: the settings that all programs of Careen share, from one file, CAREEN_* variables and flags
 * (base/config/config.h). There is one table for all programs: one file serves them all, and each uses what it needs.
 */
#ifndef CAREEN_STAGE_SETTINGS_H
#define CAREEN_STAGE_SETTINGS_H

#include "base/config/config.h"

struct registry_settings {
    const char *host; /* "registry.example:5000", "docker.io", "http://127.0.0.1:5000" */
    const char *username, *password, *token, *ca_file;
    const char *password_file, *token_file;
    const char *notifications_secret;   /* the Authorization that its notifications must have; NULL: any */
    struct config_strings repositories; /* only these, without asking for the catalogue; none: the catalogue's */
    bool plain_http;
    int64_t concurrent; /* requests and pulls at once of one process; 0: 8 requests, 4 pulls */
    double per_second;  /* requests a second of one process, 0: no limit */
};

struct cluster_settings {
    const char *name;
    const char *pods;                 /* a file or http(s) URL that gives `kubectl get pods -A -o json` */
    const char *token_file, *ca_file; /* for a URL */
};

struct settings {
    const char *bus, *state, *schema_registry, *http, *member, *log_level;
    struct config_pairs kafka;
    int64_t partitions, workers;
    struct config_strings registry;           /* hosts; settings_finish adds them to registries */
    struct config_pairs cluster;              /* name, pods; settings_finish adds them to clusters */
    struct config_items registries, clusters; /* of the structs above */
    const char *schedule_rescan, *schedule_walk, *schedule_workloads, *schedule_feeds;
    const char *feeds_dir, *feeds_mirror;
    const char *java_index; /* inventory/assemble/sha1_index.h */
    struct config_strings feeds_only;
    int64_t push_days, pull_days;
    const char *unhealthy_from; /* model/policy.h */
    bool unhealthy_unfixed;
    char *own_state, *own_bus;           /* of settings_defaults */
    void *own_registries, *own_clusters; /* of settings_finish */
};
extern const struct config_option settings_options[];
extern const size_t settings_options_n;
/* What the file and the environment may hold beside settings: the options of careen's commands among it. */
extern const struct config_known settings_known;

/*
 * Reads the secrets that *_file options name, adds registry to registries and cluster to clusters, and refuses what
 * can't be right (ERR_USAGE: an invalid host or URL, a folder that does not exist). The error says where the value came
 * from, which c, made by config_load, knows.
 */
int settings_finish(struct settings *s, const struct config *c, struct err *e);
/*
 * For the commands of careen, not for stages: without --state it is the user's own data folder, and without --bus the
 * embedded bus in the state folder. So commands find what careen up started without being told where it is.
 */
void settings_defaults(struct settings *s);
void settings_done(struct settings *s); /* whichever of the two above was called, or none */

#endif
