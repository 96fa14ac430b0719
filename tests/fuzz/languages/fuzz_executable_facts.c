/* SPDX-License-Identifier: Apache-2.0 */
/* What was found in executables, as it comes back as evidence: the first byte chooses whose. A deps.json too. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"golang", "rust", "dotnet", "graalvm", "packed", "elf-note"};
    struct reduced r = {BUF_INIT((size_t)32 << 20), BUF_INIT((size_t)1 << 20)};
    if (!size)
        return 0;
    const struct package_format *format = format_by_name(slice_str(formats[data[0] % ARRAY_LEN(formats)]));
    evidence_begin(&r.kept);
    reduced_put(&r, format, data[0] & 0x80 ? SLICE("a/x.deps.json") : SLICE("a/x"), slice_of(data + 1, size - 1));
    parse_reduced(&r);
    buf_done(&r.kept);
    buf_done(&r.reasons);
    return 0;
}
