/* SPDX-License-Identifier: Apache-2.0 */
/* The system that a document speaks of: what its operating-system component says, else what its packages say. */
#include "images/sbom/cyclonedx_internal.h"
#include "model/distro/distro.h"
#include "model/distro/redhat.h"

static struct slice either(struct slice a, struct slice b)
{
    return a.n ? a : b;
}

#define DESCRIPTION_MAX 200 /* bytes; it is shown in one line */

/* What the components say of the system. Of several, the first one for which somebody is known to publish. */
void cyclonedx_take_system(struct cyclonedx_reader *r, const json_t *component)
{
    struct os_info os;
    const struct distro_said said = {
        .name = cyclonedx_text(r, component, "name"),
        .version = cyclonedx_text(r, component, "version"),
        .codename = either(cyclonedx_property(r, component, CYCLONEDX_CODENAME),
                           cyclonedx_property(r, component, "syft:distro:versionCodename")),
        .description = slice_sub(cyclonedx_text(r, component, "description"), 0, DESCRIPTION_MAX),
        .like = either(cyclonedx_property(r, component, CYCLONEDX_LIKE),
                       cyclonedx_property(r, component, "syft:distro:idLike:0")),
        .cpe = either(cyclonedx_text(r, component, "cpe"), cyclonedx_property(r, component, "syft:distro:cpeName")),
    };
    struct slice ecosystem = cyclonedx_property(r, component, CYCLONEDX_ECOSYSTEM);
    if (r->stated.ecosystem.n || !(said.name.n || said.cpe.n))
        return;
    distro_identify_said(&said, r->arena, &os);
    /* What an inventory once knew of a derivative can't be seen in these few facts. */
    if (!os.ecosystem.n && distro_of_ecosystem(ecosystem))
        os.ecosystem = ecosystem;
    if (r->stated.id.n && !os.ecosystem.n)
        return;
    if (!os.end_of_life.n)
        os.end_of_life = cyclonedx_property(r, component, CYCLONEDX_END_OF_LIFE);
    cyclonedx_take_properties(r, component, CYCLONEDX_PRODUCT, &os.products);
    struct slice product = redhat_product_of_cpe(said.cpe, r->arena);
    if (slice_starts(os.ecosystem, SLICE("Red Hat:")) && product.n && !redhat_is_mainline(product))
        slice_vec_add(r->arena, &os.products, product);
    slice_vec_sort(&os.products);
    r->stated = os;
}

/*
 * Where no package's source is named, one that was built from another source can't be told from one that was not; only
 * advisories by source need to know.
 */
static void mark_sources(struct cyclonedx_reader *r)
{
    const struct distro *d = distro_of(&r->out.os);
    if (r->sources_told || !d || d->names != NAME_SOURCE)
        return;
    for (size_t i = 0; i < r->out.packages.n; i++)
        r->out.packages.v[i].source_unknown = r->out.packages.v[i].type == d->type;
}

/* One system for the document; packages of another one can't be judged with it. */
void cyclonedx_settle_system(struct cyclonedx_reader *r)
{
    struct os_info *os = &r->out.os;
    if (r->stated.id.n)
        *os = r->stated;
    for (size_t i = 0; i < r->systems.n && !os->ecosystem.n; i++) {
        const struct os_info *of = &r->systems.v[i];
        if (!os->id.n && of->id.n)
            *os = *of;
        else if (of->ecosystem.n)
            os->ecosystem = of->ecosystem;
    }
    size_t kept = 0, others = 0;
    struct slice first = SLICE_NONE;
    for (size_t i = 0; i < r->out.packages.n; i++) {
        struct slice of = r->systems.v[i].ecosystem;
        if (of.n && !slice_eq(of, os->ecosystem)) {
            if (!others++)
                first = r->out.packages.v[i].purl;
            continue;
        }
        r->out.packages.v[kept++] = r->out.packages.v[i];
    }
    r->out.packages.n = kept;
    if (others)
        cyclonedx_add_reason(r, REASON_COMPONENTS_LEFT_OUT,
                             "%zu component%s left out (of another system than %.*s); the first is %.*s", others,
                             others == 1 ? "" : "s", SLICE_FMT(os->ecosystem), SLICE_FMT(slice_sub(first, 0, 300)));
    mark_sources(r);
}
