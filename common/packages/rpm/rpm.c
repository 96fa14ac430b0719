/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm.c: rpm's database (rpm(8), "FILES"; rpm's lib/backend) at every place that a system keeps it: var/lib/rpm, SUSE's
 * and Fedora's usr/lib/sysimage/rpm, rpm-ostree's usr/share/rpm. Packages is Berkeley DB's, Packages.db ndb's, the
 * others SQLite's with its write-ahead log. rpmmanifest is what Azure Linux leaves in images without rpm.
 */
#include "packages/rpm/rpm.h"

#define FILE_OF(where, parser_, parse_, owns_)                                                                         \
    {                                                                                                                  \
        .path = where, .max = KEEP_STREAMED, .parser = parser_, .parse = parse_, .owns = owns_                         \
    }
#define DATABASE(folder)                                                                                               \
    FILE_OF(folder "/rpmdb.sqlite", "rpm-sqlite", rpm_parse_database, rpm_owns_database),                              \
        FILE_OF(folder "/rpmdb.sqlite-wal", "rpm-sqlite-log", rpm_parse_log, NULL),                                    \
        FILE_OF(folder "/Packages", "rpm-bdb", rpm_parse_database, rpm_owns_database),                                 \
        FILE_OF(folder "/Packages.db", "rpm-ndb", rpm_parse_database, rpm_owns_database)

static const struct package_rule rules[] = {
    DATABASE("var/lib/rpm"),
    DATABASE("usr/lib/sysimage/rpm"),
    DATABASE("usr/share/rpm"),
    {.path = RPM_MANIFEST_1, .max = KEEP_SMALL * 4, .parser = "rpm-manifest", .parse = rpm_parse_manifest_1},
    {.path = RPM_MANIFEST_2, .max = KEEP_SMALL * 4, .parser = "rpm-manifest", .parse = rpm_parse_manifest_2},
    {.path = NULL},
};

const struct package_format format_rpm = {
    .name = "rpm", .keeps_version = 2, .reads_version = 2, .type = PKG_RPM, .rules = rules};
