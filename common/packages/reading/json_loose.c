/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/reading/json_loose.h"

void json_text_keep(struct json_text *to, struct slice s)
{
    to->n = s.n <= JSON_TEXT_MAX ? s.n : 0;
    if (to->n)
        memcpy(to->bytes, s.p, to->n);
}

void json_text_take(struct json_pull *p, struct json_text *to)
{
    to->n = 0;
    if (json_pull_kind(p) == JSON_PULL_STRING)
        json_text_keep(to, json_pull_string(p));
    else
        json_pull_raw(p, 0);
}

bool json_loose_object(struct json_pull *p)
{
    if (json_pull_kind(p) == JSON_PULL_OBJECT)
        return json_pull_object(p);
    json_pull_raw(p, 0);
    return false;
}

bool json_loose_array(struct json_pull *p)
{
    if (json_pull_kind(p) == JSON_PULL_ARRAY)
        return json_pull_array(p);
    json_pull_raw(p, 0);
    return false;
}
