/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.c: events in an envelope that says what they are: CloudEvents 1.0 (Harbor, ACR) and Azure Event Grid's own
 * schema (ACR), one or an array of them.
 */
#include "discover/events/events_internal.h"

#include "base/clock.h"

static void read_enveloped(struct events_reading *r, struct slice type, struct slice time, struct slice id,
                           const json_t *data)
{
    static const char *const harbor[] = {"harbor.artifact.pushed", "harbor.artifact.pulled", "harbor.artifact.deleted"};
    enum registry_action action;
    int64_t at = 0;
    if (slice_eq_str(type, "Microsoft.EventGrid.SubscriptionValidationEvent")) {
        struct slice code = json_tree_view(data, "validationCode");
        if (code.n && code.n <= 200 && slice_is_text(code))
            r->told->validation = arena_slice(r->a, code);
        r->told->ignored++;
    } else if (slice_eq_str(type, "Microsoft.ContainerRegistry.ImagePushed") ||
               slice_eq_str(type, "Microsoft.ContainerRegistry.ImageDeleted")) {
        events_read_distribution(r, data, time);
    } else if (events_action(type, harbor, &action)) {
        clock_parse(time, &at);
        events_read_harbor(r, data, action, at, id);
    } else {
        r->told->ignored++;
    }
}

/* Event Grid's own schema says eventType, CloudEvents type. */
static void read_envelope(struct events_reading *r, const json_t *o)
{
    struct slice type = json_tree_view(o, "eventType"), time = json_tree_view(o, "eventTime");
    if (!type.n)
        type = json_tree_view(o, "type");
    if (!time.n)
        time = json_tree_view(o, "time");
    if (!type.n)
        r->told->malformed++;
    else
        read_enveloped(r, type, time, json_tree_view(o, "id"), json_tree_object(o, "data"));
}

static bool is_array(const json_t *root)
{
    return json_is_array(root);
}

static void read_array(struct events_reading *r, const json_t *root)
{
    for (size_t i = 0; i < json_array_size(root); i++)
        read_envelope(r, json_array_get(root, i));
}

static bool is(const json_t *root)
{
    return json_object_get(root, "specversion") || json_object_get(root, "eventType");
}

const struct events_format events_envelopes = {.is = is_array, .read = read_array};
const struct events_format events_envelope = {.is = is, .read = read_envelope};
