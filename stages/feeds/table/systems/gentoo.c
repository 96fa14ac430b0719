/* SPDX-License-Identifier: Apache-2.0 */
/* Gentoo: the repository of its GLSAs, as a tar; the snapshot of the ebuild repository holds them as well. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "gentoo",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Gentoo",
     .url = "https://gitweb.gentoo.org/data/glsa.git/snapshot/glsa-master.tar.gz",
     .also = {"https://distfiles.gentoo.org/snapshots/gentoo-latest.tar.xz"},
     .path = "gentoo/glsa*.tar.*",
     .rhythm_days = 60,
     .parse = format_glsa},
};
const struct feed_publisher publisher_gentoo = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
