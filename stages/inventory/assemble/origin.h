/* SPDX-License-Identifier: Apache-2.0 */
/*
 * origin.h: whose advisories judge a package (package.ecosystem), and which of an operating system's packages are not
 * the distribution's own, so that its advisories say nothing of them (package.not_judged, which tells why in words).
 * What the package itself shows decides, and where it shows nothing the package is the distribution's: a true finding
 * must never be hidden by a guess.
 *
 *  - rpm: a vendor that is none of the distribution's (model/distro/distro.h's row and those of its parents, as long as
 *    they know at least half of the database's packages); no vendor at all where the database's other packages have
 *    one: somebody built it by hand.
 *  - dpkg: an address among the maintainers of known repositories, or a version that such a repository's builds have
 *    and the archives of Debian and Ubuntu never do (docker, PostgreSQL, deb.sury.org, NodeSource, personal package
 *    archives …), or that its builder marked as local. Rebuilds ("+b1"), security and stable updates ("+deb12u2"),
 *    backports ("~bpo12+1") and derivatives' rebuilds ("+rpt1") are the distribution's.
 *  - any: a database of another kind than the system's own (a Nix store in an image of Debian).
 *  - pacman: a packager that is not named: built by hand.
 *  - portage: a repository other than gentoo.
 *
 * Pure. Texts are in the arena or the packages' own.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_ORIGIN_H
#define CAREEN_INVENTORY_ASSEMBLE_ORIGIN_H

#include "model/records.h"

/*
 * Fills ecosystem and not_judged of those in v. Where some are not judged, a note for all of them together is added to
 * notes.
 */
void origin_judge(const struct os_info *os, package_vec *v, struct arena *arena, slice_vec *notes);

#endif
