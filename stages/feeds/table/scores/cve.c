/* SPDX-License-Identifier: Apache-2.0 */
/* The CVE list: its repository as a tar, with what CISA adds to its records (Vulnrichment). */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    /* Scores of vulnerabilities; those of NVD are a family. */
    {.name = "cve-list",
     .kind = FEED_EXPLOITS,
     .url = "https://codeload.github.com/CVEProject/cvelistV5/tar.gz/refs/heads/main",
     .path = "cve/cvelistV5*.tar*",
     .rhythm_days = 7,
     .parse = format_cve},
};
const struct feed_publisher publisher_cve = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
