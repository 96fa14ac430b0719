/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h: what every program of Careen is configured with, from one file, CAREEN_* and flags (base/config.h). One
 * table for all programs: a file serves them all, each takes what it needs.
 */
#ifndef CAREEN_SETTINGS_H
#define CAREEN_SETTINGS_H

#include "base/err.h"
#include "base/slice.h"

struct registry_settings {
    char *host;             /* "registry.example:5000", "docker.io", "http://127.0.0.1:5000" */
    char *username, *password, *token, *ca_file;
    char *notifications_secret; /* what the registry's notifications carry as Authorization; NULL: none is asked for */
    char **repositories;    /* only these, without asking for the catalogue; n == 0: the catalogue */
    size_t repositories_n;
    bool plain_http;
    int64_t concurrent;     /* requests at once of one process */
    double per_second;      /* requests a second of one process, 0: no limit */
};

struct cluster_settings {
    char *name;
    char *pods;             /* a file or http(s) URL that gives `kubectl get pods -A -o json` */
    char *token, *ca_file;  /* for a URL */
};

#endif
