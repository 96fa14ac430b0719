/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assemble.h: parsed layers, base first → the inventory of the image that they make. Pure and deterministic.
 *
 * The merged image, by the rules of the OCI image specification ("Applying Changesets"): a layer's whiteouts and opaque
 * folders hide what the layers below put there, then its own files take their places, the last of a path holding.
 * Symbolic links that were kept are followed (in folders too), hard links stand for what their target held when they
 * were made, in the same layer or below. What is then left of databases and system files counts:
 *  - every live database's packages, each of dpkg's status.d being one; a package that two of them name counts once,
 *    but for kinds whose places count (struct ecosystem's `located`): of these every place is a package, the names of
 *    a file with hard links being one place, and what only wishes for an installed package is left out (better.h);
 *  - the system: etc/os-release, else usr/lib/os-release, then what only the older files say.
 *  - files that are software which nothing judges, by kind: unread.h.
 * A package's layer is the lowest one since which its (type, namespace, name, version, architecture, and place where it
 * counts) has been there without a break. Assembly also says what it is known by (`evidence`), whose advisories judge it
 * (`ecosystem`, model/ecosystem/ecosystem.h), which of the system's packages brought it (`owner`, ownership.h; a program that is such a package
 * itself is not listed a second time), and takes for installed what its parser does not call anything else.
 *
 * Status is INVENTORY_PARTIAL with reasons when a layer was not wholly read, when a wanted link leads to what was not
 * kept, or when there is a system but no package of it; INVENTORY_FAILED when no layer could be read. An image with
 * neither a system nor a system's packages is complete, whatever else it has: its os.name is ASSEMBLE_NO_SYSTEM. Notes hide nothing and change no status: whose
 * advisories hold for a derivative, that nobody's do, that there are packages of no known system, how many packages
 * are not the distribution's own (origin.h).
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_ASSEMBLE_H
#define CAREEN_INVENTORY_ASSEMBLE_ASSEMBLE_H

#include "base/err.h"
#include "model/records.h"

/* By type, namespace, name, version and architecture: the order in which an inventory lists packages. */
int assemble_order(const struct package *x, const struct package *y);

#define ASSEMBLE_NO_SYSTEM   "no operating system"
#define ASSEMBLE_REASONS_MAX 100

/* Of image its digest, os and os_version count. ret's slices are those of layers or in arena a, arrays in a.
 * ERR_POISON: it takes more than a may. */
int assemble_image(const struct image *image, const struct layer_packages *layers, size_t n, struct arena *a,
                   struct inventory *ret, struct err *e);

#endif
