/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amazon: each repository's mirror.list, as its own dnf and yum configuration has it (repository.h finds the
 * updateinfo); of Amazon Linux 2 extras-catalog.json, {"topics": [{"n": "docker", …}]}. Bottlerocket:
 * advisories.bottlerocket.aws, the address in its own sources.
 */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define AMAZON_2023(repository, days)                                                                                  \
    {                                                                                                                  \
        .name = "amazon-2023-" repository, .kind = FEED_ADVISORIES, .ecosystem = "Amazon Linux:2023",                  \
        .url = "https://cdn.amazonlinux.com/al2023/" repository "/mirrors/latest/x86_64/mirror.list",                  \
        .path = "amazon/2023/" repository "/updateinfo.xml*", .rhythm_days = days, .parse = format_updateinfo          \
    }

static int read_extras(struct feed_reading *r, struct err *e)
{
    return index_strings(r, "n", e);
}

static const struct feed feeds[] = {
    AMAZON_2023("core", 21),
    AMAZON_2023("kernel-livepatch", 45),
    AMAZON_2023("nvidia", 0),
    {.name = "amazon-2-core",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Amazon Linux:2",
     .url = "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list",
     .path = "amazon/2/core/updateinfo.xml*",
     .rhythm_days = 30,
     .parse = format_updateinfo},
    /* Its repositories are served without TLS only: what a mirror of them has goes into a feeds folder. */
    {.name = "amazon-1",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Amazon Linux:1",
     .path = "amazon/1/updateinfo.xml*",
     .parse = format_updateinfo},
    {.name = "bottlerocket",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Bottlerocket",
     .url = "https://advisories.bottlerocket.aws/updateinfo.xml.gz",
     .path = "bottlerocket/updateinfo.xml*",
     .rhythm_days = 60,
     .parse = format_updateinfo},
    FEED_INDEX_ROW("amazon-2-index", "https://cdn.amazonlinux.com/2/extras-catalog.json", NULL, read_extras),
};
static const struct feed_family families[] = {
    {.like = {.name = "amazon-2-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Amazon Linux:2",
              .url = "https://cdn.amazonlinux.com/2/extras/$1/latest/x86_64/mirror.list",
              .path = "amazon/2/extras/$1/updateinfo.xml*",
              .parse = format_updateinfo},
     .index = {"amazon-2-index"},
     .shape = "~",
     .entry = "@",
     .known = FEED_NAMES("kernel-5.4", "kernel-5.10", "kernel-5.15", "livepatch", "docker", "nginx1", "php8.0",
                         "php8.1", "php8.2", "python3.8", "ruby3.0", "java-openjdk11", "corretto8", "tomcat9",
                         "postgresql12", "postgresql13", "postgresql14", "mariadb10.5", "redis6", "haproxy2", "squid4",
                         "unbound1.17", "ecs", "firefox"),
     .never = FEED_NAMES("amazon-2-core", "amazon-2-index")},
};
const struct feed_publisher publisher_amazon = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
    .families = families,
    .families_n = ARRAY_LEN(families),
};
