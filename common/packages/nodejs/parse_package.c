/* SPDX-License-Identifier: Apache-2.0 */
/* parse_package.c: what a package.json, reduced to facts, says of a layer; and who brought whom. */
#include "packages/reading/fact_list.h"
#include "packages/nodejs/node_place.h"
#include "packages/nodejs/nodejs.h"
#include "packages/nodejs/package_json.h"

#define NAME_MAX_BYTES 214 /* npm's own limit */

struct nodejs_layer *nodejs_layer(struct parse *p)
{
    return parse_state(p, &format_nodejs, sizeof(struct nodejs_layer));
}

static bool is_name(struct slice s)
{
    return s.n && s.p[0] != '.' && parse_is_token(s) && slice_find(s, '/') < 0 && slice_find(s, '\\') < 0;
}

bool nodejs_take_name(struct slice full, struct package *to)
{
    struct slice rest = full, scope = SLICE_NONE;
    if (full.n && full.p[0] == '@' && (!slice_take_token(&rest, '/', &scope) || scope.n < 2 || !is_name(scope)))
        return false;
    if (!is_name(rest) || full.n > NAME_MAX_BYTES)
        return false;
    to->ns = scope;
    to->name = rest;
    return true;
}

/* npm's own forms: git+ssh://…#commit, file:x.tgz, https://…/x.tgz. One of a registry is no news. */
static struct slice origin_of(struct slice resolved)
{
    bool registry = slice_starts(resolved, SLICE("http")) && slice_find_slice(resolved, SLICE("/-/")) > 0;
    return registry || !slice_is_text(resolved) ? SLICE_NONE : resolved;
}

/* Debian's folders have no node_modules around them; Deno's cache has the version as its last folder. */
static bool place_elsewhere(struct slice path, struct slice name, struct slice version, struct node_place *ret)
{
    struct slice root = slice_path_folder(path), above;
    *ret = (struct node_place){.root = root};
    if (slice_starts(path, SLICE("usr/share/nodejs/")) || slice_starts(path, SLICE("usr/lib/nodejs/"))) {
        ret->name = node_place_name(root);
        return ret->name.p[0] != '@' || slice_find(ret->name, '/') > 0;
    }
    above = slice_path_folder(root); /* …/npm/REGISTRY/NAME/VERSION */
    ret->name = node_place_name(above);
    ret->stored = true;
    struct slice registry = slice_path_name(slice_sub(above, 0, above.n - ret->name.n - 1));
    return slice_find_slice(path, SLICE("node_modules/")) < 0 && slice_find(registry, '.') > 0 &&
           slice_eq(ret->name, name) && slice_eq(slice_path_name(root), version);
}

static struct slice last_fact(struct slice list, const char *name)
{
    struct slice at, value, last = SLICE_NONE;
    while (fact_list_take(&list, &at, &value))
        if (slice_eq_str(at, name))
            last = value;
    return last;
}

static void remember(struct parse *p, const struct parsed_file *file, const struct node_place *place, bool bundles)
{
    struct nodejs_layer *layer = nodejs_layer(p);
    if (!layer || !file->packages.n)
        return;
    const struct package *package = &file->packages.v[0];
    struct node_package *to = VEC_ADD(p->arena, &layer->packages);
    if (to)
        *to = (struct node_package){
            .root = slice_path_folder(file->path), .among = place->among, .file = p->out->files.n - 1};
    if (to && place->holder.n) /* the entry's path goes, the file's stays */
        to->holder = slice_sub(file->path, 0, place->holder.n);
    struct node_bundler *bundler = bundles ? VEC_ADD(p->arena, &layer->bundlers) : NULL;
    if (bundler)
        *bundler = (struct node_bundler){
            slice_path_folder(file->path),
            package->ns.n ? arena_printf(p->arena, "%.*s/%.*s", SLICE_FMT(package->ns), SLICE_FMT(package->name))
                          : package->name};
}

bool nodejs_package_of(struct parse *p, struct slice facts, const struct node_place *place, struct package *to)
{
    struct slice name = last_fact(facts, FACT_NAME), version = last_fact(facts, FACT_VERSION);
    struct package package = {.type = PKG_NPM, .certainty = CERTAINTY_INSTALLED};
    /* Without both it tells the module loader something, and is no package. */
    if ((!name.n && !version.n) || fact_list_get(facts, FACT_UNITY).p)
        return false;
    if (!nodejs_take_name(name, &package)) {
        if (!nodejs_take_name(place->name, &package)) {
            parse_reason(p, REASON_PACKAGE_LEFT_OUT, "neither it nor its folder has a name that a package can have");
            return false;
        }
        package.why = SLICE("its manifest has no sound name: this is its folder's");
    }
    package.version = slice_trim(version);
    if (!parse_is_token(package.version)) {
        package.version = SLICE("");
        package.not_judged = reason_make(REASON_VERSION_UNKNOWN, SLICE("its manifest names no version"));
    }
    package.origin = origin_of(last_fact(facts, FACT_RESOLVED));
    if (fact_list_get(facts, FACT_EDITOR).p) {
        package.why = SLICE("an extension of VS Code");
        package.not_judged =
            reason_make(REASON_OWN_PACKAGE, SLICE("it is an extension of VS Code, which npm's registry does not have"));
    }
    *to = package;
    return true;
}

