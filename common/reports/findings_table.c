/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/findings_table.h"

#include "model/ecosystem/ecosystem.h"
#include "reports/report_words.h"

static const struct text_column columns[] = {
    {.title = "SEVERITY"},
    {.title = "VULNERABILITY"},
    {.title = "PACKAGE"},
    {.title = "INSTALLED"},
    {.title = "FIXED IN"},
    {.title = "EXPLOIT"},
    {.title = "ADVISORY", .least = 10, .optional = true},
    {.title = "PATH"},
};

static struct slice exploit_text(const struct vulnerability *k)
{
    return k && k->kev ? SLICE("in use") : k && k->exploits.n ? SLICE("public") : SLICE("");
}

static struct slice advisory_text(const struct finding *f)
{
    if (f->fix_reference.n)
        return f->fix_reference;
    return f->sources.n ? f->sources.v[0].advisory : SLICE("");
}

bool findings_have_paths(const finding_vec *findings)
{
    for (size_t i = 0; i < findings->n; i++)
        if (findings->v[i].location.n && ecosystem_of_type(findings->v[i].type)->located)
            return true;
    return false;
}

struct text_table *findings_table_new(bool paths)
{
    return text_table_new(columns, ARRAY_LEN(columns) - !paths);
}

void findings_table_add(struct text_table *t, const struct finding *f, const struct vulnerability *known)
{
    struct arena arena = ARENA_INIT(1 << 20);
    const struct text_cell cells[ARRAY_LEN(columns)] = {
        {report_weight(f), report_weight_style(f)},
        {f->vulnerability, TEXT_PLAIN},
        {report_package(f->type, f->ns, f->package, &arena), TEXT_PLAIN},
        {f->version, TEXT_PLAIN},
        {report_fixed(f, &arena), report_fixed_style(f)},
        {exploit_text(known), known && known->kev ? TEXT_BOLD_RED : TEXT_YELLOW},
        {advisory_text(f), TEXT_DIM},
        {ecosystem_of_type(f->type)->located ? f->location : SLICE(""), TEXT_DIM},
    };
    text_table_add(t, cells);
    arena_done(&arena);
}
