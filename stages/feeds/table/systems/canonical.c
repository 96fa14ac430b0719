/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical: security-metadata.canonical.com, its OSV and VEX documents. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "ubuntu-osv",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .url = "https://security-metadata.canonical.com/osv/osv-all.tar.xz",
     .also = {FEED_OSV_AT("Ubuntu")},
     .path = "ubuntu/osv-*.tar.*",
     .rhythm_days = 7,
     .parse = format_osv_archive},
    /* The same documents, later. */
    {.name = "osv-ubuntu",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .path = "osv/Ubuntu/all.zip",
     .parse = format_osv_archive},
    {.name = "ubuntu-vex",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Ubuntu",
     .url = "https://security-metadata.canonical.com/vex/vex-all.tar.xz",
     .path = "ubuntu/vex-*.tar.*",
     .rhythm_days = 7,
     .parse = format_ubuntu_vex},
};
const struct feed_publisher publisher_canonical = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
