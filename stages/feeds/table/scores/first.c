/* SPDX-License-Identifier: Apache-2.0 */
/* FIRST: first.org/epss/data_stats, the current day. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "epss",
     .kind = FEED_EXPLOITS,
     .url = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
     .path = "epss/epss_scores-*.csv.gz",
     .rhythm_days = 7,
     .parse = format_epss},
};
const struct feed_publisher publisher_first = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
