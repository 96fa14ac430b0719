/* SPDX-License-Identifier: Apache-2.0 */
/* Nuclei: the index file in the repository of its templates. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "nuclei",
     .kind = FEED_EXPLOITS,
     .url = "https://raw.githubusercontent.com/projectdiscovery/nuclei-templates/main/cves.json",
     .also = {"https://cdn.jsdelivr.net/gh/projectdiscovery/nuclei-templates@main/cves.json"},
     .path = "exploit/nuclei-cves.json*",
     .rhythm_days = 21,
     .parse = format_nuclei},
};
const struct feed_publisher publisher_nuclei = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
