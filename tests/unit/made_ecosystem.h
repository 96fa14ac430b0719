/* SPDX-License-Identifier: Apache-2.0 */
/*
 * made_ecosystem.h: a table of ecosystems for tests, in place of the real one: beside Debian's and Alpine's packages, as
 * they are, those of an ecosystem of its own, "Made", under a type that has none. To be included once by a program.
 */
#ifndef CAREEN_TESTS_UNIT_MADE_ECOSYSTEM_H
#define CAREEN_TESTS_UNIT_MADE_ECOSYSTEM_H

#include "model/ecosystem/ecosystem_table.h"

#define PKG_MADE PKG_NIX

const struct ecosystem ecosystems[PKG_TYPE_MAX] = {
    [PKG_DPKG] = {.ordered = true,
                  .version = VERSION_DPKG,
                  .purl_type = "deb",
                  .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_APK] = {.ordered = true, .version = VERSION_APK, .purl_type = "apk", .purl = PURL_SYSTEM_NAMESPACE},
    [PKG_MADE] = {.advisories = "Made",
                  .joint = ":",
                  .ordered = true,
                  .version = VERSION_DPKG,
                  .purl_type = "made",
                  .located = true},
};

#endif
