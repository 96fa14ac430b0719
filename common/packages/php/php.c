/* SPDX-License-Identifier: Apache-2.0 */
/*
 * php.c: packages of Composer by what it keeps of an installation, those of PEAR and PECL by their registry, and PHP itself.
 */
#include "packages/php/php.h"

#include "packages/aside/aside.h"
#include "packages/reading/held_file.h"

#define LIST_MAX ((uint32_t)16 << 20)
#define REG_MAX  ((uint32_t)4 << 20)

#define KIND_JSON "json"
#define KIND_PHP  "php"
#define KIND_PEAR "pear"

struct state {
    struct held_file held;
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    return held_file_begin(&s->held, file, file->rule->max);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    const char *kind = s->held.rule->kind, *why;
    s->held.facts.max = PHP_FACTS_MAX;
    if (strcmp(kind, KIND_JSON) == 0)
        why = composer_json_reduce(s->held.bytes, &s->held.facts);
    else if (strcmp(kind, KIND_PHP) == 0)
        why = composer_php_reduce(s->held.bytes, &s->held.facts);
    else
        why = pear_reduce(s->held.bytes, &s->held.facts);
    if (why)
        held_file_tell(&s->held, out, REASON_DATABASE_BROKEN, why);
    held_file_put(&s->held, out);
}

static const struct reducer reducer = {.state_size = sizeof(struct state),
                                       .begin = begin,
                                       .feed = held_file_feed,
                                       .end = end,
                                       .layer_end = held_file_layer_end};

/* ---- reading ---- */

struct lists_of_layer {
    VEC(struct slice) lists; /* folders that have an installed.json */
    VEC(size_t) others;      /* files that were made of an installed.php */
};

/* Below the folder of a package, vendor/NAME/NAME: among its tests and examples. */
static bool is_fixture(struct slice path)
{
    ptrdiff_t at = slice_find_slice(path, SLICE("vendor/"));
    struct slice rest = at < 0 ? SLICE_NONE : slice_from(path, (size_t)at + 7), part;
    return slice_take_token(&rest, '/', &part) && slice_take_token(&rest, '/', &part) && path_is_aside(rest);
}

static void read_entry(struct parse *p, const struct evidence_entry *entry)
{
    struct lists_of_layer *layer = parse_state(p, &format_php, sizeof *layer);
    struct slice name = slice_path_name(entry->path);
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (slice_eq_str(name, "php_version.h")) {
        struct parsed_file *file = parse_add_file(p, entry->path, "runtime-header");
        if (file)
            php_read_header(p, file, entry->bytes);
    } else if (slice_ends(name, SLICE(".reg"))) {
        struct parsed_file *file = parse_add_file(p, entry->path, "pear-registry");
        if (file)
            pear_read(p, file, entry->bytes);
    } else if (slice_ends(name, SLICE(".phar")) || slice_ends(entry->path, SLICE("bin/composer"))) {
        struct parsed_file *file = parse_add_file(p, entry->path, "phar");
        if (file)
            phar_read(p, file, entry->bytes);
    } else if (slice_eq_str(name, "composer.lock")) {
        struct parsed_file *file = parse_add_file(p, entry->path, "composer-lock");
        if (file && slice_find_slice(entry->path, SLICE("vendor/")) < 0 &&
            !path_is_of_package(slice_path_folder(entry->path)))
            composer_read(p, file, entry->bytes, CERTAINTY_DECLARED);
    } else {
        bool other = slice_eq_str(name, "installed.php");
        struct parsed_file *file = parse_add_file(p, entry->path, "composer-installed");
        if (!file || !layer || is_fixture(entry->path))
            return;
        composer_read(p, file, entry->bytes, CERTAINTY_INSTALLED);
        size_t *index = other ? VEC_ADD(p->arena, &layer->others) : NULL;
        struct slice *folder = other || !file->packages.n ? NULL : VEC_ADD(p->arena, &layer->lists);
        if (index)
            *index = p->out->files.n - 1;
        if (folder)
            *folder = slice_path_folder(file->path);
    }
}

static int by_path(const void *a, const void *b)
{
    return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* installed.json says what is there; installed.php counts where that is missing. */
static void read_end(struct parse *p, struct slice whole)
{
    struct lists_of_layer *layer = parse_state(p, &format_php, sizeof *layer);
    (void)whole;
    if (!layer || !layer->lists.n)
        return;
    qsort(layer->lists.v, layer->lists.n, sizeof *layer->lists.v, by_path);
    for (size_t i = 0; i < layer->others.n; i++) {
        struct parsed_file *file = &p->out->files.v[layer->others.v[i]];
        struct slice folder = slice_path_folder(file->path);
        if (bsearch(&folder, layer->lists.v, layer->lists.n, sizeof folder, by_path))
            file->packages.n = 0;
    }
}

#define REDUCED(path_, kind_, max_)                                                                                    \
    {                                                                                                                  \
        .path = path_, .kind = kind_, .max = max_, .reducer = &reducer                                                 \
    }

static const struct package_rule rules[] = {
    REDUCED("**/composer/installed.json", KIND_JSON, LIST_MAX),
    REDUCED("**/composer/installed.php", KIND_PHP, LIST_MAX),
    REDUCED("**/composer.lock", KIND_JSON, LIST_MAX),
    REDUCED("**/.registry/*.reg", KIND_PEAR, REG_MAX),
    REDUCED("**/.registry/.channel.*/*.reg", KIND_PEAR, REG_MAX),
    {.path = "**/*.phar", .reducer = &phar_reducer},
    {.path = "**/bin/composer", .reducer = &phar_reducer},
    {.path = "**/include/php/main/php_version.h", .max = KEEP_SMALL},
    {.path = "**/include/php/*/main/php_version.h", .max = KEEP_SMALL},
    {.path = NULL},
};

static const char *const not_below[] = {"usr/share/doc", "sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_php = {.name = "php",
                                          .keeps_version = 1,
                                          .reads_version = 1,
                                          .type = PKG_COMPOSER,
                                          .rules = rules,
                                          .not_below = not_below,
                                          .read = read_entry,
                                          .read_end = read_end};
