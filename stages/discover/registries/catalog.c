/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog.c: registries that answer GET /v2/_catalog (distribution's "Listing Repositories", which the specification of
 * OCI leaves to them): Distribution, Harbor, zot, ACR, Artifactory and others.
 */
#include "discover/registries/lister.h"

static bool is_for(const struct registry_settings *s)
{
    (void)s;
    return true;
}

static int list(struct registry *r, const struct registry_settings *s, registry_name_fn fn, void *arg,
                struct registry_listed *ret_listed, struct err *e)
{
    (void)s;
    return registry_catalog(r, 0, fn, arg, ret_listed, e);
}

const struct repository_lister lister_catalog = {.is_for = is_for, .list = list};
