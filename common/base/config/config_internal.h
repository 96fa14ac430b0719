/* SPDX-License-Identifier: Apache-2.0 */
/* config_internal.h: what the config_*.c files share. */
#ifndef CAREEN_BASE_CONFIG_CONFIG_INTERNAL_H
#define CAREEN_BASE_CONFIG_CONFIG_INTERNAL_H

#include "base/arena.h"
#include "base/config/config.h"

#define CONFIG_FILE_MAX   ((size_t)1 << 20)
#define CONFIG_MEMORY_MAX ((size_t)64 << 20)

struct config {
    struct arena arena;
    struct config_set *sets; /* copies, all with a target */
    bool *hidden;            /* for each set: the caller gave no target */
    const char ***origins;   /* for each set: where each option's value came from, NULL while it has its default */
    size_t sets_n;
    const struct config_known *known;
    VEC(const char *) args;
    VEC(const char *) warnings;
    const char *file;        /* the configuration file's name */
    const char *file_origin; /* where that name came from: "--config" or "CAREEN_CONFIG" */
    enum config_asked asked;
};

/* An option that was found by its name, and what belongs to it. */
struct config_place {
    const struct config_option *option;
    void *member;
    const char **origin;
    bool hidden; /* it belongs to another program: it is no flag of this one */
};

/* Compares names: - _ and . are the same, and so are capitals and small letters. */
bool config_name_eq(struct slice a, struct slice b);
/* Whether the program takes the option itself: as a flag, and in its help. */
bool config_takes(const struct config_set *set, const struct config_option *o);
bool config_find(const struct config *c, struct slice name, struct config_place *ret_place);
/* Whether some option's name begins with `prefix` and is longer. */
bool config_has_prefix(const struct config *c, struct slice prefix);
/* The nearest known name, at most `limit` edits away, or NULL. flag: only among the names that flags may have. */
const char *config_nearest(const struct config *c, struct slice name, size_t limit, bool flag);
/* Whether only another program has an option of that name. */
bool config_is_other_option(const struct config *c, struct slice name);
const char *config_nearest_item(const struct config_option *options, size_t n, struct slice name);
int config_unknown(struct err *e, const char *where, const char *what, struct slice name, const char *nearest);

/*
 * Sets an option to one text, or adds it to a list. fresh: it is the first one that this source gives, so that a list
 * begins anew (pairs are merged by key instead). Errors read "<where>: <name>: …".
 */
int config_set_text(struct arena *a, const struct config_option *o, void *member, struct slice text, bool fresh,
                    const char *where, struct err *e);
/* The same for a text that may hold several values between commas, as defaults and the environment do. */
int config_set_texts(struct arena *a, const struct config_option *o, void *member, struct slice text, const char *where,
                     struct err *e);
int config_set_pair(struct arena *a, const struct config_option *o, void *member, struct slice key, struct slice value,
                    const char *where, struct err *e);
int config_set_defaults(struct arena *a, const struct config_option *options, size_t n, void *target, struct err *e);

int config_read_yaml(struct config *c, const char *name, struct slice yaml, struct err *e);

#endif
