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

/* What no package URL can say and Careen's own documents do. */
static void take_own_words(struct cyclonedx_reader *r, const json_t *component, struct package *p)
{
    struct slice name = cyclonedx_text(r, component, "name");
    int scope = name_index(package_scope_names, SCOPE_MAX, cyclonedx_property(r, component, CYCLONEDX_SCOPE));
    int certainty =
        name_index(package_certainty_names, CERTAINTY_MAX, cyclonedx_property(r, component, CYCLONEDX_CERTAINTY));
    const struct ecosystem *row = ecosystem_of_type(p->type);
    if (name.n && !ecosystem_of_systems(p->type) &&
        slice_eq(ecosystem_name(row, p->ns, name, r->arena), ecosystem_name(row, p->ns, p->name, r->arena)))
        p->name = name; /* as it is published; package URLs have its normal form */
    p->scope = scope > 0 ? (enum package_scope)scope : SCOPE_UNKNOWN;
    p->certainty = certainty > 0 ? (enum package_certainty)certainty : CERTAINTY_UNKNOWN;
    p->evidence = cyclonedx_property(r, component, CYCLONEDX_EVIDENCE);
    p->parent = cyclonedx_property(r, component, CYCLONEDX_PARENT);
    p->why = cyclonedx_property(r, component, CYCLONEDX_WHY);
    p->owner = cyclonedx_property(r, component, CYCLONEDX_OWNER);
    p->origin = either(cyclonedx_property(r, component, CYCLONEDX_ORIGIN), p->origin);
}

static void take_location(struct cyclonedx_reader *r, const json_t *component, struct package *p)
{
    p->location = cyclonedx_property(r, component, CYCLONEDX_LOCATION);
    if (p->location.n || ecosystem_of_systems(p->type))
        return;
    p->location = either(cyclonedx_property(r, component, "syft:location:0:path"),
                         either(trivy_property(r, component, "FilePath"), trivy_property(r, component, "PkgPath")));
    slice_take_prefix(&p->location, SLICE("/"));
}

/* Why nobody's advisories can be held against it, beside what the document says of that. */
static struct reason not_judged(struct cyclonedx_reader *r, const json_t *component, const struct package *p)
{
    struct slice why = cyclonedx_property(r, component, CYCLONEDX_NOT_JUDGED);
    if (why.n)
        return reason_make(reason_of_word(cyclonedx_property(r, component, CYCLONEDX_NOT_JUDGED_CODE)), why);
    if (ecosystem_of_systems(p->type))
        return REASON_NONE;
    if (!ecosystem_of_type(p->type)->advisories)
        return reason_make(
            REASON_NOBODY_PUBLISHES,
            arena_printf(r->arena, "nobody publishes advisories for %s packages", package_type_names[p->type]));
    return p->version.n ? REASON_NONE
                        : reason_make(REASON_VERSION_UNKNOWN, SLICE("the document names no version of it"));
}

/* A component of a kind that no package is. */
static void left_unread(struct cyclonedx_reader *r, const json_t *component, const struct purl *purl)
{
    const struct software_kind *kind = software_of_purl(purl->type);
    if (!kind) {
        cyclonedx_left_out(
            r, component,
            arena_printf(r->arena, "packages of kind %.*s are not read", SLICE_FMT(slice_sub(purl->type, 0, 40))));
        return;
    }
    unread_add(r->arena, &r->out.unread, slice_str(kind->id), 1,
               arena_printf(r->arena, "%.*s%s%.*s", SLICE_FMT(purl->name), purl->version.n ? " " : "",
                            SLICE_FMT(purl->version)));
    r->components_unread = true;
}

static void add_package(struct cyclonedx_reader *r, const json_t *component, const struct purl *purl,
                        const struct package *package, const struct os_info *os)
{
    struct package *to = VEC_ADD(r->arena, &r->out.packages);
    struct os_info *of = VEC_ADD(r->arena, &r->systems);
    if (!to || !of)
        return;
    *to = *package;
    *of = *os;
    take_own_words(r, component, to);
    if (purl_qualifier(purl, "upstream").n)
        r->sources_told = true;
    else if (ecosystem_of_systems(to->type))
        take_source(r, component, to);
    to->layer = cyclonedx_property(r, component, CYCLONEDX_LAYER);
    take_location(r, component, to);
    if (!to->module.n)
        to->module = cyclonedx_property(r, component, CYCLONEDX_MODULE);
    if (!to->module.n && ecosystem_of_type(to->type)->purl & PURL_MODULE)
        to->module = either(trivy_property(r, component, "Modularitylabel"),
                            cyclonedx_property(r, component, "syft:metadata:modularityLabel"));
    to->vendor = cyclonedx_property(r, component, CYCLONEDX_VENDOR);
    to->source_unknown = slice_eq_str(cyclonedx_property(r, component, CYCLONEDX_SOURCE_UNKNOWN), "true");
    to->not_judged = not_judged(r, component, to);
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
    if (!purl_to_package(&purl, r->arena, &package, &os)) {
        left_unread(r, component, &purl);
        return;
    }
    if (!package.version.n)
        package.version = cyclonedx_text(r, component, "version");
    if (!package.version.n && ecosystem_of_systems(package.type)) {
        cyclonedx_left_out(r, component, SLICE("no version"));
        return;
    }
    package.purl = arena_slice(r->arena, buf_slice(&canonical));
    add_package(r, component, &purl, &package, &os);
}
