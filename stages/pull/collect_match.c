/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/collect_match.h"

static void above_add(struct collect_match *m, struct slice folder)
{
    for (size_t i = 0; i < m->above_n; i++)
        if (slice_eq(m->above[i], folder))
            return;
    ASSERT(m->above_n < MATCH_FOLDERS_MAX);
    m->above[m->above_n++] = folder;
    m->above_lengths |= (uint64_t)1 << folder.n;
}

void collect_match_init(struct collect_match *m, const struct collector *const *list)
{
    *m = (struct collect_match){0};
    for (; *list; list++) {
        for (const struct collect_rule *r = (*list)->rules; r->folder; r++) {
            struct slice folder = slice_str(r->folder);
            ASSERT(m->rules_n < MATCH_RULES_MAX && folder.n && folder.n < 64);
            m->rules[m->rules_n++] = (struct match_rule){*list, r, folder, slice_str(r->name), slice_str(r->ending)};
            m->folder_lengths |= (uint64_t)1 << folder.n;
            for (;;) {
                above_add(m, folder);
                ptrdiff_t slash = slice_rfind(folder, '/');
                if (slash < 0)
                    break;
                folder.n = (size_t)slash;
            }
        }
    }
}

static bool name_fits(struct slice pattern, struct slice name)
{
    ptrdiff_t star = slice_find(pattern, '*');
    if (star < 0)
        return !pattern.p || slice_eq(pattern, name);
    struct slice start = slice_sub(pattern, 0, (size_t)star), end = slice_from(pattern, (size_t)star + 1);
    return name.n >= start.n + end.n && slice_starts(name, start) && slice_ends(name, end);
}

const struct match_rule *collect_match_file(const struct collect_match *m, struct slice path)
{
    ptrdiff_t slash = slice_rfind(path, '/');
    if (slash <= 0 || slash > 63 || !(m->folder_lengths >> slash & 1))
        return NULL;
    struct slice folder = slice_of(path.p, (size_t)slash), name = slice_from(path, (size_t)slash + 1);
    for (size_t i = 0; i < m->rules_n; i++) {
        const struct match_rule *r = &m->rules[i];
        if (slice_eq(r->folder, folder) && name_fits(r->name, name) && (!r->ending.p || slice_ends(name, r->ending)))
            return r;
    }
    return NULL;
}

bool collect_match_above(const struct collect_match *m, struct slice path)
{
    if (path.n > 63 || !(m->above_lengths >> path.n & 1))
        return false;
    for (size_t i = 0; i < m->above_n; i++)
        if (slice_eq(m->above[i], path))
            return true;
    return false;
}
