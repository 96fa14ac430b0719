/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/assemble_windows.h"

#include "inventory/assemble/assemble.h"
#include "packages/windows/windows.h"
#include "model/distro/distro.h"
#include "model/purl.h"
#include "model/distro/windows.h"

/* The newest hive's word, and the layer that holds it. */
static struct slice hive_fact(const struct layer_packages *layers, size_t n, const char *name, size_t *ret_layer)
{
    for (size_t i = n; i-- > 0;)
        for (size_t j = layers[i].files.n; j-- > 0;) {
            const struct parsed_file *f = &layers[i].files.v[j];
            for (size_t k = 0; slice_eq_str(f->parser, PARSER_WINDOWS_HIVE) && k < f->facts.n; k++)
                if (slice_eq_str(f->facts.v[k].name, name) && f->facts.v[k].value.n) {
                    if (ret_layer)
                        *ret_layer = i;
                    return f->facts.v[k].value;
                }
        }
    return SLICE_NONE;
}

static struct slice hive_build(const struct layer_packages *layers, size_t n, struct arena *a)
{
    struct slice build = hive_fact(layers, n, "CurrentBuild", NULL), ubr = hive_fact(layers, n, "UBR", NULL);
    struct slice version = arena_printf(a, "10.0.%.*s.%.*s", SLICE_FMT(build), SLICE_FMT(ubr));
    return build.n && ubr.n && windows_build_of(version, NULL) ? version : SLICE_NONE;
}

static bool is_core(const struct layer_packages *layers, size_t n)
{
    struct slice type = hive_fact(layers, n, "InstallationType", NULL);
    return slice_eq_nocase(type, SLICE("Server Core")) || slice_eq_nocase(type, SLICE("Nano Server"));
}

void windows_identify(const struct image *image, const struct layer_packages *layers, size_t n, struct arena *a,
                      struct inventory *out)
{
    struct slice said = image->os_version, read = hive_build(layers, n, a), build;
    unsigned said_ubr, said_build = windows_build_of(said, &said_ubr), read_ubr = 0,
                       read_build = read.n ? windows_build_of(read, &read_ubr) : 0;
    build = read_build ? read : said_build ? said : SLICE_NONE;
    const struct windows_release *r = windows_release_of(read_build ? read_build : said_build);
    if (read_build && said_build && (read_build != said_build || read_ubr != said_ubr))
        reasons_addf(a, &out->notes, REASON_WINDOWS_BUILDS_DIFFER,
                     "the image's os.version is %.*s, its registry says %.*s, which is taken",
                     SLICE_FMT(slice_sub(said, 0, 60)), SLICE_FMT(read));
    struct slice name = hive_fact(layers, n, "ProductName", NULL);
    if (!name.n)
        name = r ? slice_str(r->product) : SLICE("Windows");
    struct fact facts[] = {{SLICE("ID"), SLICE("windows")}, {SLICE("VERSION_ID"), build}, {SLICE("PRETTY_NAME"), name}};
    distro_identify(facts, ARRAY_LEN(facts), a, &out->os);
}

struct hidden {
    const struct package *package;
    struct slice evidence;
    size_t layer, at;
};

static int by_name(const void *x, const void *y)
{
    return assemble_order(x, y);
}

static int name_order(const void *x, const void *y)
{
    const struct package *a = x, *b = y;
    return a->type != b->type ? (a->type < b->type ? -1 : 1) : slice_cmp(a->name, b->name);
}

/* Those of all hives; of the layers that have an update the first comes first. */
static int hidden_order(const void *x, const void *y)
{
    const struct hidden *a = x, *b = y;
    int c = name_order(a->package, b->package);
    return c ? c : a->at < b->at ? -1 : a->at > b->at;
}

/*
 * A later layer's delta hive takes the place of an earlier one's, and yet speaks of its own layer only. What is in out
 * already is in the order of by_name.
 */
