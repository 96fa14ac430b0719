/* SPDX-License-Identifier: Apache-2.0 */
#include "model/ecosystem/ecosystem_table.h"

#include "model/distro/distro.h"

const struct ecosystem *ecosystem_of_type(enum package_type type)
{
    return &ecosystems[(unsigned)type < PKG_TYPE_MAX ? type : PKG_UNKNOWN];
}

const struct ecosystem *ecosystem_of_advisories(struct slice ecosystem)
{
    const struct distro *d = distro_of_ecosystem(ecosystem);
    struct slice rest = ecosystem, publisher = SLICE_NONE;
    slice_take_token(&rest, ':', &publisher);
    for (int i = 0; i < PKG_TYPE_MAX; i++)
        if (ecosystems[i].advisories && slice_eq_str(publisher, ecosystems[i].advisories))
            return &ecosystems[i];
    return d ? &ecosystems[d->type] : NULL;
}

enum package_type ecosystem_type_of_purl(struct slice purl_type, struct slice ns)
{
    for (int i = 0; i < PKG_TYPE_MAX; i++)
        if (ecosystems[i].purl_type && slice_eq_str(purl_type, ecosystems[i].purl_type) &&
            (!ecosystems[i].purl_ns || slice_eq_str(ns, ecosystems[i].purl_ns)))
            return (enum package_type)i;
    return PKG_UNKNOWN;
}

bool ecosystem_of_systems(enum package_type type)
{
    const struct ecosystem *row = ecosystem_of_type(type);
    return !row->advisories && !row->located;
}

struct slice ecosystem_of_package(const struct package *p, const struct os_info *os)
{
    const char *own = ecosystem_of_type(p->type)->advisories;
    if (p->ecosystem.n || own)
        return p->ecosystem.n ? p->ecosystem : slice_str(own);
    return ecosystem_of_systems(p->type) ? os->ecosystem : SLICE("");
}

struct slice ecosystem_name(const struct ecosystem *e, struct slice ns, struct slice name, struct arena *arena)
{
    if (ns.n)
        name = arena_printf(arena, "%.*s%s%.*s", SLICE_FMT(ns), e->joint ? e->joint : "/", SLICE_FMT(name));
    return e->normal ? e->normal(name, arena) : name;
}
