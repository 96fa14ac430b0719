/* SPDX-License-Identifier: Apache-2.0 */
#include "base/byte_source.h"

static int memory_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    (void)e;
    struct byte_source_memory *m = arg;
    *ret_p = m->left.p;
    *ret_n = m->left.n;
    m->left = slice_from(m->left, m->left.n);
    return 0;
}

struct byte_source byte_source_of_memory(struct byte_source_memory *m)
{
    return (struct byte_source){.read = memory_read, .arg = m};
}

static int file_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    struct byte_source_file *f = arg;
    ssize_t n;
    do
        n = read(f->fd, f->buffer, sizeof f->buffer);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_errno(e, ERR_RETRY, errno, "cannot read the file");
    f->bytes += (uint64_t)n;
    *ret_p = f->buffer;
    *ret_n = (size_t)n;
    return 0;
}

struct byte_source byte_source_of_file(struct byte_source_file *f)
{
    return (struct byte_source){.read = file_read, .arg = f};
}
