/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/collect_result.h"

#include "packages/path_index.h"
#include "pull/collect_links.h"
#include "pull/evidence_writer.h"

void collect_result_write(const struct collect_result *r, uint32_t reasons_n, struct slice reasons, struct buf *out)
{
    buf_add_varint(out, COLLECT_RESULT_VERSION);
    buf_add_varint(out, (uint64_t)r->status);
    buf_add_varint(out, r->entries);
    buf_add_varint(out, r->unpacked);
    buf_add_varint(out, reasons_n);
    buf_add_slice(out, reasons);
    buf_add_prefixed(out, r->path_index);
    buf_add_prefixed(out, r->links);
    buf_add_u32(out, (uint32_t)out->n);
    buf_add_str(out, COLLECT_RESULT_MAGIC);
}

static bool result_take(struct slice s, struct arena *arena, struct collect_result *r)
{
    uint64_t version, status, reasons;
    if (!slice_take_varint(&s, &version) || version != COLLECT_RESULT_VERSION || !slice_take_varint(&s, &status) ||
        status >= PULL_STATUS_MAX || !slice_take_varint(&s, &r->entries) || !slice_take_varint(&s, &r->unpacked) ||
        !slice_take_varint(&s, &reasons) || reasons > WRITER_REASONS_MAX + 1)
        return false;
    r->status = (enum pull_status)status;
    for (uint64_t i = 0; i < reasons; i++) {
        struct slice word, text;
        if (!slice_take_prefixed(&s, &word) || !slice_take_prefixed(&s, &text) || !slice_is_text(text) ||
            !reasons_add(arena, &r->reasons, reason_of_word(word), text))
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
