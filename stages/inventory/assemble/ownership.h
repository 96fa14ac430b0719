/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ownership.h: which package of the operating system a package of another kind belongs to (package.owner): a jar that an
 * rpm installed, a dist-info of Debian's python3-yaml. Such a package is judged by the system's advisories, so that its
 * own ecosystem's would say the same twice, or what the distribution has mended long ago. It follows that
 *
 *  - the owner is a package of the image that the system's advisories judge (origin.h): nothing else's word counts. Of a
 *    third party's deb, or in an image whose system nobody knows, the ecosystem's advisories are all there are;
 *  - what is owned is a file, by its exact name; nested packages (jars in a war) are their outermost file's;
 *  - its content is the owner's, not what somebody put in its place later.
 *
 * The content of a file that is left, of layer L, is the owner's
 *  1. if a list that is the package's own (dpkg's .list, opkg's) is in L and has it; or if a database of all that is
 *     installed (rpm's, apk's) is in L and has it, and the package is in the image since L: the same database in a later
 *     layer names the file again, whoever wrote it;
 *  2. if it replaced an owned file and says of packages the very same: chmod in a later layer copies files;
 *  3. if no list in L or below has the file, and one above L has: whoever installs a package writes its files, so the
 *     layers are pieces of one tree (COPY of a part each, an image cut anew by packages). Where a list below L has it and
 *     L replaced it (pip install --upgrade, a program put over the system's), it is not owned. That can't be told from a
 *     tree whose piece with the lists lies lowest, which therefore has no owners: too many findings, not too few.
 *
 * Lists name files as their packages were built: lib/x is usr/lib/x where a link makes them one, and only there; in 3 such
 * names are alike, since only a hash is there.
 *
 * What layers say is FACT_OWNER and PARSER_OWNED (packages/parse.h). Pure.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_OWNERSHIP_H
#define CAREEN_INVENTORY_ASSEMBLE_OWNERSHIP_H

#include "inventory/assemble/merge.h"

/*
 * Fills owner of the packages in v, which is sorted by assemble_order, has layer, ecosystem and not_judged set, and has as
 * owner of each package that is located the path of the node that it is of, else nothing.
 */
void ownership_find(const struct merge *m, const struct layer_packages *layers, size_t n, package_vec *v,
                    struct arena *arena);

#endif
