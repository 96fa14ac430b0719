/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the registry hive of a Windows layer: parsed, assembled, the same again must give the same. */
#include "inventory/assemble/assemble.h"
#include "packages/parse.h"
#include "model/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT((size_t)16 << 20);
    struct buf b = BUF_INIT((size_t)16 << 20);
    struct evidence_entry file = {.kind = EVIDENCE_FILE,
                                  .collector = SLICE("fuzz"),
                                  .path = SLICE("Files/Windows/System32/config/SOFTWARE"),
                                  .bytes = slice_of(data, size),
                                  .size = size};
    struct image image = {.digest = SLICE("sha256:x"), .os = SLICE("windows"), .os_version = SLICE("10.0.20348.1")};
    struct layer_packages layer[2];
    struct inventory inv[2];
    evidence_begin(&b);
    evidence_write(&b, &file);
    evidence_write(&b, &(struct evidence_entry){.kind = EVIDENCE_END});
    for (int i = 0; i < 2; i++) {
        if (parse_layer(buf_slice(&b), &a, &layer[i], NULL) || assemble_image(&image, &layer[i], 1, &a, &inv[i], NULL))
            break;
        ASSERT(layer[i].files.n == 1 && (layer[i].status == PULL_GOOD) == !layer[i].reasons.texts.n);
        /* The product is there whatever the hive says. */
        ASSERT(inv[i].packages.n == layer[i].files.v[0].packages.n + 1 && inv[i].os.version_id.n);
        ASSERT(i == 0 || (inv[0].status == inv[1].status && slice_eq(inv[0].os.version_id, inv[1].os.version_id)));
    }
    buf_done(&b);
    arena_done(&a);
    return 0;
}
