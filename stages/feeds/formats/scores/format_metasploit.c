/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_metasploit.c: Metasploit's db/modules_metadata_base.json, one object of modules; references lists "CVE-…",
 * "URL-…".
 */
#include "feeds/formats/elements.h"
#include "feeds/formats/formats.h"
#include "feeds/formats/scores/exploit_group.h"

static int metasploit_module(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    const json_t *json = x->json;
    struct slice path = json_tree_view(json, "path");
    const json_t *references = json_object_get(json, "references");
    int rc = 0;
    exploit_date(r, json_tree_view(json, "mod_time"));
    if (!reading_is_name(path, 512) || !json_is_array(references))
        rc = reading_skip(r, x->key, "a module without path or references", e);
    for (size_t i = 0; rc == 0 && i < json_array_size(references); i++) {
        const json_t *v = json_array_get(references, i);
        struct slice s = json_is_string(v) ? slice_of(json_string_value(v), json_string_length(v)) : SLICE_NONE;
        if (reading_is_cve(s) && path.n)
            rc = exploit_module_add(r, arg, path, s, e);
    }
    return rc;
}

int format_metasploit(struct feed_reading *r, struct err *e)
{
    struct exploit_group g;
    exploit_group_init(&g);
    const struct elements want = {.max = EXPLOIT_FEED_MAX, .arg = &g, .element = metasploit_module};
    int rc = elements_read(r, &want, e);
    if (rc == 0)
        rc = exploit_group_emit(&g, r, e);
    exploit_group_done(&g);
    return rc;
}
