/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/cyclonedx.h"
#include "model/distro/distro.h"
#include "model/purl.h"
#include "model/distro/redhat.h"
#include "model/software.h"

#include <jansson.h>

#define MINOR_MAX 7 /* of CycloneDX 1: what is known whole */

/* Why components could not be used: how often, and the first. */
struct cause {
    struct slice what, first;
    size_t n;
};

struct reader {
    struct arena *arena;
    struct inventory out;
    VEC(struct os_info) systems; /* of each package, by its purl */
    VEC(struct cause) causes;
    struct os_info stated; /* by an operating-system component */
    enum inventory_status status;
    bool components_unread;
    bool own;          /* written by cyclonedx_write */
    bool sources_told; /* some package's source is named: then one without is its own */
};

static struct slice either(struct slice a, struct slice b)
{
    return a.n ? a : b;
}

/* A member's text, copied; SLICE_NONE when it is not there or no string. */
static struct slice text(struct reader *r, const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    if (!json_is_string(v) || !json_string_length(v))
        return SLICE_NONE;
    return arena_slice(r->arena, slice_of(json_string_value(v), json_string_length(v)));
}

static bool is(const json_t *object, const char *key, const char *value)
{
    const json_t *v = json_object_get(object, key);
    return json_is_string(v) && slice_eq_str(slice_of(json_string_value(v), json_string_length(v)), value);
}

/* The value of the first property of that name. */
static struct slice property(struct reader *r, const json_t *object, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(object, "properties"), i, p)
    {
        if (is(p, "name", name))
            return text(r, p, "value");
    }
    return SLICE_NONE;
}

static void add_reason(struct reader *r, struct slice reason)
{
    if (r->out.status == INVENTORY_COMPLETE)
        r->out.status = INVENTORY_PARTIAL;
    slice_vec_add(r->arena, &r->out.reasons, reason);
}

static void left_out(struct reader *r, const json_t *component, struct slice what)
{
    struct slice name = text(r, component, "name"), version = text(r, component, "version");
    struct cause *c = NULL;
    name.n = MIN(name.n, (size_t)200);
    version.n = MIN(version.n, (size_t)100);
    for (size_t i = 0; i < r->causes.n && !c; i++)
        if (slice_eq(r->causes.v[i].what, what))
            c = &r->causes.v[i];
    /* Purl types are the document's words: past some, they share a cause. */
    if (!c && r->causes.n >= 32)
        c = &r->causes.v[31];
    if (!c) {
        c = VEC_ADD(r->arena, &r->causes);
        if (!c)
            return;
        c->what = arena_slice(r->arena, what);
        c->first = arena_printf(r->arena, "%.*s%s%.*s", SLICE_FMT(name.n ? name : SLICE("one without a name")),
                                version.n ? " " : "", SLICE_FMT(version));
    }
    c->n++;
}

/* The values of all properties of that name. */
static void take_properties(struct reader *r, const json_t *object, const char *name, slice_vec *to)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(object, "properties"), i, p)
    {
        struct slice value = is(p, "name", name) ? text(r, p, "value") : SLICE_NONE;
        if (value.n)
            slice_vec_add(r->arena, to, value);
    }
}

#define DESCRIPTION_MAX 200 /* bytes; it is shown in one line */

/* What a component says of a system; of several the first that somebody is known to publish for. */
static void take_system(struct reader *r, const json_t *component)
{
    struct os_info os;
    const struct distro_said said = {
        .name = text(r, component, "name"),
        .version = text(r, component, "version"),
        .codename =
            either(property(r, component, "careen:codename"), property(r, component, "syft:distro:versionCodename")),
        .description = slice_sub(text(r, component, "description"), 0, DESCRIPTION_MAX),
        .like = either(property(r, component, "careen:like"), property(r, component, "syft:distro:idLike:0")),
        .cpe = either(text(r, component, "cpe"), property(r, component, "syft:distro:cpeName")),
    };
    struct slice ecosystem = property(r, component, "careen:ecosystem");
    if (r->stated.ecosystem.n || !(said.name.n || said.cpe.n))
        return;
    distro_identify_said(&said, r->arena, &os);
    /* What an inventory once knew of a derivative can't be seen in these few facts. */
    if (!os.ecosystem.n && distro_of_ecosystem(ecosystem))
        os.ecosystem = ecosystem;
    if (r->stated.id.n && !os.ecosystem.n)
        return;
    if (!os.end_of_life.n)
        os.end_of_life = property(r, component, "careen:end-of-life");
    take_properties(r, component, "careen:product", &os.products);
    struct slice product = redhat_product_of_cpe(said.cpe, r->arena);
    if (slice_starts(os.ecosystem, SLICE("Red Hat:")) && product.n && !redhat_is_mainline(product))
        slice_vec_add(r->arena, &os.products, product);
    slice_vec_sort(&os.products);
    r->stated = os;
}

