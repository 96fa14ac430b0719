/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/collect_match.h"

static void above_add(struct collect_match *m, struct slice folder)
{
    for (size_t i = 0; i < m->above_n; i++)
        if (slice_eq(m->above[i], folder))
            return;
    ASSERT(m->above_n < MATCH_FOLDERS_MAX);
    m->above[m->above_n++] = folder;
    m->above_lengths |= (uint64_t)1 << folder.n;
}

static struct slice parent(struct slice path)
{
    ptrdiff_t slash = slice_rfind(path, '/');
    return slice_sub(path, 0, slash < 0 ? 0 : (size_t)slash);
}

static void rule_add(struct collect_match *m, const struct collector *collector, const struct collect_rule *rule)
{
    struct match_rule r = {collector, rule, slice_str(rule->folder), slice_str(rule->name), slice_str(rule->ending), 0};
    while (slice_ends(r.folder, SLICE("/*"))) {
        r.folder.n -= 2;
        r.stars++;
    }
    ASSERT(m->rules_n < MATCH_RULES_MAX && r.folder.n && r.folder.n < 64 && r.stars <= COLLECT_STARS_MAX);
    m->rules[m->rules_n] = r;
    if (rule->names) {
        ASSERT(m->names_n < MATCH_NAMES_MAX && !r.stars);
        m->names[m->names_n++] = &m->rules[m->rules_n];
    } else {
        m->folder_lengths[r.stars] |= (uint64_t)1 << r.folder.n;
    }
    m->rules_n++;
    for (struct slice folder = r.folder; folder.n; folder = parent(folder))
        above_add(m, folder);
}

void collect_match_init(struct collect_match *m, const struct collector *const *list)
{
    *m = (struct collect_match){0};
    for (; *list; list++)
        for (const struct collect_rule *r = (*list)->rules; r && r->folder; r++)
            rule_add(m, *list, r);
}

static bool name_fits(struct slice pattern, struct slice name)
{
    ptrdiff_t star = slice_find(pattern, '*');
    if (star < 0)
        return !pattern.p || slice_eq(pattern, name);
    struct slice start = slice_sub(pattern, 0, (size_t)star), end = slice_from(pattern, (size_t)star + 1);
    return name.n >= start.n + end.n && slice_starts(name, start) && slice_ends(name, end);
}

static const struct match_rule *rule_of(const struct collect_match *m, struct slice folder, size_t stars,
                                        struct slice name)
{
    for (size_t i = 0; i < m->rules_n; i++) {
        const struct match_rule *r = &m->rules[i];
        if (r->stars == stars && !r->rule->names && slice_eq(r->folder, folder) && name_fits(r->name, name) &&
            (!r->ending.p || slice_ends(name, r->ending)))
            return r;
    }
    return NULL;
}

static bool has_length(uint64_t lengths, struct slice s)
{
    return s.n && s.n < 64 && (lengths >> s.n & 1);
}

const struct match_rule *collect_match_file(const struct collect_match *m, struct slice path)
{
    struct slice folder = parent(path), name = slice_from(path, folder.n + 1);
    const struct match_rule *found = NULL;
    for (size_t stars = 0; stars <= COLLECT_STARS_MAX && !found; stars++, folder = parent(folder))
        if (has_length(m->folder_lengths[stars], folder))
            found = rule_of(m, folder, stars, name);
    return found;
}

const struct match_rule *collect_match_name(const struct collect_match *m, struct slice path, struct slice *ret_name)
{
    for (size_t i = 0; i < m->names_n; i++) {
        struct slice rest = path, name;
        if (slice_take_prefix(&rest, m->names[i]->folder) && slice_take_prefix(&rest, SLICE("/")) &&
            slice_take_token(&rest, '/', &name)) {
            *ret_name = slice_sub(path, 0, m->names[i]->folder.n + 1 + name.n);
            return m->names[i];
        }
    }
    return NULL;
}

/* Whether path is a folder that stars stand for: the first star of a rule with one or two, or the second. */
static bool is_starred(const struct collect_match *m, struct slice path)
{
    struct slice one = parent(path), two = parent(one);
    bool fits = has_length(m->folder_lengths[1] | m->folder_lengths[2], one) || has_length(m->folder_lengths[2], two);
    for (size_t i = 0; fits && i < m->rules_n; i++) {
        const struct match_rule *r = &m->rules[i];
        if ((r->stars && slice_eq(r->folder, one)) || (r->stars == 2 && slice_eq(r->folder, two)))
            return true;
    }
    return false;
}

bool collect_match_above(const struct collect_match *m, struct slice path)
{
    if (has_length(m->above_lengths, path))
        for (size_t i = 0; i < m->above_n; i++)
            if (slice_eq(m->above[i], path))
                return true;
    return is_starred(m, path);
}
