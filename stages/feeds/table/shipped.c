/* SPDX-License-Identifier: Apache-2.0 */
/* The set that comes with the program (shipped.h). */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "demo", .kind = FEED_ADVISORIES, .ecosystem = "Debian", .shipped = true, .parse = format_osv_json},
};
const struct feed_publisher publisher_shipped = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
