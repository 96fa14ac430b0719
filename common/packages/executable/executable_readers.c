/* SPDX-License-Identifier: Apache-2.0 */
/* executable_readers.c: the readers, a line each, in the order in which they put their evidence. */
#include "packages/executable/executable.h"

#define READERS(X)                                                                                                     \
    X(golang)                                                                                                          \
    X(rust)                                                                                                            \
    X(dotnet)                                                                                                          \
    X(graalvm)                                                                                                         \
    X(packed)                                                                                                          \
    X(elf_note)                                                                                                        \
    X(software)

#define DECLARE(name) extern const struct executable_reader executable_reader_##name;
#define ROW(name)     &executable_reader_##name,

READERS(DECLARE)

const struct executable_reader *const executable_readers[] = {READERS(ROW) NULL};
