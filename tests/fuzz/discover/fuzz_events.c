/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/events/events.h"
#include "model/image/imageref.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(8 << 20);
    registry_event_vec events = {0};
    struct events_told told;
    if (events_parse(&a, slice_of(data, size), SLICE_NONE, 1, &events, &told, NULL) == 0)
        for (size_t i = 0; i < events.n; i++) {
            const struct registry_event *ev = &events.v[i];
            ASSERT(imageref_repository_valid(ev->repository) && ev->registry.n && ev->action <= ACTION_DELETE);
            ASSERT(imageref_digest_valid(ev->digest) || imageref_tag_valid(ev->tag));
        }
    arena_done(&a);
    return 0;
}
