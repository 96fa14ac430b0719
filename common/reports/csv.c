/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values for spreadsheets, a row a finding (RFC 4180; docs/formats/csv.md has the columns).
 *
 * Cells hold what others wrote, and spreadsheets run what looks like a formula. So a quote is put in front of whatever
 * could begin one: at the beginning of a cell, and behind the marks in it at which a program with other settings would
 * begin the next cell. Control characters, line ends and bytes that are not UTF-8 are not let through.
 */
#include "model/links.h"
#include "reports/finding_json.h"
#include "reports/report_format.h"

#define CELL_MAX ((size_t)1 << 20)

static const char *const columns[] = {
    "image",       "digest",         "vulnerability", "severity",      "verdict",         "counted",
    "package",     "version",        "fixed_version", "fix_reference", "known_exploited", "exploit_public",
    "epss",        "cvss",           "type",          "ecosystem",     "namespace",       "architecture",
    "source_name", "source_version", "location",      "layer",         "advisory",        "severity_source",
    "title",       "link",           "status",        "kind",          "aliases",         "symbols",
    "parent",      "owner",          "certainty",     "why",           "evidence",
};

/* What spreadsheets take for the beginning of a formula; some take the wide forms too. */
static bool begins_formula(struct slice s)
{
    static const char *const beginnings[] = {
        "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
        if (slice_starts(s, slice_str(beginnings[i])))
            return true;
    return false;
}

static bool parts_cells(uint8_t c)
{
    return c == ',' || c == ';' || c == '|';
}

/* s: as text_add_safe left it. */
static void add_quoted(struct buf *out, struct slice s)
{
    bool begins = true; /* a cell, for some program */
    buf_add_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (begins && begins_formula(slice_from(s, i)))
            buf_add_byte(out, '\'');
        if (s.p[i] == '"')
            buf_add_byte(out, '"');
        buf_add_byte(out, s.p[i]);
        begins = parts_cells(s.p[i]) || (begins && (s.p[i] == ' ' || s.p[i] == '"'));
    }
    buf_add_byte(out, '"');
}

static bool is_plain(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '"' || parts_cells(s.p[i]))
            return false;
    return !s.n || (s.p[0] != ' ' && s.p[s.n - 1] != ' ' && !begins_formula(s));
}

static void add_cell(struct buf *out, struct slice s)
{
    struct buf safe = BUF_INIT(CELL_MAX);
    text_add_safe(&safe, slice_sub(s, 0, CELL_MAX / 4), false);
    if (is_plain(buf_slice(&safe)))
        buf_add_slice(out, buf_slice(&safe));
    else
        add_quoted(out, buf_slice(&safe));
    buf_done(&safe);
}

static void add_row(struct buf *out, const struct slice *cells)
{
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        if (i)
            buf_add_byte(out, ',');
        add_cell(out, cells[i]);
    }
    buf_add_str(out, "\r\n");
}

/* ---- a finding ---- */

static struct slice yes_no(bool v)
{
    return v ? SLICE("true") : SLICE("false");
}

/* The highest score that anybody gives; empty: nobody does. */
static struct slice highest_score(const struct finding *f, const struct vulnerability *k, struct arena *arena)
{
    const score_vec *const all[] = {&f->scores, &k->scores};
    int highest = -1;
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        for (size_t j = 0; j < all[i]->n; j++) {
            const char *version;
            int tenths;
            if (finding_cvss_score(&all[i]->v[j], &version, &tenths))
                highest = MAX(highest, tenths);
        }
    return highest < 0 ? SLICE_NONE : arena_printf(arena, "%d.%d", highest / 10, highest % 10);
}

/* Two blanks apart: symbols have one inside. */
static struct slice in_one(const slice_vec *v, struct arena *arena)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(CELL_MAX / 8);
    for (size_t i = 0; i < v->n; i++) {
        if (i)
            buf_add_str(&b, "  ");
        buf_add_slice(&b, v->v[i]);
    }
    return arena_slice(arena, buf_slice(&b));
}

static void add_finding(struct buf *out, const struct assessed_image *a, const struct finding *f,
                        const struct vulnerability *k, struct arena *arena)
{
    const struct slice cells[ARRAY_LEN(columns)] = {
        a->reference,
        a->image.digest.n ? a->image.digest : a->inventory.image_digest,
        f->vulnerability,
        slice_str(severity_names[f->severity]),
        slice_str(verdict_names[f->verdict]),
        yes_no(finding_counted(&a->policy, f)),
        f->package,
        f->version,
        f->fixed_version,
        f->fix_reference,
        yes_no(k->kev),
        yes_no(k->exploits.n > 0),
        k->id.n && k->epss >= 0 ? arena_printf(arena, "%.5f", k->epss) : SLICE_NONE,
        highest_score(f, k, arena),
        slice_str(package_type_names[f->type]),
        f->ecosystem.n ? f->ecosystem : a->ecosystem,
        f->ns,
        f->architecture,
        f->source_name.n ? f->source_name : f->package,
        f->source_version.n ? f->source_version : f->version,
        f->location,
        f->layer,
        f->sources.n ? f->sources.v[0].advisory : SLICE_NONE,
        f->severity_source,
        k->summary,
        link_of_vulnerability(f->vulnerability, k, arena),
        slice_str(inventory_status_names[a->status]),
        slice_str(finding_kind_name(f->kind)),
        in_one(&f->aliases, arena),
        in_one(&f->symbols, arena),
        f->parent,
        f->owner,
        slice_str(package_certainty_names[f->certainty]),
        f->why,
        f->evidence,
    };
    add_row(out, cells);
}

static int write_findings(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    struct slice titles[ARRAY_LEN(columns)];
    struct arena arena = ARENA_INIT(1 << 20);
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        titles[i] = slice_str(columns[i]);
    add_row(out->buf, titles);
    for (size_t i = 0; i < a->findings.n && !rc; i++) {
        add_finding(out->buf, a, &a->findings.v[i], &a->known[i], &arena);
        arena_reset(&arena);
        rc = report_out_row(out, e);
    }
    arena_done(&arena);
    return rc;
}

const struct report_format report_format_csv = {
    .name = "csv",
    .media_type = "text/csv; charset=utf-8; header=present",
    .extension = "csv",
    .help = "for spreadsheets (docs/formats/csv.md)",
    .rows_only = true,
    .write = {[REPORT_SCAN] = write_findings, [REPORT_FINDINGS] = write_findings},
};
