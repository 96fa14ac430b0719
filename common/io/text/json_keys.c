/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_keys.c: which keys the open objects have had. Most objects have few, which are compared one by one; the hashes
 * of larger ones are in a table as well, which all levels share. A level's hashes are the last ones when it is left, so
 * they leave the table in the reverse of the order in which they came, and linear probing needs no marks for them.
 */
#include "io/text/json_internal.h"

#include "base/hash.h"

#define FEW 16

void json_keys_enter(struct json_keys *k, int level)
{
    k->from[level] = k->n;
    k->tabled[level] = false;
}

static void table_put(struct json_keys *k, size_t at)
{
    size_t slot = k->hashes[at] & (k->table_size - 1);
    while (k->table[slot])
        slot = (slot + 1) & (k->table_size - 1);
    k->table[slot] = (uint32_t)at + 1;
}

static bool table_has(const struct json_keys *k, uint64_t hash, size_t from)
{
    size_t slot = hash & (k->table_size - 1);
    for (; k->table[slot]; slot = (slot + 1) & (k->table_size - 1))
        if (k->table[slot] > from && k->hashes[k->table[slot] - 1] == hash)
            return true;
    return false;
}

static void table_drop(struct json_keys *k, size_t at)
{
    size_t slot = k->hashes[at] & (k->table_size - 1);
    while (k->table[slot] != (uint32_t)at + 1)
        slot = (slot + 1) & (k->table_size - 1);
    k->table[slot] = 0;
}

/* Twice as large as the hashes that there is room for, so that it is never more than half full. */
static void table_fit(struct json_keys *k, int level)
{
    if (k->table_size >= 2 * k->cap)
        return;
    free(k->table);
    k->table_size = 2 * k->cap;
    k->table = xcalloc(k->table_size, sizeof *k->table);
    for (int i = 0; i < level; i++)
        for (size_t at = k->from[i]; k->tabled[i] && at < k->from[i + 1]; at++)
            table_put(k, at);
    for (size_t at = k->from[level]; k->tabled[level] && at < k->n; at++)
        table_put(k, at);
}

void json_keys_leave(struct json_keys *k, int level)
{
    if (k->tabled[level])
        for (size_t at = k->n; at-- > k->from[level];)
            table_drop(k, at);
    k->n = k->from[level];
}

const char *json_keys_add(struct json_keys *k, int level, struct slice key)
{
    static const char twice[] = "a key stands twice in one object";
    uint64_t hash = hash64(key);
    if (k->tabled[level]) {
        if (table_has(k, hash, k->from[level]))
            return twice;
    } else {
        for (size_t i = k->from[level]; i < k->n; i++)
            if (k->hashes[i] == hash)
                return twice;
    }
    if (k->n == JSON_KEYS_MAX)
        return "its objects have too many keys";
    if (k->n == k->cap) {
        k->cap = k->cap ? 2 * k->cap : 128;
        k->hashes = xrealloc(k->hashes, k->cap * sizeof *k->hashes);
        if (k->table)
            table_fit(k, level);
    }
    k->hashes[k->n++] = hash;
    if (k->tabled[level]) {
        table_put(k, k->n - 1);
    } else if (k->n - k->from[level] > FEW) {
        table_fit(k, level);
        k->tabled[level] = true;
        for (size_t at = k->from[level]; at < k->n; at++)
            table_put(k, at);
    }
    return NULL;
}

void json_keys_done(struct json_keys *k)
{
    free(k->hashes);
    free(k->table);
    *k = (struct json_keys){0};
}
