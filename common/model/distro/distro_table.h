/* SPDX-License-Identifier: Apache-2.0 */
/* distro_table.h: what distro_table.c (the rows) gives to distro.c (what they mean). Static, any thread. */
#ifndef CAREEN_MODEL_DISTRO_DISTRO_TABLE_H
#define CAREEN_MODEL_DISTRO_DISTRO_TABLE_H

#include "model/distro/distro.h"

/* Releases by codename: of a row with an ecosystem its own, of a derivative the parent's that it is made of. */
struct distro_codename {
    const char *id, *codename, *release;
};

/* Another name of a row, in small letters and digits alone ("Red Hat Enterprise Linux" is redhatenterpriselinux). */
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
