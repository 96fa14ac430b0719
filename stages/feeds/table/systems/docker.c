/* SPDX-License-Identifier: Apache-2.0 */
/* Docker Hardened Images: github.com/docker-hardened-images/advisories. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "osv-dhi",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Docker Hardened Images",
     .url = "https://codeload.github.com/docker-hardened-images/advisories/tar.gz/refs/heads/main",
     .also = {FEED_OSV_AT("Docker%20Hardened%20Images")},
     .path = "osv/Docker Hardened Images/all.zip",
     .rhythm_days = 14,
     .parse = format_osv_archive},
};
const struct feed_publisher publisher_docker = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
