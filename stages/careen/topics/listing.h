/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing.h: what commands that list the records of a topic have in common: the format, and how rows are printed. Rows are
 * for whoever reads them: a table for a person on a terminal, one JSON object a line for a program behind a pipe.
 */
#ifndef CAREEN_CAREEN_TOPICS_LISTING_H
#define CAREEN_CAREEN_TOPICS_LISTING_H

#include "base/terminal/text.h"
#include "careen/command.h"
#include "careen/topics/reader.h"

/* The beginning of the command's own struct. */
struct listing_options {
    const char *format; /* NULL: by what standard output is */
};
extern const char *const listing_formats[];
/* A row of a config_option table. */
#define LISTING_FORMAT_OPTION                                                                                          \
    {                                                                                                                  \
        .name = "format", .kind = CONFIG_STRING, .offset = offsetof(struct listing_options, format),                   \
        .choices = listing_formats, .value = "FORMAT",                                                                 \
        .help =                                                                                                        \
            "table (default on a terminal) or json, one object a line (default elsewhere; docs/formats/fields.md)."    \
    }
bool listing_wants_json(const struct listing_options *o);

struct listing {
    struct reader *reader;
    enum topic topic;
    bool json;
    struct text_table *table; /* NULL: rows are printed as they come */
    reader_fn show;           /* adds a row to the table; JSON does not ask it */
    struct buf out;
};

/* Prints what is in out. */
void listing_flush(struct listing *l);
/* Prints a record of the topic as a line of JSON. */
int listing_json(struct listing *l, const void *record, struct err *e);
/* Ends what was opened: prints the table where rc is 0, and gives the exit status after trouble was told. */
int listing_end(const char *name, struct listing *l, int rc, struct err *e);

struct listing_table {
    const char *name; /* the command's */
    enum topic topic;
    const struct text_column *columns;
    size_t columns_n;
    reader_fn show; /* adds the record's row to the table; its argument is the struct listing */
};
/* A command that lists all that is true now and takes no arguments (args_n must be 0). An exit status. */
int listing_run(const struct listing_table *t, const struct settings *s, const struct listing_options *o,
                size_t args_n);

#endif
