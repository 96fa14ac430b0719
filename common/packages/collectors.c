/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/collectors.h"

#include "base/hash.h"
#include "io/store/store.h"
#include "packages/path_index.h"

extern const struct collector collector_os_release, collector_dpkg, collector_apk, collector_windows, collector_rpm,
    collector_redhat, collector_opkg, collector_pacman, collector_portage, collector_nix, collector_bottlerocket,
    collector_software;

const struct collector *const collectors[] = {
    &collector_os_release,
    &collector_dpkg,
    &collector_apk,
    &collector_windows,
    &collector_rpm,
    &collector_redhat,
    &collector_opkg,
    &collector_pacman,
    &collector_portage,
    &collector_nix,
    &collector_bottlerocket,
    &collector_software,
    NULL,
};

/*
 * The index knows whole paths, names and what follows a name's last dot. Where a rule's folder or name has a star, the
 * name alone, or its extension, can be asked for; a rule for every name in a folder may always find one.
 */
static bool rule_may_hold(const struct collect_rule *r, struct slice index, struct arena *a)
{
    struct slice name = slice_str(r->name), ending = name.n ? name : slice_str(r->ending);
    ptrdiff_t star = slice_find(name, '*'), dot = slice_rfind(ending, '.');
    if (name.n && star < 0 && slice_find(slice_str(r->folder), '*') >= 0)
        return path_index_may_hold(index, PATH_INDEX_NAME, name);
    if (name.n && star < 0)
        return path_index_may_hold(index, PATH_INDEX_PATH,
                                   arena_printf(a, "%s%s%s", r->folder, *r->folder ? "/" : "", r->name));
    return dot < 0 || dot < star ||
           path_index_may_hold(index, PATH_INDEX_EXTENSION, slice_from(ending, (size_t)dot + 1));
}

static bool collector_may_hold(const struct collector *c, const struct pull *receipt, struct arena *a)
{
    if (!c->rules)
        return receipt->entries > 0;
    for (const struct collect_rule *r = c->rules; r->folder; r++)
        if (rule_may_hold(r, receipt->path_index, a))
            return true;
    return false;
}

bool collectors_grew_of(const struct collector *const *list, const struct pull *receipt, struct arena *a)
{
    for (; *list; list++) {
        bool had = false;
        for (size_t j = 0; j < receipt->collectors.n && !had; j++)
            had = slice_eq_str(receipt->collectors.v[j].name, (*list)->name) &&
                  receipt->collectors.v[j].version >= (*list)->version;
        if (!had && collector_may_hold(*list, receipt, a))
            return true;
    }
    return false;
}

bool collectors_grew(const struct pull *receipt, struct arena *a)
{
    return collectors_grew_of(collectors, receipt, a);
}

uint64_t collectors_identity_of(const struct collector *const *list)
{
    uint64_t h = 0;
    for (; *list; list++) {
        uint8_t row[20];
        key_u64(row, h);
        key_u64(row + 8, hash64(slice_str((*list)->name)));
        key_u32(row + 16, (uint32_t)(*list)->version);
        h = hash64(slice_of(row, sizeof row));
    }
    return h;
}

uint64_t collectors_identity(void)
{
    return collectors_identity_of(collectors);
}
