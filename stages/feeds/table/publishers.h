/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publishers.h: whose feeds there are. A publisher is one file in systems/ (advisories of distributions and of Windows),
 * languages/ (of packages of languages and of runtimes) or scores/ (what is known of vulnerabilities themselves), which
 * holds its feeds, its families (families.h) and the readers of its own index; the list below is the one table of
 * publishers.
 *
 * The order means something where two feeds have a record under one key (feed_order): all feeds that are one each come
 * before all families, both by publisher and then as they stand in the publisher's file. The set that comes with the
 * program is the last of all.
 *
 * Adding a publisher is a file and a line here. Everything is constant, and lives as long as the process.
 */
#ifndef CAREEN_FEEDS_TABLE_PUBLISHERS_H
#define CAREEN_FEEDS_TABLE_PUBLISHERS_H

#include "feeds/table/families.h"

#define FEED_PUBLISHERS(X)                                                                                             \
    X(osv)                                                                                                             \
    X(canonical)                                                                                                       \
    X(debian)                                                                                                          \
    X(freexian)                                                                                                        \
    X(alpine)                                                                                                          \
    X(chainguard)                                                                                                      \
    X(minimos)                                                                                                         \
    X(echo)                                                                                                            \
    X(docker)                                                                                                          \
    X(arch)                                                                                                            \
    X(gentoo)                                                                                                          \
    X(redhat)                                                                                                          \
    X(oracle)                                                                                                          \
    X(suse)                                                                                                            \
    X(openeuler)                                                                                                       \
    X(microsoft)                                                                                                       \
    X(windows_lists)                                                                                                   \
    X(photon)                                                                                                          \
    X(anolis)                                                                                                          \
    X(amazon)                                                                                                          \
    X(fedora)                                                                                                          \
    X(osv_languages)                                                                                                   \
    X(rubysec)                                                                                                         \
    X(friendsofphp)                                                                                                    \
    X(nodejs)                                                                                                          \
    X(cisa)                                                                                                            \
    X(first)                                                                                                           \
    X(cve)                                                                                                             \
    X(nvd)                                                                                                             \
    X(exploitdb)                                                                                                       \
    X(metasploit)                                                                                                      \
    X(nuclei)                                                                                                          \
    X(shipped)

struct feed_publisher {
    const struct feed *feeds; /* those that are one each, indexes and lists of documents among them */
    size_t feeds_n;
    const struct feed_family *families;
    size_t families_n;
};
#define FEED_PUBLISHER_DECLARE(name) extern const struct feed_publisher publisher_##name;
FEED_PUBLISHERS(FEED_PUBLISHER_DECLARE)
#undef FEED_PUBLISHER_DECLARE

/* The rows of all publishers in their order; NULL behind the last one. */
const struct feed *feed_row(size_t nth);
const struct feed_family *feed_family(size_t nth);
/* The number of a row or of a family of the table: the inverse of the two above. */
size_t feed_row_number(const struct feed *row);
size_t feed_family_number(const struct feed_family *family);

/* ---- for publishers' files ---- */

/* A NULL-ended list of names. */
#define FEED_NAMES(...)                                                                                                \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }
/* An index, which names the members of families. */
#define FEED_INDEX_ROW(feed, address, second, reader)                                                                  \
    {                                                                                                                  \
        .name = feed, .kind = FEED_INDEX, .url = address, .also = {second}, .parse = reader                            \
    }
/* OSV's bucket, which has many publishers' documents; by one of the two names that Google's storage gives it. */
#define FEED_OSV_BUCKET      "osv-vulnerabilities"
#define FEED_OSV_AT(escaped) "https://" FEED_OSV_BUCKET ".storage.googleapis.com/" escaped "/all.zip"

#endif
