/* SPDX-License-Identifier: Apache-2.0 */
/* Echo: ossf.github.io/osv-schema, the table of databases. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "osv-echo",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Echo",
     .url = "https://advisory.echohq.com/osv/all.zip",
     .also = {FEED_OSV_AT("Echo")},
     .path = "osv/Echo/all.zip",
     .rhythm_days = 14,
     .parse = format_osv_archive},
};
const struct feed_publisher publisher_echo = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
