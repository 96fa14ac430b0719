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
    bool *hidden;            /* sets whose target the caller did not give */
    const char ***origins;   /* of each set's options */
    size_t sets_n;
    VEC(const char *) args;
    VEC(const char *) warnings;
    const char *file; /* --config or CAREEN_CONFIG, then its origin */
    const char *file_origin;
    enum config_asked asked;
};

/* A found option, with what belongs to it. */
struct config_place {
    const struct config_option *option;
    void *member;
    const char **origin;
    bool hidden; /* another program's: no flag */
};

/* - _ . are the same, letters are without case. */
bool config_name_eq(struct slice a, struct slice b);
/* Whether the program takes the option itself: as a flag, in its help. */
bool config_takes(const struct config_set *set, const struct config_option *o);
bool config_find(const struct config *c, struct slice name, struct config_place *ret_place);
/* Whether some option's name is `prefix` and more. */
bool config_has_prefix(const struct config *c, struct slice prefix);
/* The nearest known name within a typo or two, or NULL. limit: most edits. flag: only names that flags may have. */
const char *config_nearest(const struct config *c, struct slice name, size_t limit, bool flag);
/*
 * config_names.c. Options of other programs than this one: the file and the environment may hold them, and nothing is
 * done with them. Variables: these, and what begins with CAREEN_ in the environment and is no option (without CAREEN_).
 */
const char *const *config_other_options(size_t *ret_n);
bool config_is_other_option(struct slice name);
bool config_is_variable(struct slice name);
const char *config_nearest_item(const struct config_option *options, size_t n, struct slice name);
int config_unknown(struct err *e, const char *where, const char *what, struct slice name, const char *nearest);

/*
 * Sets or adds one text. `fresh`: the first of its source, so that lists begin anew (pairs are merged by key). Errors
 * read "<where>: <name>: …".
 */
int config_set_text(struct arena *a, const struct config_option *o, void *member, struct slice text, bool fresh,
                    const char *where, struct err *e);
/* The same for texts that hold several values: defaults and the environment, split at commas. */
int config_set_texts(struct arena *a, const struct config_option *o, void *member, struct slice text, const char *where,
                     struct err *e);
int config_set_pair(struct arena *a, const struct config_option *o, void *member, struct slice key, struct slice value,
                    const char *where, struct err *e);
int config_set_defaults(struct arena *a, const struct config_option *options, size_t n, void *target, struct err *e);

int config_read_yaml(struct config *c, const char *name, struct slice yaml, struct err *e);

#endif
