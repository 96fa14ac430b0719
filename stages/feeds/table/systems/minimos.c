/* SPDX-License-Identifier: Apache-2.0 */
/* MinimOS: packages.mini.dev, in the form of Alpine's secdb. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define SECDB_ROLLING(lower, upper, address)                                                                           \
    {                                                                                                                  \
        .name = lower, .kind = FEED_ADVISORIES, .ecosystem = upper, .url = address, .path = lower "/security.json",    \
        .rhythm_days = 14, .parse = format_secdb                                                                       \
    }

static const struct feed feeds[] = {
    SECDB_ROLLING("minimos", "MinimOS", "https://packages.mini.dev/advisories/secdb/security.json"),
};
const struct feed_publisher publisher_minimos = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
