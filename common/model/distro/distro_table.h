/* SPDX-License-Identifier: Apache-2.0 */
/* distro_table.h: the tables in distro_table.c, for the distro*.c files. Static; any thread. */
#ifndef CAREEN_MODEL_DISTRO_DISTRO_TABLE_H
#define CAREEN_MODEL_DISTRO_DISTRO_TABLE_H

#include "model/distro/distro.h"

/* A release by its codename. For a derivative `release` is the parent's release that it is made from. */
struct distro_codename {
    const char *id, *codename, *release;
};

/* Another name of a row, reduced to small letters and digits: "Red Hat Enterprise Linux" is redhatenterpriselinux. */
struct distro_alias {
    const char *name, *id;
};

extern const struct distro distros[];
extern const size_t distros_n;
extern const struct distro_codename distro_codenames[];
extern const size_t distro_codenames_n;
extern const struct distro_alias distro_aliases[];
extern const size_t distro_aliases_n;

#endif
