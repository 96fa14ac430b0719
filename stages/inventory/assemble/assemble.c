/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/assemble.h"

#include "inventory/assemble/assemble_windows.h"
#include "inventory/assemble/better.h"
#include "inventory/assemble/merge.h"
#include "inventory/assemble/origin.h"
#include "inventory/assemble/ownership.h"
#include "inventory/assemble/presence.h"
#include "inventory/assemble/products.h"
#include "inventory/assemble/sha1_index.h"
#include "inventory/assemble/unread.h"
#include "model/distro/distro.h"
#include "model/ecosystem/ecosystem.h"
#include "model/distro/windows.h"
#include "model/purl.h"
#include "packages/parse.h"
#include "packages/rules.h"

struct assembly {
    const struct image *image;
    bool windows;
    struct arena *arena;
    const struct layer_packages *layers;
    size_t n;
    struct merge merge;
    struct presence presence;
    struct inventory out;
    fact_vec facts;
};

ATTR_PRINTF(3, 4) static void add_reason(struct assembly *s, enum reason_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (s->out.status == INVENTORY_COMPLETE)
        s->out.status = INVENTORY_PARTIAL;
    reasons_add(s->arena, &s->out.reasons, code, arena_vprintf(s->arena, fmt, ap));
    va_end(ap);
}

/*
 * In a Windows image the layer that only its publisher holds is the base, and the image itself says which build that
 * is. In any other image nobody knows what such a layer holds.
 */
static void foreign_layer(struct assembly *s, const struct layer_packages *layer)
{
    if (s->windows && windows_build_of(s->image->os_version, NULL))
        reasons_addf(s->arena, &s->out.notes, REASON_UPDATES_UNCHECKED,
                     "the base layer %.*s is held by its publisher only; the updates in it are not checked",
                     SLICE_FMT(layer->layer_digest));
    else
        add_reason(s, REASON_LAYER_FOREIGN, "layer %.*s: it is held by its publisher only and was not read",
                   SLICE_FMT(layer->layer_digest));
}

static void apply_layers(struct assembly *s)
{
    size_t failed = 0, foreign = 0;
    s->out.parser_version = parser_version();
    for (size_t i = 0; i < s->n; i++) {
        const struct layer_packages *layer = &s->layers[i];
        slice_vec_add(s->arena, &s->out.layers, layer->layer_digest);
        if (layer->status == PULL_FOREIGN) {
            foreign++;
            foreign_layer(s, layer);
            continue;
        }
        if (layer->status == PULL_FAILED)
            failed++;
        else
            s->out.parser_version = MIN(s->out.parser_version, layer->parser_version);
        for (size_t j = 0; j < layer->reasons.texts.n; j++) {
            struct reason r = reasons_at(&layer->reasons, j);
            add_reason(s, reason_code(r), "layer %.*s: %.*s", SLICE_FMT(layer->layer_digest), SLICE_FMT(r.text));
        }
        if (layer->status != PULL_GOOD && !layer->reasons.texts.n)
            add_reason(s, REASON_LAYER_UNREAD, "layer %.*s: it could not be read%s", SLICE_FMT(layer->layer_digest),
                       layer->status == PULL_FAILED ? "" : " wholly");
        merge_layer(&s->merge, layer, i);
        presence_layer(&s->presence, &s->merge, i);
    }
    if (s->n && failed + foreign == s->n && (failed || !s->windows))
        s->out.status = INVENTORY_FAILED;
}

static void add_facts(struct assembly *s, const char *path)
{
    struct slice at;
    const struct node *n = merge_resolve(&s->merge, slice_str(path), true, &at) ? merge_at(&s->merge, at) : NULL;
    for (size_t i = 0; n && n->file && i < n->file->facts.n; i++) {
        struct fact *to = VEC_ADD(s->arena, &s->facts);
        if (to)
            *to = n->file->facts.v[i];
    }
}

static bool has_id(const struct assembly *s)
{
    for (size_t i = 0; i < s->facts.n; i++)
        if (slice_eq_str(s->facts.v[i].name, "ID") && s->facts.v[i].value.n)
            return true;
    return false;
}

static void find_system(struct assembly *s)
{
    add_facts(s, "etc/os-release");
    if (!has_id(s))
        add_facts(s, "usr/lib/os-release");
    const struct rules *all = rules_all();
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].format->tells == TELLS_SYSTEM && !slice_eq_str(all->v[i].name, "os-release"))
            add_facts(s, all->v[i].rule->path);
    distro_identify(s->facts.v, s->facts.n, s->arena, &s->out.os);
    if (!products_find(&s->merge, &s->facts, s->arena, &s->out.os))
        add_reason(s, REASON_TOO_MANY, "it names more than %d products; the rest is not judged", PRODUCTS_MAX);
}

