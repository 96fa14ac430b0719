/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h: what a command prints, on standard output or into a file of --output, which appears once it is whole. Both
 * functions give an exit status; trouble is told on standard error.
 */
#ifndef CAREEN_CAREEN_OUTPUT_H
#define CAREEN_CAREEN_OUTPUT_H

#include "reports/report_format.h"

/* name: the command's. path NULL: standard output. */
int output_text(const char *name, const char *path, struct slice text);
/*
 * A report in the format of that name, which the command's options allowed. Where the format has rows only, standard
 * error says that not everything, or nothing, was assessed.
 */
int output_report(const char *name, const char *path, const char *format, enum report_subject subject,
                  const struct assessed_image *a);

#endif
