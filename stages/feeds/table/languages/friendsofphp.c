/* SPDX-License-Identifier: Apache-2.0 */
/* FriendsOfPHP: github.com/FriendsOfPHP/security-advisories, branches of PHP's packages that are not all in OSV. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "friendsofphp",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Packagist",
     .url = "https://codeload.github.com/FriendsOfPHP/security-advisories/tar.gz/refs/heads/master",
     .path = "lang/FriendsOfPHP-security-advisories*.tar*",
     .rhythm_days = 60,
     .parse = format_friendsofphp},
};
const struct feed_publisher publisher_friendsofphp = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