static bool read_elsewhere(const struct assembly *s, const char *parser)
{
    for (size_t i = 0; i < s->merge.nodes.n; i++) {
        const struct node *n = &s->merge.nodes.v[i];
        if (n->live && n->file && n->file->packages.n && slice_eq_str(n->file->parser, parser))
            return true;
    }
    return false;
}

/* The system's kind of package, once such packages were found; else PKG_UNKNOWN. */
static enum package_type own_database(const struct assembly *s)
{
    const struct distro *d = distro_by_id(s->out.os.id);
    for (size_t i = 0; d && i < s->merge.nodes.n; i++) {
        const struct node *n = &s->merge.nodes.v[i];
        if (n->live && n->file && n->file->packages.n && n->file->packages.v[0].type == d->type)
            return d->type;
    }
    return PKG_UNKNOWN;
}

/* The file that a rule names, or the folder where it wants every file. */
static struct slice wanted_place(const struct wanted *w)
{
    return slice_eq_str(w->tail, "*") ? w->folder : slice_str(w->rule->path);
}

/*
 * Whether it matters where links lead from what the rule wants. A file that says which system this is says the same as
 * the others: one that can be read is enough. Where the system's own database was read, nobody looks for another's, nor
 * for a second place of it: OpenWrt's is in usr/lib, and its var leads to an empty tmp.
 */
static bool link_matters(const struct assembly *s, const struct wanted *w, enum package_type own)
{
    enum format_tells tells = w->format->tells;
    if (!w->rule->parse || w->anywhere || tells == TELLS_PRODUCTS || (tells == TELLS_SYSTEM && s->out.os.id.n))
        return false;
    return own == PKG_UNKNOWN || (w->format->type == own && !read_elsewhere(s, w->rule->parser));
}

/* A file that was looked at, and said nothing of packages. */
static bool tells_nothing(struct slice path)
{
    const struct wanted *w = rules_of_entry(rules_all(), path);
    return w && w->anywhere;
}

/* Links and hard links that lead from a wanted path to what nobody kept. */
static void check_links(struct assembly *s)
{
    enum package_type own = own_database(s);
    const struct rules *all = rules_all();
    for (size_t i = 0; i < all->n; i++) {
        struct slice path = wanted_place(&all->v[i]), at = SLICE_NONE;
        if (!link_matters(s, &all->v[i], own))
            continue;
        bool resolved = merge_resolve(&s->merge, path, true, &at);
        if (resolved && (slice_eq(at, path) || parse_wants(at)))
            continue;
        if (!resolved)
            add_reason(s, REASON_LINK_UNRESOLVED, "%.*s: its links lead nowhere", SLICE_FMT(path));
        else
            add_reason(s, REASON_LINK_UNRESOLVED, "%.*s: a link leads to %.*s, which was not kept", SLICE_FMT(path),
                       SLICE_FMT(at));
    }
    for (size_t i = 0; i < s->merge.nodes.n; i++) {
        const struct node *n = &s->merge.nodes.v[i];
        if (n->live && !n->link && !n->file && !tells_nothing(n->target))
            add_reason(s, REASON_LINK_UNRESOLVED, "layer %.*s: %.*s is a hard link to %.*s, which was not kept",
                       SLICE_FMT(s->layers[n->layer].layer_digest), SLICE_FMT(n->path), SLICE_FMT(n->target));
    }
}

/* Files that mean something only together (a database and its log) have to be of one layer. */
static void check_pairs(struct assembly *s)
{
    for (size_t i = 0; i < s->merge.nodes.n; i++) {
        const struct node *n = &s->merge.nodes.v[i], *other = NULL;
        struct slice at;
        for (size_t j = 0; n->live && n->file && j < n->file->facts.n; j++) {
            const struct fact *f = &n->file->facts.v[j];
            if (!slice_eq_str(f->name, FACT_READ_WITH))
                continue;
            if (merge_resolve(&s->merge, f->value, false, &at))
                other = merge_at(&s->merge, at);
            if (!other || !other->live || other->layer != n->layer)
                add_reason(s, REASON_DATABASE_LOG,
                           "%.*s: %.*s, which it was written with, is of another layer or not there: what changed "
                           "between them is not known",
                           SLICE_FMT(n->path), SLICE_FMT(f->value));
        }
    }
}

static int told(const struct package *p)
{
    return (p->source_name.n > 0) + (p->source_version.n > 0) + (p->vendor.n > 0) + (p->module.n > 0) +
           !p->source_unknown;
}

/* When several places name a package, the one that says most about it comes first. */
static int output_order(const void *a, const void *b)
{
    const struct package *x = a, *y = b;
    int c = assemble_order(x, y);
    if (!c && ecosystem_of_type(x->type)->located)
        c = slice_cmp(x->location, y->location);
    /* What is installed says more than a program's note of the package that it was built for. */
    if (!c)
        c = (x->not_judged.text.n > 0) - (y->not_judged.text.n > 0);
    if (!c)
        c = told(y) - told(x);
    if (!c)
        c = slice_cmp(x->location, y->location);
    for (size_t i = 0; !c && i < PACKAGE_TEXTS; i++)
        c = slice_cmp(package_text_of(x, i), package_text_of(y, i));
    return c;
}

