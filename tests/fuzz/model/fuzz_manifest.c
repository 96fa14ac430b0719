/* SPDX-License-Identifier: Apache-2.0 */
#include "model/image/imageref.h"
#include "model/image/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(8 << 20);
    struct manifest m;
    struct image_config c = {0};
    struct image image = {0};
    struct err e = ERR_INIT;
    size_t index;
    bool artifact;
    if (manifest_parse(&a, slice_of(data, size), SLICE_NONE, &m, &e) == 0) {
        for (size_t i = 0; i < m.layers.n; i++)
            ASSERT(imageref_digest_valid(m.layers.v[i].digest) && m.layers.v[i].size >= 0);
        ASSERT((m.kind != MANIFEST_ARTIFACT && m.kind != MANIFEST_UNKNOWN_FORMAT) || m.reason.text.n);
        for (size_t i = 0; i < m.manifests.n; i++) {
            enum entry_kind kind = m.manifests.v[i].kind;
            ASSERT((kind != ENTRY_IMAGE && kind != ENTRY_INDEX) || imageref_digest_valid(m.manifests.v[i].digest));
        }
        if (m.kind == MANIFEST_INDEX)
            manifest_index_reason(&a, &m, &artifact);
        if (platform_choose(&a, &m.manifests, NULL, &index, &e) == 0)
            ASSERT(index < m.manifests.n);
        if (manifest_fill_image(&a, &m, &c, &image, &e) == 0)
            ASSERT((image.status == IMAGE_OK) == !image.reason.text.n || a.overflow);
    }
    if (image_config_parse(&a, slice_of(data, size), &c, &e) == 0)
        for (size_t i = 0; i < c.diff_ids.n; i++)
            ASSERT(imageref_digest_valid(c.diff_ids.v[i]));
    arena_done(&a);
    return 0;
}
