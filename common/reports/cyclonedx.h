/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cyclonedx.h: an inventory as a CycloneDX bill of materials in JSON (cyclonedx.org, ECMA-424) and back: what `careen
 * scan
 * --format cyclonedx` prints and what `careen scan sbom:FILE` reads. Pure, any thread.
 *
 * Writing gives version 1.6 without a time or a serial number, so that the same inventory gives the same bytes: the
 * image as metadata.component, the system as an operating-system component, packages as library components with a purl.
 * What CycloneDX has no field for is in properties named careen:…: of the image status, reason,
 * note, image-layer, unread, unread-example; of the system codename, like, ecosystem, product, end-of-life; of a
 * package layer, location, module, vendor, not-judged.
 *
 * Reading takes 1.2 to 1.7 (a later 1.x too, with a reason), components within components included. A component is
 * known by its purl alone; the system comes from the operating-system component (its name, version and CPE, as any
 * producer spells them: model/distro/distro.h, distro_identify_said), else from the purls' qualifiers.
 *
 * The source package of a purl without upstream is taken from the properties of Trivy (…:SrcName, SrcVersion,
 * SrcRelease, SrcEpoch) or Syft (syft:metadata:source, sourceVersion, originPackage, sourceRpm). Where no package of
 * the document names one, packages of systems whose advisories go by source are marked source_unknown.
 *
 * Components of kinds that nothing judges yet (npm, pypi, maven … : model/software.h) are counted as unread, which
 * leaves the status as it is unless nothing else is in the document.
 *
 * What is no package (files, data, containers without purl) is passed over. A package that can't be used (no purl, a
 * broken one, no version, a kind that is not read yet, another system than the document's) is counted, and each such
 * cause makes the inventory partial with a reason that names the first.
 */
#ifndef CAREEN_REPORTS_CYCLONEDX_H
#define CAREEN_REPORTS_CYCLONEDX_H

#include "base/buf.h"
#include "base/err.h"
#include "model/records.h"

#define CYCLONEDX_BYTES_MAX ((size_t)128 << 20)
#define CYCLONEDX_DEPTH_MAX 32 /* components within components */

/* Appends to out; ERR_PARTIAL when out's maximum was too small for it. */
int cyclonedx_write(const struct inventory *inventory, struct buf *out, struct err *e);
/* All in arena. ERR_POISON: not JSON (with line and column), not CycloneDX, or more than a limit. */
int cyclonedx_read(struct slice json, struct arena *arena, struct inventory *ret_inventory, struct err *e);

#endif
