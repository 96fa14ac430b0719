/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/rules.h"

#include "packages/path_index.h"

#include <pthread.h>

#define ANY_DEPTH "**/"

/* ---- patterns ---- */

static bool part_fits(struct slice pattern, struct slice part)
{
    ptrdiff_t star = slice_find(pattern, '*');
    if (star < 0)
        return slice_eq(pattern, part);
    struct slice start = slice_sub(pattern, 0, (size_t)star), end = slice_from(pattern, (size_t)star + 1);
    return part.n > start.n + end.n && slice_starts(part, start) && slice_ends(part, end);
}

/* Whether path ends in parts that fit all of the pattern's; most paths fail at their name. */
static bool tail_fits(struct slice pattern, struct slice path)
{
    while (pattern.n) {
        struct slice want = slice_path_name(pattern), part = slice_path_name(path);
        if (!path.n || !part_fits(want, part))
            return false;
        pattern = slice_path_folder(pattern);
        path = slice_path_folder(path);
    }
    return true;
}

/* The extension of a name or pattern: what follows its last dot, if names that fit certainly have it too. */
static struct slice extension_of(struct slice name)
{
    ptrdiff_t dot = slice_rfind(name, '.'), star = slice_find(name, '*');
    return dot > 0 && dot > star ? slice_from(name, (size_t)dot + 1) : SLICE_NONE;
}

static size_t bucket_of(struct slice s)
{
    return (s.n * 29 + s.p[0] * 7u + s.p[s.n / 2] * 3u + s.p[s.n - 1]) % RULES_BUCKETS;
}

static bool has_byte(const uint64_t bits[4], uint8_t c)
{
    return bits[c / 64] >> c % 64 & 1;
}

static bool has_length(uint64_t lengths, struct slice folder)
{
    return folder.n <= RULE_FOLDER_MAX && (lengths >> folder.n & 1);
}

/* ---- compiling ---- */

/* Chains keep the order of the rules. */
static void chain_add(struct rules *r, int16_t *first, size_t index)
{
    while (*first >= 0)
        first = &r->v[*first].next;
    *first = (int16_t)index;
}

static struct rules_folder *folder_find(const struct rules *r, struct slice path)
{
    for (int16_t i = path.n <= RULE_FOLDER_MAX ? r->by_length[path.n] : -1; i >= 0; i = r->folders[i].next)
        if (slice_eq(r->folders[i].path, path))
            return (struct rules_folder *)(uintptr_t)&r->folders[i];
    return NULL;
}

static struct rules_folder *folder_for(struct rules *r, struct slice path)
{
    struct rules_folder *f = folder_find(r, path);
    if (f)
        return f;
    ASSERT(r->folders_n < RULES_FOLDERS_MAX && path.n <= RULE_FOLDER_MAX);
    f = &r->folders[r->folders_n];
    *f = (struct rules_folder){.path = path, .next = r->by_length[path.n]};
    memset(f->first, -1, sizeof f->first);
    r->by_length[path.n] = (int16_t)r->folders_n++;
    return f;
}

/* The folder of a rule is what stands before its first part with a star, or before its name. */
static void take_apart(struct wanted *w)
{
    struct slice path = slice_str(w->rule->path), folder;
    if (w->rule->magic)
        return;
    w->anywhere = slice_take_prefix(&path, SLICE(ANY_DEPTH));
    ptrdiff_t star = slice_find(path, '*');
    w->exact = !w->anywhere && star < 0;
    w->name = slice_path_name(path);
    w->tail = path;
    if (w->anywhere)
        return;
    folder = slice_path_folder(star < 0 ? path : slice_sub(path, 0, (size_t)star));
    w->folder = folder;
    w->tail = folder.n ? slice_from(path, folder.n + 1) : path;
    for (struct slice rest = slice_path_folder(w->tail); rest.n; rest = slice_path_folder(rest))
        w->stars++;
}

static void add_starts(uint64_t bits[4], struct slice start)
{
    if (start.n && start.p[0] != '*')
        bits[start.p[0] / 64] |= (uint64_t)1 << start.p[0] % 64;
    else
        memset(bits, 0xff, 4 * sizeof *bits);
}

