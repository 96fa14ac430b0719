/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of Red Hat's products an image was built from: the content manifests that its build system leaves (one a layer
 * of the build, in root/buildinfo before 2024, in usr/share/buildinfo since), and the labels of its Dockerfiles.
 */
#include "packages/collectors.h"

extern const struct collector collector_redhat;
static const struct collect_rule rules[] = {
    {.folder = "root/buildinfo/content_manifests", .ending = ".json", .max = COLLECT_SMALL},
    {.folder = "root/buildinfo", .name = "Dockerfile-*", .max = COLLECT_SMALL},
    {.folder = "root/buildinfo", .name = "labels.json", .max = COLLECT_SMALL},
    {.folder = "root/buildinfo", .name = "content-sets.json", .max = COLLECT_SMALL},
    {.folder = "usr/share/buildinfo", .name = "content-sets.json", .max = COLLECT_SMALL},
    {.folder = "usr/share/buildinfo", .name = "labels.json", .max = COLLECT_SMALL},
    {.folder = NULL},
};
const struct collector collector_redhat = {"redhat", 1, rules};
