/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the YAML file by libyaml's events; no tree is built. Refused are aliases (a few bytes can stand for gigabytes),
 * tags, more than one document, a key given twice, more than 16 levels and more than 100,000 events.
 */
#include "base/config/config_internal.h"

#include <yaml.h>

#define DEPTH_MAX  16
#define EVENTS_MAX 100000

struct yaml {
    struct config *c;
    const char *name; /* of the file */
    yaml_parser_t parser;
    yaml_event_t event; /* the present one */
    bool has_event;
    size_t events;
    int depth;
    struct err *e;
};

static size_t line_of(const struct yaml *y)
{
    return y->event.start_mark.line + 1;
}

/* "careen.yaml:12", in the arena. */
static const char *where(struct yaml *y)
{
    const char *text = (const char *)arena_printf(&y->c->arena, "%s:%zu", y->name, line_of(y)).p;
    return text ? text : y->name;
}

static int complain(struct yaml *y, const char *what)
{
    return err_set(y->e, ERR_USAGE, 0, "%s:%zu: %s", y->name, line_of(y), what);
}

static int next(struct yaml *y)
{
    if (y->has_event)
        yaml_event_delete(&y->event);
    y->has_event = false;
    if (!yaml_parser_parse(&y->parser, &y->event))
        return err_set(y->e, ERR_USAGE, 0, "%s:%zu: %s%s%s", y->name, y->parser.problem_mark.line + 1,
                       y->parser.problem ? y->parser.problem : "not YAML", y->parser.context ? ", " : "",
                       y->parser.context ? y->parser.context : "");
    y->has_event = true;
    if (++y->events > EVENTS_MAX)
        return complain(y, "the file has too many parts");
    if (y->event.type == YAML_ALIAS_EVENT)
        return complain(y, "aliases (*name) are not supported: write the value again");
    bool tagged = (y->event.type == YAML_SCALAR_EVENT && y->event.data.scalar.tag) ||
                  (y->event.type == YAML_SEQUENCE_START_EVENT && y->event.data.sequence_start.tag) ||
                  (y->event.type == YAML_MAPPING_START_EVENT && y->event.data.mapping_start.tag);
    return tagged ? complain(y, "tags (!name) are not supported") : 0;
}

static int enter(struct yaml *y)
{
    return ++y->depth > DEPTH_MAX ? complain(y, "too many levels") : 0;
}

static struct slice scalar(const struct yaml *y)
{
    return slice_of(y->event.data.scalar.value, y->event.data.scalar.length);
}

/* A value that is empty, ~ or null: it counts as if its key were not there. */
static bool is_nothing(const struct yaml *y)
{
    struct slice s = scalar(y);
    return y->event.type == YAML_SCALAR_EVENT && y->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!s.n || slice_eq_str(s, "~") || slice_eq_nocase(s, SLICE("null")));
}

/* The current event is a key; it is copied, because the next event overwrites it. */
static int take_key(struct yaml *y, struct slice *ret_key)
{
    if (y->event.type != YAML_SCALAR_EVENT)
        return complain(y, "a key must be a word");
    *ret_key = arena_slice(&y->c->arena, scalar(y));
    return ret_key->p ? 0 : complain(y, "the configuration is too large");
}

static int read_option(struct yaml *y, const struct config_option *o, void *member);

/* Reads from behind the mapping's start to its end. */
static int read_item_map(struct yaml *y, const struct config_option *list, void *item)
{
    uint64_t seen = 0;
    if (enter(y) || next(y))
        return -1;
    while (y->event.type != YAML_MAPPING_END_EVENT) {
        struct slice key;
        size_t i = 0;
        if (take_key(y, &key))
            return -1;
        while (i < list->items_n && !config_name_eq(key, slice_str(list->items[i].name)))
            i++;
        if (i == list->items_n) {
            char what[128];
            snprintf(what, sizeof what, "key of %s:", list->name);
            return config_unknown(y->e, where(y), what, key, config_nearest_item(list->items, list->items_n, key));
        }
        if (seen & UINT64_C(1) << i)
            return err_set(y->e, ERR_USAGE, 0, "%s: %s is there twice", where(y), list->items[i].name);
        seen |= UINT64_C(1) << i;
        const struct config_option *o = &list->items[i];
        if (next(y) || read_option(y, o, (uint8_t *)item + o->offset) || next(y))
            return -1;
    }
    y->depth--;
    return 0;
}

