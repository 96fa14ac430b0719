/* SPDX-License-Identifier: Apache-2.0 */
/* Bitnami's lists of components. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"opt/bitnami/redis/.spdx-redis.spdx", "opt/bitnami/.bitnami_components.json"};
    return size ? fuzz_layer_file(slice_str(paths[data[0] % ARRAY_LEN(paths)]), data + 1, size - 1) : 0;
}
