/* SPDX-License-Identifier: Apache-2.0 */
/* collect_child.c: what goes between the collecting child and its parent: the argument, the links, the result. */
#include "pull/collect.h"
#include "pull/collect_links.h"
#include "packages/path_index.h"

static bool result_take(struct slice s, struct arena *arena, struct collect_result *r)
{
    uint64_t version, status, reasons;
    if (!slice_take_varint(&s, &version) || version != COLLECT_RESULT_VERSION || !slice_take_varint(&s, &status) ||
        status >= PULL_STATUS_MAX || !slice_take_varint(&s, &r->entries) || !slice_take_varint(&s, &r->unpacked) ||
        !slice_take_varint(&s, &reasons) || reasons > COLLECT_REASONS_MAX + 1)
        return false;
    r->status = (enum pull_status)status;
    for (uint64_t i = 0; i < reasons; i++) {
        struct slice text;
        if (!slice_take_prefixed(&s, &text) || !slice_is_text(text) || !slice_vec_add(arena, &r->reasons, text))
            return false;
    }
    return slice_take_prefixed(&s, &r->path_index) && r->path_index.n <= PATH_INDEX_MAX &&
           slice_take_prefixed(&s, &r->links) && r->links.n <= LINKS_BYTES_MAX && s.n == 0 && r->entries <= INT64_MAX &&
           r->unpacked <= INT64_MAX;
}

int collect_result_read(struct slice given, struct arena *arena, struct collect_result *ret_result, struct err *e)
{
    struct collect_result r = {0};
    uint32_t n = 0;
    struct slice tail = slice_from(given, given.n < 8 ? 0 : given.n - 8);
    if (given.n < 8 || !slice_take_u32(&tail, &n) || !slice_eq(tail, SLICE(COLLECT_RESULT_MAGIC)) || n > given.n - 8)
        return err_set(e, ERR_POISON, 0, "the collecting child gave no result");
    r.evidence = slice_sub(given, 0, given.n - 8 - n);
    if (!result_take(slice_sub(given, r.evidence.n, n), arena, &r))
        return err_set(e, ERR_POISON, 0, "the collecting child gave a malformed result");
    *ret_result = r;
    return 0;
}

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
