/* SPDX-License-Identifier: Apache-2.0 */
/* ecr.c: EventBridge's "ECR Image Action", {"detail-type": …, "account": …, "region": …, "detail": {…}}. */
#include "discover/events/events_internal.h"

#include "base/clock.h"

static void read_event(struct events_reading *r, const json_t *root)
{
    static const char *const names[] = {"PUSH", "", "DELETE"};
    const json_t *detail = json_tree_object(root, "detail");
    struct slice account = json_tree_view(root, "account"), region = json_tree_view(root, "region");
    struct registry_event ev = {.repository = json_tree_view(detail, "repository-name"),
                                .digest = json_tree_view(detail, "image-digest"),
                                .tag = json_tree_view(detail, "image-tag"),
                                .id = json_tree_view(root, "id")};
    bool image = slice_eq_str(json_tree_view(root, "detail-type"), "ECR Image Action");
    bool done = slice_eq_str(json_tree_view(detail, "result"), "SUCCESS");
    struct slice word = json_tree_view(detail, "action-type");
    if (!image || !done || !word.n || !events_action(word, names, &ev.action)) {
        r->told->ignored++;
        return;
    }
    if (account.n && region.n)
        ev.registry = arena_printf(r->a, "%.*s.dkr.ecr.%.*s.amazonaws.com%s", SLICE_FMT(account), SLICE_FMT(region),
                                   slice_starts(region, SLICE("cn-")) ? ".cn" : "");
    clock_parse(json_tree_view(root, "time"), &ev.at_ms);
    events_keep(r, ev);
}

static bool is(const json_t *root)
{
    return json_object_get(root, "detail-type") != NULL;
}

const struct events_format events_ecr = {.is = is, .read = read_event};
