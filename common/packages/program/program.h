/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h: programs and libraries that no package manager told of, known by what their own files say: a file's name and
 * a text in it that holds the version. program_table.c has a row for each, program_scan.c looks for the texts while the
 * file streams by, program.c makes evidence of what it found, parse_program.c packages.
 *
 * Constant tables, any thread; a scan belongs to one.
 */
#ifndef CAREEN_PACKAGES_PROGRAM_PROGRAM_H
#define CAREEN_PACKAGES_PROGRAM_PROGRAM_H

#include "base/slice.h"

/* In a pattern, where the version stands. */
#define PROGRAM_VERSION        "\1"
#define PROGRAM_VERSION_MAX    64
#define PROGRAM_PATTERNS_MAX   3
#define PROGRAM_TEXT_MAX       128 /* bytes of a pattern or another text */
#define PROGRAM_CANDIDATES_MAX 8   /* rows that one file's name fits */

/* How a version in a text goes on behind its first digit. */
enum program_form {
    FORM_NUMBERS, /* digits and dots, and at least one dot: 1.24.0 */
    FORM_LETTER,  /* the same, then at most one small letter: 1.1.1w */
    FORM_PATCH,   /* the same, then "p" and a number: 9.6p1 */
    FORM_RUBY,    /* the same; before 2.1 with the patch level behind as a number: 1.9.3p551 is 1.9.3.551 */
    FORM_WORD     /* the same, then letters, digits, dots, "+", "-", "_": 3.12.0rc1 */
};

struct program {
    const char *product; /* the package's name: Bitnami's where that has one */
    const char *names;   /* of its files, with blanks between; a star is any text, none too */
    /*
     * Texts with a PROGRAM_VERSION in each, at least two bytes beside it or NULs that frame it. The first of which the
     * file has one counts; .p is NULL behind the last.
     */
    struct slice patterns[PROGRAM_PATTERNS_MAX + 1];
    struct slice also, never; /* texts that the file must have, or must not have; absent: none */
    enum program_form form;
    bool named;   /* the version begins as the number in the file's name does: python3.11 */
    bool bitnami; /* Bitnami's advisories speak of the product by this name */
};

extern const struct program programs[];
extern const size_t programs_n;

/* Whether a file's name is one that the row names. */
bool program_may_be(const struct program *row, struct slice name);
/* NULL: no row has that product. */
const struct program *program_by_product(struct slice product);

#endif