void nodejs_read_package(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed_file *file = parse_add_file(p, entry->path, "nodejs-package");
    struct slice facts = entry->bytes;
    struct package package;
    struct node_place place;
    if (!file || !(node_place(entry->path, &place) ||
                   place_elsewhere(entry->path, last_fact(facts, FACT_NAME), last_fact(facts, FACT_VERSION), &place)))
        return;
    if (!nodejs_package_of(p, facts, &place, &package))
        return;
    parse_add_package(p, file, &package);
    remember(p, file, &place, fact_list_get(facts, FACT_BUNDLES).p != NULL);
}

/* ---- at the layer's end ---- */

static int by_root(const void *a, const void *b)
{
    return slice_cmp(((const struct node_bundler *)a)->root, ((const struct node_bundler *)b)->root);
}

static int locked_by_root(const void *a, const void *b)
{
    return slice_cmp(((const struct node_locked *)a)->root, ((const struct node_locked *)b)->root);
}

static const struct node_bundler *bundler_at(const struct nodejs_layer *layer, struct slice root)
{
    struct node_bundler key = {.root = root};
    return layer->bundlers.n ? bsearch(&key, layer->bundlers.v, layer->bundlers.n, sizeof key, by_root) : NULL;
}

static const struct node_locked *locked_at(const struct nodejs_layer *layer, struct slice root)
{
    struct node_locked key = {.root = root};
    return layer->locked.n ? bsearch(&key, layer->locked.v, layer->locked.n, sizeof key, locked_by_root) : NULL;
}

static int by_path(const void *a, const void *b)
{
    return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* Whether a hidden lock that was read speaks of a package in this folder. */
static bool is_locked(const struct nodejs_layer *layer, struct slice root)
{
    for (struct slice at = root; layer->locks.n && at.n; at = slice_path_folder(at))
        if (bsearch(&at, layer->locks.v, layer->locks.n, sizeof at, by_path))
            return true;
    return false;
}

/* The nearest package around it that brings others along. */
static const struct node_bundler *bundler_of(const struct nodejs_layer *layer, const struct node_package *n)
{
    struct node_place outer;
    struct slice holder = n->holder;
    while (holder.n) {
        const struct node_bundler *b = bundler_at(layer, holder);
        if (b)
            return b;
        /* A path in the holder's folder, whose place says what the holder lies in. */
        struct slice in_holder = slice_of(holder.p, holder.n + 1);
        if (!node_place(in_holder, &outer))
            break;
        holder = outer.holder;
    }
    return NULL;
}

static void settle(struct parse *p, const struct nodejs_layer *layer, const struct node_package *n)
{
    struct package *package = &p->out->files.v[n->file].packages.v[0];
    const struct node_locked *locked = locked_at(layer, n->root);
    const struct node_bundler *bundler = bundler_of(layer, n);
    bool known = is_locked(layer, n->root);
    if (known)
        package->scope = locked && locked->development ? SCOPE_DEVELOPMENT
                         : locked && locked->optional  ? SCOPE_OPTIONAL
                                                       : SCOPE_RUNTIME;
    if (locked && !package->origin.n)
        package->origin = origin_of(locked->resolved);
    if (bundler && (!known || (locked && locked->bundled)))
        package->parent = bundler->name;
    if (n->among) {
        package->parent = bundler ? bundler->name : node_place_name(n->holder);
        if (!package->why.n)
            package->why = SLICE("among the files of the package that it lies in");
    }
}

void nodejs_read_end(struct parse *p, struct slice whole)
{
    struct nodejs_layer *layer = nodejs_layer(p);
    (void)whole;
    if (!layer)
        return;
    nodejs_settle_zips(p, layer);
    if (layer->bundlers.n)
        qsort(layer->bundlers.v, layer->bundlers.n, sizeof *layer->bundlers.v, by_root);
    if (layer->locked.n)
        qsort(layer->locked.v, layer->locked.n, sizeof *layer->locked.v, locked_by_root);
    if (layer->locks.n)
        qsort(layer->locks.v, layer->locks.n, sizeof *layer->locks.v, by_path);
    for (size_t i = 0; i < layer->packages.n; i++)
        settle(p, layer, &layer->packages.v[i]);
}
