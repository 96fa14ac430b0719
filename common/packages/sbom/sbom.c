/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbom.c: bills of materials that lie in an image, in JSON: CycloneDX ("components", each with a "purl"), SPDX 2 ("packages"
 * with externalRefs of type "purl") and Syft's own ("artifacts" with a "purl"). They are believed less than what is
 * installed: their packages are declared, and what an operating system has is never taken from them. A document's subject
 * (CycloneDX: metadata.component) is the parent. Documents that it refers to are not followed.
 *
 * Components without a package URL, of kinds that are none of ours, and without a version are passed over.
 */
#include "packages/sbom/sbom.h"

#include "io/text/json.h"
#include "model/ecosystem/ecosystem.h"
#include "model/purl.h"
#include "packages/reading/spdx.h"

#define DEPTH_MAX 32 /* components within components */

struct document {
    struct parse *parse;
    struct parsed_file *file;
    struct json_pull json;
    struct slice subject;
};

static void take_purl(void *arg, struct slice text)
{
    struct document *d = arg;
    struct parse *p = d->parse;
    struct package package;
    struct os_info os;
    struct purl u;
    if (!text.n)
        return;
    if (purl_parse(text, p->arena, &u, NULL)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "\"%.*s\" is no package URL", (int)MIN(text.n, (size_t)100),
                     (const char *)text.p);
        return;
    }
    if (!purl_to_package(&u, p->arena, &package, &os) || !ecosystem_of_type(package.type)->located ||
        !parse_is_token(package.name) || !parse_is_token(package.version))
        return;
    package.certainty = CERTAINTY_DECLARED;
    package.why = SLICE("a bill of materials in the image says so");
    package.parent = d->subject;
    parse_add_package(p, d->file, &package);
}

/* The value of an object's "name", or with `nested` that of the object in its member "component". */
static struct slice name_of(struct document *d, bool nested)
{
    struct slice key, name = SLICE_NONE;
    if (!json_pull_object(&d->json))
        return name;
    while (json_pull_key(&d->json, &key)) {
        if (nested && slice_eq_str(key, "component"))
            name = name_of(d, false);
        else if (!nested && slice_eq_str(key, "name"))
            name = json_pull_string(&d->json);
        else
            json_pull_skip(&d->json);
    }
    return parse_is_token(name) ? name : SLICE_NONE;
}

/* An array of CycloneDX's components or Syft's artifacts. */
static void take_components(struct document *d, int depth)
{
    struct slice key;
    if (depth > DEPTH_MAX || !json_pull_array(&d->json)) {
        if (depth > DEPTH_MAX)
            json_pull_skip(&d->json);
        return;
    }
    while (json_pull_item(&d->json)) {
        if (!json_pull_object(&d->json))
            continue;
        while (json_pull_key(&d->json, &key)) {
            if (slice_eq_str(key, "purl"))
                take_purl(d, json_pull_string(&d->json));
            else if (slice_eq_str(key, "components"))
                take_components(d, depth + 1);
            else
                json_pull_skip(&d->json);
        }
    }
}

void sbom_parse(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct document d = {.parse = p, .file = file};
    struct slice key;
    bool is_one = false;
    json_pull_text(&d.json, bytes, p->arena);
    bool object = json_pull_kind(&d.json) == JSON_PULL_OBJECT && json_pull_object(&d.json);
    while (object && json_pull_key(&d.json, &key)) {
        is_one |= slice_eq_str(key, "bomFormat") || slice_eq_str(key, "spdxVersion") || slice_eq_str(key, "artifacts");
        if (slice_eq_str(key, "metadata"))
            d.subject = name_of(&d, true);
        else if (slice_eq_str(key, "components") || slice_eq_str(key, "artifacts"))
            take_components(&d, 0);
        else if (slice_eq_str(key, "packages"))
            spdx_take_packages(&d.json, take_purl, &d);
        else
            json_pull_skip(&d.json);
    }
    /* Other documents have such names too. */
    if (is_one) {
        parse_json_end(p, &d.json);
    } else {
        file->packages.n = 0;
        json_pull_done(&d.json);
    }
}

#define SBOM(path_)                                                                                                    \
    {                                                                                                                  \
        .path = path_, .max = KEEP_SMALL * 16, .parser = "sbom", .parse = sbom_parse                                   \
    }

static const struct package_rule rules[] = {
    SBOM("**/*.spdx.json"), SBOM("**/*.cdx.json"),  SBOM("**/*.syft.json"),    SBOM("**/bom.json"),
    SBOM("**/sbom.json"),   SBOM("**/sbom-*.json"), SBOM("**/*.sbom.json"),    SBOM("**/*-sbom.json"),
    SBOM("**/*-bom.json"),  SBOM("**/*.bom.json"),  SBOM("**/cyclonedx.json"), {.path = NULL},
};

const struct package_format format_sbom = {
    .name = "sbom", .keeps_version = 1, .reads_version = 1, .type = PKG_UNKNOWN, .rules = rules};
