/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RubySec: github.com/rubysec/ruby-advisory-db, whose one tar has the advisories of gems and those of Ruby's
 * interpreters, which OSV lacks. Each row takes its own part of it.
 */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define RUBYSEC(lower, upper)                                                                                          \
    {                                                                                                                  \
        .name = lower, .kind = FEED_ADVISORIES, .ecosystem = upper,                                                    \
        .url = "https://codeload.github.com/rubysec/ruby-advisory-db/tar.gz/refs/heads/master",                        \
        .path = "lang/ruby-advisory-db*.tar*", .rhythm_days = 60, .parse = format_rubysec                              \
    }

static const struct feed feeds[] = {
    RUBYSEC("rubysec", "RubyGems"),
    RUBYSEC("rubysec-rubies", "Generic"),
};
const struct feed_publisher publisher_rubysec = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