static int read_item(struct yaml *y, const struct config_option *o, void *item)
{
    ASSERT(o->items_n && o->items_n <= 64);
    if (config_set_defaults(&y->c->arena, o->items, o->items_n, item, y->e))
        return -1;
    if (y->event.type == YAML_MAPPING_START_EVENT)
        return read_item_map(y, o, item);
    if (y->event.type == YAML_SCALAR_EVENT && !is_nothing(y))
        return config_set_text(&y->c->arena, &o->items[0], (uint8_t *)item + o->items[0].offset, scalar(y), true,
                               where(y), y->e);
    return err_set(y->e, ERR_USAGE, 0, "%s: %s: each item is a map that begins with %s", where(y), o->name,
                   o->items[0].name);
}

static int read_items(struct yaml *y, const struct config_option *o, struct config_items *items)
{
    VEC(uint8_t) raw = {NULL, 0, 0}; /* elements of items_size bytes: vec_grow takes the size */
    if (y->event.type != YAML_SEQUENCE_START_EVENT)
        return err_set(y->e, ERR_USAGE, 0, "%s: %s is a list: each item on a line that begins with -", where(y),
                       o->name);
    if (enter(y) || next(y))
        return -1;
    while (y->event.type != YAML_SEQUENCE_END_EVENT) {
        void *item = vec_grow(&y->c->arena, (void **)&raw.v, &raw.n, &raw.cap, o->items_size);
        if (!item)
            return complain(y, "the configuration is too large");
        if (read_item(y, o, item) || next(y))
            return -1;
    }
    y->depth--;
    *items = (struct config_items){raw.v, raw.n};
    return 0;
}

static int read_strings(struct yaml *y, const struct config_option *o, void *member)
{
    *(struct config_strings *)member = (struct config_strings){NULL, 0};
    if (enter(y) || next(y))
        return -1;
    for (bool fresh = true; y->event.type != YAML_SEQUENCE_END_EVENT; fresh = false) {
        if (y->event.type != YAML_SCALAR_EVENT || is_nothing(y))
            return err_set(y->e, ERR_USAGE, 0, "%s: %s: each item is one text", where(y), o->name);
        if (config_set_text(&y->c->arena, o, member, scalar(y), fresh, where(y), y->e) || next(y))
            return -1;
    }
    y->depth--;
    return 0;
}

static int read_pairs(struct yaml *y, const struct config_option *o, void *member)
{
    if (y->event.type != YAML_MAPPING_START_EVENT)
        return err_set(y->e, ERR_USAGE, 0, "%s: %s is a map of key: value", where(y), o->name);
    if (enter(y) || next(y))
        return -1;
    while (y->event.type != YAML_MAPPING_END_EVENT) {
        struct slice key;
        if (take_key(y, &key) || next(y))
            return -1;
        if (y->event.type != YAML_SCALAR_EVENT)
            return err_set(y->e, ERR_USAGE, 0, "%s: %s.%.*s: the value is one text", where(y), o->name,
                           (int)MIN(key.n, 100u), (const char *)key.p);
        if (config_set_pair(&y->c->arena, o, member, key, scalar(y), where(y), y->e) || next(y))
            return -1;
    }
    y->depth--;
    return 0;
}

/* On entry the current event is the value's first, on return its last. */
static int read_option(struct yaml *y, const struct config_option *o, void *member)
{
    if (is_nothing(y))
        return 0;
    if (o->kind == CONFIG_ITEMS)
        return read_items(y, o, member);
    if (o->kind == CONFIG_PAIRS)
        return read_pairs(y, o, member);
    if (o->kind == CONFIG_STRINGS && y->event.type == YAML_SEQUENCE_START_EVENT)
        return read_strings(y, o, member);
    if (y->event.type != YAML_SCALAR_EVENT)
        return err_set(y->e, ERR_USAGE, 0, "%s: %s has one value, not a %s", where(y), o->name,
                       y->event.type == YAML_MAPPING_START_EVENT ? "map" : "list");
    return config_set_text(&y->c->arena, o, member, scalar(y), true, where(y), y->e);
}

