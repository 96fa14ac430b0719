/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redhat.c: what Red Hat's build system writes into an image about what it was built from, in root/buildinfo before
 * 2024, in usr/share/buildinfo since:
 *  - a content manifest, one a layer of the build: {"content_sets": ["rhel-9-for-x86_64-baseos-rpms", …], "image_layer_index": 1, …};
 *  - labels.json: {"cpe": "cpe:/a:redhat:enterprise_linux:9::appstream", …}, some builds with the labels in a list of
 *    {"name": …, "value": …};
 *  - a Dockerfile, of which only cpe="…" in its labels is read.
 * The facts are "content-sets", names with a blank between, and "cpe".
 */
#include "base/buf.h"
#include "packages/format.h"
#include "packages/parse_internal.h"
#include "io/text/json_tree.h"

#define MANIFEST_VALUES_MAX 20000 /* JSON values of a file */
#define CONTENT_SETS_MAX    512
#define NAME_MAX_BYTES      200

static bool is_content_set(struct slice s)
{
    return s.n <= NAME_MAX_BYTES && parse_is_token(s);
}

static void parse_content_manifest(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct err e = ERR_INIT;
    struct buf names = BUF_INIT((size_t)CONTENT_SETS_MAX * (NAME_MAX_BYTES + 1));
    if (json_tree_read(bytes, bytes.n, MANIFEST_VALUES_MAX, &root, &e)) {
        parse_reason(p, REASON_PRODUCTS_UNKNOWN, "its content sets are not known: %s", e.text);
        return;
    }
    const json_t *sets = json_tree_array(root, "content_sets");
    size_t n = json_array_size(sets), odd = 0;
    if (!sets && json_object_get(root, "content_sets"))
        odd++;
    for (size_t i = 0; i < n && i < CONTENT_SETS_MAX; i++) {
        struct slice name = json_tree_string(json_array_get(sets, i));
        if (is_content_set(name))
            buf_addf(&names, "%s%.*s", buf_slice(&names).n ? " " : "", SLICE_FMT(name));
        else
            odd++;
    }
    if (odd)
        parse_reason(p, REASON_PRODUCTS_UNKNOWN, "%zu of its content sets are not names", odd);
    if (n > CONTENT_SETS_MAX)
        parse_reason(p, REASON_TOO_MANY, "only %d of its %zu content sets were read", CONTENT_SETS_MAX, n);
    if (buf_slice(&names).n)
        parse_set_fact(p, file, SLICE(FACT_CONTENT_SETS), buf_slice(&names));
    buf_done(&names);
}

static void set_cpe(struct parse *p, struct parsed_file *file, struct slice cpe)
{
    if (slice_starts(cpe, SLICE("cpe:/")) && is_content_set(cpe))
        parse_set_fact(p, file, SLICE(FACT_CPE), cpe);
}

static void parse_labels(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct err e = ERR_INIT;
    if (json_tree_read(bytes, bytes.n, MANIFEST_VALUES_MAX, &root, &e)) {
        parse_reason(p, REASON_PRODUCTS_UNKNOWN, "its labels are not known: %s", e.text);
        return;
    }
    set_cpe(p, file, json_tree_view(root, "cpe"));
    const json_t *list = json_is_array(root) ? root : json_tree_array(root, "labels");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (slice_eq_str(json_tree_view(json_array_get(list, i), "name"), "cpe"))
            set_cpe(p, file, json_tree_view(json_array_get(list, i), "value"));
}

/* cpe="cpe:/a:…", "cpe"="cpe:/a:…" or cpe=cpe:/a:…; only what follows counts, so that no Dockerfile needs parsing. */
static void parse_dockerfile(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    ptrdiff_t at;
    while ((at = slice_find_slice(bytes, SLICE("cpe:/"))) >= 0) {
        struct slice before = slice_sub(bytes, 0, (size_t)at), value = slice_from(bytes, (size_t)at);
        size_t n = 0;
        while (n < value.n && value.p[n] > ' ' && value.p[n] != '"' && value.p[n] != '\'' && value.p[n] != '\\')
            n++;
        if (slice_ends(before, SLICE("cpe=")) || slice_ends(before, SLICE("cpe=\"")) ||
            slice_ends(before, SLICE("cpe\"=\"")) || slice_ends(before, SLICE("cpe='")))
            set_cpe(p, file, slice_sub(value, 0, n));
        bytes = slice_from(value, n);
    }
}

#define OLD "root/buildinfo/"
#define NEW "usr/share/buildinfo/"

#define CONTENT_SETS(where)                                                                                            \
    {                                                                                                                  \
        .path = where, .max = KEEP_SMALL, .parser = "content-manifest", .parse = parse_content_manifest                \
    }
#define LABELS(where)                                                                                                  \
    {                                                                                                                  \
        .path = where, .max = KEEP_SMALL, .parser = "redhat-labels", .parse = parse_labels                             \
    }

static const struct package_rule rules[] = {
    CONTENT_SETS(OLD "content_manifests/*.json"),
    CONTENT_SETS(OLD "content-sets.json"),
    CONTENT_SETS(NEW "content-sets.json"),
    LABELS(OLD "labels.json"),
    LABELS(NEW "labels.json"),
    {.path = OLD "Dockerfile-*", .max = KEEP_SMALL, .parser = "redhat-dockerfile", .parse = parse_dockerfile},
    {.path = NULL},
};

const struct package_format format_redhat = {
    .name = "redhat", .keeps_version = 1, .reads_version = 1, .tells = TELLS_PRODUCTS, .rules = rules};
