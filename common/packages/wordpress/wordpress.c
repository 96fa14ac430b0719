/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wordpress.c: WordPress, its plugins and its themes. A plugin is what has a header in a file that WordPress looks at: of
 * the folder plugins, of a folder in it, of mu-plugins; its folder's or file's name is what it is called. Nobody publishes
 * advisories of plugins and themes that may be handed on, so that they are listed alone.
 */
#include "packages/reading/fact_list.h"
#include "packages/reading/held_file.h"
#include "packages/parse_internal.h"
#include "packages/wordpress/wordpress_header.h"

#define FACT_NAME    "name"
#define FACT_VERSION "version"
#define FACTS_MAX    2048

#define NS_PLUGIN "plugin"
#define NS_THEME  "theme"

struct state {
    struct held_file held;
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    return held_file_begin(&s->held, file, WORDPRESS_HEADER_MAX);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    bool theme = slice_ends(s->held.path, SLICE(".css"));
    struct slice name = wordpress_field(s->held.bytes, theme ? "Theme Name" : "Plugin Name");
    s->held.facts.max = FACTS_MAX;
    if (name.n) {
        fact_list_add(&s->held.facts, FACT_NAME, slice_sub(name, 0, 300));
        fact_list_add(&s->held.facts, FACT_VERSION, slice_sub(wordpress_field(s->held.bytes, "Version"), 0, 300));
    }
    held_file_put(&s->held, out);
}

static const struct reducer reducer = {.state_size = sizeof(struct state),
                                       .begin = begin,
                                       .feed = held_file_feed,
                                       .end = end,
                                       .layer_end = held_file_layer_end};

/* plugins/akismet/akismet.php is akismet, plugins/hello.php is hello. */
static struct slice slug_of(struct slice path)
{
    struct slice folder = slice_path_folder(path), name = slice_path_name(folder);
    if (!slice_eq_str(name, "plugins") && !slice_eq_str(name, "mu-plugins"))
        return name;
    name = slice_path_name(path);
    return slice_sub(name, 0, name.n - strlen(".php"));
}

static void read_core(struct parse *p, const struct evidence_entry *entry)
{
    struct parsed_file *file = parse_add_file(p, entry->path, "wordpress-version");
    struct package package = {.type = PKG_GENERIC,
                              .certainty = CERTAINTY_INSTALLED,
                              .name = SLICE("wordpress"),
                              .version = wordpress_version(entry->bytes)};
    if (!file)
        return;
    if (parse_is_token(package.version))
        parse_add_package(p, file, &package);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it does not say which version of WordPress it belongs to");
}

static void read_entry(struct parse *p, const struct evidence_entry *entry)
{
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (slice_eq_str(slice_path_name(entry->path), "version.php") &&
        slice_ends(slice_path_folder(entry->path), SLICE("wp-includes"))) {
        read_core(p, entry);
        return;
    }
    bool theme = slice_ends(entry->path, SLICE(".css"));
    struct parsed_file *file = parse_add_file(p, entry->path, theme ? "wordpress-theme" : "wordpress-plugin");
    struct package package = {.type = PKG_WORDPRESS, .certainty = CERTAINTY_INSTALLED};
    package.ns = theme ? SLICE(NS_THEME) : SLICE(NS_PLUGIN);
    package.name = slug_of(entry->path);
    package.version = fact_list_get(entry->bytes, FACT_VERSION);
    if (!file || !fact_list_get(entry->bytes, FACT_NAME).n)
        return;
    if (!parse_is_token(package.name)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "its folder has a name that no plugin or theme can have");
        return;
    }
    if (!package.version.n || !slice_is_text(package.version)) {
        package.version = SLICE("");
        package.not_judged = reason_make(REASON_VERSION_UNKNOWN, SLICE("its header names no version"));
    }
    parse_add_package(p, file, &package);
}

#define HEADER(path_)                                                                                                  \
    {                                                                                                                  \
        .path = path_, .reducer = &reducer                                                                             \
    }

static const struct package_rule rules[] = {
    {.path = "**/wp-includes/version.php", .max = KEEP_SMALL},
    HEADER("**/wp-content/plugins/*.php"),
    HEADER("**/wp-content/plugins/*/*.php"),
    HEADER("**/wp-content/mu-plugins/*.php"),
    HEADER("**/wp-content/themes/*/style.css"),
    {.path = NULL},
};

static const char *const not_below[] = {"usr/share/doc", "sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_wordpress = {.name = "wordpress",
                                                .keeps_version = 1,
                                                .reads_version = 1,
                                                .type = PKG_WORDPRESS,
                                                .rules = rules,
                                                .not_below = not_below,
                                                .read = read_entry};
