/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/findings_table.h"
#include "careen/scan/scan_print.h"

static void add_safe(struct buf *out, struct slice s)
{
    text_add_safe(out, s, false);
}

/* ---- what stands above and below the tables ---- */

static void print_image(const struct scan_print *s, const struct report *r, struct buf *out)
{
    const struct image *image = &s->gathered->image;
    buf_add_str(out, text_style_on(s->terminal, TEXT_BOLD));
    add_safe(out, s->reference);
    buf_add_str(out, text_style_off(s->terminal, TEXT_BOLD));
    if (image->digest.n) {
        buf_add_str(out, "\n  digest    ");
        add_safe(out, image->digest);
        buf_add_str(out, "\n  platform  ");
        add_safe(out, image->os);
        buf_add_byte(out, '/');
        add_safe(out, image->architecture);
        if (image->variant.n) {
            buf_add_byte(out, '/');
            add_safe(out, image->variant);
        }
    }
    buf_add_str(out, "\n  system    ");
    report_system(r, out);
    buf_addf(out, "\n  packages  %zu\n", s->gathered->inventory.packages.n);
}

static struct report report_of(const struct scan_print *s)
{
    const struct inventory *v = &s->gathered->inventory;
    const struct assessment *a = s->assessment;
    return (struct report){
        .terminal = s->terminal,
        .now_ms = s->now_ms,
        .os = &v->os,
        .notes = &v->notes,
        .unread = &v->unread,
        .reasons = a ? &a->reasons : &v->reasons,
        .status = a ? a->status : v->status,
        .extent = a ? a->extent : REPORT_JUDGED,
    };
}

/* ---- findings ---- */

static void print_findings(const struct scan_print *s, struct buf *out)
{
    const assessed_vec *v = &s->assessment->findings;
    if (!v->n)
        return;
    struct text_table *t = findings_table_new();
    for (size_t i = 0; i < v->n; i++)
        findings_table_add(t, &v->v[i].finding, &v->v[i].known);
    buf_add_byte(out, '\n');
    text_table_print(t, s->terminal, out);
    text_table_free(t);
}

int scan_print_table(const struct scan_print *s, struct buf *out)
{
    const assessed_vec *v = &s->assessment->findings;
    struct finding_counts counts = FINDING_COUNTS_INIT;
    struct report r = report_of(s);
    r.counts = &counts;
    r.filter = s->filter;
    counts.filtered = (int32_t)s->assessment->filtered.n;
    for (size_t i = 0; i < v->n; i++)
        finding_counts_add(&counts, &s->policy, &v->v[i].finding, &v->v[i].known);
    print_image(s, &r, out);
    print_findings(s, out);
    report_notes(&r, out);
    report_reasons(&r, out);
    report_summary(&r, out);
    report_unread(&r, out);
    return out->overflow ? -1 : 0;
}

/* ---- packages ---- */

int packages_print_table(const struct scan_print *s, struct buf *out)
{
    static const struct text_column columns[] = {
        {.title = "TYPE"},
        {.title = "PACKAGE"},
        {.title = "VERSION"},
        {.title = "ARCHITECTURE"},
        {.title = "SOURCE", .least = 12, .optional = true},
        {.title = "LAYER", .optional = true},
        {.title = "NOT JUDGED", .least = 12},
    };
    const struct inventory *v = &s->gathered->inventory;
    bool any = false;
    for (size_t i = 0; i < v->packages.n; i++)
        any |= v->packages.v[i].not_judged.n != 0;
    struct text_table *t = text_table_new(columns, ARRAY_LEN(columns) - !any);
    for (size_t i = 0; i < v->packages.n; i++) {
        const struct package *p = &v->packages.v[i];
        struct slice layer = p->layer;
        slice_take_prefix(&layer, SLICE("sha256:"));
        const struct text_cell cells[ARRAY_LEN(columns)] = {
            {slice_str(package_type_names[p->type]), TEXT_PLAIN},
            {p->name, TEXT_PLAIN},
            {p->version, TEXT_PLAIN},
            {p->architecture, TEXT_PLAIN},
            {p->source_name.n ? p->source_name : p->name, TEXT_PLAIN},
            {slice_sub(layer, 0, 12), TEXT_DIM},
            {p->not_judged, TEXT_YELLOW},
        };
        text_table_add(t, cells);
    }
    struct report r = report_of(s);
    print_image(s, &r, out);
    if (v->packages.n) {
        buf_add_byte(out, '\n');
        text_table_print(t, s->terminal, out);
    }
    text_table_free(t);
    report_notes(&r, out);
    report_reasons(&r, out);
    if (v->unread.n)
        buf_add_byte(out, '\n');
    report_unread(&r, out);
    return out->overflow ? -1 : 0;
}
