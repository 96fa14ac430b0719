/* SPDX-License-Identifier: Apache-2.0 */
/*
 * distribution.c: the events of Distribution's notifications, {"events": [{id, timestamp, action, target, request}, …]}
 * (distribution.github.io/distribution/about/notifications), and of ACR, which sends one such event by itself.
 */
#include "discover/events/events_internal.h"

#include "base/clock.h"

static bool is_manifest_type(struct slice type)
{
    return slice_find_slice(type, SLICE(".manifest.")) >= 0 || slice_find_slice(type, SLICE(".index.")) >= 0;
}

void events_read_distribution(struct events_reading *r, const json_t *o, struct slice time)
{
    static const char *const names[] = {"push", "pull", "delete"};
    const json_t *target = json_tree_object(o, "target"), *request = json_tree_object(o, "request");
    struct registry_event ev = {.registry = json_tree_view(request, "host"),
                                .repository = json_tree_view(target, "repository"),
                                .digest = json_tree_view(target, "digest"),
                                .tag = json_tree_view(target, "tag"),
                                .media_type = json_tree_view(target, "mediaType"),
                                .id = json_tree_view(o, "id"),
                                .user_agent = json_tree_view(request, "useragent")};
    struct slice action = json_tree_view(o, "action");
    if (!action.n || !target) {
        r->told->malformed++;
        return;
    }
    bool ours = slice_starts(ev.user_agent, SLICE("Careen/"));
    bool image = events_action(action, names, &ev.action);
    /* Deletions don't say their type. */
    if (image && ev.action != ACTION_DELETE)
        image = is_manifest_type(ev.media_type) && !(ours && ev.action == ACTION_PULL);
    if (!image) {
        r->told->ignored++;
        return;
    }
    if (!clock_parse(json_tree_view(o, "timestamp"), &ev.at_ms))
        clock_parse(time, &ev.at_ms);
    events_keep(r, ev);
}

static bool is_list(const json_t *root)
{
    return json_tree_array(root, "events") != NULL;
}

static void read_list(struct events_reading *r, const json_t *root)
{
    const json_t *events = json_tree_array(root, "events");
    for (size_t i = 0; i < json_array_size(events); i++)
        events_read_distribution(r, json_array_get(events, i), SLICE_NONE);
}

static bool is_single(const json_t *root)
{
    return json_object_get(root, "action") && json_object_get(root, "target");
}

static void read_single(struct events_reading *r, const json_t *root)
{
    events_read_distribution(r, root, SLICE_NONE);
}

const struct events_format events_distribution = {.is = is_list, .read = read_list};
const struct events_format events_single = {.is = is_single, .read = read_single};
