/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bucket of OSV, for packages of languages: GitHub's reviewed advisories, each language's own database (PYSEC, GO,
 * RUSTSEC, HSEC, JLSEC …) and malicious packages (MAL). The rhythm is several times the longest pause of what is
 * published there; where there are a dozen documents in all, nobody can say.
 */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define OSV(lower, upper, file, days)                                                                                  \
    {                                                                                                                  \
        .name = "osv-" lower, .kind = FEED_ADVISORIES, .ecosystem = upper, .url = FEED_OSV_AT(upper),                  \
        .also = {"https://storage.googleapis.com/" FEED_OSV_BUCKET "/" upper "/all.zip"},                              \
        .path = "osv/" upper "/" file, .rhythm_days = days, .parse = format_osv_archive                                \
    }

static const struct feed feeds[] = {
    OSV("npm", "npm", "all.zip", 7),
    OSV("pypi", "PyPI", "all.zip", 7),
    OSV("go", "Go", "all.zip", 14),
    OSV("maven", "Maven", "all.zip", 21),
    OSV("nuget", "NuGet", "all.zip", 30),
    OSV("packagist", "Packagist", "all.zip", 21),
    OSV("rubygems", "RubyGems", "all.zip", 30),
    OSV("crates.io", "crates.io", "all.zip", 21),
    OSV("hex", "Hex", "all.zip", 90),
    OSV("pub", "Pub", "all.zip", 0),
    OSV("swifturl", "SwiftURL", "all.zip", 0),
    OSV("cran", "CRAN", "all.zip", 0),
    OSV("bioconductor", "Bioconductor", "all.zip", 0),
    OSV("hackage", "Hackage", "all.zip", 0),
    OSV("ghc", "GHC", "all.zip", 0),
    OSV("julia", "Julia", "all.zip", 60),
    OSV("conancenter", "ConanCenter", "all.zip", 0),
    OSV("opam", "opam", "all.zip", 0),
    /* In a feeds folder it may also be a tar of the same documents. */
    OSV("bitnami", "Bitnami", "all.*", 14),
};
const struct feed_publisher publisher_osv_languages = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
