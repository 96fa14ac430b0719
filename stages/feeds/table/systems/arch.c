/* SPDX-License-Identifier: Apache-2.0 */
/* Arch Linux: security.archlinux.org, "JSON" of its list of all issues. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "arch",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Arch Linux",
     .url = "https://security.archlinux.org/issues/all.json",
     .also = {"https://security.archlinux.org/all.json"},
     .path = "arch/all.json",
     .rhythm_days = 45,
     .parse = format_arch},
};
const struct feed_publisher publisher_arch = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
