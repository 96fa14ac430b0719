/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of Composer and entries of PEAR's registry: reduced to facts, and these read as part of a layer. */
#include "packages/php/php.h"

#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *(*const reduce[])(struct slice, struct buf *) = {composer_json_reduce, composer_php_reduce,
                                                                        pear_reduce};
    const struct slice paths[] = {SLICE("a/vendor/composer/installed.json"), SLICE("b/vendor/composer/installed.php"),
                                  SLICE("c/.registry/x.reg"), SLICE("d/vendor/composer/installed.json"),
                                  SLICE("e/include/php/main/php_version.h")};
    struct buf facts[ARRAY_LEN(reduce)];
    struct evidence_entry files[ARRAY_LEN(paths)];
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct slice bytes = slice_of(data, size);
        if (i < ARRAY_LEN(reduce)) {
            facts[i] = BUF_INIT((size_t)64 << 10);
            reduce[i](bytes, &facts[i]);
            bytes = buf_slice(&facts[i]);
        }
        files[i] = (struct evidence_entry){
            .kind = EVIDENCE_FILE, .collector = SLICE("php"), .path = paths[i], .bytes = bytes, .size = bytes.n};
    }
    fuzz_layer_files(files, ARRAY_LEN(files));
    for (size_t i = 0; i < ARRAY_LEN(reduce); i++)
        buf_done(&facts[i]);
    return 0;
}
