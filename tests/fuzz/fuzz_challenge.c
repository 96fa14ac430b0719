/* SPDX-License-Identifier: Apache-2.0 */
/* Headers and bodies that a registry or its token server sends. */
#include "io/registry_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice s = slice_of(data, size);
    struct challenge list[3];
    struct registry_token token = {0};
    struct credentials who = {0};
    size_t n = challenge_parse(s, list, ARRAY_LEN(list));
    ASSERT(n <= ARRAY_LEN(list));
    for (size_t i = 0; i < n; i++)
        ASSERT(list[i].scheme[0] && memchr(list[i].realm, 0, sizeof list[i].realm));
    struct slice next = link_next(s);
    ASSERT(!next.p || (next.p >= data && next.p + next.n <= data + size));
    if (token_parse(s, 0, &token, NULL) == 0)
        ASSERT(token.token[0]);
    free(token.token);
    /* Without helpers: running programs is not for a fuzzer. */
    if (slice_find_slice(s, SLICE("cred")) < 0 && slice_find(s, '\\') < 0 &&
        credentials_from_json(s, "registry.example", &who, NULL) == 1)
        ASSERT(who.username && who.secret);
    credentials_done(&who);
    return 0;
}
