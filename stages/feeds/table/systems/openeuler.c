/* SPDX-License-Identifier: Apache-2.0 */
/* openEuler: repo.openeuler.org/security/data/csaf. */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static int list_line(struct feed_reading *r, struct slice line, struct err *e)
{
    line = slice_trim(line);
    slice_take_prefix(&line, SLICE("./"));
    if (!line.n)
        return 0;
    reading_document(r);
    if (!index_is_document_path(line) || !slice_ends(line, SLICE(".json")))
        return reading_skip(r, reading_cut(line, 64), "not the path of a document", e);
    return index_word(r, line, e);
}

static int read_list(struct feed_reading *r, struct err *e)
{
    return index_lines(r, list_line, e);
}

static const struct feed feeds[] = {
    {.name = "openeuler-csaf",
     .kind = FEED_ADVISORIES,
     .ecosystem = "openEuler",
     .url = "https://repo.openeuler.org/security/data/csaf/advisories/",
     .list = "openeuler-csaf-list",
     .path = "openeuler/csaf*.tar*",
     .rhythm_days = 21,
     .parse = format_csaf_names},
    /* What names the documents of a feed that is not one file. */
    {.name = "openeuler-csaf-list",
     .kind = FEED_LIST,
     .url = "https://repo.openeuler.org/security/data/csaf/advisories/index.txt",
     .parse = read_list},
};
const struct feed_publisher publisher_openeuler = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
