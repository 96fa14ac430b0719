/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_rules: a line a path. The quick search finds the rule that trying all of them one after the other finds, and the
 * path index of a layer with such files never denies it.
 */
#include "model/evidence.h"
#include "packages/path_index.h"
#include "packages/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pattern's part against a name's, a byte at a time. */
static bool part_fits(const char *pattern, size_t n, struct slice part)
{
    const char *star = memchr(pattern, '*', n);
    if (!star)
        return part.n == n && memcmp(part.p, pattern, n) == 0;
    size_t front = (size_t)(star - pattern), back = n - front - 1;
    return part.n > front + back && memcmp(part.p, pattern, front) == 0 &&
           memcmp(part.p + part.n - back, star + 1, back) == 0;
}

static bool fits(const char *pattern, struct slice path)
{
    struct slice part;
    for (size_t n; *pattern; pattern += n + (pattern[n] == '/')) {
        n = strcspn(pattern, "/");
        if (!slice_take_token(&path, '/', &part) || !part_fits(pattern, n, part))
            return false;
    }
    return !path.n;
}

/* A rule for any depth fits behind any slash. */
static bool rule_fits(const struct package_rule *rule, struct slice path)
{
    const char *pattern = rule->path;
    if (strncmp(pattern, "**/", 3) != 0)
        return fits(pattern, path);
    while (!fits(pattern + 3, path)) {
        ptrdiff_t slash = slice_find(path, '/');
        if (slash < 0)
            return false;
        path = slice_from(path, (size_t)slash + 1);
    }
    return true;
}

static bool is_below(const char *const *folders, struct slice path)
{
    for (; folders && *folders; folders++)
        if (path.n > strlen(*folders) && slice_starts(path, slice_str(*folders)) && path.p[strlen(*folders)] == '/')
            return true;
    return false;
}

static const struct package_rule *slow(struct slice path, const struct package_format **ret_format)
{
    for (const struct package_format *const *f = package_formats; *f; f++)
        for (const struct package_rule *rule = (*f)->rules; rule->path || rule->magic; rule++) {
            *ret_format = *f;
            if (rule->path && rule_fits(rule, path) &&
                !(strncmp(rule->path, "**/", 3) == 0 && is_below((*f)->not_below, path)))
                return rule;
        }
    return NULL;
}

static bool take_path(struct slice *rest, uint8_t path[4096], size_t *ret_n)
{
    struct slice line;
    while (slice_take_line(rest, &line))
        if (evidence_path(line, path, 4096, ret_n))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct path_index x;
    static uint8_t bytes[PATH_INDEX_MAX], path[4096];
    struct slice rest = slice_of(data, size);
    size_t n;
    path_index_init(&x);
    while (take_path(&rest, path, &n))
        path_index_add(&x, slice_of(path, n));
    struct slice index = slice_of(bytes, path_index_finish(&x, bytes));
    rest = slice_of(data, size);
    while (take_path(&rest, path, &n)) {
        const struct package_format *format;
        const struct package_rule *rule = slow(slice_of(path, n), &format);
        const struct wanted *w = rules_of_entry(rules_all(), slice_of(path, n));
        ASSERT(w ? w->rule == rule : !rule);
        ASSERT(!rule || rules_may_hold(format, index));
        rules_above(rules_all(), slice_of(path, n));
    }
    return 0;
}
