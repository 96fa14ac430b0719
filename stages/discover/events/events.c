/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/events/events.h"

#include <openssl/crypto.h>

#include "base/clock.h"
#include "io/digest.h"
#include "io/text/json_tree.h"
#include "model/image/imageref.h"

#define MAX_BYTES  ((size_t)4 << 20)
#define MAX_VALUES ((size_t)200000)
#define MAX_EVENTS ((size_t)10000)

struct reading {
    struct arena *a;
    struct slice registry;
    int64_t now_ms;
    registry_event_vec *events;
    struct events_told *told;
};

bool events_authorized(struct slice header, struct slice secret)
{
    uint8_t got[DIGEST_RAW], want[DIGEST_RAW];
    struct slice bare = header;
    if (!secret.n)
        return true;
    slice_take_prefix(&bare, SLICE("Bearer "));
    /* Of digests, so that neither content nor length shows in the time. */
    digest_of(secret, want);
    digest_of(header, got);
    int whole = CRYPTO_memcmp(got, want, sizeof got);
    digest_of(bare, got);
    int token = CRYPTO_memcmp(got, want, sizeof got);
    return (whole == 0) | (token == 0);
}

static bool is_manifest_type(struct slice type)
{
    return slice_find_slice(type, SLICE(".manifest.")) >= 0 || slice_find_slice(type, SLICE(".index.")) >= 0;
}

static bool host_plausible(struct slice s)
{
    if (s.n == 0 || s.n > 255 || s.p[0] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && !memchr(".-_:[]", c, 6))
            return false;
    }
    return true;
}

static struct slice lower(struct arena *a, struct slice s)
{
    char *p = arena_cstr(a, s);
    for (size_t i = 0; p && i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] + 32);
    return p ? slice_of(p, s.n) : SLICE_NONE;
}

/* Copies what ev views into, once it is known to be sound. */
static void keep(struct reading *r, struct registry_event ev)
{
    if (r->registry.n)
        ev.registry = r->registry;
    if (!imageref_tag_valid(ev.tag)) /* Harbor puts the digest there when there is no tag */
        ev.tag = SLICE_NONE;
    bool named = host_plausible(ev.registry) && imageref_repository_valid(ev.repository);
    bool what = imageref_digest_valid(ev.digest) || (!ev.digest.n && ev.tag.n);
    bool known = named && what && r->events->n < MAX_EVENTS;
    struct registry_event *to = known ? VEC_ADD(r->a, r->events) : NULL;
    if (!to) {
        r->told->malformed++;
        return;
    }
    *to = (struct registry_event){.registry = lower(r->a, ev.registry),
                                  .repository = arena_slice(r->a, ev.repository),
                                  .digest = arena_slice(r->a, ev.digest),
                                  .tag = arena_slice(r->a, ev.tag),
                                  .media_type = arena_slice(r->a, slice_sub(ev.media_type, 0, 255)),
                                  .id = arena_slice(r->a, slice_sub(ev.id, 0, 255)),
                                  .user_agent = arena_slice(r->a, slice_sub(ev.user_agent, 0, 255)),
                                  .action = ev.action,
                                  .at_ms = ev.at_ms > 0 ? ev.at_ms : r->now_ms};
}

static bool action_of(struct slice word, const char *const names[3], enum registry_action *ret)
{
    static const enum registry_action actions[] = {ACTION_PUSH, ACTION_PULL, ACTION_DELETE};
    for (size_t i = 0; i < 3; i++) {
        if (!slice_eq_str(word, names[i]))
            continue;
        *ret = actions[i];
        return true;
    }
    return false;
}

/* ---- Distribution and ACR: {id,timestamp,action,target,request} ---- */

static void read_distribution(struct reading *r, const json_t *o, struct slice time)
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
    bool image = action_of(action, names, &ev.action);
    /* Deletions don't say their type. */
    if (image && ev.action != ACTION_DELETE)
        image = is_manifest_type(ev.media_type) && !(ours && ev.action == ACTION_PULL);
    if (!image) {
        r->told->ignored++;
        return;
    }
    if (!clock_parse(json_tree_view(o, "timestamp"), &ev.at_ms))
        clock_parse(time, &ev.at_ms);
    keep(r, ev);
}

/* ---- Harbor ---- */

