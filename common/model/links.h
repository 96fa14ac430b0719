/* SPDX-License-Identifier: Apache-2.0 */
/* links.h: where to read about a vulnerability. Pure, any thread. */
#ifndef CAREEN_MODEL_LINKS_H
#define CAREEN_MODEL_LINKS_H

#include "model/records.h"

/*
 * The publisher's own page by the shape of the id (CVE-…, GHSA-…, DSA-…), else the first https reference of what is
 * known (NULL: nothing); SLICE_NONE: nowhere. In the arena or of known.
 */
struct slice vulnerability_link(struct slice id, const struct vulnerability *known, struct arena *arena);

#endif
