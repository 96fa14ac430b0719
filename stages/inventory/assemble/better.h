/* SPDX-License-Identifier: Apache-2.0 */
/*
 * better.h: of several things in an image that tell of one package of a language, the one that knows best. Left out are
 *
 *  - what only wishes for a package (CERTAINTY_DECLARED: a lock file, a manifest), where a package of the same type and
 *    name is installed anywhere in the image, whatever its version: what is there is better than what somebody asked for;
 *  - all other wishes of the same file, where one of them is installed in the version that it asks for: then the list was
 *    carried out, and what is not there was not wanted (dependencies of development);
 *  - of metadata beside a package (a file or folder whose name ends with "-info": Python's dist-info and egg-info) the
 *    second for the same type, name and version in one folder. The surer stays, then the parser whose name comes first,
 *    then the place;
 *  - of an interpreter or a program (PKG_GENERIC) the second for the same name and version below one prefix
 *    ("usr/local"): its executable, its library and a file that says its version are one. The same one stays as above, but
 *    rather one that is judged;
 *  - conda's record of a Python package whose own metadata lies in the same environment, since that is what the
 *    advisories of PyPI judge.
 *
 * Names are compared as their ecosystem normalises them. Everything else in another place is another package. Pure.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_BETTER_H
#define CAREEN_INVENTORY_ASSEMBLE_BETTER_H

#include "model/records.h"

/* Takes the others out of v, whose packages have certainty, location and evidence; the order stays. */
void better_keep(package_vec *v, struct arena *arena);

#endif
