/* SPDX-License-Identifier: Apache-2.0 */
/* CISA: the page of its catalogue, JSON, and github.com/cisagov/kev-data; github.com/cisagov/vulnrichment. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "kev",
     .kind = FEED_EXPLOITS,
     .url = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
     .path = "kev/known_exploited_vulnerabilities.json",
     .also = {"https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json"},
     .rhythm_days = 21,
     .parse = format_kev},
    /* CISA's part of the same records, for who has only it: a folder's, since the list holds it. */
    {.name = "vulnrichment", .kind = FEED_EXPLOITS, .path = "cve/vulnrichment*.tar*", .parse = format_cve},
    {.name = "vulnrichment-lines",
     .kind = FEED_EXPLOITS,
     .path = "nvd/vulnrichment-*.ndjson*",
     .parse = format_cve_lines},
};
const struct feed_publisher publisher_cisa = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
