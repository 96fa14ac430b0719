/* SPDX-License-Identifier: Apache-2.0 */
#include "images/sbom/cyclonedx_internal.h"
#include "model/distro/distro.h"
#include "model/software.h"

#define MINOR_MAX 7 /* of CycloneDX 1: what is known whole */

/* A member's text, copied; SLICE_NONE when it is not there or no string. */
struct slice cyclonedx_text(struct cyclonedx_reader *r, const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    if (!json_is_string(v) || !json_string_length(v))
        return SLICE_NONE;
    return arena_slice(r->arena, slice_of(json_string_value(v), json_string_length(v)));
}

bool cyclonedx_is(const json_t *object, const char *key, const char *value)
{
    const json_t *v = json_object_get(object, key);
    return json_is_string(v) && slice_eq_str(slice_of(json_string_value(v), json_string_length(v)), value);
}

/* The value of the first property of that name. */
struct slice cyclonedx_property(struct cyclonedx_reader *r, const json_t *object, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(object, "properties"), i, p)
    {
        if (cyclonedx_is(p, "name", name))
            return cyclonedx_text(r, p, "value");
    }
    return SLICE_NONE;
}

void cyclonedx_add_reason(struct cyclonedx_reader *r, enum reason_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (r->out.status == INVENTORY_COMPLETE)
        r->out.status = INVENTORY_PARTIAL;
    reasons_add(r->arena, &r->out.reasons, code, arena_vprintf(r->arena, fmt, ap));
    va_end(ap);
}

void cyclonedx_left_out(struct cyclonedx_reader *r, const json_t *component, struct slice what)
{
    struct slice name = cyclonedx_text(r, component, "name"), version = cyclonedx_text(r, component, "version");
    struct cyclonedx_cause *c = NULL;
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
void cyclonedx_take_properties(struct cyclonedx_reader *r, const json_t *object, const char *name, slice_vec *to)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(object, "properties"), i, p)
    {
        struct slice value = cyclonedx_is(p, "name", name) ? cyclonedx_text(r, p, "value") : SLICE_NONE;
        if (value.n)
            slice_vec_add(r->arena, to, value);
    }
}

/* Reasons or notes; the code of each is the property behind it. */
static void take_reasons(struct cyclonedx_reader *r, const json_t *object, const char *name, const char *code_name,
                         struct reasons *to)
{
    struct reason one = REASON_NONE;
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(object, "properties"), i, p)
    {
        if (cyclonedx_is(p, "name", code_name)) {
            one.code = reason_word(reason_of_word(cyclonedx_text(r, p, "value")));
        } else if (cyclonedx_is(p, "name", name)) {
            if (one.text.n)
                reasons_add_one(r->arena, to, one);
            one = (struct reason){.text = cyclonedx_text(r, p, "value")};
        }
    }
    if (one.text.n)
        reasons_add_one(r->arena, to, one);
}

static void take_components(struct cyclonedx_reader *r, const json_t *list, int depth)
{
    size_t i;
    json_t *component;
    if (depth > CYCLONEDX_DEPTH_MAX) {
        cyclonedx_add_reason(r, REASON_COMPONENTS_LEFT_OUT,
                             "components within components are too deep: the deepest are left out");
        return;
    }
    json_array_foreach(list, i, component)
    {
        if (!json_is_object(component))
            cyclonedx_left_out(r, component, SLICE("no object"));
        else if (cyclonedx_is(component, "type", "operating-system"))
            cyclonedx_take_system(r, component);
        else if (json_object_get(component, "purl") || cyclonedx_is(component, "type", "library") ||
                 cyclonedx_is(component, "type", "application") || cyclonedx_is(component, "type", "framework"))
            cyclonedx_take_package(r, component);
        const json_t *nested = json_object_get(component, "components");
        if (json_is_array(nested))
            take_components(r, nested, depth + 1);
    }
}

/* What a document that Careen wrote says of the whole image. */
static void take_metadata(struct cyclonedx_reader *r, const json_t *metadata)
{
    const json_t *image = json_object_get(metadata, "component");
    size_t i;
    json_t *p;
    struct slice name = cyclonedx_text(r, image, "name"), version = cyclonedx_text(r, image, "version");
    if (cyclonedx_is(image, "type", "operating-system"))
        cyclonedx_take_system(r, image);
    if (slice_starts(name, SLICE("sha256:")))
        r->out.image_digest = name;
    else if (slice_starts(version, SLICE("sha256:")))
        r->out.image_digest = version;
    take_reasons(r, metadata, CYCLONEDX_NOTE, CYCLONEDX_NOTE_CODE, &r->out.notes);
    take_reasons(r, metadata, CYCLONEDX_REASON, CYCLONEDX_REASON_CODE, &r->out.reasons);
    if (r->out.reasons.texts.n)
        r->out.status = INVENTORY_PARTIAL;
    json_array_foreach(json_object_get(metadata, "properties"), i, p)
    {
        if (cyclonedx_is(p, "name", CYCLONEDX_IMAGE_LAYER))
            slice_vec_add(r->arena, &r->out.layers, cyclonedx_text(r, p, "value"));
        else if (cyclonedx_is(p, "name", CYCLONEDX_UNREAD))
            unread_unpack(r->arena, &r->out.unread, cyclonedx_text(r, p, "value"));
        else if (cyclonedx_is(p, "name", CYCLONEDX_UNREAD_EXAMPLE))
            unread_unpack_example(r->arena, &r->out.unread, cyclonedx_text(r, p, "value"));
        else if (cyclonedx_is(p, "name", CYCLONEDX_SYSTEM))
            r->out.os.name = cyclonedx_text(r, p, "value");
        else if (cyclonedx_is(p, "name", CYCLONEDX_STATUS)) {
            int status = name_index(inventory_status_names, INVENTORY_STATUS_MAX, cyclonedx_text(r, p, "value"));
            r->status = status < 0 ? INVENTORY_COMPLETE : (enum inventory_status)status;
            r->own = r->sources_told = true; /* a document of our own names each that differs */
        }
    }
}

