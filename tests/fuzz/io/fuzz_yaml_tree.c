/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as YAML that becomes a tree; what is read is within its bounds. */
#include "io/text/yaml_tree.h"

#define VALUES_MAX 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const json_t *v, size_t depth)
{
    const char *key;
    json_t *x;
    size_t i, n = 1;
    ASSERT(depth <= YAML_DEPTH);
    json_object_foreach((json_t *)(uintptr_t)v, key, x) n += count(x, depth + 1);
    json_array_foreach(v, i, x) n += count(x, depth + 1);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *root = NULL;
    struct err e = ERR_INIT;
    if (yaml_tree_read(slice_of(data, size), 65536, VALUES_MAX, &root, &e)) {
        ASSERT(!root && e.kind == ERR_POISON && e.text[0]);
        return 0;
    }
    ASSERT(json_is_object(root) || json_is_array(root));
    ASSERT(count(root, 0) <= VALUES_MAX);
    json_decref(root);
    return 0;
}
