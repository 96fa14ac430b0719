/* SPDX-License-Identifier: Apache-2.0 */
/* A CycloneDX document in a file. */
#include "images/image_kind.h"
#include "images/sbom/cyclonedx_read.h"

const struct image_kind image_kind_cyclonedx = {
    .form = {.scheme = "sbom"}, .takes = "sbom:FILE (CycloneDX JSON)", .list = cyclonedx_read};
