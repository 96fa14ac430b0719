/* SPDX-License-Identifier: Apache-2.0 */
/* Anolis OS: the listing of its OVAL folder, {"data": {"data": [{"name": "anolis-23.oval.xml", …}]}}. */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static int read_listing(struct feed_reading *r, struct err *e)
{
    return index_strings(r, "name", e);
}

static const struct feed feeds[] = {
    FEED_INDEX_ROW("anolis-index", "https://anas.openanolis.cn/api/data/OVAL/?format=json", NULL, read_listing),
};
static const struct feed_family families[] = {
    {.like = {.name = "anolis-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Anolis OS",
              .whose = "Anolis OS:$1",
              .url = "https://anas.openanolis.cn/api/data/OVAL/anolis-$1.oval.xml",
              .path = "anolis/anolis-$1.oval.xml*",
              .rhythm_days = 60,
              .parse = format_oval},
     .index = {"anolis-index"},
     .shape = "#",
     .entry = "anolis-@.oval.xml",
     .known = FEED_NAMES("8", "23")},
};
const struct feed_publisher publisher_anolis = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
    .families = families,
    .families_n = ARRAY_LEN(families),
};
