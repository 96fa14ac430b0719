/* SPDX-License-Identifier: Apache-2.0 */
/* A component that is a package: its package URL, and what Trivy, Syft and Careen say of it in properties. */
#include "images/sbom/cyclonedx_internal.h"
#include "model/ecosystem/ecosystem.h"
#include "model/purl.h"
#include "model/software.h"

static struct slice either(struct slice a, struct slice b)
{
    return a.n ? a : b;
}

/* A property of that name, or of one that ends so behind a producer's prefix: "aquasecurity:trivy:SrcName". */
static struct slice trivy_property(struct cyclonedx_reader *r, const json_t *component, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(component, "properties"), i, p)
    {
        struct slice full = cyclonedx_text(r, p, "name"), wanted = slice_str(name);
        if (full.n && slice_ends(full, wanted) && (full.n == wanted.n || full.p[full.n - wanted.n - 1] == ':'))
            return cyclonedx_text(r, p, "value");
    }
    return SLICE_NONE;
}

/* The source of a package whose purl names none: Trivy's properties, else Syft's of dpkg, apk and rpm. */
static void take_source(struct cyclonedx_reader *r, const json_t *component, struct package *p)
{
    struct slice name = trivy_property(r, component, "SrcName"), version = SLICE_NONE;
    if (name.n) {
        struct slice epoch = trivy_property(r, component, "SrcEpoch"),
                     release = trivy_property(r, component, "SrcRelease");
        version = trivy_property(r, component, "SrcVersion");
        if (slice_eq_str(epoch, "0"))
            epoch = SLICE_NONE;
        if (version.n)
            version = arena_printf(r->arena, "%.*s%s%.*s%s%.*s", SLICE_FMT(epoch), epoch.n ? ":" : "",
                                   SLICE_FMT(version), release.n ? "-" : "", SLICE_FMT(release));
    } else if (p->type == PKG_RPM) {
        purl_rpm_source(cyclonedx_property(r, component, "syft:metadata:sourceRpm"), p->version, r->arena, &name,
                        &version);
    } else {
        name = either(cyclonedx_property(r, component, "syft:metadata:source"),
                      cyclonedx_property(r, component, "syft:metadata:originPackage"));
        version = cyclonedx_property(r, component, "syft:metadata:sourceVersion");
    }
    if (!name.n)
        return;
    r->sources_told = true;
    p->source_name = slice_eq(name, p->name) ? SLICE_NONE : name;
    p->source_version = slice_eq(version, p->version) ? SLICE_NONE : version;
}

void cyclonedx_take_package(struct cyclonedx_reader *r, const json_t *component)
{
    struct slice given = cyclonedx_text(r, component, "purl");
    struct purl purl;
    struct package package;
    struct os_info os;
    struct buf canonical ATTR_CLEANUP(buf_done) = BUF_INIT(PURL_MAX);
    if (!given.n) {
        cyclonedx_left_out(r, component, SLICE("no package URL"));
        return;
    }
    if (purl_parse(given, r->arena, &purl, NULL) || purl_build(&purl, &canonical, NULL)) {
        cyclonedx_left_out(r, component, SLICE("not a package URL"));
        return;
    }
    const struct software_kind *kind = software_of_purl(purl.type);
    if (kind) {
        unread_add(r->arena, &r->out.unread, slice_str(kind->id), 1,
                   arena_printf(r->arena, "%.*s%s%.*s", SLICE_FMT(purl.name), purl.version.n ? " " : "",
                                SLICE_FMT(purl.version)));
        r->components_unread = true;
        return;
    }
    if (!purl_to_package(&purl, r->arena, &package, &os)) {
        cyclonedx_left_out(
            r, component,
            arena_printf(r->arena, "packages of kind %.*s are not read", SLICE_FMT(slice_sub(purl.type, 0, 40))));
        return;
    }
    if (!package.version.n)
        package.version = cyclonedx_text(r, component, "version");
    if (!package.version.n) {
        cyclonedx_left_out(r, component, SLICE("no version"));
        return;
    }
    struct package *to = VEC_ADD(r->arena, &r->out.packages);
    struct os_info *of = VEC_ADD(r->arena, &r->systems);
    if (!to || !of)
        return;
    *to = package;
    *of = os;
    if (purl_qualifier(&purl, "upstream").n)
        r->sources_told = true;
    else
        take_source(r, component, to);
    to->purl = arena_slice(r->arena, buf_slice(&canonical));
    to->layer = cyclonedx_property(r, component, CYCLONEDX_LAYER);
    to->location = cyclonedx_property(r, component, CYCLONEDX_LOCATION);
    if (!to->module.n)
        to->module = cyclonedx_property(r, component, CYCLONEDX_MODULE);
    if (!to->module.n && ecosystem_of_type(to->type)->purl & PURL_MODULE)
        to->module = either(trivy_property(r, component, "Modularitylabel"),
                            cyclonedx_property(r, component, "syft:metadata:modularityLabel"));
    to->vendor = cyclonedx_property(r, component, CYCLONEDX_VENDOR);
    to->source_unknown = slice_eq_str(cyclonedx_property(r, component, CYCLONEDX_SOURCE_UNKNOWN), "true");
    struct slice why = cyclonedx_property(r, component, CYCLONEDX_NOT_JUDGED);
    if (why.n)
        to->not_judged = reason_make(reason_of_word(cyclonedx_property(r, component, CYCLONEDX_NOT_JUDGED_CODE)), why);
}
