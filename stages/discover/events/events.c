/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/events/events_internal.h"

#include <openssl/crypto.h>

#include "io/digest.h"
#include "model/image/imageref.h"

#define MAX_BYTES  ((size_t)4 << 20)
#define MAX_VALUES ((size_t)200000)
#define MAX_EVENTS ((size_t)10000)

#define ROW(name) &events_##name,
static const struct events_format *const formats[] = {EVENTS_FORMATS(ROW)};

bool events_authorized(struct slice header, struct slice secret)
{
    uint8_t got[DIGEST_RAW], want[DIGEST_RAW];
    struct slice bare = header;
    if (!secret.n)
        return true;
    slice_take_prefix(&bare, SLICE("Bearer "));
    /* Compares digests, so that the time shows neither content nor length. */
    digest_of(secret, want);
    digest_of(header, got);
    int whole = CRYPTO_memcmp(got, want, sizeof got);
    digest_of(bare, got);
    int token = CRYPTO_memcmp(got, want, sizeof got);
    return (whole == 0) | (token == 0);
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
void events_keep(struct events_reading *r, struct registry_event ev)
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

bool events_action(struct slice word, const char *const names[3], enum registry_action *ret)
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

int events_parse(struct arena *a, struct slice body, struct slice registry, int64_t now_ms,
                 registry_event_vec *ret_events, struct events_told *ret_told, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    registry_event_vec events = {0};
    struct events_told told = {.validation = SLICE_NONE};
    struct events_reading r = {.a = a, .registry = registry, .now_ms = now_ms, .events = &events, .told = &told};
    *ret_told = told;
    if (json_tree_read(body, MAX_BYTES, MAX_VALUES, &root, e))
        return err_wrap(e, "notification");
    size_t format = 0;
    while (format < ARRAY_LEN(formats) && !formats[format]->is(root))
        format++;
    if (format == ARRAY_LEN(formats))
        return err_set(e, ERR_POISON, 0, "notification: a document of no known registry");
    formats[format]->read(&r, root);
    *ret_told = told;
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "notification: too many events at once");
    *ret_events = events;
    return 0;
}
