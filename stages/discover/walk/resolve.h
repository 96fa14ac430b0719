/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h: reads a manifest, or an index and its platforms' manifests, from a registry, for plan.h. */
#ifndef CAREEN_DISCOVER_WALK_RESOLVE_H
#define CAREEN_DISCOVER_WALK_RESOLVE_H

#include "discover/plan.h"
#include "io/oci/registry.h"

/*
 * reference: a digest or a tag. An image that can't be read is given with that status and the reason. The call fails
 * only when it may work later (the registry is away, credentials are refused). ERR_NOT_FOUND: the reference itself does
 * not exist.
 */
int resolve_reference(struct registry *r, struct slice registry_name, struct slice repository, struct slice reference,
                      struct arena *a, struct resolved *ret, struct err *e);

#endif
