/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h: the configuration of a program, from tables of options. Values come, each overriding the one before, from
 *
 *     defaults in the table  <  a YAML file (--config FILE or CAREEN_CONFIG)  <  CAREEN_* environment  <  flags
 *
 * A name is spelled "state-dir" or, to group, "match.window". In names - _ and . are the same, so that one option is
 * --match.window, --match-window, CAREEN_MATCH_WINDOW, "match_window: 90d" and "match: {window: 90d}".
 *
 * What is an option of another program of Careen is passed over (config_names.c): one file serves them all. What nobody
 * knows is refused with the nearest name that is known. Only the environment may hold names that are far from any known
 * one, because other programs share it: config_warnings tells them.
 *
 * Ownership: values live in the struct config; the targets point into it. One thread; read-only once loaded.
 * Secrets are printed by nothing here, not even in errors.
 */
#ifndef CAREEN_BASE_CONFIG_CONFIG_H
#define CAREEN_BASE_CONFIG_CONFIG_H

#include "base/buf.h"
#include "base/err.h"

struct config_strings {
    const char **v;
    size_t n;
};
struct config_pairs {
    const char **keys, **values;
    size_t n;
};
struct config_items {
    void *v; /* array of the items table's structs, zeroed and then filled with its defaults */
    size_t n;
};

enum config_kind {                  /* member's type and how it is written */
                   CONFIG_STRING,   /* const char *, NULL when it has no value */
                   CONFIG_INT,      /* int64_t */
                   CONFIG_DOUBLE,   /* double */
                   CONFIG_BOOL,     /* bool; true, yes, on, 1; flags: --name, --no-name */
                   CONFIG_DURATION, /* int64_t milliseconds; 500ms, 90s, 15m, 1h30m, 7d, 0 */
                   CONFIG_SIZE,     /* int64_t bytes; 4096, 64KiB, 64MiB, 2GiB, 10MB */
                   CONFIG_STRINGS, /* struct config_strings; YAML list; flag once for each; in the environment separated
                                      by commas */
                   CONFIG_PAIRS,   /* struct config_pairs; YAML map; flag key=value, once for each; added to those of
                                      lower sources */
                   CONFIG_ITEMS, /* struct config_items; YAML list of maps; a bare text sets the items' first option */
                   CONFIG_KIND_MAX
};

struct config_option {
    const char *name;
    enum config_kind kind;
    size_t offset;
    const char *fallback; /* default, as text; NULL: the zero value */
    int64_t min, max;     /* of numbers, durations (ms) and sizes; both 0: any */
    const char *value;    /* placeholder in the help: "DIR" */
    const char *help;     /* a sentence or two; wrapped to the terminal */
    bool secret;
    bool internal;                     /* for the programs of Careen among themselves: taken, and told of nowhere */
    const char *const *choices;        /* of CONFIG_STRING: NULL-terminated; NULL: anything */
    const struct config_option *items; /* CONFIG_ITEMS: at most 64 */
    size_t items_n, items_size;        /* how many options, and sizeof the items' struct */
};

/*
 * Options that fill one struct. target NULL: another program's. The file and the environment may hold them, and they
 * are checked there but not kept; as flags they are refused, and the help has none of them. The same holds for those
 * that `only` leaves out, but that they reach the target.
 */
struct config_set {
    const char *title; /* heading in the help */
    const struct config_option *options;
    size_t n;
    void *target;
    size_t size;             /* of the struct */
    const char *const *only; /* names of the options that this program takes, ends with NULL; NULL: all */
};

enum config_asked { CONFIG_RUN, CONFIG_HELP, CONFIG_VERSION, CONFIG_SHOW };

struct config;
/*
 * argv without the program's name (and without a subcommand); environment as environ, NULL for none. --help, -h and
 * --version win over everything else: then nothing is read and the targets hold defaults. --show-config loads as
 * usual. Everything after -- is positional. ERR_USAGE says what is wrong, where, and what would be right;
 * ERR_NOT_FOUND: no such file.
 */
int config_load(const struct config_set *sets, size_t sets_n, int argc, const char *const *argv,
                const char *const *environment, struct config **ret_config, struct err *e);
void config_free(struct config *c);
enum config_asked config_asked(const struct config *c);
const char *const *config_args(const struct config *c, size_t *ret_n);     /* positional arguments */
const char *const *config_warnings(const struct config *c, size_t *ret_n); /* one sentence each */
/* Where the value of an option came from: "default", "careen.yaml:12", "CAREEN_BUS", "--bus". NULL: no such option. */
const char *config_origin(const struct config *c, const char *name);

/*
 * The usage text: `head` as it is (usage lines and what the program is for), then every option under its set's title.
 * width is clamped to 80 … 120.
 */
void config_help(const char *head, const struct config_set *sets, size_t sets_n, int width, struct buf *out);
/* All values as a YAML file that would give them again, secrets hidden, with where each came from. */
void config_dump(const struct config *c, struct buf *out);

/* The name within a typo or two of one that nobody knows, or NULL. */
const char *config_nearest_name(const char *const *names, size_t n, struct slice name);

/* The content of a secret's file without its last newline; malloc'd. At most 64 KiB. */
int config_read_secret(const char *path, char **ret_secret, struct err *e);

/* The parsers, for whoever has such texts elsewhere. */
bool config_parse_duration(struct slice s, int64_t *ret_ms);
bool config_parse_size(struct slice s, int64_t *ret_bytes);
/* Fills a set from YAML text alone (name is for errors). What config_load does with its file; also for tests. */
int config_load_text(const struct config_set *sets, size_t sets_n, const char *name, struct slice yaml,
                     struct config **ret_config, struct err *e);

#endif