/* A property of that name, or of one that ends so behind a producer's prefix: "aquasecurity:trivy:SrcName". */
static struct slice trivy_property(struct reader *r, const json_t *component, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(component, "properties"), i, p)
    {
        struct slice full = text(r, p, "name"), wanted = slice_str(name);
        if (full.n && slice_ends(full, wanted) && (full.n == wanted.n || full.p[full.n - wanted.n - 1] == ':'))
            return text(r, p, "value");
    }
    return SLICE_NONE;
}

/* The source of a package whose purl names none: Trivy's properties, else Syft's of dpkg, apk and rpm. */
static void take_source(struct reader *r, const json_t *component, struct package *p)
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
        purl_rpm_source(property(r, component, "syft:metadata:sourceRpm"), p->version, r->arena, &name, &version);
    } else {
        name = either(property(r, component, "syft:metadata:source"),
                      property(r, component, "syft:metadata:originPackage"));
        version = property(r, component, "syft:metadata:sourceVersion");
    }
    if (!name.n)
        return;
    r->sources_told = true;
    p->source_name = slice_eq(name, p->name) ? SLICE_NONE : name;
    p->source_version = slice_eq(version, p->version) ? SLICE_NONE : version;
}

static void take_package(struct reader *r, const json_t *component)
{
    struct slice given = text(r, component, "purl");
    struct purl purl;
    struct package package;
    struct os_info os;
    struct buf canonical ATTR_CLEANUP(buf_done) = BUF_INIT(PURL_MAX);
    if (!given.n) {
        left_out(r, component, SLICE("no package URL"));
        return;
    }
    if (purl_parse(given, r->arena, &purl, NULL) || purl_build(&purl, &canonical, NULL)) {
        left_out(r, component, SLICE("not a package URL"));
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
        left_out(r, component,
                 arena_printf(r->arena, "packages of kind %.*s are not read", SLICE_FMT(slice_sub(purl.type, 0, 40))));
        return;
    }
    if (!package.version.n)
        package.version = text(r, component, "version");
    if (!package.version.n) {
        left_out(r, component, SLICE("no version"));
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
    to->layer = property(r, component, "careen:layer");
    to->location = property(r, component, "careen:location");
    if (!to->module.n)
        to->module = property(r, component, "careen:module");
    if (!to->module.n && to->type == PKG_RPM)
        to->module = either(trivy_property(r, component, "Modularitylabel"),
                            property(r, component, "syft:metadata:modularityLabel"));
    to->vendor = property(r, component, "careen:vendor");
    to->not_judged = property(r, component, "careen:not-judged");
}

static void take_components(struct reader *r, const json_t *list, int depth)
{
    size_t i;
    json_t *component;
    if (depth > CYCLONEDX_DEPTH_MAX) {
        add_reason(r, SLICE("components within components are too deep: the deepest are left out"));
        return;
    }
    json_array_foreach(list, i, component)
    {
        if (!json_is_object(component))
            left_out(r, component, SLICE("no object"));
        else if (is(component, "type", "operating-system"))
            take_system(r, component);
        else if (json_object_get(component, "purl") || is(component, "type", "library") ||
                 is(component, "type", "application") || is(component, "type", "framework"))
            take_package(r, component);
        const json_t *nested = json_object_get(component, "components");
        if (json_is_array(nested))
            take_components(r, nested, depth + 1);
    }
}

/* What a document of our own says of the whole image. */
static void take_metadata(struct reader *r, const json_t *metadata)
{
    const json_t *image = json_object_get(metadata, "component");
    size_t i;
    json_t *p;
    struct slice name = text(r, image, "name"), version = text(r, image, "version");
    if (is(image, "type", "operating-system"))
        take_system(r, image);
    if (slice_starts(name, SLICE("sha256:")))
        r->out.image_digest = name;
    else if (slice_starts(version, SLICE("sha256:")))
        r->out.image_digest = version;
    take_properties(r, metadata, "careen:note", &r->out.notes);
    json_array_foreach(json_object_get(metadata, "properties"), i, p)
    {
        if (is(p, "name", "careen:reason"))
            add_reason(r, text(r, p, "value"));
        else if (is(p, "name", "careen:image-layer"))
            slice_vec_add(r->arena, &r->out.layers, text(r, p, "value"));
        else if (is(p, "name", "careen:unread"))
            unread_unpack(r->arena, &r->out.unread, text(r, p, "value"));
        else if (is(p, "name", "careen:unread-example"))
            unread_unpack_example(r->arena, &r->out.unread, text(r, p, "value"));
        else if (is(p, "name", "careen:system"))
            r->out.os.name = text(r, p, "value");
        else if (is(p, "name", "careen:status")) {
            int status = name_index(inventory_status_names, INVENTORY_STATUS_MAX, text(r, p, "value"));
            r->status = status < 0 ? INVENTORY_COMPLETE : (enum inventory_status)status;
            r->own = r->sources_told = true; /* a document of our own names each that differs */
        }
    }
}

/* One system for the document; packages of another one can't be judged with it. */
static void settle_system(struct reader *r)
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
        add_reason(r, arena_printf(
                          r->arena, "%zu component%s left out (of another system than %.*s); the first is %.*s", others,
                          others == 1 ? "" : "s", SLICE_FMT(os->ecosystem), SLICE_FMT(slice_sub(first, 0, 300))));
}

