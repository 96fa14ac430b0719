/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat: access.redhat.com/security/data, its VEX documents. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "redhat-vex",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Red Hat",
     .url = "https://security.access.redhat.com/data/csaf/v2/vex-feed/archive_latest.txt",
     .also = {"https://security.access.redhat.com/data/csaf/v2/vex/archive_latest.txt"}, /* until it is taken away */
     .url_names_it = true,
     .path = "redhat/csaf_vex*.tar.zst",
     .rhythm_days = 7,
     .parse = format_csaf_vex},
};
const struct feed_publisher publisher_redhat = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
