/* SPDX-License-Identifier: Apache-2.0 */
/* format_module_list.c: Metasploit's modules as lines "/kind/path/module.rb:CVE-…". */
#include "feeds/formats/formats.h"
#include "feeds/formats/scores/exploit_group.h"

#define LINE_MAX_BYTES 4096

static int list_line(struct feed_reading *r, struct exploit_group *g, struct slice line, struct err *e)
{
    struct slice cve = slice_trim(line), path = SLICE_NONE;
    if (!cve.n)
        return 0;
    reading_document(r);
    if (!slice_take_token(&cve, ':', &path) || !reading_is_cve(cve) || !reading_is_name(path, 512))
        return reading_skip(r, line, "not a line of a module and its CVE", e);
    return exploit_module_add(r, g, path, cve, e);
}

int format_module_list(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    if (unpack_open(r->source, UNPACK_FILE, EXPLOIT_FEED_MAX, &u, e))
        return -1;
    struct exploit_group g;
    struct buf line = BUF_INIT(LINE_MAX_BYTES);
    const uint8_t *p;
    size_t n;
    int rc;
    exploit_group_init(&g);
    while ((rc = unpack_piece(u, &p, &n, e)) == 0 && n > 0) {
        for (size_t i = 0; rc == 0 && i < n; i++) {
            if (p[i] != '\n') {
                buf_add_byte(&line, p[i]);
                continue;
            }
            rc = list_line(r, &g, buf_slice(&line), e);
            buf_clear(&line);
        }
        if (rc)
            break;
    }
    if (rc == 0)
        rc = list_line(r, &g, buf_slice(&line), e);
    if (rc == 0)
        rc = exploit_group_emit(&g, r, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    buf_done(&line);
    exploit_group_done(&g);
    unpack_close(u);
    return rc;
}
