/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as each kind of index and as each list of documents: what it names must be what a family can have. */
#include "feeds/table/families.h"
#include "fuzz_feed.h"

static int fuzz_named(void *arg, struct slice name, struct err *e)
{
    const struct feed *index = arg;
    (void)e;
    ASSERT(name.n && name.n <= FEED_KEY_MAX && slice_is_text(name));
    if (index->kind == FEED_LIST)
        ASSERT(name.p[0] != '/' && slice_find_slice(name, SLICE("..")) < 0);
    else
        ASSERT(feed_by_name(name) && feed_by_name(name)->family);
    return 0;
}

static void fuzz_one(const char *name, const uint8_t *data, size_t size)
{
    const struct feed *f = feed_by_name(slice_str(name));
    struct slice left = slice_of(data, size);
    struct arena arena = ARENA_INIT((size_t)32 << 20);
    struct feed_stats stats = {0};
    struct feed_sink sink = {.arg = (void *)(uintptr_t)f, .named = fuzz_named};
    struct err e = ERR_INIT;
    int rc = feed_parse(f, (struct byte_source){.read = fuzz_read, .arg = &left}, &sink, &arena, &stats, &e);
    ASSERT(rc == 0 ? stats.names > 0 : e.kind == ERR_POISON && e.text[0]);
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"alpine-index",   "opensuse-index", "photon-index",        "anolis-index",
                                        "amazon-2-index", "fedora-index",   "openeuler-csaf-list", "windows-msrc-list"};
    if (size)
        fuzz_one(names[data[0] % ARRAY_LEN(names)], data + 1, size - 1);
    return 0;
}
