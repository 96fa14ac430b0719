/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fedora: the folders of its updates, the present and the archived ones, or the lists of all files of these trees
 * (pagure.io/quick-fedora-mirror): a release moves from one tree to the other some weeks after its end.
 */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define FEDORA_ROOT     "https://dl.fedoraproject.org/pub/"
#define FEDORA_AT(tree) FEDORA_ROOT tree "linux/updates/$1/Everything/x86_64/repodata/repomd.xml"

static const struct feed feeds[] = {
    FEED_INDEX_ROW("fedora-index", FEDORA_ROOT "fedora/linux/updates/", FEDORA_ROOT "fedora/fullfiletimelist-fedora",
                   index_links),
    FEED_INDEX_ROW("fedora-archive-index", FEDORA_ROOT "archive/fedora/linux/updates/",
                   FEDORA_ROOT "archive/fullfiletimelist-archive", index_links),
};
static const struct feed_family families[] = {
    {.like = {.name = "fedora-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Fedora:$1",
              .url = FEDORA_AT("fedora/"),
              .also = {FEDORA_AT("archive/fedora/")},
              .path = "fedora/$1/updateinfo.xml*",
              .rhythm_days = 14,
              .parse = format_updateinfo},
     .index = {"fedora-index", "fedora-archive-index"},
     .shape = "#",
     .entry = "@|updates/@/Everything/x86_64/repodata/repomd.xml",
     .least = 38,
     .known = FEED_NAMES("38", "39", "40", "41", "42", "43", "44", "45")},
};
const struct feed_publisher publisher_fedora = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
    .families = families,
    .families_n = ARRAY_LEN(families),
};
