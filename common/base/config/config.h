/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h: the configuration of a program, described by tables of options. Later sources override earlier ones:
 *
 *     defaults in the table  <  a YAML file (--config FILE or CAREEN_CONFIG)  <  CAREEN_* environment  <  flags
 *
 * A name is spelled "state-dir" or, to group options, "match.window". The characters - _ and . mean the same in a name,
 * so --match.window, --match-window, CAREEN_MATCH_WINDOW, "match_window: 90d" and "match: {window: 90d}" are one
 * option.
 *
 * One file and one environment serve all programs of Careen, so an option that only another program has is ignored
 * (struct config_known). A name that no program has is refused, and the error suggests the nearest known one. In the
 * environment, which other software shares, this holds only for names close to a known one; others become a warning
 * (config_warnings).
 *
 * Ownership: the values live in the struct config and the targets point into it. One thread loads it; afterwards it is
 * read-only. Nothing here prints a secret, not even an error.
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

/* The type of the member that an option fills, and how its value is written. */
enum config_kind {
    CONFIG_STRING,   /* const char *, NULL when it has no value */
    CONFIG_INT,      /* int64_t */
    CONFIG_DOUBLE,   /* double */
    CONFIG_BOOL,     /* bool: true, yes, on, 1 and their opposites; as flags --name and --no-name */
    CONFIG_DURATION, /* int64_t milliseconds: 500ms, 90s, 15m, 1h30m, 7d, 0 */
    CONFIG_SIZE,     /* int64_t bytes: 4096, 64KiB, 64MiB, 2GiB, 10MB */
    CONFIG_STRINGS,  /* struct config_strings: a YAML list; one flag per text; commas between them in the environment */
    CONFIG_PAIRS,    /* struct config_pairs: a YAML map; one flag key=value per pair; adds to earlier sources */
    CONFIG_ITEMS,    /* struct config_items: a YAML list of maps; a plain text sets the item's first option */
    CONFIG_KIND_MAX
};

#define CONFIG_CHOICES_MAX 32

/* The texts that an option allows, where it does not allow any text. */
struct config_choices {
    struct config_choice {
        const char *name;
        const char *help; /* what is said behind the name, "for people"; NULL: only the names are listed */
    } v[CONFIG_CHOICES_MAX];
    size_t n;
};

struct config_option {
    const char *name;
    enum config_kind kind;
    size_t offset;
    const char *fallback; /* the default, as text; NULL: the zero value */
    int64_t min, max;     /* for numbers, durations (ms) and sizes; both 0: no limits */
    const char *value;    /* placeholder in the help: "DIR" */
    const char *help;     /* a sentence or two; wrapped to the terminal */
    bool secret;
    const char *bare; /* for CONFIG_STRING: what a flag without "=" sets; a value then stands behind "=" only */
    bool internal;    /* used between the programs of Careen: accepted, but shown in no help */
    const char *const *choices; /* for CONFIG_STRING: the allowed texts, NULL-terminated; NULL: any text */
    /* The same, from a table that is kept elsewhere: it is called with `which`. NULL: `choices` holds. */
    void (*choices_of)(int which, struct config_choices *ret);
    int which;
    const struct config_option *items; /* for CONFIG_ITEMS: the options of an item, at most 64 */
    size_t items_n, items_size;        /* how many there are, and the size of an item's struct */
};

/*
 * Options that fill one struct. A set with target NULL belongs to another program: its options may stand in the file
 * and the environment, where they are checked but not kept; as flags they are refused, and the help does not list them.
 * The options that `only` leaves out are treated alike, except that they do reach the target.
 */
struct config_set {
    const char *title; /* heading in the help */
    const struct config_option *options;
    size_t n;
    void *target;
    size_t size;             /* of the struct */
    const char *const *only; /* names of the options that this program takes, NULL-terminated; NULL: all */
};

/*
 * Names that the program does not take itself and that are right all the same. `options` are those of other programs:
 * the file and the environment may hold them, with any value. `variables` are names in the environment, without
 * CAREEN_, that are no options; one that ends with - stands for all that begin so.
 */
struct config_known {
    const char *const *options, *const *variables;
    size_t options_n, variables_n;
};

enum config_asked { CONFIG_RUN, CONFIG_HELP, CONFIG_VERSION, CONFIG_SHOW };

struct config;
/*
 * Loads the configuration. argv is given without the program's name (and without a subcommand); environment has the
 * form of environ, NULL for none. known: NULL for none; it must outlive the configuration. --help, -h and --version win over everything else: then nothing is read and the
 * targets hold their defaults. --show-config loads as usual. Everything after -- is positional. ERR_USAGE says what is
 * wrong, where, and what would be right; ERR_NOT_FOUND: the file does not exist.
 */
int config_load(const struct config_set *sets, size_t sets_n, const struct config_known *known, int argc,
                const char *const *argv, const char *const *environment, struct config **ret_config, struct err *e);
void config_free(struct config *c);
enum config_asked config_asked(const struct config *c);
const char *const *config_args(const struct config *c, size_t *ret_n);     /* positional arguments */
const char *const *config_warnings(const struct config *c, size_t *ret_n); /* one sentence each */
/*
 * Where an option's value came from: "default", "careen.yaml:12", "CAREEN_BUS", "--bus". NULL when there is no such
 * option.
 */
const char *config_origin(const struct config *c, const char *name);

/*
 * Writes the usage text: `head` (usage lines and what the program is for), then every option under its set's title. width
 * is clamped to 80 … 120. The paragraphs of `head` are filled; its lines that begin with a blank, examples, stay.
 */
void config_help(const char *head, const struct config_set *sets, size_t sets_n, int width, struct buf *out);
/*
 * Writes all values as a YAML file that would set them again, each with a comment on where it came from; secrets are
 * hidden.
 */
void config_dump(const struct config *c, struct buf *out);

/* The texts that the option allows; none: it allows any text. */
void config_choices(const struct config_option *o, struct config_choices *ret);
/* Appends " One of a, b." or " a for this, b for that."; nothing where any text is allowed. */
void config_choices_text(const struct config_option *o, struct buf *out);
/* A switch that is on unless --no-NAME says otherwise; help writes it --[no-]NAME. */
bool config_on_by_default(const struct config_option *o);
/* Appends what help says behind the option's text: its choices, limits and default. flag: it is given as one. */
void config_notes_text(const struct config_option *o, bool flag, struct buf *out);

/* The one of `names` that is within a typo or two of an unknown `name`, or NULL. */
const char *config_nearest_name(const char *const *names, size_t n, struct slice name);

/* The content of a file that holds a secret, without its last newline; malloc'd. At most 64 KiB. */
int config_read_secret(const char *path, char **ret_secret, struct err *e);

/* The parsers, for such texts that stand elsewhere than in a configuration. */
bool config_parse_duration(struct slice s, int64_t *ret_ms);
bool config_parse_size(struct slice s, int64_t *ret_bytes);
/*
 * Fills sets from YAML text alone, as config_load does with its file; `name` is the file's name in errors. For tests.
 */
int config_load_text(const struct config_set *sets, size_t sets_n, const struct config_known *known, const char *name,
                     struct slice yaml, struct config **ret_config, struct err *e);

#endif
