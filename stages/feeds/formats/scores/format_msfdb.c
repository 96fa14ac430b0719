/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_msfdb.c: what others made of Metasploit's modules: a tar of JSON files, one a CVE, each an array of modules
 * {Name, Title, CveIDs, References}.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/scores/exploit_group.h"

static int msfdb_module(struct feed_reading *r, struct exploit_group *g, const json_t *module, struct err *e)
{
    const json_t *cves = json_object_get(module, "CveIDs"), *references = json_object_get(module, "References");
    struct slice path = SLICE_NONE;
    for (size_t i = 0; i < json_array_size(references); i++) {
        const char *s = json_string_value(json_array_get(references, i));
        if (s && slice_find_slice(slice_str(s), SLICE("/metasploit-framework/blob/")) >= 0)
            path = slice_str(s);
    }
    if (!path.n)
        return 0;
    for (size_t i = 0; i < json_array_size(cves); i++) {
        struct slice cve = slice_str(json_string_value(json_array_get(cves, i)));
        if (reading_is_cve(cve) && exploit_module_add(r, g, path, cve, e))
            return -1;
    }
    return 0;
}

static int msfdb_file(struct feed_reading *r, struct exploit_group *g, struct slice name, struct slice text,
                      struct err *e)
{
    struct err why = ERR_INIT;
    json_t *json;
    reading_document(r);
    if (reading_json(text, &json, &why))
        return reading_skip(r, name, why.text, e);
    int rc = 0;
    if (!json_is_array(json))
        rc = reading_skip(r, name, "not an array of modules", e);
    for (size_t i = 0; rc == 0 && i < json_array_size(json); i++)
        rc = msfdb_module(r, g, json_array_get(json, i), e);
    json_decref(json);
    return rc;
}

int format_msfdb(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    if (unpack_open(r->source, UNPACK_TAR, EXPLOIT_FEED_MAX, &u, e))
        return -1;
    struct exploit_group g;
    struct buf text = BUF_INIT(FEED_DOCUMENT_MAX);
    struct slice name;
    int rc;
    exploit_group_init(&g);
    while ((rc = unpack_next(u, &name, e)) == 1) {
        struct err why = ERR_INIT;
        if (!slice_ends(name, SLICE(".json")))
            continue;
        buf_clear(&text);
        int got = unpack_entry(u, &text, &why);
        if (got == 1) {
            rc = msfdb_file(r, &g, name, buf_slice(&text), e);
        } else if (got == 0) {
            reading_document(r);
            rc = reading_skip(r, name, why.text, e);
        } else {
            if (e)
                *e = why;
            rc = -1;
        }
        if (rc)
            break;
    }
    if (rc == 0)
        rc = exploit_group_emit(&g, r, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    buf_done(&text);
    exploit_group_done(&g);
    unpack_close(u);
    return rc;
}
