/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_format.h: the table of forms in which an assessed image is told. --format of scan, packages and findings,
 * their help, completion and errors, and ?format= and Accept of the API all come from it. A new form is one file here
 * with a struct report_format and one line in REPORT_FORMATS; docs/formats/ has what it prints.
 *
 * A writer streams rows into the report_out and may be given any assessed image that has what its subject says. It
 * decides nothing: what counts, and how much is known, stands in the assessed image. Pure, any thread.
 */
#ifndef CAREEN_REPORTS_REPORT_FORMAT_H
#define CAREEN_REPORTS_REPORT_FORMAT_H

#include "base/config/config.h"
#include "reports/assessed_image.h"
#include "reports/report_out.h"

/* X(name): the format is report_format_<name>. In this order they are told. */
#define REPORT_FORMATS(X)                                                                                              \
    X(table)                                                                                                           \
    X(json)                                                                                                            \
    X(csv)                                                                                                             \
    X(cyclonedx)

/* What is reported of an image, and so must be in the struct. */
enum report_subject {
    REPORT_PACKAGES, /* what is installed: the inventory with its packages */
    REPORT_SCAN,     /* what a scan found: all of it */
    REPORT_FINDINGS, /* what is known to be found: all but feeds, gate and packages */
    REPORT_SUBJECT_MAX
};

struct report_format {
    const char *name; /* as --format and ?format= have it */
    const char *media_type;
    const char *extension; /* of a file with it, without a dot */
    const char *help;      /* behind the name: "for people" */
    /*
     * It has rows only, and no place for what holds for the whole image: status, reasons, notes. Whoever prints it says
     * elsewhere when not everything was assessed, since no rows would be read as no vulnerabilities.
     */
    bool rows_only;
    /* NULL: it does not tell of that. ERR_PARTIAL when it does not fit; else report_out's errors. */
    int (*write[REPORT_SUBJECT_MAX])(const struct assessed_image *a, struct report_out *out, struct err *e);
};

/* All there are, ends with NULL. */
extern const struct report_format *const report_formats[];

/* NULL: there is none of that name that tells of the subject. */
const struct report_format *report_format_by_name(enum report_subject subject, struct slice name);
/*
 * The one that a client which sends this Accept header (RFC 9110) likes best, the earlier in the header of two that it
 * likes as much; JSON where it takes anything or the header is absent. NULL: none that it takes.
 */
const struct report_format *report_format_accepted(enum report_subject subject, struct slice accept);
/* "table, json or csv" */
void report_format_names(enum report_subject subject, struct buf *out);

/* Of --format, for a config_option's choices_of; which: enum report_subject. */
void report_format_choices(int which, struct config_choices *ret);
/* A row of a config_option table. */
#define REPORT_FORMAT_OPTION(member_offset, subject)                                                                   \
    {                                                                                                                  \
        .name = "format", .kind = CONFIG_STRING, .offset = (member_offset), .fallback = "table", .value = "FORMAT",    \
        .choices_of = report_format_choices, .which = (subject), .help = "How it is told:"                             \
    }

/* The whole report, to the end of out. */
int report_write(const struct report_format *f, enum report_subject subject, const struct assessed_image *a,
                 struct report_out *out, struct err *e);

#endif
