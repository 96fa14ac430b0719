/* SPDX-License-Identifier: Apache-2.0 */
/* ecosystem_table.c: the rows. What their fields mean is ecosystem.h. */
#include "model/ecosystem/ecosystem_table.h"

#define VERSIONS(kind) .ordered = true, .version = VERSION_##kind

const struct ecosystem ecosystems[PKG_TYPE_MAX] = {
    [PKG_UNKNOWN] = {.purl_type = NULL},
    [PKG_DPKG] = {VERSIONS(DPKG), .purl_type = "deb", .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_APK] = {VERSIONS(APK), .purl_type = "apk", .purl = PURL_SYSTEM_NAMESPACE},
    [PKG_RPM] = {VERSIONS(RPM), .purl_type = "rpm",
                 .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH | PURL_EPOCH_APART | PURL_SOURCE_FILE | PURL_MODULE},
    [PKG_OPKG] = {VERSIONS(OPKG), .purl_type = "opkg", .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_PACMAN] = {VERSIONS(PACMAN), .purl_type = "alpm", .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_PORTAGE] = {VERSIONS(PORTAGE), .purl_type = "ebuild", .purl_system = "gentoo",
                     .purl = PURL_CATEGORY | PURL_EPOCH},
    [PKG_NIX] = {.purl_type = "nix", .purl = PURL_EPOCH, .unpublished = true},
    [PKG_BOTTLEROCKET] = {VERSIONS(BOTTLEROCKET), .purl_type = "generic", .purl_ns = "bottlerocket",
                          .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH},
    [PKG_WINDOWS] = {VERSIONS(WINDOWS), .purl_type = "generic", .purl_ns = "windows",
                     .purl = PURL_SYSTEM_NAMESPACE | PURL_EPOCH | PURL_UPDATES},
};
