/* SPDX-License-Identifier: Apache-2.0 */
/* Debian: security-tracker.debian.org, "JSON" at the foot of its front page. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "debian-tracker",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Debian",
     .url = "https://security-tracker.debian.org/tracker/data/json",
     .path = "debian/tracker.json",
     .rhythm_days = 7,
     .parse = format_debian_tracker},
};
const struct feed_publisher publisher_debian = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
