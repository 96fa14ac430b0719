/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>

#include "io/archive/tarindex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(8 << 20);
    tar_member_vec members = {0};
    int fd = memfd_create("archive", MFD_CLOEXEC);
    ASSERT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    if (tarindex_read(fd, &a, &members, NULL) == 0) {
        for (size_t i = 0; i < members.n; i++) {
            const struct tar_member *m = &members.v[i];
            char clean[TAR_PATH_MAX + 1];
            ASSERT(m->offset >= 0 && m->size >= 0 && (uint64_t)m->offset + (uint64_t)m->size <= size);
            ASSERT(tarindex_clean(SLICE_NONE, m->path, clean) && slice_eq_str(m->path, clean));
            const struct tar_member *found = tarindex_find(&members, m->path);
            ASSERT(!found || found->kind == TAR_FILE);
        }
    }
    close(fd);
    arena_done(&a);
    return 0;
}
