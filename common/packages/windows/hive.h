/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hive.h: a reader of Windows registry hives over bytes in memory, made for strangers' ones: every offset is checked,
 * and all walks through one hive share a budget of steps, so that loops and shared lists end. Nothing is allocated.
 *
 * The format is Microsoft's and not published; it is described in "Windows registry file format specification" by
 * M. Suhanov, whose words are used here: a base block of 4096 bytes ("regf"), then cells, each a signed size and
 * content, whose offsets count from the end of the base block. Keys ("nk") have lists of subkeys (lf, lh, li, ri) and
 * of values ("vk"). What a delta hive marks as deleted (tombstones) counts as absent. Transaction logs are not read:
 * what was written last to a hive that was not closed cleanly may be missing.
 *
 * What is broken is skipped; `broken` counts that and `trouble` says what the first of it was.
 */
#ifndef CAREEN_PACKAGES_WINDOWS_HIVE_H
#define CAREEN_PACKAGES_WINDOWS_HIVE_H

#include "base/err.h"
#include "base/slice.h"

#define HIVE_NONE     UINT32_MAX
#define HIVE_NAME_MAX 1024 /* bytes of a name as UTF-8; longer ones are broken */

struct hive {
    struct slice cells; /* behind the base block */
    uint32_t root;
    uint64_t steps; /* left */
    size_t broken;
    const char *trouble; /* static */
};

/* ERR_POISON: not a hive. A cut one opens; what lies behind the cut is broken. */
int hive_open(struct slice bytes, struct hive *ret_hive, struct err *e);
/* The subkey of that name (ASCII case does not count), HIVE_NONE without one. */
uint32_t hive_child(struct hive *h, uint32_t key, struct slice name);
/* The key at a path such as "Microsoft\\Windows NT\\CurrentVersion" below key. */
uint32_t hive_path(struct hive *h, uint32_t key, struct slice path);
/* Calls visit for each subkey with its name as UTF-8 (valid during the call); false from it ends the walk. */
void hive_each(struct hive *h, uint32_t key, bool (*visit)(void *arg, struct hive *h, uint32_t key, struct slice name),
               void *arg);

enum { HIVE_SZ = 1, HIVE_EXPAND_SZ = 2, HIVE_DWORD = 4 };
/* The data of a value (of at most 16344 bytes), a slice of the hive. False when there is none. */
bool hive_value(struct hive *h, uint32_t key, const char *name, uint32_t *ret_type, struct slice *ret_data);
/* A text value as UTF-8 without its end, into to[max]: false when absent, of another type, or too long. */
bool hive_text(struct hive *h, uint32_t key, const char *name, char *to, size_t max, struct slice *ret_text);
bool hive_number(struct hive *h, uint32_t key, const char *name, uint32_t *ret_n);

#endif
