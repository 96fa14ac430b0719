/* SPDX-License-Identifier: Apache-2.0 */
/* Headers and bodies that a registry or its token server sends. */
#include "io/text/json.h"
#include "io/oci/registry_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A page of a list: names that are none are passed over, and the text is read to its end all the same. */
static void read_list(struct slice body)
{
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct json_pull p;
    struct slice key;
    json_pull_text(&p, body, &arena);
    p.lets = JSON_PULL_BAD_STRINGS | JSON_PULL_LAST_COMMA;
    for (bool in = json_pull_object(&p); in && json_pull_key(&p, &key);)
        if (json_pull_array(&p))
            while (json_pull_item(&p)) {
                struct slice name = json_pull_string(&p);
                ASSERT(!name.n || !memchr(name.p, 0, name.n));
            }
    json_pull_end(&p, NULL);
    json_pull_done(&p);
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice s = slice_of(data, size);
    struct challenge list[3];
    struct registry_token token = {0};
    struct credentials who = {0};
    size_t n = registry_challenge_parse(s, list, ARRAY_LEN(list));
    ASSERT(n <= ARRAY_LEN(list));
    for (size_t i = 0; i < n; i++)
        ASSERT(list[i].scheme[0] && memchr(list[i].realm, 0, sizeof list[i].realm));
    struct slice next = SLICE_NONE;
    if (registry_link_next(s, &next) == LINK_NEXT)
        ASSERT(next.n && next.p >= data && next.p + next.n <= data + size);
    read_list(s);
    if (registry_token_parse(s, 0, &token, NULL) == 0)
        ASSERT(token.token[0]);
    free(token.token);
    /* Without helpers: running programs is not for a fuzzer. */
    if (slice_find_slice(s, SLICE("cred")) < 0 && slice_find(s, '\\') < 0 &&
        credentials_from_json(s, "registry.example", SLICE("team/app"), &who, NULL) == 1)
        ASSERT(who.username && who.secret);
    credentials_done(&who);
    return 0;
}
