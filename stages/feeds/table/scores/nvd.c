/* SPDX-License-Identifier: Apache-2.0 */
/* NVD: nvd.nist.gov/vuln/data-feeds, its page of JSON 2.0 files, one a year. */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "nvd-table", .kind = FEED_EXPLOITS, .path = "nvd/nvd-cvss-*.tsv*", .parse = format_nvd_table},
    FEED_INDEX_ROW("nvd-index", "https://nvd.nist.gov/vuln/data-feeds", NULL, index_links),
};
static const struct feed_family families[] = {
    {.like = {.name = "nvd-$1",
              .kind = FEED_EXPLOITS,
              .url = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-$1.json.gz",
              .path = "nvd/nvdcve-2.0-$1.json*",
              .parse = format_nvd},
     .index = {"nvd-index"},
     .shape = "200#|20#",
     .entry = "nvdcve-2.0-@.json.gz",
     .known = FEED_NAMES("2002", "2003", "2004", "2005", "2006", "2007", "2008", "2009", "2010", "2011", "2012", "2013",
                         "2014", "2015", "2016", "2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024", "2025",
                         "2026")},
};
const struct feed_publisher publisher_nvd = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
    .families = families,
    .families_n = ARRAY_LEN(families),
};
