/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as JSON that becomes a tree. Beside what is bounded here, jansson's own parser must take and refuse the
 * same texts, and find the same values in them; so must pulling.
 */
#include "unit/io/json_forms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const bounds[] = {"nests too deep", "is too long", "too many keys"};
    struct slice text = slice_of(size ? data : (const uint8_t *)"", size);
    struct buf pulled = BUF_INIT(SIZE_MAX / 2), tree = BUF_INIT(SIZE_MAX / 2);
    struct err e[2] = {ERR_INIT, ERR_INIT};
    json_t *root = NULL;
    int rc = json_tree_read_value(text, size, SIZE_MAX, &root, &e[0]);
    ASSERT(rc == json_read_form(text, JSON_FORM_TEXT, &pulled, &e[1]) && strcmp(e[0].text, e[1].text) == 0);
    if (!rc) {
        json_write_tree(root, &tree);
        ASSERT(slice_eq(buf_slice(&tree), buf_slice(&pulled)));
    }
    json_t *other = json_loadb((const char *)text.p, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    /* Of what stands behind a NUL jansson looks at nothing. */
    bool bounded = slice_find(text, 0) >= 0;
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        bounded |= rc && strstr(e[0].text, bounds[i]);
    ASSERT(bounded || !rc == !!other);
    ASSERT(rc || json_equal(root, other));
    json_decref(root);
    json_decref(other);
    buf_done(&pulled);
    buf_done(&tree);
    return 0;
}
