/* SPDX-License-Identifier: Apache-2.0 */
/*
 * named.c: registries of which the configuration names the repositories. The catalogue is not asked for, since such
 * registries often refuse it; each repository is asked for its tags, so that one that can't be listed is told.
 */
#include "discover/registries/lister.h"

static bool is_for(const struct registry_settings *s)
{
    return s->repositories.n > 0;
}

static int first_name(void *arg, struct slice name, struct err *e)
{
    (void)name;
    *(bool *)arg = true;
    return err_set(e, ERR_PARTIAL, 0, "one is enough");
}

static int list(struct registry *r, const struct registry_settings *s, registry_name_fn fn, void *arg,
                struct registry_listed *ret_listed, struct err *e)
{
    (void)fn;
    (void)arg;
    (void)ret_listed;
    for (size_t i = 0; i < s->repositories.n; i++) {
        bool some = false;
        struct err mine = ERR_INIT;
        if (registry_tags(r, slice_str(s->repositories.v[i]), 1, first_name, &some, NULL, &mine) && !some &&
            mine.kind != ERR_NOT_FOUND) {
            *e = mine;
            return -1;
        }
    }
    return 0;
}

const struct repository_lister lister_named = {.is_for = is_for, .list = list};
