/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/reading/spdx.h"

static void take_reference(struct json_pull *json, spdx_purl_fn *take, void *arg)
{
    struct slice key, type = SLICE_NONE, locator = SLICE_NONE;
    if (!json_pull_object(json))
        return;
    while (json_pull_key(json, &key)) {
        if (slice_eq_str(key, "referenceType"))
            type = json_pull_string(json);
        else if (slice_eq_str(key, "referenceLocator"))
            locator = json_pull_string(json);
        else
            json_pull_skip(json);
    }
    if (slice_eq_str(type, "purl"))
        take(arg, locator);
}

bool spdx_take_packages(struct json_pull *json, spdx_purl_fn *take, void *arg)
{
    struct slice key;
    if (!json_pull_array(json))
        return false;
    while (json_pull_item(json)) {
        if (!json_pull_object(json))
            continue;
        while (json_pull_key(json, &key)) {
            if (!slice_eq_str(key, "externalRefs"))
                json_pull_skip(json);
            else if (json_pull_array(json))
                while (json_pull_item(json))
                    take_reference(json, take, arg);
        }
    }
    return true;
}
