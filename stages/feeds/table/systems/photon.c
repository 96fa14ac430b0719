/* SPDX-License-Identifier: Apache-2.0 */
/* Photon OS: photon_versions.json beside its CVE metadata, {"branches": ["1.0", …]}. */
#include "feeds/fetch/index.h"
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static int read_branches(struct feed_reading *r, struct err *e)
{
    return index_strings(r, "branches", e);
}

static const struct feed feeds[] = {
    FEED_INDEX_ROW("photon-index", "https://packages.broadcom.com/photon/photon_cve_metadata/photon_versions.json",
                   "https://packages.vmware.com/photon/photon_cve_metadata/photon_versions.json", read_branches),
};
static const struct feed_family families[] = {
    {.like = {.name = "photon-$1",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Photon OS:$1.0",
              .url = "https://packages.broadcom.com/photon/photon_cve_metadata/cve_data_photon$1.0.json",
              .also = {"https://packages.vmware.com/photon/photon_cve_metadata/cve_data_photon$1.0.json"},
              .path = "photon/cve_data_photon$1.0.json*",
              .rhythm_days = 30,
              .parse = format_photon},
     .index = {"photon-index"},
     .shape = "#",
     .entry = "@.0",
     .known = FEED_NAMES("1", "2", "3", "4", "5")},
    {.like = {.name = "photon-$1-oval",
              .kind = FEED_ADVISORIES,
              .ecosystem = "Photon OS:$1.0",
              .url = "https://packages.vmware.com/photon/photon_oval_definitions/com.vmware.phsa-photon$1.xml.gz",
              .also = {"https://packages.broadcom.com/photon/photon_oval_definitions/com.vmware.phsa-photon$1.xml.gz"},
              .path = "photon/com.vmware.phsa-photon$1.xml*",
              .rhythm_days = 60,
              .parse = format_oval},
     .index = {"photon-index"},
     .shape = "#",
     .entry = "@.0",
     .known = FEED_NAMES("1", "2", "3", "4", "5")},
};
const struct feed_publisher publisher_photon = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
    .families = families,
    .families_n = ARRAY_LEN(families),
};
