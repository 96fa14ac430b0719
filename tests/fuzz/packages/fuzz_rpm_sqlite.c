/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's SQLite database in a layer with its log: u32 (little-endian) length of the log, the log, the database. */
#include "base/buf.h"
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice db = slice_of(data, size);
    uint32_t n = 0;
    slice_take_u32(&db, &n);
    struct slice log = slice_sub(db, 0, n);
    db = slice_from(db, log.n);
    const struct evidence_entry files[] = {
        {.kind = EVIDENCE_FILE, .path = SLICE("var/lib/rpm/rpmdb.sqlite"), .bytes = db, .size = db.n},
        {.kind = EVIDENCE_FILE, .path = SLICE("var/lib/rpm/rpmdb.sqlite-wal"), .bytes = log, .size = log.n},
    };
    return fuzz_layer_files(files, ARRAY_LEN(files));
}
