/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bucket of OSV, one all.zip an ecosystem: google.github.io/osv.dev/data. What a publisher serves itself as
 * OSV documents stands in that publisher's file.
 */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

#define OSV_NAMED(lower, upper, escaped, days)                                                                         \
    {                                                                                                                  \
        .name = "osv-" lower, .kind = FEED_ADVISORIES, .ecosystem = upper, .url = FEED_OSV_AT(escaped),                \
        .also = {"https://storage.googleapis.com/" FEED_OSV_BUCKET "/" escaped "/all.zip"},                            \
        .path = "osv/" upper "/all.zip", .rhythm_days = days, .parse = format_osv_archive                              \
    }
#define OSV(lower, upper, days) OSV_NAMED(lower, upper, upper, days)

static const struct feed feeds[] = {
    OSV("debian", "Debian", 7),
    OSV("alpine", "Alpine", 21),
    OSV("wolfi", "Wolfi", 14),
    OSV("minimos", "MinimOS", 0),
    OSV("alpaquita", "Alpaquita", 30),
    OSV("almalinux", "AlmaLinux", 21),
    OSV_NAMED("rocky-linux", "Rocky Linux", "Rocky%20Linux", 30),
    /* Red Hat's own documents say this and more; this one is for who has only it. */
    {.name = "osv-red-hat",
     .kind = FEED_ADVISORIES,
     .ecosystem = "Red Hat",
     .path = "osv/Red Hat/all.zip",
     .parse = format_osv_archive},
    OSV("suse", "SUSE", 14),
    OSV("opensuse", "openSUSE", 14),
    OSV("mageia", "Mageia", 30),
    OSV("openeuler", "openEuler", 21),
    OSV_NAMED("azure-linux", "Azure Linux", "Azure%20Linux", 14),
    OSV("root", "Root", 30),
};
const struct feed_publisher publisher_osv = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
