/* SPDX-License-Identifier: Apache-2.0 */
/*
 * harbor.c: Harbor's own webhooks, {"type": "PUSH_ARTIFACT", "occur_at": …, "event_data": {"resources": […],
 * "repository": {…}}}. It sends the same data as CloudEvents too (envelope.c).
 */
#include "discover/events/events_internal.h"

/* "host/project/repository:tag" gives "host". */
static struct slice host_of_url(struct slice url)
{
    struct slice host = SLICE_NONE;
    ptrdiff_t mark = slice_find_slice(url, SLICE("://"));
    if (mark >= 0)
        url = slice_from(url, (size_t)mark + 3);
    return slice_find(url, '/') > 0 && slice_take_token(&url, '/', &host) ? host : SLICE_NONE;
}

void events_read_harbor(struct events_reading *r, const json_t *data, enum registry_action action, int64_t at_ms,
                        struct slice id)
{
    const json_t *resources = json_tree_array(data, "resources"), *repository = json_tree_object(data, "repository");
    if (!repository || json_array_size(resources) == 0)
        r->told->malformed++;
    for (size_t i = 0; repository && i < json_array_size(resources); i++) {
        const json_t *resource = json_array_get(resources, i);
        events_keep(r, (struct registry_event){.registry = host_of_url(json_tree_view(resource, "resource_url")),
                                               .repository = json_tree_view(repository, "repo_full_name"),
                                               .digest = json_tree_view(resource, "digest"),
                                               .tag = json_tree_view(resource, "tag"),
                                               .id = id,
                                               .action = action,
                                               .at_ms = at_ms});
    }
}

static void read_webhook(struct events_reading *r, const json_t *root)
{
    static const char *const names[] = {"PUSH_ARTIFACT", "PULL_ARTIFACT", "DELETE_ARTIFACT"};
    enum registry_action action;
    int64_t at = json_tree_int(root, "occur_at", 0);
    if (!events_action(json_tree_view(root, "type"), names, &action))
        r->told->ignored++;
    else
        events_read_harbor(r, json_tree_object(root, "event_data"), action,
                           at > 0 && at < INT64_C(1) << 40 ? at * 1000 : 0, SLICE_NONE);
}

static bool is(const json_t *root)
{
    return json_object_get(root, "event_data") != NULL;
}

const struct events_format events_harbor = {.is = is, .read = read_webhook};
