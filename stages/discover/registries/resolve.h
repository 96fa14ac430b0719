/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h: reads a manifest, or an index and its platforms' manifests, from a registry into what plan.h takes. */
#ifndef CAREEN_DISCOVER_REGISTRIES_RESOLVE_H
#define CAREEN_DISCOVER_REGISTRIES_RESOLVE_H

#include "discover/plan.h"
#include "io/oci/registry.h"

/*
 * reference: a digest or a tag. Images that can't be read are images with that status and the reason; only what may
 * work later (the registry away, credentials refused) fails. ERR_NOT_FOUND: the reference itself is not there.
 */
int resolve_reference(struct registry *r, struct slice registry_name, struct slice repository, struct slice reference,
                      struct arena *a, struct resolved *ret, struct err *e);

#endif
