/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows.h: what Windows builds are called, and what the names in a Windows image mean.
 *
 * A build is "10.0.20348.2340": the first three numbers name the release, the last one (UBR) the state of its updates.
 * Microsoft's advisories are about products ("Windows Server 2022"), some of which they list twice, with and without
 * " (Server Core installation)". Container images are Server Core or Nano Server installations, or full ones.
 *
 * The product is a package of type PKG_WINDOWS: its name is the advisories' name of it, its version the build, and
 * `updates` the updates that are installed. In a Server Core installation the package is the Server Core product, and
 * its source_name the product without that suffix. Advisories that don't distinguish the two are about the latter
 * (NAME_SOURCE), the others are NAME_BINARY. An installed update is a package of its own: its name is "KB5034129", its
 * version that of its newest package, if there is one.
 *
 * The ecosystem is "Windows:10.0.20348". Pure; any thread. Rows are static.
 */
#ifndef CAREEN_MODEL_DISTRO_WINDOWS_H
#define CAREEN_MODEL_DISTRO_WINDOWS_H

#include "model/records.h"

#define WINDOWS_ECOSYSTEM   "Windows"
#define WINDOWS_SERVER_CORE " (Server Core installation)"

struct windows_release {
    unsigned build;      /* 20348 */
    const char *product; /* as advisories name it, without WINDOWS_SERVER_CORE */
    bool core_only;      /* there is only a Server Core product */
};
/* NULL for a build that is not in the table. */
const struct windows_release *windows_release_of(unsigned build);
/* The i-th row; NULL behind the last. */
const struct windows_release *windows_release_at(size_t i);
/*
 * The release of a product as an advisory spells it ("Windows Server 2022 (Server Core installation)", "Windows Server,
 * version 1803 (Server Core Installation)"), perhaps with blanks around it. NULL for any other product, such as "… on
 * Windows Server 2022". *ret_core (may be NULL): whether it is the Server Core product.
 */
const struct windows_release *windows_release_named(struct slice product, bool *ret_core);
/* The name of the product's package: "Windows Server 2022 (Server Core installation)". */
struct slice windows_product(const struct windows_release *r, bool core, struct arena *arena);

/* "10.0.20348.2340" or "20348.2340" -> 20348, 2340 (ret_ubr may be NULL; 0 when there is none). 0: it is no build. */
unsigned windows_build_of(struct slice version, unsigned *ret_ubr);
/*
 * Stands in `updates` beside names when some layers could not be read and may hold other updates. Where there is no
 * name at all, `updates` is absent, which says the same.
 */
#define WINDOWS_UPDATES_UNSEEN "?"
/* How many installed updates of one image are kept apart; a real one has fewer than 200. */
#define WINDOWS_UPDATES_MAX 4000

/*
 * "KB5034129" at the front of s, behind "Package_for_" or "Package_1_for_", or in the last part of a path; absent:
 * none.
 */
struct slice windows_update_in(struct slice s);

/*
 * A servicing package's identity, "Package_for_KB5034129~31bf3856ad364e35~amd64~~20348.2227.1.5" with or without
 * ".mum": name "Package_for_KB5034129", architecture and version. False for anything else.
 */
struct windows_identity {
    struct slice name, architecture, version;
};
bool windows_identity_parse(struct slice text, struct windows_identity *ret);

/* The last number (UBR) of the build that came with that update; 0: it is not in the table. */
uint32_t windows_build_of_update(unsigned build, uint32_t kb);

/*
 * For an update that is not in the table: whether it is certain that it is none of those that make builds. It is not
 * for builds before the table's first, nor for updates after the table's last when the build is newer too. (Numbers of
 * updates ascend.)
 */
bool windows_update_known(unsigned build, unsigned ubr, uint32_t kb);

/* Whether the comma-separated list of a package's `updates` holds the name. */
bool windows_has_update(struct slice updates, struct slice name);

#endif