/* Skips a value that has no meaning here: on entry the current event is its first, on return its last. */
static int pass_over(struct yaml *y)
{
    int depth = y->depth;
    do {
        bool begins = y->event.type == YAML_MAPPING_START_EVENT || y->event.type == YAML_SEQUENCE_START_EVENT;
        bool ends = y->event.type == YAML_MAPPING_END_EVENT || y->event.type == YAML_SEQUENCE_END_EVENT;
        if (begins && enter(y))
            return -1;
        y->depth -= ends;
    } while (y->depth > depth && !next(y));
    return y->depth > depth ? -1 : 0;
}

static int read_map(struct yaml *y, struct slice prefix);

/* The current event is a key of a map whose options' names begin with `prefix`. */
static int read_pair(struct yaml *y, struct slice prefix)
{
    struct slice key, name;
    struct config_place p;
    if (take_key(y, &key))
        return -1;
    name = prefix.n ? arena_printf(&y->c->arena, "%.*s.%.*s", SLICE_FMT(prefix), SLICE_FMT(key)) : key;
    if (!name.p)
        return complain(y, "the configuration is too large");
    const char *at = where(y);
    if (!config_find(y->c, name, &p)) {
        if (config_is_other_option(y->c, name))
            return next(y) ? -1 : pass_over(y);
        bool group = config_has_prefix(y->c, name);
        if (group && !next(y))
            return y->event.type == YAML_MAPPING_START_EVENT ? read_map(y, name)
                   : is_nothing(y)                           ? 0
                                                             : complain(y, "a group of options is a map");
        return group ? -1 : config_unknown(y->e, at, "key", name, config_nearest(y->c, name, SIZE_MAX - 1, false));
    }
    if (*p.origin)
        return err_set(y->e, ERR_USAGE, 0, "%s: %s is there twice, first at %s", at, p.option->name, *p.origin);
    *p.origin = at;
    return next(y) ? -1 : read_option(y, p.option, p.member);
}

static int read_map(struct yaml *y, struct slice prefix)
{
    if (enter(y) || next(y))
        return -1;
    while (y->event.type != YAML_MAPPING_END_EVENT)
        if (read_pair(y, prefix) || next(y))
            return -1;
    y->depth--;
    return 0;
}

static int read_stream(struct yaml *y)
{
    if (next(y) || next(y)) /* the stream, the document */
        return -1;
    if (y->event.type == YAML_STREAM_END_EVENT)
        return 0; /* nothing but comments */
    if (next(y))
        return -1;
    if (y->event.type == YAML_MAPPING_START_EVENT) {
        if (read_map(y, SLICE_NONE))
            return -1;
    } else if (!is_nothing(y)) {
        return complain(y, "the file is not a map of option: value");
    }
    if (next(y) || next(y)) /* the document's end, the stream's */
        return -1;
    return y->event.type == YAML_STREAM_END_EVENT ? 0 : complain(y, "only one document (---) is read");
}

int config_read_yaml(struct config *c, const char *name, struct slice yaml, struct err *e)
{
    struct yaml *y = xcalloc(1, sizeof *y);
    *y = (struct yaml){.c = c, .name = name, .e = e};
    if (!yaml_parser_initialize(&y->parser))
        BUG("libyaml: out of memory");
    yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y->parser, yaml.n ? yaml.p : (const uint8_t *)"", yaml.n);
    int rc = yaml.n > CONFIG_FILE_MAX ? err_set(e, ERR_USAGE, 0, "%s: more than %zu bytes", name, CONFIG_FILE_MAX)
                                      : read_stream(y);
    if (y->has_event)
        yaml_event_delete(&y->event);
    yaml_parser_delete(&y->parser);
    free(y);
    return rc;
}
