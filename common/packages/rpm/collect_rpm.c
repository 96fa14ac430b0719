/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm's database (rpm(8), "FILES"; rpm's lib/backend) at every place that a system keeps it: var/lib/rpm, SUSE's and
 * Fedora's usr/lib/sysimage/rpm, rpm-ostree's usr/share/rpm. Packages is Berkeley DB's, Packages.db ndb's, the others
 * SQLite's with its write-ahead log. rpmmanifest is what Azure Linux leaves in images without rpm.
 */
#include "packages/collectors.h"

extern const struct collector collector_rpm;
#define DATABASE(where)                                                                                                \
    {.folder = where, .name = "Packages", .max = COLLECT_STREAMED},                                                    \
        {.folder = where, .name = "Packages.db", .max = COLLECT_STREAMED},                                             \
        {.folder = where, .name = "rpmdb.sqlite", .max = COLLECT_STREAMED},                                            \
    {                                                                                                                  \
        .folder = where, .name = "rpmdb.sqlite-wal", .max = COLLECT_STREAMED                                           \
    }
static const struct collect_rule rules[] = {
    DATABASE("var/lib/rpm"),
    DATABASE("usr/lib/sysimage/rpm"),
    DATABASE("usr/share/rpm"),
    {.folder = "var/lib/rpmmanifest", .name = "container-manifest-1", .max = COLLECT_SMALL * 4},
    {.folder = "var/lib/rpmmanifest", .name = "container-manifest-2", .max = COLLECT_SMALL * 4},
    {.folder = NULL},
};
const struct collector collector_rpm = {"rpm", 2, rules};
