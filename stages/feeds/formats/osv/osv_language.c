/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_language.c: what documents about packages of languages say beside ranges: GitHub's known ends of ranges without a
 * fix, the Go database's ranges of versions that are none of a module, its imports, RustSec's notices, and for which systems and
 * machines all of it holds.
 */
#include "feeds/formats/osv/osv.h"

#define WORDS_MAX   64
#define SYMBOLS_MAX ((size_t)64 << 10) /* bytes of one package's symbols */

/* ---- ranges ---- */

/* The end of ranges without one, as GitHub's documents have it beside them: "<= 1.4.2", "< 1.4.3". */
static void close_ranges(struct feed_reading *r, const json_t *affected, struct advisory *a)
{
    struct slice known =
        json_tree_view(json_object_get(affected, "database_specific"), "last_known_affected_version_range");
    bool itself = slice_take_prefix(&known, SLICE("<="));
    if (!itself && !slice_take_prefix(&known, SLICE("<")))
        return;
    known = reading_version(r->arena, slice_trim(known));
    for (size_t i = 0; i < a->ranges.n && reading_is_name(known, 256); i++) {
        struct version_range *range = &a->ranges.v[i];
        if (range->fixed.n || range->last_affected.n)
            continue;
        if (itself)
            range->last_affected = known;
        else
            range->fixed = known;
    }
}

/* Of the Go database's pseudo-versions, those of modules that have no release are below 0.0.0. */
static bool is_of_releases(const struct ecosystem *row, const struct version_range *range)
{
    struct slice end = range->fixed.n ? range->fixed : range->last_affected;
    int c = 1;
    return !end.n || (!version_order(row->version, end, SLICE("0.0.0"), &c, NULL) && c > 0);
}

/*
 * custom_ranges are of versions that a Go module has as a product and not as a module ("10.2.6" of a repository without
 * "/v10"). Where there are some, a range without an end only says that no version of the module could be named. They
 * don't speak of pseudo-versions without a release, "0.0.0-20260317012524-fe4523fff2c8", which only modules have, unless they end
 * with one: from the beginning is from 0.0.0 on, which is behind all of these.
 */
static const char *custom_ranges(struct feed_reading *r, const struct ecosystem *row, const json_t *affected,
                                 struct advisory *a)
{
    const json_t *list = json_object_get(json_object_get(affected, "ecosystem_specific"), "custom_ranges");
    struct advisory custom = {0};
    size_t kept = 0;
    if (!json_array_size(list))
        return NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *bad = osv_read_events(r, row, json_object_get(json_array_get(list, i), "events"), &custom);
        if (bad)
            return bad;
    }
    for (size_t i = 0; i < a->ranges.n; i++)
        if (a->ranges.v[i].fixed.n || a->ranges.v[i].last_affected.n)
            a->ranges.v[kept++] = a->ranges.v[i];
    a->ranges.n = kept;
    for (size_t i = 0; i < custom.ranges.n; i++) {
        struct version_range *range = &custom.ranges.v[i];
        if (slice_eq_str(range->introduced, "0") && is_of_releases(row, range))
            range->introduced = SLICE("0.0.0");
        if (!osv_add_range(r, a, range))
            return "too many ranges";
    }
    return NULL;
}

const char *osv_language_ranges(struct feed_reading *r, const struct ecosystem *row, const json_t *affected,
                                struct advisory *a)
{
    close_ranges(r, affected, a);
    return custom_ranges(r, row, affected, a);
}

/* ---- systems, machines, symbols ---- */

static struct slice in_one_spelling(struct slice word, const char *const (*spellings)[2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq_str(word, spellings[i][0]))
            return slice_str(spellings[i][1]);
    return word;
}

/* Rust's and Node.js' names of systems as images have them. */
static struct slice system_of(struct slice word)
{
    static const char *const spellings[][2] = {{"macos", "darwin"}, {"win32", "windows"}};
    return in_one_spelling(word, spellings, ARRAY_LEN(spellings));
}

/* Rust's names of machines as images and Go have them. */
static struct slice machine_of(struct slice word)
{
    static const char *const spellings[][2] = {
        {"x86", "386"}, {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"powerpc64", "ppc64"}, {"loongarch64", "loong64"}};
    return in_one_spelling(word, spellings, ARRAY_LEN(spellings));
}