/* "host/project/repository:tag" gives "host". */
static struct slice host_of_url(struct slice url)
{
    struct slice host = SLICE_NONE;
    ptrdiff_t mark = slice_find_slice(url, SLICE("://"));
    if (mark >= 0)
        url = slice_from(url, (size_t)mark + 3);
    return slice_find(url, '/') > 0 && slice_take_token(&url, '/', &host) ? host : SLICE_NONE;
}

static void read_harbor(struct reading *r, const json_t *data, enum registry_action action, int64_t at_ms,
                        struct slice id)
{
    const json_t *resources = json_tree_array(data, "resources"), *repository = json_tree_object(data, "repository");
    if (!repository || json_array_size(resources) == 0)
        r->told->malformed++;
    for (size_t i = 0; repository && i < json_array_size(resources); i++) {
        const json_t *resource = json_array_get(resources, i);
        keep(r, (struct registry_event){.registry = host_of_url(json_tree_view(resource, "resource_url")),
                                        .repository = json_tree_view(repository, "repo_full_name"),
                                        .digest = json_tree_view(resource, "digest"),
                                        .tag = json_tree_view(resource, "tag"),
                                        .id = id,
                                        .action = action,
                                        .at_ms = at_ms});
    }
}

static void read_harbor_default(struct reading *r, const json_t *root)
{
    static const char *const names[] = {"PUSH_ARTIFACT", "PULL_ARTIFACT", "DELETE_ARTIFACT"};
    enum registry_action action;
    int64_t at = json_tree_int(root, "occur_at", 0);
    if (!action_of(json_tree_view(root, "type"), names, &action))
        r->told->ignored++;
    else
        read_harbor(r, json_tree_object(root, "event_data"), action, at > 0 && at < INT64_C(1) << 40 ? at * 1000 : 0,
                    SLICE_NONE);
}

/* ---- CloudEvents, Event Grid, EventBridge ---- */

static void read_enveloped(struct reading *r, struct slice type, struct slice time, struct slice id, const json_t *data)
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
        read_distribution(r, data, time);
    } else if (action_of(type, harbor, &action)) {
        clock_parse(time, &at);
        read_harbor(r, data, action, at, id);
    } else {
        r->told->ignored++;
    }
}

/* Event Grid's own schema says eventType, CloudEvents type. */
static void read_envelope(struct reading *r, const json_t *o)
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

static void read_ecr(struct reading *r, const json_t *root)
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
    if (!image || !done || !word.n || !action_of(word, names, &ev.action)) {
        r->told->ignored++;
        return;
    }
    if (account.n && region.n)
        ev.registry = arena_printf(r->a, "%.*s.dkr.ecr.%.*s.amazonaws.com%s", SLICE_FMT(account), SLICE_FMT(region),
                                   slice_starts(region, SLICE("cn-")) ? ".cn" : "");
    clock_parse(json_tree_view(root, "time"), &ev.at_ms);
    keep(r, ev);
}

static bool read_root(struct reading *r, const json_t *root)
{
    const json_t *events = json_tree_array(root, "events");
    if (events) {
        for (size_t i = 0; i < json_array_size(events); i++)
            read_distribution(r, json_array_get(events, i), SLICE_NONE);
    } else if (json_is_array(root)) {
        for (size_t i = 0; i < json_array_size(root); i++)
            read_envelope(r, json_array_get(root, i));
    } else if (json_object_get(root, "specversion") || json_object_get(root, "eventType")) {
        read_envelope(r, root);
    } else if (json_object_get(root, "detail-type")) {
        read_ecr(r, root);
    } else if (json_object_get(root, "event_data")) {
        read_harbor_default(r, root);
    } else if (json_object_get(root, "action") && json_object_get(root, "target")) {
        read_distribution(r, root, SLICE_NONE);
    } else {
        return false;
    }
    return true;
}

int events_parse(struct arena *a, struct slice body, struct slice registry, int64_t now_ms,
                 registry_event_vec *ret_events, struct events_told *ret_told, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    registry_event_vec events = {0};
    struct events_told told = {.validation = SLICE_NONE};
    struct reading r = {.a = a, .registry = registry, .now_ms = now_ms, .events = &events, .told = &told};
    *ret_told = told;
    if (json_tree_read(body, MAX_BYTES, MAX_VALUES, &root, e))
        return err_wrap(e, "notification");
    if (!read_root(&r, root))
        return err_set(e, ERR_POISON, 0, "notification: a document of no known registry");
    *ret_told = told;
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "notification: too many events at once");
    *ret_events = events;
    return 0;
}
