/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_nuclei.c: cves.json of Nuclei's templates (github.com/projectdiscovery/nuclei-templates): for which CVEs there
 * is a template that tries it out against a server, one JSON object a line:
 * {"ID": "CVE-2021-44228", "Info": {"Name": …, "Severity": …, "Classification": {…}}, "file_path": "http/cves/…yaml"}.
 * A template is a proof of concept that many hands run; nobody says that each was verified.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/scores/exploit_group.h"

#define NUCLEI_MAX      ((uint64_t)512 << 20)
#define NUCLEI_LINE_MAX ((size_t)256 << 10)

static bool is_template_path(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !strchr("._-/", c))
            return false;
    }
    return s.n && s.n <= 300 && slice_find_slice(s, SLICE("..")) < 0;
}

static int nuclei_line(struct feed_reading *r, struct exploit_group *g, struct slice line, struct err *e)
{
    struct err why = ERR_INIT;
    json_t *json;
    reading_document(r);
    if (reading_json(line, &json, &why))
        return reading_skip(r, SLICE("(unreadable)"), why.text, e);
    struct slice cve = json_tree_view(json, "ID"), path = json_tree_view(json, "file_path");
    int rc = 0;
    if (!reading_is_cve(cve)) {
        rc = reading_skip(r, reading_cut(cve, 64), "a line without a CVE id", e);
    } else if (is_template_path(path)) {
        struct exploit x = {.source = SLICE("nuclei"), .id = path, .kind = SLICE("template")};
        x.url = arena_printf(r->arena, "https://github.com/projectdiscovery/nuclei-templates/blob/main/%.*s",
                             SLICE_FMT(path));
        rc = exploit_group_add(g, cve, &x, e);
    }
    json_decref(json);
    return rc;
}

static int nuclei_lines(struct feed_reading *r, struct exploit_group *g, struct unpack *u, struct err *e)
{
    struct buf line = BUF_INIT(NUCLEI_LINE_MAX);
    const uint8_t *p = NULL;
    size_t n = 0;
    int rc = 0;
    while (!rc && !(rc = unpack_piece(u, &p, &n, e)) && n) {
        struct slice piece = slice_of(p, n), part;
        while (!rc && piece.n) {
            bool whole = slice_find(piece, '\n') >= 0;
            slice_take_token(&piece, '\n', &part);
            if (buf_add_slice(&line, part))
                rc = err_set(e, ERR_POISON, 0, "a line of more than %zu bytes", NUCLEI_LINE_MAX);
            if (rc || !whole)
                continue;
            if (slice_trim(buf_slice(&line)).n)
                rc = nuclei_line(r, g, slice_trim(buf_slice(&line)), e);
            buf_clear(&line);
        }
    }
    if (!rc && slice_trim(buf_slice(&line)).n)
        rc = nuclei_line(r, g, slice_trim(buf_slice(&line)), e);
    buf_done(&line);
    return rc;
}

int format_nuclei(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    struct exploit_group g;
    if (unpack_open(r->source, UNPACK_FILE, NUCLEI_MAX, &u, e))
        return -1;
    exploit_group_init(&g);
    int rc = nuclei_lines(r, &g, u, e);
    if (rc == 0)
        rc = exploit_group_emit(&g, r, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    exploit_group_done(&g);
    unpack_close(u);
    return rc;
}
