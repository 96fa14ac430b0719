/* SPDX-License-Identifier: Apache-2.0 */
#include "images/image_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken must read the same from its own full form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(1 << 20);
    struct imageref r, again;
    struct err e = ERR_INIT;
    if (size < 8192 && image_kind_parse(image_kinds, &a, slice_of(data, size), &r, &e) == 0) {
        struct slice whole = imageref_format(&a, &r);
        ASSERT(image_kind_parse(image_kinds, &a, whole, &again, &e) == 0);
        ASSERT(again.form == r.form && slice_eq(again.repository, r.repository) && slice_eq(again.tag, r.tag) &&
               slice_eq(again.digest, r.digest) && slice_eq(again.registry, r.registry) &&
               slice_eq(again.path, r.path) && slice_eq(again.ref, r.ref));
    }
    arena_done(&a);
    return 0;
}
