/* SPDX-License-Identifier: Apache-2.0 */
/* Alpine: secdb.alpinelinux.org, a page that links each release's folder, a file for each of its repositories. */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    /* What names the members of the families. */
    FEED_INDEX_ROW("alpine-index", "https://secdb.alpinelinux.org/", NULL, index_links),
};
static const struct feed_family families[] = {
    {.like = {.name = "alpine-$1-$2",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Alpine:$1",
              .url = "https://secdb.alpinelinux.org/$1/$2.json",
              .path = "alpine-secdb/$1/$2.json",
              .rhythm_days = 90,
              .parse = format_secdb},
     .index = {"alpine-index"},
     .shape = "v#.#|edge",
     .entry = "@",
     .variants = FEED_NAMES("main", "community"),
     .known =
         FEED_NAMES("v3.3", "v3.4", "v3.5", "v3.6", "v3.7", "v3.8", "v3.9", "v3.10", "v3.11", "v3.12", "v3.13", "v3.14",
                    "v3.15", "v3.16", "v3.17", "v3.18", "v3.19", "v3.20", "v3.21", "v3.22", "v3.23", "v3.24", "edge"),
     /* There is none of v3.2, and that of v3.3 is published without a single fix. */
     .never = FEED_NAMES("alpine-v3.2-community", "alpine-v3.3-community")},
};
const struct feed_publisher publisher_alpine = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
    .families = families,
    .families_n = ARRAY_LEN(families),
};
