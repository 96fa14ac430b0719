/* SPDX-License-Identifier: Apache-2.0 */
/* version_order.h: what the tests of version orders share: files of vectors, and whether an order is one. */
#ifndef CAREEN_TESTS_UNIT_VERSION_ORDER_H
#define CAREEN_TESTS_UNIT_VERSION_ORDER_H

#include "model/version/version.h"

#include <setjmp.h>
#include <cmocka.h>

/* Holds a version against another both ways. */
static inline void expect_order(const char *file, enum version_kind k, struct slice a, struct slice op, struct slice b)
{
    struct err e = ERR_INIT;
    assert_true(slice_eq_str(op, "<") || slice_eq_str(op, "=") || slice_eq_str(op, ">"));
    int want = op.p[0] == '<' ? -1 : op.p[0] == '>', cmp = 7, back = 7;
    if (version_compare(k, a, b, &cmp, &e) || version_compare(k, b, a, &back, &e))
        fail_msg("%s: %s", file, e.text);
    if (cmp != want || back != -want)
        fail_msg("%s: %.*s %.*s %.*s gave %d and %d back", file, SLICE_FMT(a), SLICE_FMT(op), SLICE_FMT(b), cmp, back);
}

/* Reads "a op b", "! v" and "ok v" lines of a file in tests/data/version; counts them. */
static inline int run_vectors(const char *file, enum version_kind k)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf(TEST_DATA "/version/%s", file);
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "r");
    assert_non_null(f);
    char text[512];
    int lines = 0;
    while (fgets(text, sizeof text, f)) {
        struct slice line = slice_trim(slice_str(text)), a, op;
        struct err e = ERR_INIT;
        if (!line.n || line.p[0] == '#')
            continue;
        lines++;
        if (slice_take_prefix(&line, SLICE("! "))) {
            if (version_valid(k, line, &e))
                fail_msg("%s: %.*s must not be a version", file, SLICE_FMT(line));
            assert_int_equal(e.kind, ERR_POISON);
            assert_true(slice_find_slice(slice_str(e.text), line) >= 0);
        } else if (slice_take_prefix(&line, SLICE("ok "))) {
            if (!version_valid(k, line, &e))
                fail_msg("%s: %s", file, e.text);
        } else {
            assert_true(slice_take_token(&line, ' ', &a) && slice_take_token(&line, ' ', &op));
            expect_order(file, k, a, op, line);
        }
    }
    return lines;
}

static uint32_t seed;

static inline uint32_t draw(size_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % (uint32_t)below;
}

static inline void add(char *to, size_t max, const char *s)
{
    size_t n = strlen(to);
    snprintf(to + n, max - n, "%s", s);
}

#define MANY      60
#define TEXT_ROOM 96

static inline int order(enum version_kind k, const char *a, const char *b)
{
    struct err e = ERR_INIT;
    int cmp = 7;
    if (version_compare(k, slice_str(a), slice_str(b), &cmp, &e))
        fail_msg("%s", e.text);
    return cmp;
}

/* Whether versions are ordered: each is equal to itself, antisymmetric, transitive. */
static inline void check_order(enum version_kind k, char v[MANY][TEXT_ROOM])
{
    int c[MANY][MANY];
    for (int i = 0; i < MANY; i++)
        for (int j = 0; j < MANY; j++)
            c[i][j] = order(k, v[i], v[j]);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(c[i][i], 0);
        for (int j = 0; j < MANY; j++) {
            if (c[i][j] != -c[j][i])
                fail_msg("%s and %s: %d and %d", v[i], v[j], c[i][j], c[j][i]);
            for (int l = 0; l < MANY; l++)
                if (c[i][j] <= 0 && c[j][l] <= 0 && (c[i][l] > 0 || (c[i][l] == 0 && (c[i][j] || c[j][l]))))
                    fail_msg("%s: %s <= %s <= %s, but first against last is %d", version_kind_name(k), v[i], v[j], v[l],
                             c[i][l]);
        }
    }
}

#endif
