/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/collectors.h"

extern const struct collector collector_os_release, collector_dpkg, collector_apk, collector_windows, collector_rpm,
    collector_redhat, collector_opkg, collector_pacman, collector_portage, collector_nix, collector_bottlerocket;

const struct collector *const collectors[] = {
    &collector_os_release, &collector_dpkg,   &collector_apk,          &collector_windows,
    &collector_rpm,        &collector_redhat, &collector_opkg,         &collector_pacman,
    &collector_portage,    &collector_nix,    &collector_bottlerocket, NULL,
};
