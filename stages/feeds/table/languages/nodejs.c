/* SPDX-License-Identifier: Apache-2.0 */
/* Node.js itself: vuln/core of github.com/nodejs/security-wg. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "nodejs",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Generic",
     .url = "https://codeload.github.com/nodejs/security-wg/tar.gz/refs/heads/main",
     .path = "lang/nodejs-security-wg*.tar*",
     .rhythm_days = 180,
     .parse = format_nodejs_core},
};
const struct feed_publisher publisher_nodejs = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