static int package_order(const void *a, const void *b)
{
    const struct package *x = a, *y = b;
    int c = x->type < y->type ? -1 : x->type > y->type;
    c = c ? c : slice_cmp(x->name, y->name);
    c = c ? c : slice_cmp(x->version, y->version);
    c = c ? c : slice_cmp(x->architecture, y->architecture);
    return c ? c : slice_cmp(x->location, y->location);
}

/*
 * Where no package's source is named, one that was built from another source can't be told from one that was not; only
 * advisories by source need to know.
 */
static void mark_sources(struct reader *r)
{
    const struct distro *d = distro_of(&r->out.os);
    if (r->sources_told || !d || d->names != NAME_SOURCE)
        return;
    for (size_t i = 0; i < r->out.packages.n; i++)
        r->out.packages.v[i].source_unknown = r->out.packages.v[i].type == d->type;
}

static void finish(struct reader *r)
{
    package_vec *p = &r->out.packages;
    size_t kept = 0;
    settle_system(r);
    mark_sources(r);
    for (size_t i = 0; i < r->causes.n; i++) {
        const struct cause *c = &r->causes.v[i];
        add_reason(r, arena_printf(r->arena, "%zu component%s left out (%.*s); the first is %.*s", c->n,
                                   c->n == 1 ? "" : "s", SLICE_FMT(c->what), SLICE_FMT(c->first)));
    }
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, package_order);
    for (size_t i = 0; i < p->n; i++)
        if (!kept || package_order(&p->v[kept - 1], &p->v[i]))
            p->v[kept++] = p->v[i];
    p->n = kept;
    if (!p->n && r->components_unread)
        add_reason(r, SLICE("no component of it is of a kind that can be judged"));
    /* An empty list is no list of nothing: only who read the image can say that there was nothing in it. */
    if (!r->systems.n && !r->causes.n && !r->components_unread && !(r->own && r->out.os.name.n && !r->stated.id.n))
        add_reason(r, SLICE("it names no packages"));
    distro_notes(&r->out.os, DISTRO_BY_DOCUMENT, r->arena, &r->out.notes);
    slice_vec_sort(&r->out.notes);
    slice_vec_sort(&r->out.reasons);
    r->out.status = MAX(r->out.status, r->status);
}

static int read_document(struct reader *r, const json_t *root, struct err *e)
{
    struct slice version = text(r, root, "specVersion"), minor = version;
    uint64_t number = 0;
    if (!json_is_object(root) || !is(root, "bomFormat", "CycloneDX"))
        return err_set(e, ERR_POISON, 0, "it is not a CycloneDX document: bomFormat is not \"CycloneDX\"");
    if (!slice_take_prefix(&minor, SLICE("1.")) || !slice_parse_u64(minor, &number) || number < 2)
        return err_set(e, ERR_POISON, 0, "CycloneDX version \"%.*s\" can't be read; 1.2 to 1.%d can",
                       SLICE_FMT(slice_sub(version, 0, 20)), MINOR_MAX);
    if (number > MINOR_MAX)
        add_reason(r, arena_printf(r->arena, "the document is CycloneDX %.*s and was read as 1.%d", SLICE_FMT(version),
                                   MINOR_MAX));
    const json_t *components = json_object_get(root, "components");
    if (components && !json_is_array(components))
        return err_set(e, ERR_POISON, 0, "it is not a CycloneDX document: components is no list");
    take_metadata(r, json_object_get(root, "metadata"));
    take_components(r, components, 1);
    finish(r);
    return 0;
}

int cyclonedx_read(struct slice json, struct arena *arena, struct inventory *ret_inventory, struct err *e)
{
    struct reader r = {.arena = arena, .out = {.status = INVENTORY_COMPLETE, .parts = 1}};
    json_error_t why;
    slice_take_prefix(&json, SLICE("\xef\xbb\xbf"));
    if (json.n > CYCLONEDX_BYTES_MAX)
        return err_set(e, ERR_POISON, 0, "a document of %zu MiB is more than can be read (%zu MiB)", json.n >> 20,
                       CYCLONEDX_BYTES_MAX >> 20);
    json_t *root = json_loadb(json.p ? (const char *)json.p : "", json.n, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return err_set(e, ERR_POISON, 0, "line %d, column %d: %s", why.line, why.column, why.text);
    int rc = read_document(&r, root, e);
    json_decref(root);
    if (!rc && arena->overflow)
        rc = err_set(e, ERR_POISON, 0, "the document's components take more than %zu MiB of memory", arena->max >> 20);
    if (!rc)
        *ret_inventory = r.out;
    return rc;
}
