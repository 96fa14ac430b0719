/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secdb_item.h: what people write by hand into the "secfixes" of Alpine's build files, read as it was meant. Pure.
 */
#ifndef CAREEN_FEEDS_FORMATS_SECDB_ITEM_H
#define CAREEN_FEEDS_FORMATS_SECDB_ITEM_H

#include "base/arena.h"

#define SECDB_ITEM_IDS_MAX 16

/*
 * The ids of one item, up to a remark ("# …" or "(…"): words between blanks, commas, semicolons, slashes and the like.
 * "CVE 2019-1", "CVE_2019-1", "cve-2019-1", "CEV-2019-1" and "CVE-2019-1.patch" are CVE ids; an id of any other
 * publisher is letters and digits, parted by marks or not: XSA-200, ZBX-11023, VSV00019, GHSA-…, TALOS-2017-0488.
 * Slices of item or in the arena. Returns how many, each once; 0 when it holds none ("CVE-????-????").
 */
size_t secdb_item_ids(struct arena *arena, struct slice item, struct slice ids[SECDB_ITEM_IDS_MAX]);

/*
 * A version that is not one as the one that was meant, where its package's own release can't be mistaken:
 * 10.2.22.r0 and 4.8.0.-r1 -> -r0 and -r1, 1.2.31-0 -> -r0, 4.10-1-r1 -> 4.10.1-r1, blanks go. What remains broken is
 * given back as it is; apk has an order for it (model/version/version.h).
 */
struct slice secdb_version(struct arena *arena, struct slice version);

#endif
