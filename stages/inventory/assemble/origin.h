/* SPDX-License-Identifier: Apache-2.0 */
/*
 * origin.h: whose advisories judge a package (package.ecosystem), and which packages of an operating system are not the
 * distribution's own, so that its advisories say nothing about them (package.not_judged, which gives the reason in
 * words). What the package itself shows decides; where it shows nothing, it is taken for the distribution's, since a
 * true finding must never be hidden by a guess. Not the distribution's are:
 *
 *  - rpm: a package whose vendor is none of the distribution's (its row in model/distro/distro.h and those of its
 *    parents, if these vendors cover at least half of the database's packages); a package without a vendor where the
 *    others in the database have one, since somebody built it by hand.
 *  - dpkg: a package maintained from an address of a known repository, or with a version that such a repository's
 *    builds have and the archives of Debian and Ubuntu never do (docker, PostgreSQL, deb.sury.org, NodeSource, personal
 *    package archives …), or that its builder marked as local. Rebuilds ("+b1"), security and stable updates
 *    ("+deb12u2"), backports ("~bpo12+1") and derivatives' rebuilds ("+rpt1") do belong to the distribution.
 *  - any: a database of another kind than the system's own (a Nix store in an image of Debian).
 *  - pacman: a package without a packager's name, since it was built by hand.
 *  - portage: a package of another repository than gentoo.
 *
 * Pure. Texts are in the arena or the packages' own.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_ORIGIN_H
#define CAREEN_INVENTORY_ASSEMBLE_ORIGIN_H

#include "model/records.h"

/*
 * Fills ecosystem and not_judged of the packages in v. If some of the system's kinds are not judged, adds one note about
 * all of them to notes.
 */
void origin_judge(const struct os_info *os, package_vec *v, struct arena *arena, struct reasons *notes);
/* The same note about packages of all other kinds that are not judged. Those that have an owner are judged with that. */
void origin_note_others(const package_vec *v, struct arena *arena, struct reasons *notes);

#endif
