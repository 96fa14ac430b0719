/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lister.h: how the repositories of a registry become known. A kind is a file with a constant lister_<name>, and a line
 * in the list below. A lister runs in a job: it may take as long as it needs. Any thread; a registry client belongs to
 * one thread at a time.
 */
#ifndef CAREEN_DISCOVER_REGISTRIES_LISTER_H
#define CAREEN_DISCOVER_REGISTRIES_LISTER_H

#include "io/oci/registry.h"
#include "stage/registries.h"

struct repository_lister {
    bool (*is_for)(const struct registry_settings *s);
    /*
     * Gives fn every repository that the settings don't name themselves. A failure says that the list is not whole;
     * what was given before it is there all the same.
     */
    int (*list)(struct registry *r, const struct registry_settings *s, registry_name_fn fn, void *arg,
                struct registry_listed *ret_listed, struct err *e);
};

/*
 * X(name): the kind is lister_<name>. The first one that is for a registry lists it; the catalogue comes last, since it
 * is for every registry.
 */
#define REPOSITORY_LISTERS(X)                                                                                          \
    X(named)                                                                                                           \
    X(catalog)
#define REPOSITORY_LISTER_DECLARE(name) extern const struct repository_lister lister_##name;
REPOSITORY_LISTERS(REPOSITORY_LISTER_DECLARE)
#undef REPOSITORY_LISTER_DECLARE

const struct repository_lister *lister_of(const struct registry_settings *s);

#endif