/* Adds the words of a list; false: it is no list, or empty, so that it limits nothing. */
static bool add_words(struct feed_reading *r, const json_t *list, struct slice (*spelling)(struct slice), slice_vec *to)
{
    for (size_t i = 0; i < json_array_size(list) && to->n < WORDS_MAX; i++) {
        struct slice word = spelling(slice_str(json_string_value(json_array_get(list, i))));
        if (reading_is_name(word, 32) && !osv_has(to, word))
            slice_vec_add(r->arena, to, word);
    }
    return json_array_size(list) > 0;
}

static void add_symbol(struct feed_reading *r, struct advisory *a, struct slice symbol, size_t *left)
{
    if (!symbol.n || symbol.n > *left || !slice_is_text(symbol) || osv_has(&a->symbols, symbol))
        return;
    *left -= symbol.n;
    slice_vec_add(r->arena, &a->symbols, symbol);
}

/* "golang.org/x/net/html: Parse, ParseFragment", or a path alone, of which all is affected. */
static struct slice import_text(struct feed_reading *r, const json_t *import)
{
    const json_t *symbols = json_object_get(import, "symbols");
    struct slice path = json_tree_view(import, "path");
    struct buf b = BUF_INIT(SYMBOLS_MAX);
    buf_add_slice(&b, path);
    for (size_t i = 0; i < json_array_size(symbols); i++) {
        buf_add_str(&b, i ? ", " : ": ");
        buf_add_slice(&b, slice_str(json_string_value(json_array_get(symbols, i))));
    }
    struct slice text = path.n && !b.overflow ? arena_slice(r->arena, buf_slice(&b)) : path;
    buf_done(&b);
    return text;
}

/* Go's: what holds of some systems only does so of all imports. */
static void read_imports(struct feed_reading *r, const json_t *imports, struct advisory *a, size_t *left)
{
    slice_vec systems = {0}, machines = {0};
    bool every_system = false, every_machine = false;
    for (size_t i = 0; i < json_array_size(imports); i++) {
        const json_t *import = json_array_get(imports, i);
        add_symbol(r, a, import_text(r, import), left);
        every_system |= !add_words(r, json_object_get(import, "goos"), system_of, &systems);
        every_machine |= !add_words(r, json_object_get(import, "goarch"), machine_of, &machines);
    }
    if (!every_system)
        osv_copy(r, &a->systems, &systems);
    if (!every_machine)
        osv_copy(r, &a->architectures, &machines);
}

/* RustSec's: {"os": […], "arch": […], "functions": […]}. */
static void read_affects(struct feed_reading *r, const json_t *affects, struct advisory *a, size_t *left)
{
    const json_t *functions = json_object_get(affects, "functions");
    add_words(r, json_object_get(affects, "os"), system_of, &a->systems);
    add_words(r, json_object_get(affects, "arch"), machine_of, &a->architectures);
    for (size_t i = 0; i < json_array_size(functions); i++)
        add_symbol(r, a, slice_str(json_string_value(json_array_get(functions, i))), left);
}

static enum advisory_kind kind_of(const struct osv_document *d, const json_t *affected)
{
    bool malicious = slice_starts(d->id, SLICE("MAL-"));
    for (size_t i = 0; i < d->aliases.n; i++)
        malicious |= slice_starts(d->aliases.v[i], SLICE("MAL-"));
    if (malicious)
        return ADVISORY_MALICIOUS;
    return json_tree_view(json_object_get(affected, "database_specific"), "informational").n ? ADVISORY_NOTICE
                                                                                             : ADVISORY_VULNERABILITY;
}

void osv_language_entry(struct feed_reading *r, const struct osv_document *d, const json_t *affected,
                        struct advisory *a)
{
    const json_t *es = json_object_get(affected, "ecosystem_specific");
    size_t left = SYMBOLS_MAX;
    a->kind = kind_of(d, affected);
    read_imports(r, json_object_get(es, "imports"), a, &left);
    read_affects(r, json_object_get(es, "affects"), a, &left);
}
