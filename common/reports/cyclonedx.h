/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cyclonedx.h: an inventory as a CycloneDX bill of materials in JSON (cyclonedx.org, ECMA-424), what `careen packages
 * --format cyclonedx` prints. images/sbom/cyclonedx_read.h reads it back. Pure, any thread.
 *
 * It is version 1.6 without a time or a serial number, so that the same inventory gives the same bytes: the image as
 * metadata.component, the system as an operating-system component, packages as library components with a package URL.
 * What CycloneDX has no field for is in the properties of model/cyclonedx_names.h.
 */
#ifndef CAREEN_REPORTS_CYCLONEDX_H
#define CAREEN_REPORTS_CYCLONEDX_H

#include "base/buf.h"
#include "base/err.h"
#include "model/records.h"

/* Appends to out; ERR_PARTIAL when out's maximum was too small for it. */
int cyclonedx_write(const struct inventory *inventory, struct buf *out, struct err *e);

#endif
