/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cyclonedx_read.h: the inventory that a CycloneDX bill of materials in JSON (cyclonedx.org, ECMA-424) tells of, of any
 * producer: what `careen scan sbom:FILE` reads. Pure, any thread.
 *
 * Versions 1.2 to 1.7 are read (a later 1.x too, with a reason), components within components included. A component is
 * known by its package URL alone; the system comes from the operating-system component (its name, version and CPE, as
 * any producer spells them: model/distro/distro.h, distro_identify_said), else from the qualifiers of the package URLs.
 * What Careen's own documents say beside that is in the properties of model/cyclonedx_names.h.
 *
 * The source package of a package URL without upstream is taken from the properties of Trivy (…:SrcName, SrcVersion,
 * SrcRelease, SrcEpoch) or Syft (syft:metadata:source, sourceVersion, originPackage, sourceRpm). Where no package of
 * the document names one, packages of systems whose advisories go by source are marked source_unknown.
 *
 * Libraries of languages are packages like others (model/ecosystem/ecosystem.h). One without a version is one whose version
 * is not known; of kinds that nobody publishes advisories for it is listed and not judged. Where it is comes from the
 * properties of Syft and Trivy too. Components of kinds that are no packages here (model/software.h) are counted as
 * unread, which leaves the status as it is unless nothing else is in the document.
 *
 * What is no package (files, data, containers without a package URL) is passed over. A package that can't be used (no
 * package URL, a broken one, no version, a kind that is not read yet, another system than the document's) is counted,
 * and each such cause makes the inventory partial with a reason that names the first.
 */
#ifndef CAREEN_IMAGES_SBOM_CYCLONEDX_READ_H
#define CAREEN_IMAGES_SBOM_CYCLONEDX_READ_H

#include "base/err.h"
#include "model/records.h"

#define CYCLONEDX_BYTES_MAX  ((size_t)128 << 20)
#define CYCLONEDX_VALUES_MAX ((size_t)8 << 20) /* of its JSON */
#define CYCLONEDX_DEPTH_MAX  32                /* components within components */

/* All in arena. ERR_POISON: not JSON (with line and column), not CycloneDX, or more than a limit. */
int cyclonedx_read(struct slice json, struct arena *arena, struct inventory *ret_inventory, struct err *e);

#endif
