/* SPDX-License-Identifier: Apache-2.0 */
/* collect_child.c: the collecting child: its argument, the links of an earlier pass, and then the layer. */
#include "pull/collect.h"
#include "pull/collect_links.h"

int collect_argument(struct buf *out, struct slice media_type, const struct collect_limits *limits)
{
    buf_add_prefixed(out, slice_sub(media_type, 0, 256));
    buf_add_varint(out, limits ? limits->max_unpacked : 0);
    buf_add_varint(out, limits ? limits->max_entries : 0);
    buf_add_varint(out, limits ? limits->max_evidence : 0);
    buf_add_varint(out, limits ? limits->max_packed : 0);
    return buf_add_varint(out, limits ? limits->links.n : 0);
}

static void write_out(void *arg, struct slice bytes)
{
    if (sandbox_child_write(arg, bytes))
        _exit(1);
}

int collect_main(struct sandbox_child *child, struct slice argument)
{
    struct slice media_type, rest = SLICE_NONE;
    struct collect_limits limits;
    struct buf links = BUF_INIT(LINKS_BYTES_MAX);
    uint64_t links_n;
    const uint8_t *p;
    size_t n;
    bool more;
    if (!slice_take_prefixed(&argument, &media_type) || !slice_take_varint(&argument, &limits.max_unpacked) ||
        !slice_take_varint(&argument, &limits.max_entries) || !slice_take_varint(&argument, &limits.max_evidence) ||
        !slice_take_varint(&argument, &limits.max_packed) || !slice_take_varint(&argument, &links_n))
        return -1;
    /* The links come first; the piece that ends them may begin the layer. */
    while (links.n < links_n && (n = sandbox_child_read(child, &p)) > 0) {
        size_t take = (size_t)MIN((uint64_t)n, links_n - links.n);
        buf_add_slice(&links, slice_of(p, take));
        rest = slice_of(p + take, n - take);
    }
    limits.links = buf_slice(&links);
    struct collect *c = collect_new(media_type, &limits, write_out, child);
    buf_done(&links);
    more = collect_feed(c, rest);
    /* Read to the end in any case: the parent's digest is over all of it. */
    while ((n = sandbox_child_read(child, &p)) > 0)
        more = more && collect_feed(c, slice_of(p, n));
    collect_end(c);
    collect_free(c);
    return 0;
}
