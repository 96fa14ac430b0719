/* SPDX-License-Identifier: Apache-2.0 */
/* What Red Hat's build system writes into a layer: a content manifest, labels, a Dockerfile. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_layer_file(SLICE("usr/share/buildinfo/labels.json"), data, size);
    fuzz_layer_file(SLICE("root/buildinfo/Dockerfile-x"), data, size);
    return fuzz_layer_file(SLICE("root/buildinfo/content_manifests/x.json"), data, size);
}
