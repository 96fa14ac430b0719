/* SPDX-License-Identifier: Apache-2.0 */
/* parse_yarn.c: the zips of Yarn's Plug'n'Play and its maps, reduced by yarn_pnp.c. */
#include "packages/reading/fact_list.h"
#include "packages/nodejs/node_place.h"
#include "packages/nodejs/nodejs.h"

void nodejs_read_map(struct parse *p, const struct evidence_entry *entry)
{
    struct nodejs_layer *layer = nodejs_layer(p);
    struct slice facts = entry->bytes, name, value, *to;
    if (!parse_add_file(p, entry->path, "yarn-map") || !layer)
        return;
    layer->mapped_any = true;
    while (fact_list_take(&facts, &name, &value))
        if (slice_eq_str(name, "zip") && (to = VEC_ADD(p->arena, &layer->mapped)))
            *to = arena_slice(p->arena, value);
}

static void add_member(struct parse *p, struct parsed_file *file, struct slice member, struct slice facts)
{
    struct package package;
    struct node_place place;
    if (!member.n || !node_place(member, &place) || !nodejs_package_of(p, facts, &place, &package))
        return;
    if (slice_find_slice(slice_path_name(file->path), SLICE("-patch-")) >= 0 && !package.why.n)
        package.why = SLICE("patched before it was installed");
    size_t before = file->packages.n;
    parse_add_package(p, file, &package);
    if (file->packages.n > before)
        file->packages.v[before].location =
            arena_printf(p->arena, "%.*s!/%.*s", SLICE_FMT(file->path), SLICE_FMT(member));
}

void nodejs_read_zip(struct parse *p, const struct evidence_entry *entry)
{
    struct nodejs_layer *layer = nodejs_layer(p);
    struct parsed_file *file = parse_add_file(p, entry->path, "yarn-zip");
    struct slice list = entry->bytes, name, value, member = SLICE_NONE, from = list;
    if (!file || !layer)
        return;
    for (struct slice before = list; fact_list_take(&list, &name, &value); before = list) {
        if (!slice_eq_str(name, "member"))
            continue;
        add_member(p, file, member, slice_sub(from, 0, (size_t)(before.p - from.p)));
        member = value;
        from = list;
    }
    add_member(p, file, member, from);
    size_t *index = VEC_ADD(p->arena, &layer->zips);
    if (index)
        *index = p->out->files.n - 1;
}

static int by_text(const void *a, const void *b)
{
    return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

void nodejs_settle_zips(struct parse *p, struct nodejs_layer *layer)
{
    if (layer->mapped.n)
        qsort(layer->mapped.v, layer->mapped.n, sizeof *layer->mapped.v, by_text);
    for (size_t i = 0; i < layer->zips.n; i++) {
        struct parsed_file *file = &p->out->files.v[layer->zips.v[i]];
        struct slice name = slice_path_name(file->path);
        if (layer->mapped.n && bsearch(&name, layer->mapped.v, layer->mapped.n, sizeof name, by_text))
            continue;
        if (layer->mapped_any)
            file->packages.n = 0;
        for (size_t j = 0; j < file->packages.n; j++) {
            file->packages.v[j].certainty = CERTAINTY_DECLARED;
            file->packages.v[j].why = SLICE("in Yarn's cache; whether it is used, nothing in its layer says");
        }
    }
}
