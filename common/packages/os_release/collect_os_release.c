/* SPDX-License-Identifier: Apache-2.0 */
/* Which operating system this is: os-release (man os-release) and the files that were there before it. */
#include "packages/collectors.h"

extern const struct collector collector_os_release;
static const struct collect_rule rules[] = {
    {.folder = "etc", .name = "os-release", .max = COLLECT_SMALL},
    {.folder = "usr/lib", .name = "os-release", .max = COLLECT_SMALL},
    {.folder = "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib", .name = "os-release", .max = COLLECT_SMALL},
    {.folder = "aarch64-bottlerocket-linux-gnu/sys-root/usr/lib", .name = "os-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "debian_version", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "alpine-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "lsb-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "redhat-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "centos-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "oracle-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "system-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "fedora-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "SuSE-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "mageia-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "photon-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "gentoo-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "arch-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "openwrt_release", .max = COLLECT_SMALL},
    {.folder = NULL},
};
const struct collector collector_os_release = {"os-release", 3, rules};
