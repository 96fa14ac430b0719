/* SPDX-License-Identifier: Apache-2.0 */
/* make_evidence.h: evidence streams for tests, an entry a call. Failed writes end the test. */
#ifndef CAREEN_TESTS_UNIT_MAKE_EVIDENCE_H
#define CAREEN_TESTS_UNIT_MAKE_EVIDENCE_H

#include "model/evidence.h"

#include <setjmp.h>
#include <cmocka.h>

static inline struct buf ev_begin(void)
{
    struct buf b = BUF_INIT((size_t)64 << 20);
    assert_int_equal(evidence_begin(&b), 0);
    return b;
}

static inline void ev_write(struct buf *b, enum evidence_kind kind, const char *path, struct slice bytes, uint64_t size,
                            bool hard)
{
    struct evidence_entry entry = {
        .kind = kind, .collector = SLICE("test"), .path = slice_str(path), .bytes = bytes, .size = size, .hard = hard};
    assert_int_equal(evidence_write(b, &entry), 0);
}

static inline void ev_file(struct buf *b, const char *path, const char *text)
{
    ev_write(b, EVIDENCE_FILE, path, slice_str(text), strlen(text), false);
}

static inline void ev_symlink(struct buf *b, const char *path, const char *target)
{
    ev_write(b, EVIDENCE_LINK, path, slice_str(target), 0, false);
}

static inline void ev_hardlink(struct buf *b, const char *path, const char *target)
{
    ev_write(b, EVIDENCE_LINK, path, slice_str(target), 0, true);
}

static inline void ev_whiteout(struct buf *b, const char *path)
{
    ev_write(b, EVIDENCE_WHITEOUT, path, SLICE_NONE, 0, false);
}

static inline void ev_opaque(struct buf *b, const char *path)
{
    ev_write(b, EVIDENCE_OPAQUE, path, SLICE_NONE, 0, false);
}

static inline void ev_reason(struct buf *b, const char *text)
{
    ev_write(b, EVIDENCE_REASON, "", slice_str(text), 0, false);
}

static inline void ev_end(struct buf *b)
{
    assert_int_equal(evidence_write(b, &(struct evidence_entry){.kind = EVIDENCE_END, .entries = 1}), 0);
}

#endif
