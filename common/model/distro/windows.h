/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows.h: what Windows builds are called, and what the names in a Windows image mean.
 *
 * A build is "10.0.20348.2340": the first three numbers name the release, the last one (UBR) the state of its updates.
 * Microsoft's advisories speak of products ("Windows Server 2022"), some of them twice, with and without
 * " (Server Core installation)". Container images are Server Core and Nano Server installations, or whole ones.
 *
 * The product is a package of type PKG_WINDOWS: name as the advisories have it, version the build, `updates` what is
 * installed in it. Of a Server Core installation the package is the Server Core product and its source_name the product
 * without that; advisories that don't tell the two apart are about the latter (NAME_SOURCE), the others NAME_BINARY.
 * An installed update is another package: name "KB5034129", version that of its newest package, if any.
 *
 * The ecosystem is "Windows:10.0.20348". Pure, any thread, rows are static.
 */
#ifndef CAREEN_MODEL_DISTRO_WINDOWS_H
#define CAREEN_MODEL_DISTRO_WINDOWS_H

#include "model/records.h"

#define WINDOWS_ECOSYSTEM   "Windows"
#define WINDOWS_SERVER_CORE " (Server Core installation)"

struct windows_release {
    unsigned build;      /* 20348 */
    const char *product; /* as advisories name it, without WINDOWS_SERVER_CORE */
    bool core_only;      /* there is only the Server Core product of it */
};
/* NULL for a build that is not in the table. */
const struct windows_release *windows_release_of(unsigned build);
/* The i-th row, NULL behind the last. */
const struct windows_release *windows_release_at(size_t i);
/*
 * The release of a product as an advisory spells it ("Windows Server 2022 (Server Core installation)", "Windows Server,
 * version 1803 (Server Core Installation)", blanks around it); NULL for any other product, "… on Windows Server 2022"
 * too. *ret_core (may be NULL): whether it is the Server Core product.
 */
const struct windows_release *windows_release_named(struct slice product, bool *ret_core);
/* The product's name as a package has it: "Windows Server 2022 (Server Core installation)". */
struct slice windows_product(const struct windows_release *r, bool core, struct arena *arena);

/* "10.0.20348.2340" or "20348.2340" -> 20348, 2340 (ret_ubr may be NULL; 0 when it is not said). 0: it is no build. */
unsigned windows_build_of(struct slice version, unsigned *ret_ubr);
/* In `updates` beside names: there are layers that nobody could read, and maybe others in them. Without any name
 * `updates` is absent, which says the same. */
#define WINDOWS_UPDATES_UNSEEN "?"
/* Installed updates of one image that are told apart; a real one has fewer than 200. */
#define WINDOWS_UPDATES_MAX 4000

/* "KB5034129" at the front of s or behind "Package_for_", "Package_1_for_", else in a path's last part; absent: none.
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

/* The build's last number with which that update came; 0: it is not in the table. */
uint32_t windows_build_of_update(unsigned build, uint32_t kb);

/*
 * Whether of an update that is not in the table it is known that it is none of those that make builds: not so for
 * builds before the table's first, and for updates after its last when the build is newer too. (Numbers of updates
 * ascend.)
 */
bool windows_update_known(unsigned build, unsigned ubr, uint32_t kb);

/* Whether the comma-separated list of a package's `updates` holds the name. */
bool windows_has_update(struct slice updates, struct slice name);

#endif