static int package_order(const void *a, const void *b)
{
    const struct package *x = a, *y = b;
    int c = x->type < y->type ? -1 : x->type > y->type;
    c = c ? c : slice_cmp(x->ns, y->ns);
    c = c ? c : slice_cmp(x->name, y->name);
    c = c ? c : slice_cmp(x->version, y->version);
    c = c ? c : slice_cmp(x->architecture, y->architecture);
    c = c ? c : slice_cmp(x->location, y->location);
    return c ? c : slice_cmp(x->parent, y->parent);
}

/* Said in one note, as of an image (inventory/assemble/origin.h); a document of our own has it already. */
static void tell_not_judged(struct cyclonedx_reader *r)
{
    const struct package *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < r->out.packages.n; i++) {
        const struct package *p = &r->out.packages.v[i];
        if (!p->not_judged.text.n)
            continue;
        first = first ? first : p;
        n++;
    }
    if (n && !r->own)
        reasons_addf(r->arena, &r->out.notes, REASON_PACKAGES_NOT_JUDGED, "%zu package%s not judged; %s %.*s: %.*s", n,
                     n == 1 ? " is" : "s are", n == 1 ? "it is" : "the first is",
                     SLICE_FMT(slice_sub(first->name, 0, 200)), SLICE_FMT(first->not_judged.text));
}

static void finish(struct cyclonedx_reader *r)
{
    package_vec *p = &r->out.packages;
    size_t kept = 0;
    cyclonedx_settle_system(r);
    tell_not_judged(r);
    for (size_t i = 0; i < r->causes.n; i++) {
        const struct cyclonedx_cause *c = &r->causes.v[i];
        cyclonedx_add_reason(r, REASON_COMPONENTS_LEFT_OUT, "%zu component%s left out (%.*s); the first is %.*s", c->n,
                             c->n == 1 ? "" : "s", SLICE_FMT(c->what), SLICE_FMT(c->first));
    }
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, package_order);
    for (size_t i = 0; i < p->n; i++)
        if (!kept || package_order(&p->v[kept - 1], &p->v[i]))
            p->v[kept++] = p->v[i];
    p->n = kept;
    if (!p->n && r->components_unread)
        cyclonedx_add_reason(r, REASON_SBOM_EMPTY, "no component of it is of a kind that can be judged");
    /* An empty list is no list of nothing: only who read the image can say that there was nothing in it. */
    if (!r->systems.n && !r->causes.n && !r->components_unread && !(r->own && r->out.os.name.n && !r->stated.id.n))
        cyclonedx_add_reason(r, REASON_SBOM_EMPTY, "it names no packages");
    distro_notes(&r->out.os, DISTRO_BY_DOCUMENT, r->arena, &r->out.notes);
    reasons_sort(&r->out.notes);
    reasons_sort(&r->out.reasons);
    r->out.status = MAX(r->out.status, r->status);
}

static int read_document(struct cyclonedx_reader *r, const json_t *root, struct err *e)
{
    struct slice version = cyclonedx_text(r, root, "specVersion"), minor = version;
    uint64_t number = 0;
    if (!json_is_object(root) || !cyclonedx_is(root, "bomFormat", "CycloneDX"))
        return err_set(e, ERR_POISON, 0, "it is not a CycloneDX document: bomFormat is not \"CycloneDX\"");
    if (!slice_take_prefix(&minor, SLICE("1.")) || !slice_parse_u64(minor, &number) || number < 2)
        return err_set(e, ERR_POISON, 0, "CycloneDX version \"%.*s\" can't be read; 1.2 to 1.%d can",
                       SLICE_FMT(slice_sub(version, 0, 20)), MINOR_MAX);
    if (number > MINOR_MAX)
        cyclonedx_add_reason(r, REASON_SBOM_VERSION, "the document is CycloneDX %.*s and was read as 1.%d",
                             SLICE_FMT(version), MINOR_MAX);
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
    struct cyclonedx_reader r = {.arena = arena, .out = {.status = INVENTORY_COMPLETE, .parts = 1}};
    slice_take_prefix(&json, SLICE("\xef\xbb\xbf"));
    if (json.n > CYCLONEDX_BYTES_MAX)
        return err_set(e, ERR_POISON, 0, "a document of %zu MiB is more than can be read (%zu MiB)", json.n >> 20,
                       CYCLONEDX_BYTES_MAX >> 20);
    json_t *root;
    if (json_tree_read(json, CYCLONEDX_BYTES_MAX, CYCLONEDX_VALUES_MAX, &root, e))
        return -1;
    int rc = read_document(&r, root, e);
    json_decref(root);
    if (!rc && arena->overflow)
        rc = err_set(e, ERR_POISON, 0, "the document's components take more than %zu MiB of memory", arena->max >> 20);
    if (!rc)
        *ret_inventory = r.out;
    return rc;
}
