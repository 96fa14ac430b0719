/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/clusters/workloads.h"
#include "model/image/imageref.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(8 << 20);
    workload_vec list = {0};
    struct workloads_told told;
    struct slice body = slice_of(data, size);
    if (workloads_parse(&a, body, body, SLICE("c"), &list, &told, NULL) == 0) {
        size_t running = 0;
        for (size_t i = 0; i < list.n; i++) {
            ASSERT(imageref_digest_valid(list.v[i].digest) && list.v[i].owner.n && list.v[i].container.n);
            ASSERT(i == 0 || slice_cmp(list.v[i - 1].digest, list.v[i].digest) <= 0);
            running += (size_t)list.v[i].running;
        }
        ASSERT(running == told.running);
    }
    arena_done(&a);
    return 0;
}
