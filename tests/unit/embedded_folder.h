/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedded_folder.h: folders for tests of the embedded bus, and a check of what is in one: reads the tables by the
 * layout that docs/formats/embedded-bus.md gives, without the bus's own code, while no bus of this process is open on
 * it.
 */
#ifndef CAREEN_TESTS_UNIT_EMBEDDED_FOLDER_H
#define CAREEN_TESTS_UNIT_EMBEDDED_FOLDER_H

#include <ftw.h>

#include "base/hash.h"
#include "io/store/store.h"

static char *folders[64];
static size_t folders_n;

static int folder_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void folder_remove(const char *dir)
{
    nftw(dir, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Lives until folders_teardown. */
static const char *folder_new(void)
{
    const char *base = getenv("TMPDIR");
    assert_true(folders_n < ARRAY_LEN(folders));
    char *dir = xasprintf("%s/careen-embedded-XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
    return folders[folders_n++] = dir;
}

static int folders_teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < folders_n; i++) {
        folder_remove(folders[i]);
        free(folders[i]);
    }
    return 0;
}

static const char *folder_fresh_url(void *arg)
{
    static char url[512];
    (void)arg;
    snprintf(url, sizeof url, "embedded:%s/bus", folder_new());
    return url;
}

static const char *folder_of(const char *url)
{
    return url + strlen("embedded:");
}

static struct store *folder_store(const char *dir)
{
    struct err e = ERR_INIT;
    struct store *s = NULL;
    char *log = xasprintf("%s/log", dir);
    if (store_open(log, &(struct store_options){.tables = 8, .shared = true}, &s, &e))
        fail_msg("%s", e.text);
    free(log);
    return s;
}

struct folder {
    struct store *store;
    struct store_txn *txn;
    store_table meta, log, index, ends, graves;
    bool compacted[64]; /* by topic number */
    size_t records, indexed, tombstones;
};

static uint64_t folder_u64(struct folder *f, store_table table, struct slice key)
{
    struct err e = ERR_INIT;
    struct slice value = SLICE_NONE;
    assert_int_equal(store_get(f->txn, table, key, &value, &e), 1);
    assert_int_equal(value.n, 8);
    return key_get_u64(value.p);
}

static void folder_open(struct folder *f, const char *dir)
{
    struct err e = ERR_INIT;
    *f = (struct folder){.store = folder_store(dir)};
    const struct {
        const char *name;
        store_table *table;
    } tables[] = {
        {"meta", &f->meta}, {"log", &f->log}, {"index", &f->index}, {"ends", &f->ends}, {"graves", &f->graves}};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        assert_int_equal(store_table_open(f->store, tables[i].name, tables[i].table, &e), 0);
    assert_int_equal(store_begin(f->store, false, &f->txn, &e), 0);
}

static void folder_check_compacted(struct folder *f, struct slice key, struct slice value, size_t key_n)
{
    struct err e = ERR_INIT;
    uint8_t index_key[22];
    struct hash128 hash = hash128(slice_of(value.p + 21, key_n));
    memcpy(index_key, key.p, 6);
    memcpy(index_key + 6, hash.b, 16);
    assert_int_equal(folder_u64(f, f->index, slice_of(index_key, sizeof index_key)), key_get_u64(key.p + 6));
    f->indexed++;
    if (value.p[16] & 1) {
        uint8_t grave[22];
        struct slice buried = SLICE_NONE;
        memcpy(grave, value.p, 8);
        memcpy(grave + 8, key.p, 14);
        assert_int_equal(store_get(f->txn, f->graves, slice_of(grave, sizeof grave), &buried, &e), 1);
        assert_true(slice_eq(buried, hash128_slice(&hash)));
        f->tombstones++;
    }
}

/* Every record is whole and before its partition's end, and those of compacted topics are one with index and graves. */
static ATTR_UNUSED struct folder folder_check(const char *dir)
{
    struct err e = ERR_INIT;
    struct folder f;
    struct store_iter it;
    struct slice key, value;
    uint64_t n;
    int r;
    folder_open(&f, dir);
    store_iter_init(&it, f.txn, f.meta, SLICE("topic/"), SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, &e)) == 1) {
        assert_int_equal(value.n, 7);
        f.compacted[value.p[1]] = value.p[6];
    }
    store_iter_done(&it);
    assert_int_equal(r, 0);
    store_iter_init(&it, f.txn, f.log, SLICE(""), SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, &e)) == 1) {
        assert_int_equal(key.n, 14);
        assert_true(value.n >= 21);
        size_t key_n = key_get_u32(value.p + 17);
        assert_true(key_n <= value.n - 21);
        assert_true(key_get_u64(key.p + 6) < folder_u64(&f, f.ends, slice_of(key.p, 6)));
        f.records++;
        if (f.compacted[key.p[1]])
            folder_check_compacted(&f, key, value, key_n);
    }
    store_iter_done(&it);
    assert_int_equal(r, 0);
    assert_int_equal(store_count(f.txn, f.index, &n, &e), 0);
    assert_int_equal(n, f.indexed);
    assert_int_equal(store_count(f.txn, f.graves, &n, &e), 0);
    assert_int_equal(n, f.tombstones);
    store_abort(f.txn);
    store_close(f.store);
    return f;
}

#endif
