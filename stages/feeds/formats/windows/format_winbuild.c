/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_winbuild.c: windows-version-feed, what MSRC's documents say of fixed builds, one JSON a month in a tar:
 *     CVE_KB_Mapping_2026-Apr.json: [{"cve": "CVE-2026-20930", "patches": [{"os": "Windows Server 2022",
 *         "version": "2022", "kb": "KB5082142", "fixedBuild": "20348.5020", "severity": "7.8", …}]}]
 * It does not tell Server Core from the rest. A fixed build of another release than the product's is not believed.
 */
#include "feeds/formats/formats.h"
#include "io/archive/unpack.h"
#include "feeds/formats/windows/windows_fixes.h"

#define WINBUILD_MAX ((uint64_t)1 << 30)

static const char *read_patch(const json_t *patch, struct windows_fix *fix, bool *ret_ours)
{
    struct slice os = json_tree_view(patch, "os"), fixed = json_tree_view(patch, "fixedBuild");
    const struct windows_release *release = windows_release_named(os, NULL);
    unsigned ubr = 0;
    *ret_ours = release != NULL;
    if (!os.n)
        return "a patch without a product";
    if (!release)
        return NULL;
    fix->build = (uint16_t)release->build;
    windows_fix_kb(json_tree_view(patch, "kb"), &fix->kb);
    if (windows_build_of(fixed, &ubr) == release->build)
        fix->ubr = ubr;
    *ret_ours = fix->kb || fix->ubr;
    return NULL;
}

static int read_cve(struct feed_reading *r, struct windows_fixes *w, const json_t *entry, struct err *e)
{
    struct slice cve = json_tree_view(entry, "cve");
    const json_t *patches = json_object_get(entry, "patches");
    uint64_t number;
    r->stats.documents++;
    if (!windows_fix_cve(cve, &number))
        return reading_skip(r, slice_sub(cve, 0, 64), "not a CVE", e);
    if (!json_is_array(patches))
        return reading_skip(r, cve, "it has no list of patches", e);
    for (size_t i = 0; i < json_array_size(patches); i++) {
        struct windows_fix fix;
        bool ours;
        memset(&fix, 0, sizeof fix); /* compared as bytes */
        fix.cve = number;
        const char *bad = read_patch(json_array_get(patches, i), &fix, &ours);
        if (bad)
            return reading_skip(r, cve, bad, e);
        if (ours && windows_fixes_add(w, &fix, e))
            return -1;
    }
    return 0;
}

static int read_month(struct feed_reading *r, struct windows_fixes *w, struct unpack *u, struct slice name,
                      struct err *e)
{
    struct buf text = BUF_INIT(FEED_DOCUMENT_MAX);
    struct err why = ERR_INIT;
    json_t *json = NULL;
    int rc = unpack_entry(u, &text, &why);
    if (rc < 0)
        *e = why;
    else if (rc == 0 || reading_json(buf_slice(&text), &json, &why) || !json_is_array(json))
        rc = reading_skip(r, name, json ? "not a list of CVEs" : why.text, e);
    else
        rc = 0;
    for (size_t i = 0; !rc && json_is_array(json) && i < json_array_size(json); i++)
        rc = read_cve(r, w, json_array_get(json, i), e);
    json_decref(json);
    buf_done(&text);
    return rc;
}

int format_winbuild(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    struct windows_fixes w = {0};
    struct slice name;
    int rc;
    if (unpack_open(r->source, UNPACK_TAR, WINBUILD_MAX, &u, e))
        return -1;
    while ((rc = unpack_next(u, &name, e)) == 1) {
        struct slice file = slice_path_name(name);
        if (slice_starts(file, SLICE("CVE_KB_Mapping_")) && slice_ends(file, SLICE(".json")) &&
            read_month(r, &w, u, file, e)) {
            rc = -1;
            break;
        }
    }
    if (!rc)
        rc = windows_fixes_emit(&w, r, "WVF-", NAME_SOURCE, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    windows_fixes_done(&w);
    unpack_close(u);
    return rc;
}