static void add_hidden_updates(const struct layer_packages *layers, size_t n, struct arena *a, struct inventory *out)
{
    VEC(struct hidden) found = {NULL, 0, 0};
    size_t had = out->packages.n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < layers[i].files.n; j++) {
            const struct parsed_file *f = &layers[i].files.v[j];
            for (size_t k = 0; slice_eq_str(f->parser, PARSER_WINDOWS_HIVE) && k < f->packages.n; k++) {
                const struct package *p = &f->packages.v[k];
                struct hidden *to;
                if (!(had && bsearch(p, out->packages.v, had, sizeof *p, name_order)) && (to = VEC_ADD(a, &found)))
                    *to = (struct hidden){p, f->parser, i, found.n};
            }
        }
    if (found.n)
        qsort(found.v, found.n, sizeof *found.v, hidden_order);
    for (size_t i = 0; i < found.n; i++) {
        struct package *to;
        if ((i && slice_eq(found.v[i - 1].package->name, found.v[i].package->name)) ||
            !(to = VEC_ADD_MOVING(a, &out->packages)))
            continue;
        *to = *found.v[i].package;
        to->evidence = found.v[i].evidence;
        to->layer = layers[found.v[i].layer].layer_digest;
        to->purl = purl_of_package(to, &out->os, a);
    }
}

/* Whether some layer could not be read at all. */
static bool is_unseen(const struct layer_packages *layers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (layers[i].status == PULL_FOREIGN || layers[i].status == PULL_FAILED)
            return true;
    return false;
}

/* Their names in one text, sorted; *ret_all: whether that is all of them. */
static struct slice updates_of(const package_vec *v, bool unseen, struct arena *a, bool *ret_all)
{
    struct buf text ATTR_CLEANUP(buf_done) = BUF_INIT((size_t)WINDOWS_UPDATES_MAX * 20);
    slice_vec names = {0};
    for (size_t i = 0; i < v->n; i++)
        if (v->v[i].type == PKG_WINDOWS)
            slice_vec_add(a, &names, v->v[i].name);
    slice_vec_sort(&names);
    *ret_all = names.n <= WINDOWS_UPDATES_MAX;
    for (size_t i = 0; i < MIN(names.n, (size_t)WINDOWS_UPDATES_MAX); i++)
        buf_addf(&text, "%s%.*s", i ? "," : "", SLICE_FMT(names.v[i]));
    if (unseen)
        buf_add_str(&text, "," WINDOWS_UPDATES_UNSEEN);
    return names.n ? arena_slice(a, buf_slice(&text)) : SLICE_NONE;
}

bool windows_product_add(const struct image *image, const struct layer_packages *layers, size_t n, struct arena *a,
                         struct inventory *out)
{
    const struct windows_release *r = windows_release_of(windows_build_of(out->os.version_id, NULL));
    bool unseen = is_unseen(layers, n), hive = hive_fact(layers, n, "CurrentBuild", NULL).n > 0;
    bool core = is_core(layers, n) || (r && r->core_only), all = true;
    size_t layer = 0;
    if (!out->os.version_id.n)
        return false;
    add_hidden_updates(layers, n, a, out);
    struct package p = {.type = PKG_WINDOWS,
                        .name = r ? windows_product(r, core, a) : SLICE("Windows"),
                        .version = out->os.version_id,
                        .architecture = image->architecture,
                        .source_name = r && core ? slice_str(r->product) : SLICE_NONE,
                        .vendor = SLICE("Microsoft"),
                        .updates = updates_of(&out->packages, unseen, a, &all)};
    hive_fact(layers, n, "CurrentBuild", &layer);
    if (!unseen && !hive && !p.updates.n)
        reasons_add(a, &out->notes, REASON_UPDATES_UNCHECKED,
                    SLICE("no layer has a registry or a list of updates; the updates in it are not checked"));
    if (n)
        p.layer = layers[layer].layer_digest;
    p.purl = purl_of_package(&p, &out->os, a);
    struct package *to = VEC_ADD_MOVING(a, &out->packages);
    if (to)
        *to = p;
    if (!all)
        reasons_addf(a, &out->reasons, REASON_TOO_MANY,
                     "it names more than %d updates; the rest counts as not installed", WINDOWS_UPDATES_MAX);
    if (!all && out->status == INVENTORY_COMPLETE)
        out->status = INVENTORY_PARTIAL;
    if (to)
        qsort(out->packages.v, out->packages.n, sizeof *out->packages.v, by_name);
    return true;
}
