/* SPDX-License-Identifier: Apache-2.0 */
/* Chainguard, which makes Wolfi as well: github.com/chainguard-dev/vulnerability-scanner-support. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define SECDB_ROLLING(lower, upper, address)                                                                           \
    {                                                                                                                  \
        .name = lower, .kind = FEED_ADVISORIES, .ecosystem = upper, .url = address, .path = lower "/security.json",    \
        .rhythm_days = 14, .parse = format_secdb                                                                       \
    }

static const struct feed feeds[] = {
    {.name = "osv-chainguard",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Chainguard",
     .url = "https://advisories.cgr.dev/chainguard/v3/osv/chainguard-osv.tar.gz",
     .also = {"https://packages.cgr.dev/chainguard/v3/osv/chainguard-osv.tar.gz", FEED_OSV_AT("Chainguard")},
     .path = "osv/Chainguard/all.zip",
     .rhythm_days = 14,
     .parse = format_osv_archive},
    SECDB_ROLLING("wolfi", "Wolfi", "https://packages.wolfi.dev/os/security.json"),
    SECDB_ROLLING("chainguard", "Chainguard", "https://packages.cgr.dev/chainguard/security.json"),
};
const struct feed_publisher publisher_chainguard = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
