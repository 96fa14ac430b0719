/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_words.h: what tables for people say alike: the words of a verdict, what stands around the findings, and how
 * they are counted (docs/formats/scan.md). Pure, any thread.
 */
#ifndef CAREEN_REPORTS_REPORT_WORDS_H
#define CAREEN_REPORTS_REPORT_WORDS_H

#include "base/terminal/text.h"
#include "reports/assessed_image.h"

/* "1.2-3", "1.2-3 (subscription)", "(none yet)", "(will not be fixed)" …; of f, static or in the arena. */
struct slice report_fixed(const struct finding *f, struct arena *arena);
enum text_style report_fixed_style(const struct finding *f);
enum text_style report_severity_style(enum severity s);

/* "malicious" or "notice" of what is no ordinary vulnerability, else its severity. */
struct slice report_weight(const struct finding *f);
enum text_style report_weight_style(const struct finding *f);
/* A package's name as its ecosystem joins it with what it is unique within: "@angular/core", "org.slf4j:slf4j-api". */
struct slice report_package(enum package_type type, struct slice ns, struct slice name, struct arena *arena);

void report_system(const struct assessed_image *a, struct buf *out); /* the name alone, without an end of line */
/* The notes: what a person should know although nothing is missing. */
void report_notes(const struct assessed_image *a, const struct text_terminal *t, struct buf *out);
/* Why not all, or nothing, was assessed. */
void report_reasons(const struct assessed_image *a, const struct text_terminal *t, struct buf *out);
void report_summary(const struct assessed_image *a, const struct text_terminal *t, struct buf *out);
/* What was seen and is not judged; writes nothing when there is none. */
void report_unread(const struct assessed_image *a, const struct text_terminal *t, struct buf *out);

#endif