static void add_anywhere(struct rules *r, const struct wanted *w, size_t index)
{
    struct slice extension = extension_of(w->name);
    if (slice_find(w->name, '*') < 0) {
        chain_add(r, &r->by_name[bucket_of(w->name)], index);
    } else if (extension.n) {
        chain_add(r, &r->by_extension[bucket_of(extension)], index);
    } else {
        chain_add(r, &r->others, index);
        add_starts(r->other_starts, w->name);
    }
}

static void add_above(struct rules *r, const struct wanted *w)
{
    for (struct slice folder = w->folder; folder.n; folder = slice_path_folder(folder)) {
        folder_for(r, folder)->above = true;
        r->above_lengths |= (uint64_t)1 << folder.n;
    }
    for (size_t i = 1; i <= w->stars; i++)
        r->starred_lengths[i] |= (uint64_t)1 << w->folder.n;
}

static void rule_add(struct rules *r, const struct package_format *format, const struct package_rule *rule)
{
    ASSERT(r->n < RULES_MAX);
    size_t index = r->n++;
    struct wanted *w = &r->v[index];
    *w = (struct wanted){.format = format, .rule = rule, .next = -1};
    take_apart(w);
    if (rule->magic) {
        struct slice magic = slice_str(rule->magic);
        ASSERT(magic.n >= RULE_MAGIC_MIN && magic.n <= RULE_MAGIC_MAX);
        chain_add(r, &r->magic_first, index);
        add_starts(r->magic_starts, magic);
        r->magic_n = MAX(r->magic_n, magic.n);
    } else if (w->anywhere) {
        add_anywhere(r, w, index);
    } else {
        ASSERT(w->stars <= RULE_STARS_MAX && w->name.n);
        struct rules_folder *f = folder_for(r, w->folder);
        r->lengths[w->stars] |= (uint64_t)1 << w->folder.n;
        chain_add(r, &f->first[w->stars], index);
        if (!rule->reducer)
            add_above(r, w);
    }
    if (rule->names) {
        ASSERT(!w->anywhere && !w->stars && slice_eq_str(w->name, "*") && r->names_n < RULES_NAMES_MAX);
        r->names[r->names_n++] = (int16_t)index;
    }
}

void rules_init(struct rules *r, const struct package_format *const *formats)
{
    *r = (struct rules){.others = -1, .magic_first = -1};
    memset(r->by_length, -1, sizeof r->by_length);
    memset(r->by_name, -1, sizeof r->by_name);
    memset(r->by_extension, -1, sizeof r->by_extension);
    for (; *formats; formats++)
        for (const struct package_rule *rule = (*formats)->rules; rule->path || rule->magic; rule++)
            rule_add(r, *formats, rule);
}

static struct rules all;

static void all_init(void)
{
    rules_init(&all, package_formats);
}

const struct rules *rules_all(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, all_init);
    return &all;
}

/* ---- questions ---- */

bool rules_reach(const struct package_format *format, struct slice path)
{
    for (const char *const *f = format->not_below; f && *f; f++) {
        struct slice rest = path;
        if (slice_take_prefix(&rest, slice_str(*f)) && slice_starts(rest, SLICE("/")))
            return false;
    }
    return true;
}

/* The first of a chain that fits and stands before best; -1 and more: best. */
static int first_of(const struct rules *r, int i, int best, struct slice path, bool names)
{
    for (; i >= 0 && (best < 0 || i < best); i = r->v[i].next) {
        const struct wanted *w = &r->v[i];
        if ((names || !w->rule->names) && tail_fits(w->tail, path) && (!w->anywhere || rules_reach(w->format, path)))
            return i;
    }
    return best;
}

static int find_rooted(const struct rules *r, struct slice path, bool names)
{
    struct slice folder = slice_path_folder(path);
    int best = -1;
    for (size_t stars = 0; stars <= RULE_STARS_MAX; stars++, folder = slice_path_folder(folder)) {
        const struct rules_folder *f = has_length(r->lengths[stars], folder) ? folder_find(r, folder) : NULL;
        if (f)
            best = first_of(r, f->first[stars], best, path, names);
        if (!folder.n)
            break;
    }
    return best;
}

