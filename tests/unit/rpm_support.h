/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_support.h: what the tests of rpm's databases share: some made packages, in every kind, parsed from one layer. */
#ifndef CAREEN_TESTS_UNIT_RPM_SUPPORT_H
#define CAREEN_TESTS_UNIT_RPM_SUPPORT_H

#include "packages/parse.h"
#include "rpm_writer.h"

#include "make_evidence.h"

static struct arena arena = {.max = (size_t)256 << 20};

static inline int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const char *const folders[] = {"/usr/bin/", "/usr/share/doc/x/", NULL};
static const char *const files[] = {"bash", "README", "sh", NULL};
static const struct rpm_made made[] = {
    {"bash", "5.1.8", "6.el9", "x86_64", "bash-5.1.8-6.el9.src.rpm", "Red Hat, Inc.", NULL, -1, folders, files, 1500},
    {"openssl-libs", "3.0.7", "1.el9", "x86_64", "openssl-3.0.7-1.el9.src.rpm", "Red Hat, Inc.", NULL, 1, NULL, NULL,
     0},
    {"npm", "8.19.2", "1.18.18.2.2", "noarch", "nodejs-18.18.2-2.src.rpm", "V\xe9ndor",
     "nodejs:18:8080020230718:63b34585", 0, NULL, NULL, 40},
    {"gpg-pubkey", "fd431d51", "4ae0493b", NULL, NULL, NULL, NULL, -1, NULL, NULL, 700},
    {"jdk", "1.8", "9", "x86_64", "jdk-1.8-9.nosrc.rpm", "", NULL, -1, NULL, NULL, 5000},
    {"local", "1", "1", "x86_64", NULL, NULL, NULL, -1, NULL, NULL, 300},
    {"odd", "2~rc1", "1^git", "x86_64", "not a source", NULL, "perl", 4294967295, NULL, NULL, 5},
};
#define MADE ARRAY_LEN(made)
enum kind { SQLITE, SQLITE_SMALL, BDB, BDB_BIG, NDB, KINDS };
static const char *const kind_names[KINDS] = {"sqlite", "sqlite of small pages", "bdb", "bdb big-endian", "ndb"};
static const char *const kind_paths[KINDS] = {"var/lib/rpm/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite",
                                              "var/lib/rpm/Packages", "usr/lib/sysimage/rpm/Packages",
                                              "usr/lib/sysimage/rpm/Packages.db"};

static inline struct buf make(enum kind kind, const struct rpm_made *m, size_t n)
{
    struct buf b = BUF_INIT((size_t)64 << 20);
    if (kind == NDB)
        rpm_ndb_make(&b, m, n);
    else if (kind == BDB || kind == BDB_BIG)
        rpm_bdb_make(&b, m, n, kind == BDB ? 4096 : 512, kind == BDB_BIG);
    else
        rpm_sqlite_make(&b, m, n, kind == SQLITE ? 4096 : 512);
    return b;
}

static inline struct layer_packages parse(struct slice evidence)
{
    struct layer_packages layer;
    struct err e = ERR_INIT;
    if (parse_layer(evidence, &arena, &layer, &e))
        fail_msg("%s", e.text);
    if (layer.files.n && slice_eq_str(layer.files.v[layer.files.n - 1].parser, PARSER_OWNED))
        layer.files.n--; /* what packages own is no matter of these tests */
    return layer;
}

static inline void ev_bytes(struct buf *b, const char *path, struct slice bytes)
{
    ev_write(b, EVIDENCE_FILE, path, bytes, bytes.n, false);
}

static inline struct layer_packages parse_one(const char *path, struct slice bytes)
{
    struct buf b = ev_begin();
    ev_bytes(&b, path, bytes);
    ev_end(&b);
    struct layer_packages layer = parse(buf_slice(&b));
    buf_done(&b);
    assert_int_equal(layer.files.n, 1);
    return layer;
}

static inline void expect_reason(const struct layer_packages *layer, const char *text)
{
    assert_int_equal(layer->status, PULL_PARTIAL);
    for (size_t i = 0; i < layer->reasons.texts.n; i++)
        if (slice_find_slice(layer->reasons.texts.v[i], slice_str(text)) >= 0)
            return;
    for (size_t i = 0; i < layer->reasons.texts.n; i++)
        print_error("%.*s\n", SLICE_FMT(layer->reasons.texts.v[i]));
    fail_msg("no reason says \"%s\"", text);
}

#endif
