/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_config: any bytes as the YAML file. What loads can be dumped, and the dump loads again. */
#include "base/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
    const char *host;
    int64_t n;
    struct config_strings tags;
};
struct settings {
    const char *bus;
    int64_t window, cache;
    bool quiet;
    struct config_strings registry;
    struct config_pairs kafka;
    struct config_items items;
};
static const struct config_option item_options[] = {
    {.name = "host", .kind = CONFIG_STRING, .offset = offsetof(struct item, host)},
    {.name = "n", .kind = CONFIG_INT, .offset = offsetof(struct item, n), .fallback = "1"},
    {.name = "tags", .kind = CONFIG_STRINGS, .offset = offsetof(struct item, tags)},
};
static const struct config_option options[] = {
    {.name = "bus", .kind = CONFIG_STRING, .offset = offsetof(struct settings, bus)},
    {.name = "match.window", .kind = CONFIG_DURATION, .offset = offsetof(struct settings, window), .fallback = "1d"},
    {.name = "cache", .kind = CONFIG_SIZE, .offset = offsetof(struct settings, cache)},
    {.name = "quiet", .kind = CONFIG_BOOL, .offset = offsetof(struct settings, quiet)},
    {.name = "registry", .kind = CONFIG_STRINGS, .offset = offsetof(struct settings, registry)},
    {.name = "kafka", .kind = CONFIG_PAIRS, .offset = offsetof(struct settings, kafka)},
    {.name = "items",
     .kind = CONFIG_ITEMS,
     .offset = offsetof(struct settings, items),
     .items = item_options,
     .items_n = ARRAY_LEN(item_options),
     .items_size = sizeof(struct item)},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s;
    const struct config_set set = {"Options", options, ARRAY_LEN(options), &s, sizeof s, NULL};
    struct config *c = NULL, *again = NULL;
    struct err e = ERR_INIT;
    if (config_load_text(&set, 1, NULL, "x.yaml", slice_of(data, size), &c, &e)) {
        if (e.kind != ERR_USAGE)
            BUG("not a usage error: %s", e.text);
        return 0;
    }
    struct buf out = BUF_INIT((size_t)16 << 20);
    config_dump(c, &out);
    if (out.n < ((size_t)1 << 19) && config_load_text(&set, 1, NULL, "dump.yaml", buf_slice(&out), &again, &e))
        BUG("the dump does not load: %s", e.text);
    config_free(again);
    config_free(c);
    buf_done(&out);
    return 0;
}