static void list_packages(struct assembly *s)
{
    package_vec *out = &s->out.packages;
    merge_tell(&s->merge);
    for (size_t i = 0; i < s->merge.nodes.n; i++) {
        const struct node *n = &s->merge.nodes.v[i];
        for (size_t j = 0; n->told && j < n->file->packages.n; j++) {
            struct package *to = VEC_ADD_MOVING(s->arena, out);
            if (!to)
                return;
            *to = n->file->packages.v[j];
            to->location = presence_location(n->file, n->path, to, s->arena);
            to->evidence = n->file->parser;
            sha1_index_apply(to);
            to->owner = ecosystem_of_type(to->type)->located ? n->path : SLICE_NONE; /* for ownership_find */
        }
    }
    if (out->n)
        qsort(out->v, out->n, sizeof *out->v, output_order);
    size_t kept = 0;
    for (size_t i = 0; i < out->n; i++) {
        if (kept && presence_same(&out->v[kept - 1], &out->v[i]))
            continue;
        struct package *to = &out->v[kept++];
        *to = out->v[i];
        if (to->certainty == CERTAINTY_UNKNOWN)
            to->certainty = CERTAINTY_INSTALLED;
        to->layer = s->layers[presence_since(&s->presence, to)].layer_digest;
        to->purl = purl_of_package(to, &s->out.os, s->arena);
    }
    out->n = kept;
    better_keep(out, s->arena);
}

/* Whether there is any package of a system's package manager: notes in programs name such, and none is installed. */
static bool has_system_packages(const package_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (ecosystem_of_systems(v->v[i].type) && !v->v[i].not_judged.text.n)
            return true;
    return false;
}

/* Debian's bash is its package bash, however its own text names it. */
static void leave_out_owned_programs(package_vec *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->n; i++)
        if (!v->v[i].owner.n || !ecosystem_of_type(v->v[i].type)->is_owner)
            v->v[kept++] = v->v[i];
    v->n = kept;
}

static void finish(struct assembly *s)
{
    bool packages = has_system_packages(&s->out.packages);
    if (!s->windows && s->out.os.name.n && !packages && s->out.status != INVENTORY_FAILED)
        add_reason(s, REASON_DATABASE_MISSING,
                   "%.*s without a package database that can be read: its packages are not known",
                   SLICE_FMT(s->out.os.name));
    distro_notes(&s->out.os, DISTRO_BY_FILES, s->arena, &s->out.notes);
    origin_judge(&s->out.os, &s->out.packages, s->arena, &s->out.notes);
    ownership_find(&s->merge, s->layers, s->n, &s->out.packages, s->arena);
    leave_out_owned_programs(&s->out.packages);
    origin_note_others(&s->out.packages, s->arena, &s->out.notes);
    if (packages && distro_judged(&s->out.os, &s->out.packages) == DISTRO_SYSTEM_UNKNOWN)
        reasons_add(s->arena, &s->out.notes, REASON_SYSTEM_UNKNOWN, distro_not_known(&s->out.os, s->arena));
    if (!s->out.os.name.n && !packages)
        s->out.os.name = SLICE(ASSEMBLE_NO_SYSTEM);
    reasons_sort(&s->out.notes);
    reasons_sort(&s->out.reasons);
    reasons_cap(s->arena, &s->out.reasons, ASSEMBLE_REASONS_MAX, SLICE_NONE);
}

int assemble_image(const struct image *image, const struct layer_packages *layers, size_t n, struct arena *a,
                   struct inventory *ret, struct err *e)
{
    struct assembly s = {.image = image, .arena = a, .layers = layers, .n = n};
    s.windows = slice_eq_nocase(image->os, SLICE("windows"));
    s.out = (struct inventory){.image_digest = image->digest, .status = INVENTORY_COMPLETE, .parts = 1};
    merge_init(&s.merge, a);
    presence_init(&s.presence, a);
    apply_layers(&s);
    if (s.windows) {
        windows_identify(image, layers, n, a, &s.out);
    } else {
        find_system(&s);
        check_links(&s);
        check_pairs(&s);
    }
    list_packages(&s);
    unread_find(&s.merge, a, &s.out);
    if (s.windows && !windows_product_add(image, layers, n, a, &s.out))
        add_reason(&s, REASON_WINDOWS_BUILD_UNKNOWN,
                   "which build of Windows it is, neither its os.version nor a registry hive says");
    finish(&s);
    merge_done(&s.merge);
    presence_done(&s.presence);
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "the inventory of image %.*s takes more than %zu MiB of memory",
                       SLICE_FMT(image->digest), a->max >> 20);
    *ret = s.out;
    return 0;
}
