/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inventory as a CycloneDX bill of materials in JSON (cyclonedx.org, ECMA-424); images/sbom/cyclonedx_read.h reads it
 * back. It is version 1.6 without a time or a serial number, so that the same inventory gives the same bytes: the image as
 * metadata.component, the system as an operating-system component, packages as library components with a package URL.
 * What CycloneDX has no field for is in the properties of model/cyclonedx_names.h.
 */
#include "reports/report_format.h"

#include "base/jsonw.h"
#include "model/cyclonedx_names.h"
#include "model/software.h"

static void property(struct jsonw *w, const char *name, struct slice value)
{
    if (!value.n)
        return;
    jsonw_object(w);
    jsonw_pair_str(w, "name", name);
    jsonw_pair(w, "value", value);
    jsonw_end(w);
}

static void properties(struct jsonw *w, const char *name, const slice_vec *values)
{
    for (size_t i = 0; i < values->n; i++)
        property(w, name, values->v[i]);
}

static void write_unread(struct jsonw *w, const unread_vec *v)
{
    struct arena arena = ARENA_INIT(1 << 16);
    for (size_t i = 0; i < v->n; i++) {
        property(w, CYCLONEDX_UNREAD, unread_pack(&v->v[i], &arena));
        for (size_t j = 0; j < v->v[i].examples.n; j++)
            property(w, CYCLONEDX_UNREAD_EXAMPLE, unread_pack_example(&v->v[i], j, &arena));
        arena_reset(&arena);
    }
    arena_done(&arena);
}

static void write_metadata(struct jsonw *w, const struct inventory *inventory)
{
    jsonw_key_object(w, "metadata");
    jsonw_key_object(w, "tools");
    jsonw_key_array(w, "components");
    jsonw_object(w);
    jsonw_pair_str(w, "type", "application");
    jsonw_pair_str(w, "name", "careen");
    jsonw_pair_str(w, "version", CAREEN_VERSION);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_key_object(w, "component");
    jsonw_pair_str(w, "bom-ref", "image");
    jsonw_pair_str(w, "type", "container");
    jsonw_pair(w, "name", inventory->image_digest.n ? inventory->image_digest : SLICE("image"));
    jsonw_end(w);
    jsonw_key_array(w, "properties");
    property(w, CYCLONEDX_STATUS, slice_str(inventory_status_names[inventory->status]));
    for (size_t i = 0; i < inventory->reasons.texts.n; i++) {
        property(w, CYCLONEDX_REASON, reasons_at(&inventory->reasons, i).text);
        property(w, CYCLONEDX_REASON_CODE, reasons_at(&inventory->reasons, i).code);
    }
    for (size_t i = 0; i < inventory->notes.texts.n; i++) {
        property(w, CYCLONEDX_NOTE, reasons_at(&inventory->notes, i).text);
        property(w, CYCLONEDX_NOTE_CODE, reasons_at(&inventory->notes, i).code);
    }
    write_unread(w, &inventory->unread);
    properties(w, CYCLONEDX_IMAGE_LAYER, &inventory->layers);
    if (!inventory->os.id.n)
        property(w, CYCLONEDX_SYSTEM, inventory->os.name);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_system(struct jsonw *w, const struct os_info *os)
{
    if (!os->id.n)
        return;
    jsonw_object(w);
    jsonw_pair_str(w, "bom-ref", "system");
    jsonw_pair_str(w, "type", "operating-system");
    jsonw_pair(w, "name", os->id);
    if (os->version_id.n)
        jsonw_pair(w, "version", os->version_id);
    if (os->name.n)
        jsonw_pair(w, "description", os->name);
    jsonw_key_array(w, "properties");
    property(w, CYCLONEDX_CODENAME, os->codename);
    property(w, CYCLONEDX_LIKE, os->id_like);
    property(w, CYCLONEDX_ECOSYSTEM, os->ecosystem);
    properties(w, CYCLONEDX_PRODUCT, &os->products);
    property(w, CYCLONEDX_END_OF_LIFE, os->end_of_life);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_package(struct jsonw *w, const struct package *p, size_t index)
{
    char ref[32];
    snprintf(ref, sizeof ref, "package-%zu", index);
    jsonw_object(w);
    jsonw_pair_str(w, "bom-ref", ref);
    jsonw_pair_str(w, "type", "library");
    if (p->ns.n)
        jsonw_pair(w, "group", p->ns);
    jsonw_pair(w, "name", p->name);
    if (p->version.n)
        jsonw_pair(w, "version", p->version);
    if (p->purl.n)
        jsonw_pair(w, "purl", p->purl);
    jsonw_key_array(w, "properties");
    property(w, CYCLONEDX_LAYER, p->layer);
    property(w, CYCLONEDX_LOCATION, p->location);
    property(w, CYCLONEDX_MODULE, p->module);
    property(w, CYCLONEDX_VENDOR, p->vendor);
    property(w, CYCLONEDX_NOT_JUDGED, p->not_judged.text);
    property(w, CYCLONEDX_NOT_JUDGED_CODE, p->not_judged.code);
    property(w, CYCLONEDX_SCOPE, slice_str(package_scope_names[p->scope]));
    property(w, CYCLONEDX_CERTAINTY, slice_str(package_certainty_names[p->certainty]));
    property(w, CYCLONEDX_EVIDENCE, p->evidence);
    property(w, CYCLONEDX_PARENT, p->parent);
    property(w, CYCLONEDX_WHY, p->why);
    property(w, CYCLONEDX_OWNER, p->owner);
    property(w, CYCLONEDX_ORIGIN, p->origin);
    property(w, CYCLONEDX_SOURCE_UNKNOWN, p->source_unknown ? SLICE("true") : SLICE_NONE);
    jsonw_end(w);
    jsonw_end(w);
}

static int write_packages(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    const struct inventory *inventory = &a->inventory;
    struct jsonw w;
    jsonw_init(&w, out->buf, 2);
    jsonw_object(&w);
    jsonw_pair_str(&w, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    jsonw_pair_str(&w, "bomFormat", "CycloneDX");
    jsonw_pair_str(&w, "specVersion", "1.6");
    jsonw_pair_int(&w, "version", 1);
    write_metadata(&w, inventory);
    jsonw_key_array(&w, "components");
    write_system(&w, &inventory->os);
    for (size_t i = 0; i < inventory->packages.n; i++) {
        write_package(&w, &inventory->packages.v[i], i);
        if (report_out_row(out, e))
            return -1;
    }
    jsonw_end(&w);
    jsonw_end(&w);
    return 0;
}

const struct report_format report_format_cyclonedx = {
    .name = "cyclonedx",
    .media_type = "application/vnd.cyclonedx+json; version=1.6",
    .extension = "cdx.json",
    .help = "for other tools (1.6, JSON)",
    .write = {[REPORT_PACKAGES] = write_packages},
};
