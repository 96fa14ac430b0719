/* SPDX-License-Identifier: Apache-2.0 */
/* SUSE: suse.com/support/security/oval, whose folder of OVAL files is the index of its releases, and csaf. */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define SUSE_OVAL_AT "https://ftp.suse.com/pub/projects/security/oval/"
#define SUSE_VEX(feed, eco)                                                                                            \
    {                                                                                                                  \
        .name = feed, .kind = FEED_ADVISORIES, .ecosystem = eco,                                                       \
        .url = "https://ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2", .path = "suse/csaf-vex*.tar*",           \
        .rhythm_days = 14, .parse = format_csaf_names                                                                  \
    }
/* The "affected" file tells of what is not fixed as well; where there is none, the plain one is better than nothing. */
#define SUSE_OVAL(feed, eco, file, days)                                                                               \
    .name = feed, .kind = FEED_ADVISORIES, .ecosystem = eco, .url = SUSE_OVAL_AT file "-affected.xml.gz",              \
    .also = {SUSE_OVAL_AT file "-affected.xml", SUSE_OVAL_AT file ".xml.gz"}, .path = "suse/" file "-affected.xml*",   \
    .rhythm_days = days, .parse = format_oval
#define SUSE_LIKE(feed, eco, owner, file, days)                                                                        \
    .like = {.name = feed,                                                                                             \
             .kind = FEED_ADVISORIES,                                                                                  \
             .ecosystem = eco,                                                                                         \
             .whose = owner,                                                                                           \
             .url = SUSE_OVAL_AT file "$1-affected.xml.gz",                                                            \
             .also = {SUSE_OVAL_AT file "$1-affected.xml", SUSE_OVAL_AT file "$1.xml.gz"},                             \
             .path = "suse/" file "$1-affected.xml*",                                                                  \
             .rhythm_days = days,                                                                                      \
             .parse = format_oval},                                                                                    \
    .entry = file "@-affected.xml.gz|" file "@-affected.xml|" file "@.xml.gz"

static const struct feed feeds[] = {
    {SUSE_OVAL("suse-micro-5", "SUSE", "suse.linux.enterprise.micro.5", 0)},
    {SUSE_OVAL("opensuse-tumbleweed", "openSUSE", "opensuse.tumbleweed", 14)},
    SUSE_VEX("suse-vex", "SUSE"),
    SUSE_VEX("opensuse-vex", "openSUSE"),
    FEED_INDEX_ROW("suse-index", SUSE_OVAL_AT, NULL, index_links),
    FEED_INDEX_ROW("opensuse-index", SUSE_OVAL_AT, NULL, index_links),
};
static const struct feed_family families[] = {
    {SUSE_LIKE("suse-$1", "SUSE", NULL, "suse.linux.enterprise.", 14), .index = {"suse-index"}, .shape = "#",
     .least = 12, .known = FEED_NAMES("12", "15", "16")},
    {SUSE_LIKE("suse-micro-$1", "SUSE", NULL, "suse.linux.micro.", 30), .index = {"suse-index"}, .shape = "#",
     .least = 6, .known = FEED_NAMES("6")},
    {SUSE_LIKE("opensuse-leap-$1", "openSUSE", "openSUSE:Leap $1", "opensuse.leap.", 30), .index = {"opensuse-index"},
     .shape = "#.#", .known = FEED_NAMES("15.2", "15.3", "15.4", "15.5", "15.6", "16.0"),
     /* Before the "affected" files began; their end is years ago. */
     .never = FEED_NAMES("opensuse-leap-42.1", "opensuse-leap-42.2", "opensuse-leap-42.3")},
};
const struct feed_publisher publisher_suse = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
    .families = families,
    .families_n = ARRAY_LEN(families),
};
