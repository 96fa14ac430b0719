/* SPDX-License-Identifier: Apache-2.0 */
/* links.h: where people can read about a vulnerability. Pure; any thread. */
#ifndef CAREEN_MODEL_LINKS_H
#define CAREEN_MODEL_LINKS_H

#include "model/records.h"

/*
 * The publisher's own page, which the form of the id gives (CVE-…, GHSA-…, DSA-…); otherwise the first https reference
 * in `known`, which may be NULL; SLICE_NONE when there is neither. The slice lies in the arena or in known.
 */
struct slice link_of_vulnerability(struct slice id, const struct vulnerability *known, struct arena *arena);

#endif
