/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others collect of Windows: Windows Exploit Suggester NG (github.com/bitsadmin/wesng) Microsoft's bulletins with
 * their updates, windows-version-feed (github.com/ZentrixLabs/windows-version-feed) Microsoft's fixed builds.
 */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "windows-wesng",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://raw.githubusercontent.com/bitsadmin/wesng/master/definitions.zip",
     .path = "windows/wesng-definitions-*.zip",
     .rhythm_days = 60,
     .parse = format_wesng},
    {.name = "windows-builds",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Windows",
     .url = "https://codeload.github.com/ZentrixLabs/windows-version-feed/tar.gz/refs/heads/main",
     .path = "windows/windows-version-feed.tar.zst",
     .rhythm_days = 60,
     .parse = format_winbuild},
};
const struct feed_publisher publisher_windows_lists = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
