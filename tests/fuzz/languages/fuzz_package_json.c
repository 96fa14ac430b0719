/* SPDX-License-Identifier: Apache-2.0 */
/* A package.json and a hidden lock: reduced to facts, and these read as part of a layer. */
#include "packages/nodejs/nodejs.h"
#include "packages/nodejs/package_json.h"

#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf facts = BUF_INIT(PACKAGE_JSON_FACTS_MAX), locked = BUF_INIT((size_t)1 << 20);
    const char *why = NULL;
    struct slice bytes = slice_of(data, size);
    package_json_read(bytes, size % 2, &facts);
    hidden_lock_reduce(bytes, &locked, &why);
    const struct slice paths[] = {SLICE("app/node_modules/a/node_modules/@s/b/package.json"),
                                  SLICE("app/node_modules/.package-lock.json"),
                                  SLICE("app/node_modules/a/package.json"), SLICE("x/npm/y.z/a/1/package.json")};
    const struct slice contents[] = {buf_slice(&facts), buf_slice(&locked), bytes, buf_slice(&facts)};
    struct evidence_entry files[ARRAY_LEN(paths)];
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        files[i] = (struct evidence_entry){.kind = EVIDENCE_FILE,
                                           .collector = SLICE("nodejs"),
                                           .path = paths[i],
                                           .bytes = contents[i],
                                           .size = contents[i].n};
    fuzz_layer_files(files, ARRAY_LEN(files));
    buf_done(&facts);
    buf_done(&locked);
    return 0;
}
