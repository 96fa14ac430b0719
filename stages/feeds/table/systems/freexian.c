/* SPDX-License-Identifier: Apache-2.0 */
/* Freexian, which supports Debian's old releases: deb.freexian.com/extended-lts has the same tracker. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "debian-elts-tracker",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian:ELTS",
     .url = "https://deb.freexian.com/extended-lts/tracker/data/json",
     .path = "debian/elts-tracker.json",
     .rhythm_days = 14,
     .parse = format_debian_tracker},
    {.name = "debian-elts",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian:ELTS",
     .path = "debian/elts-osv-*.tar.zst",
     .parse = format_osv_archive},
};
const struct feed_publisher publisher_freexian = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
