/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people. */
#include "model/ecosystem/ecosystem.h"
#include "reports/findings_table.h"
#include "reports/report_format.h"
#include "reports/report_words.h"

static void add_safe(struct buf *out, struct slice s)
{
    text_add_safe(out, s, false);
}

/* ---- what stands above and below ---- */

static void write_head(const struct assessed_image *a, const struct report_out *out)
{
    const struct image *image = &a->image;
    struct buf *b = out->buf;
    buf_add_str(b, text_style_on(out->terminal, TEXT_BOLD));
    add_safe(b, a->reference);
    buf_add_str(b, text_style_off(out->terminal, TEXT_BOLD));
    if (image->digest.n) {
        buf_add_str(b, "\n  digest    ");
        add_safe(b, image->digest);
    }
    if (image->os.n || image->architecture.n) {
        buf_add_str(b, "\n  platform  ");
        add_safe(b, image->os);
        buf_add_byte(b, '/');
        add_safe(b, image->architecture);
        if (image->variant.n) {
            buf_add_byte(b, '/');
            add_safe(b, image->variant);
        }
    }
    buf_add_str(b, "\n  system    ");
    report_system(a, b);
    buf_addf(b, "\n  packages  %zu\n", a->packages);
}

/* ---- findings ---- */

static void write_rows(const struct assessed_image *a, const struct report_out *out)
{
    if (!a->findings.n)
        return;
    struct text_table *t = findings_table_new(findings_have_paths(&a->findings));
    for (size_t i = 0; i < a->findings.n; i++)
        findings_table_add(t, &a->findings.v[i], &a->known[i]);
    buf_add_byte(out->buf, '\n');
    text_table_print(t, out->terminal, out->buf);
    text_table_free(t);
}

static void write_tail(const struct assessed_image *a, const struct report_out *out)
{
    report_notes(a, out->terminal, out->buf);
    report_reasons(a, out->terminal, out->buf);
    report_summary(a, out->terminal, out->buf);
    report_unread(a, out->terminal, out->buf);
}

static int write_scan(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    (void)e;
    write_head(a, out);
    write_rows(a, out);
    write_tail(a, out);
    return 0;
}

static int write_findings(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    (void)e;
    write_head(a, out);
    if (a->has_code)
        buf_addf(out->buf, "  state     %s\n", assessment_code_names[a->code]);
    write_rows(a, out);
    write_tail(a, out);
    return 0;
}

/* ---- packages ---- */

static const struct text_column columns[] = {
    {.title = "TYPE"},
    {.title = "PACKAGE"},
    {.title = "VERSION"},
    {.title = "ARCHITECTURE"},
    {.title = "SOURCE", .least = 12, .optional = true},
    {.title = "LAYER", .optional = true},
    {.title = "NOT JUDGED", .least = 12},
    {.title = "PATH"},
    {.title = "NOTE", .least = 12},
};

/* What is special about a library: whose file it is, why it is not certain. */
static struct slice note_of(const struct package *p, struct arena *arena)
{
    if (!p->owner.n)
        return p->why;
    return arena_printf(arena, "of the package %.*s%s%.*s", SLICE_FMT(p->owner), p->why.n ? "; " : "",
                        SLICE_FMT(p->why));
}

static void add_package(struct text_table *t, const struct package *p)
{
    struct arena arena = ARENA_INIT(1 << 20);
    struct slice layer = p->layer;
    bool library = !ecosystem_of_systems(p->type);
    slice_take_prefix(&layer, SLICE("sha256:"));
    const struct text_cell cells[ARRAY_LEN(columns)] = {
        {slice_str(package_type_names[p->type]), TEXT_PLAIN},
        {report_package(p->type, p->ns, p->name, &arena), TEXT_PLAIN},
        {p->version, TEXT_PLAIN},
        {p->architecture, TEXT_PLAIN},
        {library            ? SLICE("")
         : p->source_name.n ? p->source_name
                            : p->name,
         TEXT_PLAIN},
        {slice_sub(layer, 0, 12), TEXT_DIM},
        {p->not_judged.text, TEXT_YELLOW},
        {library ? p->location : SLICE(""), TEXT_DIM},
        {note_of(p, &arena), TEXT_PLAIN},
    };
    text_table_add(t, cells);
    arena_done(&arena);
}

static int write_packages(const struct assessed_image *a, struct report_out *out, struct err *e)
{
    const package_vec *v = &a->inventory.packages;
    bool any = false, libraries = false; /* that is not judged */
    (void)e;
    for (size_t i = 0; i < v->n; i++) {
        any |= v->v[i].not_judged.text.n != 0;
        libraries |= !ecosystem_of_systems(v->v[i].type);
    }
    write_head(a, out);
    if (v->n) {
        struct text_table *t = text_table_new(columns, ARRAY_LEN(columns) - (libraries ? 0 : any ? 2 : 3));
        for (size_t i = 0; i < v->n; i++)
            add_package(t, &v->v[i]);
        buf_add_byte(out->buf, '\n');
        text_table_print(t, out->terminal, out->buf);
        text_table_free(t);
    }
    report_notes(a, out->terminal, out->buf);
    report_reasons(a, out->terminal, out->buf);
    if (a->inventory.unread.n)
        buf_add_byte(out->buf, '\n');
    report_unread(a, out->terminal, out->buf);
    return 0;
}

const struct report_format report_format_table = {
    .name = "table",
    .media_type = "text/plain; charset=utf-8",
    .extension = "txt",
    .help = "for people",
    .write = {[REPORT_PACKAGES] = write_packages, [REPORT_SCAN] = write_scan, [REPORT_FINDINGS] = write_findings},
};
