/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft: the repository of the Azure Linux data and the older one of CBL-Mariner;
 * api.msrc.microsoft.com/cvrf/v3.0 of Windows.
 */
#include "base/clock.h"
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define MARINER_AT "https://raw.githubusercontent.com/microsoft/CBL-MarinerVulnerabilityData/main/"
#define AZURE_OVAL(number, file, second, days)                                                                         \
    {                                                                                                                  \
        .name = "azurelinux-" number, .kind = FEED_ADVISORIES, .ecosystem = "Azure Linux:" number,                     \
        .url = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/" file "-oval.xml",       \
        .also = {second}, .path = "azurelinux/" file "-oval.xml*", .rhythm_days = days, .parse = format_oval           \
    }

/* {"value": [{"ID": "2024-Jan", "CurrentReleaseDate": "2024-02-13T08:00:00Z", …}]} */
static int read_months(struct feed_reading *r, struct err *e)
{
    json_t *json;
    if (index_json(r, &json, e))
        return -1;
    const json_t *list = json_object_get(json, "value");
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list) && !rc; i++) {
        const json_t *one = json_array_get(list, i);
        struct slice id = json_tree_view(one, "ID"), date = json_tree_view(one, "CurrentReleaseDate");
        int64_t at = 0;
        reading_document(r);
        if (!index_is_document_path(id) || slice_find(id, '/') >= 0 || id.n > 32) {
            rc = reading_skip(r, reading_cut(id, 64), "not the id of a month", e);
            continue;
        }
        clock_parse(date, &at);
        rc = reading_name(r, arena_printf(r->arena, "%.*s %" PRId64, SLICE_FMT(id), at), e);
    }
    json_decref(json);
    return rc;
}

static const struct feed feeds[] = {
    AZURE_OVAL("3", "azurelinux-3.0", NULL, 14),
    AZURE_OVAL("2", "cbl-mariner-2.0", MARINER_AT "cbl-mariner-2.0-oval.xml", 0),
    AZURE_OVAL("1", "cbl-mariner-1.0", MARINER_AT "cbl-mariner-1.0-oval.xml", 0),
    {.name = "windows-msrc",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://api.msrc.microsoft.com/cvrf/v3.0/cvrf/",
     .list = "windows-msrc-list",
     .path = "windows/msrc-cvrf*.tar*",
     .rhythm_days = 45,
     .parse = format_msrc_cvrf},
    {.name = "windows-msrc-list",
     .kind = FEED_LIST,
     .url = "https://api.msrc.microsoft.com/cvrf/v3.0/updates",
     .parse = read_months},
};
const struct feed_publisher publisher_microsoft = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
