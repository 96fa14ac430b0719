/* SPDX-License-Identifier: Apache-2.0 */
/* Oracle: linux.oracle.com/security, OVAL of all notices. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "oracle",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Oracle Linux",
     .url = "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2",
     .path = "oracle/com.oracle.elsa-all.xml*",
     .rhythm_days = 21,
     .parse = format_oval},
};
const struct feed_publisher publisher_oracle = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