static const struct wanted *find(const struct rules *r, struct slice path, bool names)
{
    struct slice name = slice_path_name(path), extension = extension_of(name);
    if (!name.n)
        return NULL;
    int best = find_rooted(r, path, names);
    best = first_of(r, r->by_name[bucket_of(name)], best, path, names);
    if (extension.n)
        best = first_of(r, r->by_extension[bucket_of(extension)], best, path, names);
    if (has_byte(r->other_starts, name.p[0]))
        best = first_of(r, r->others, best, path, names);
    return best < 0 ? NULL : &r->v[best];
}

const struct wanted *rules_of_file(const struct rules *r, struct slice path)
{
    return find(r, path, false);
}

const struct wanted *rules_of_entry(const struct rules *r, struct slice path)
{
    return find(r, path, true);
}

const struct wanted *rules_of_content(const struct rules *r, struct slice path, struct slice front,
                                      const struct wanted *behind)
{
    if (!front.n || !has_byte(r->magic_starts, front.p[0]))
        return NULL;
    for (int i = behind ? behind->next : r->magic_first; i >= 0; i = r->v[i].next)
        if (slice_starts(front, slice_str(r->v[i].rule->magic)) && rules_reach(r->v[i].format, path))
            return &r->v[i];
    return NULL;
}

const struct wanted *rules_of_name(const struct rules *r, struct slice path, struct slice *ret_name)
{
    for (size_t i = 0; i < r->names_n; i++) {
        const struct wanted *w = &r->v[r->names[i]];
        struct slice rest = path, name;
        if (slice_take_prefix(&rest, w->folder) && slice_take_prefix(&rest, SLICE("/")) &&
            slice_take_token(&rest, '/', &name)) {
            *ret_name = slice_sub(path, 0, w->folder.n + 1 + name.n);
            return w;
        }
    }
    return NULL;
}

/* Whether path is a folder that a rule's parts with stars stand for. */
static bool is_starred(const struct rules *r, struct slice path)
{
    struct slice folder = path;
    for (size_t depth = 1; depth <= RULE_STARS_MAX && folder.n; depth++) {
        folder = slice_path_folder(folder);
        const struct rules_folder *f = has_length(r->starred_lengths[depth], folder) ? folder_find(r, folder) : NULL;
        for (size_t stars = depth; f && stars <= RULE_STARS_MAX; stars++)
            for (int i = f->first[stars]; i >= 0; i = r->v[i].next) {
                struct slice tail = r->v[i].tail;
                for (size_t j = 0; j < stars + 1 - depth; j++)
                    tail = slice_path_folder(tail);
                if (!r->v[i].rule->reducer && tail_fits(tail, path))
                    return true;
            }
    }
    return false;
}

bool rules_above(const struct rules *r, struct slice path)
{
    const struct rules_folder *f = path.n && has_length(r->above_lengths, path) ? folder_find(r, path) : NULL;
    return (f && f->above) || is_starred(r, path);
}

/* ---- the path index ---- */

static bool part_may_hold(struct slice part, struct slice index)
{
    struct slice extension = extension_of(part);
    if (slice_find(part, '*') < 0)
        return path_index_may_hold(index, PATH_INDEX_NAME, part);
    return !extension.n || path_index_may_hold(index, PATH_INDEX_EXTENSION, extension);
}

static bool rule_may_hold(const struct wanted *w, struct slice index)
{
    if (w->rule->magic)
        return path_index_may_hold(index, PATH_INDEX_MAGIC, slice_str(w->rule->magic));
    if (w->exact)
        return path_index_may_hold(index, PATH_INDEX_PATH, slice_str(w->rule->path));
    if (!part_may_hold(w->name, index))
        return false;
    if (!path_index_knows_folders(index))
        return true;
    if (!w->anywhere && w->folder.n && !path_index_may_hold(index, PATH_INDEX_PATH, w->folder))
        return false;
    for (struct slice rest = slice_path_folder(w->tail); rest.n; rest = slice_path_folder(rest))
        if (!part_may_hold(slice_path_name(rest), index))
            return false;
    return true;
}

bool rules_may_hold(const struct package_format *format, struct slice index)
{
    for (const struct package_rule *rule = format->rules; rule->path || rule->magic; rule++) {
        struct wanted w = {.format = format, .rule = rule};
        take_apart(&w);
        if (rule_may_hold(&w, index))
            return true;
    }
    return false;
}
